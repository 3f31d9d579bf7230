import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasPhone } from '../../local/samples/event.ts';
import { library, sourceFolders, templateFolders } from '../../local/samples/library.ts';
import { holds } from '../../local/samples/render.ts';
import type { Sample } from '../../local/samples/sample.ts';

/**
 * What holds for every sample of every source, whoever wrote it: it shows nobody's data and no secret, it does not grow old, and it
 * has a place for what makes each event a new one. Whether a source takes it, and what becomes of it, is told by sources.test.ts.
 */
const PLACEHOLDER = /\{\{[^{}]*\}\}/g;
/** A digit, for it may stand for a number. */
const bare = (text: string): string => text.replace(PLACEHOLDER, '0');

/** A text with the name that it stands under. */
interface Leaf {
  readonly name: string;
  readonly text: string;
}

const inJson = (value: unknown, name = ''): Leaf[] => {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, one]) => inJson(one, Array.isArray(value) ? name : key));
  return inText(String(value), name);
};

/** Some texts are JSON once more. */
const inText = (text: string, name: string): Leaf[] => {
  try {
    const inner: unknown = JSON.parse(text);
    if (typeof inner === 'object' && inner !== null) return inJson(inner, name);
  } catch {
    // It is what it looks like.
  }
  return [{ name, text }];
};

const PART = /name="([^"]*)"\n\n([\s\S]*?)\n--/g;

/** Names and texts of a body as people read it: without escapes, percent signs and placeholders. */
const leavesOf = ({ headers, body, held }: Sample): Leaf[] => {
  const type = headers['content-type'] ?? '';
  const text = bare(body);
  const own = /urlencoded/.test(type)
    ? [...new URLSearchParams(text)].map(([name, one]) => ({ name, text: one }))
    : /multipart/.test(type)
      ? [...text.matchAll(PART)].flatMap(([, name = '', one = '']) => inText(one, name))
      : inJson(JSON.parse(text));
  return [...own, ...held.flatMap((one) => inJson(JSON.parse(bare(one.body))))];
};

/** What looks like a number of somebody: international, or as people group it. */
const PHONE_LIKE = [
  /\+\d[\d ().-]{6,}\d/,
  /\(\d{2,4}\) ?\d{3}/,
  /\b\d{3}-\d{3}-\d{4}\b/,
  /\b0\d{1,2}[- ]?\d{3}[- ]?\d{4}\b/,
];
const isPhone = ({ name, text }: Leaf): boolean =>
  PHONE_LIKE.some((pattern) => pattern.test(text)) ||
  (/phone|tel|mobile|sms|טלפון|נייד/i.test(name) && text.replace(/\D/g, '').length > 6);

const HOST = /(?<=https?:\/\/|@)[\w.-]+|(?<![\w.-])(?:[\w-]+\.)+(?:com|net|org|io|dev|co|app|me|ai|il)\b/gi;
/** Not made up for examples, and not of the vendor, whose hosts stand in the source's README. */
const isForeign = (host: string, vendors: string): boolean =>
  !host.endsWith('.example') && !vendors.toLowerCase().includes(host.toLowerCase());

const SECRET_LIKE =
  /shp(?:at|ss|ca)_|whsec_|ezw_|\beyJ|\bEAA\w{15}|AKIA\w{12}|gh[pousr]_|xox[abp]-|sk_(?:live|test)|-----BEGIN|\b(?:Bearer|Basic) |(?=\w*\d)(?=\w*[a-z])[\w-]{44,}/;
/** Ids of things, which everybody writes out. */
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
const isSecret = (text: string): boolean => SECRET_LIKE.test(text.replace(UUID, ' '));
const SECRET_NAME = /secret|api_?key|access_?token|google_key|password|authori[sz]ation/i;

/** A year, or seconds or milliseconds of these decades. */
const DATE_LIKE = /(?<!\d)(?:20\d\d|1[5-9]\d{8}|1[5-9]\d{11})(?!\d)/;

