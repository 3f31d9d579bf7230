import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { leastTime } from '../cpu-time.ts';
import { patternsIn } from '../patterns-in.ts';

const FUNCTIONS = 'functions';

/** What a function is made of: no stand-in, and nothing that only a deployment reads. */
const files = readdirSync(FUNCTIONS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.includes('stand-in'))
  .map((file) => `${FUNCTIONS}/${file}`)
  .sort();

/** Of each kind of character that patterns tell apart, some. */
const CHARACTERS = [
  ...'aAzZbeknostxXpPT019٠٣۵ \t\n\r.,;:!?@+-–_/\\|()[]{}<>&#=%*\'"`^$~×‑’״אשéاу中😀',
  ...[
    '\u00a0',
    '\u00ad',
    '\u0301',
    '\u05b8',
    '\u200b',
    '\u200d',
    '\u200e',
    '\u200f',
    '\u202b',
    '\u2066',
    '\ufe0f',
    '\ufeff',
    '\u0001',
  ],
];
const KINDS = [/\w/, /\s/, /[\r\n]/, /\d/, /[a-z]/, /[A-Z]/, /\p{L}/u, /\p{M}/u, /\p{N}/u];

const ATOM =
  /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[\dA-Fa-f]{4}|\\x[\dA-Fa-f]{2}|\\k<[^>]*>|\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!:]|\(\?<\w+>|\{\d+(?:,\d*)?\}|./gsu;
const NO_CHARACTER = /^(?:[()|^$*+?]|\(\?.*|\{\d.*|\\[bBk1-9].*)$/;

/** One character for each way in which the parts of a pattern tell characters apart; first those that the fewest of them take, but some do. */
const charactersFor = ({ source, flags }: RegExp): readonly string[] => {
  const atoms = [...new Set(source.match(ATOM))].filter((atom) => !NO_CHARACTER.test(atom));
  const own = atoms.map((atom) => new RegExp(`^(?:${atom})$`, flags.replace(/[gy]/g, '')));
  const signOf = (char: string, tests: readonly RegExp[]) => tests.map((test) => Number(test.test(char))).join('');
  const kinds = new Map(CHARACTERS.map((char) => [signOf(char, [...own, ...KINDS]), char]));
  const takers = (char: string) => own.filter((test) => test.test(char)).length || own.length + 1;
  return [...kinds.values()].sort((one, other) => takers(one) - takers(other));
};

/** The words that stand in a pattern. */
const wordsIn = ({ source }: RegExp): readonly string[] => {
  const text = source
    .replace(/\\[pP]\{[^}]*\}|\[(?:\\.|[^\]\\])*\]|\\u\w{4}|\(\?<\w+>|\{[\d,]+\}/gu, '\0')
    .replace(/\\([^\w])/g, '$1');
  return [...new Set(text.match(/(?<!\\)[\p{L}\d:/=.@-]{2,}/gu))].slice(0, 4);
};

/** Runs of what a pattern repeats, behind what it begins with and before what it does not end with; each as long as is asked. */
const worstFor = (pattern: RegExp): readonly ((length: number) => string)[] => {
  const characters = charactersFor(pattern);
  const words = wordsIn(pattern);
  const some = characters.slice(0, 12);
  const units = [
    ...characters,
    ...words,
    ...some.flatMap((one) => some.flatMap((other) => (one === other ? [] : [one + other]))),
    ...words.flatMap((word) => some.flatMap((one) => [word + one, one + word])),
  ];
  const before = ['', ...words.slice(0, 2), ...characters.slice(0, 2)];
  return units.flatMap((unit) =>
    before.flatMap((first) =>
      ['\u0001', 'x'].map((last) => (length: number) => first + unit.repeat(Math.ceil(length / unit.length)) + last),
    ),
  );
};

const MAY_REPEAT = /[*+]|\{\d+,\}/;
const repeats = ({ source }: RegExp): boolean => MAY_REPEAT.test(source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/g, 'c'));

/** The shortest shows a pattern that doubles with each character, before a longer text would never end. */
const LENGTHS = [20, 400, 3_000];
const SUSPECT_MS = 3;
/** A pattern that looks at each character some times needs one, of a text of so many; one that begins anew at each needs hundreds. */
const LONG = 16_000;
const ENOUGH_MS = 60;

/** The first text on which a pattern is slow. */
const slowText = (pattern: RegExp, longest = LONG): string | undefined => {
  const time = (text: string, enough: number) =>
    leastTime(() => (pattern.global ? text.replace(pattern, '') : pattern.test(text)), enough);
  for (const text of worstFor(pattern))
    for (const length of [...LENGTHS.filter((one) => one < longest), ...(longest < LONG ? [longest] : [])]) {
      if (time(text(length), SUSPECT_MS) <= SUSPECT_MS) continue;
      if (length < 3_000 || time(text(longest), ENOUGH_MS) > ENOUGH_MS) return JSON.stringify(text(12));
    }
  return undefined;
};

/** Slow on long texts, and run on short ones alone: so many characters at most, for this reason. */
const SHORT: Readonly<Record<string, readonly [most: number, because: string]>> = {
  '/[\\s:*]+$/u': [500, 'titles of questions: MAX_TITLE of appointment-reminder/phone-question.ts'],
  '/(?:https?:\\/\\/|www\\.)\\S+|\\b[a-z\\d-]+(?:\\.[a-z\\d-]+)*\\.[a-z]{2,}\\/\\S*/gi': [
    1000,
    'places: MAX_CHARACTERS of place.ts',
  ],
  '/[\\s_-]*(\\+|\\b00)?(\\d+(?:[\\s-]\\d+)*)[\\s_-]*/g': [100, 'countries: MAX_CHARACTERS of country.ts'],
  '/^[\\s_-]+|[\\s_-]+$/g': [100, 'countries: MAX_CHARACTERS of country.ts'],
  '/^=?["\'“”‘’=]+|["\'“”‘’.]+$/g': [250, 'phones: MAX_CHARACTERS of phone.ts'],
  '/^[\\s([]*(\\+?)([\\d\\s()[\\]/.-]+)$/': [250, 'phones: MAX_CHARACTERS of phone.ts'],
};

const nameOf = ({ source, flags }: RegExp): string => `/${source}/${flags}`;

describe('every pattern reads a text of any length in a time that grows as the text does', () => {
  const written = new Map(
    files
      .flatMap((file) => patternsIn(readFileSync(file, 'utf8')))
      .map(({ source, flags }) => new RegExp(source, flags.replace('y', '')))
      .map((pattern) => [nameOf(pattern), pattern]),
  );

  it('finds the patterns in the sources', () => {
    expect(written.size).toBeGreaterThan(300);
    expect([...written.keys()]).toEqual(expect.arrayContaining(['/^[A-Z]{2}$/', '/\\s+/gu', '/\\d{16}/']));
    expect(Object.keys(SHORT).filter((name) => !written.has(name))).toEqual([]);
  });

  it('as they are written', () => {
    const slow = [...written].flatMap(([name, pattern]) => {
      if (!repeats(pattern)) return [];
      const text = slowText(pattern, SHORT[name]?.[0]);
      return text === undefined ? [] : [`${name} on ${text}`];
    });
    expect(slow).toEqual([]);
  });

  it('as they are put together when a function starts', async () => {
    const all = files.filter((one) => /new RegExp\(|wordFinder\(|oneOf\(/.test(readFileSync(one, 'utf8')));
    const load = async () => {
      for (const file of all) await import(join(process.cwd(), file));
    };
    // Those of libraries stay loaded and are not ours.
    await load();
    const made = new Map<string, RegExp>();
    const Own = RegExp;
    vi.resetModules();
    globalThis.RegExp = new Proxy(Own, {
      construct: (target, given) => {
        const pattern = Reflect.construct(target, given) as RegExp;
        made.set(nameOf(pattern), pattern);
        return pattern;
      },
    });
    try {
      await load();
    } finally {
      globalThis.RegExp = Own;
    }
    expect(made.size).toBeGreaterThan(20);
    const slow = [...made].filter(([, pattern]) => repeats(pattern) && slowText(pattern) !== undefined);
    expect(slow.map(([name]) => name.slice(0, 200))).toEqual([]);
  });

  it('sees one that is not', () => {
    expect(slowText(/\s+$/)).toBeDefined();
    expect(slowText(/^(?:a|a)*$/)).toBeDefined();
    expect(slowText(/(?<!\s)\s+$/)).toBeUndefined();
  });
});