/** So many different ids that one sample may be sent for a day without two of them being the same. */
const LEAST_IDS = 1_000_000;
const idsLike = (example: string): number =>
  [...example].reduce((n, sign, i) => n * (/\d/.test(sign) ? (i > 0 ? 10 : 1) : /[a-z]/i.test(sign) ? 26 : 1), 1);

const sources = templateFolders().flatMap((template) =>
  sourceFolders(template).map((source) => [template, source] as const),
);

describe.each(sources)('the samples of %s %s', (template, source) => {
  // What cannot be read is told by sources.test.ts.
  const all = library().filter((one) => one.template === template && one.source === source);
  const readme = `functions/${template}/sources/${source}/README.md`;
  const vendors = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
  const each = <T>(tell: (sample: Sample) => readonly T[]) =>
    all.flatMap(({ name, sample }) => tell(sample).map((one) => ({ name, one })));

  it('have titles by which people can tell them apart', () => {
    const shown = all.map(({ name, sample }) => `${name.replace(/[^/]+$/, '')} ${sample.title}`);
    expect(shown.filter((title, i) => shown.indexOf(title) !== i)).toEqual([]);
  });

  it('show no phone number', () => {
    expect(each((sample) => leavesOf(sample).filter(isPhone))).toEqual([]);
  });

  it('name hosts of nobody but their own vendor', () => {
    expect(
      each((sample) =>
        [...leavesOf(sample).map(({ text }) => text), ...Object.values(sample.headers).map(bare)].flatMap((text) =>
          (text.match(HOST) ?? []).filter((host) => isForeign(host, vendors)),
        ),
      ),
    ).toEqual([]);
  });

  it('hold nothing that looks like a secret', () => {
    expect(
      each((sample) => [
        ...leavesOf(sample).filter(({ name, text }) => isSecret(text) || SECRET_NAME.test(name)),
        ...Object.entries(sample.headers).filter(
          ([name, value]) => SECRET_NAME.test(name) || (name !== 'content-type' && isSecret(bare(value))),
        ),
      ]),
    ).toEqual([]);
  });

  it('hold no date, for that grows old', () => {
    expect(each((sample) => leavesOf(sample).filter(({ text }) => DATE_LIKE.test(text)))).toEqual([]);
  });

  it('have a place for the phone wherever one is written to', () => {
    const written = all.filter(({ sample: { ends } }) => ends.some(({ state }) => state === 'ACCEPTED'));
    const without = written.filter(({ sample }) => !hasPhone(sample));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('have a place for the id, and enough ids of the same looks; only one made of the answers has none', () => {
    const wrong = all.filter(({ sample: { body, ends, id } }) =>
      holds(body, 'id') ? idsLike(id) < LEAST_IDS : !ends.every(({ key }) => key.includes('…')),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

describe('what a sample must not hold is found', () => {
  const leaf = (text: string, name = 'x'): Leaf => ({ name, text });

  it.each(['+972 50-123-4567', '050-123-4567', '0501234567', '(555) 123-4567', '555-123-4567', 'call +15551234567'])(
    'a number: %s',
    (text) => {
      expect(isPhone(leaf(text))).toBe(true);
    },
  );

  it('a number by its name, and none in ids, offsets and versions', () => {
    expect(isPhone(leaf('972501234567', 'Phone Number'))).toBe(true);
    for (const text of ['820982911946154508', '0+02:00', 'Chrome/142.0.0.0', '555-555-SHIP', '1459076748710715']) {
      expect(isPhone(leaf(text))).toBe(false);
    }
  });

  it.each(['https://shop.com/x', 'dana@gmail.com', 'dana@shop.test', 'www.shop.co.il', 'https://127.0.0.1/'])(
    'a host: %s',
    (text) => {
      expect((text.match(HOST) ?? []).some((host) => isForeign(host, ''))).toBe(true);
    },
  );

  it.each(['shpat_0123', 'whsec_x', 'eyJhbGciOi', 'a1'.repeat(22), 'Bearer x'])('a secret: %s', (text) => {
    expect(isSecret(text)).toBe(true);
  });

  it.each(['2026-11-22', 'November 22, 2026', '1795341600', '1795341600250'])('a date: %s', (text) => {
    expect(DATE_LIKE.test(text)).toBe(true);
  });
});
