import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { cut, onlyCharacters } from '../../functions/shared/runtime/characters.ts';

/** Shorter ones are words like any other: they are looked for as whole words alone. */
const LEAST_PART = 4;
/** Of what somebody else says. */
const MOST_SAID = 200;
/** A long text is looked for in pieces. */
const PIECE = 100;
/** What came and is as long, or looks like an id, is nothing that we would say. */
const LEAST_TELLING = 12;
/** What is longer and has no space in it may be a token, whatever it looks like. */
const MOST_WORD = 24;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** As it may stand in an address, in a header, in JSON. */
const formsOf = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  encodeURIComponent(encodeURIComponent(value)),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value, 'utf8').toString('base64').replace(/=+$/, ''),
  Buffer.from(value, 'utf8').toString('base64url'),
  Buffer.from(value, 'utf8').toString('hex'),
];

const piecesOf = (text: string): readonly string[] => {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / PIECE) }, (_, i) =>
    characters.slice(i * PIECE, (i + 1) * PIECE).join(''),
  );
};

/** A number (E.164) as people and WhatsApp write it. */
const formsOfPhone = (phone: string): readonly string[] => {
  const number = parsePhoneNumberFromString(phone);
  const written = [phone, number?.formatNational() ?? '', number?.formatInternational() ?? ''];
  return [...written, ...written.map((one) => one.replace(/\D/g, ''))];
};

const decodedOnce = (text: string): string =>
  text
    .replace(/(?:%[0-9a-f]{2})+/gi, (part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return '…';
      }
    })
    .replace(/&#x([0-9a-f]{1,5});/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** As it is meant, in whatever layers of an address, a page or JSON it came. */
const decoded = (text: string): string => {
  let plain = text.normalize('NFKC');
  for (let layer = 0; layer < 3; layer++) plain = decodedOnce(plain);
  return plain.normalize('NFKC');
};

/** What is never anything else: tokens, ids and addresses of people, numbers that may be dialled. */
const UNMISTAKABLE: readonly (readonly [what: RegExp, instead: string])[] = [
  [/ezw_line_[\w-]+|whsec_[\w+/=-]+|eyJ[\w-]{5,}\.[\w-]{5,}\.?[\w-]*/g, '(token)'],
  [/(?:Bearer|Basic)\s+\S+/gi, '(token)'],
  [/\bhttps?:\/\/[^\s"'<>]+/gi, '(address)'],
  [/[^\s"'<>@()]+@[^\s"'<>@()]+/g, '(address)'],
  [/\+?\p{Nd}(?:[\s()._/\p{Pd}]*\p{Nd}){6,}/gu, '…'],
  [/\+\p{Nd}[\p{Nd}\s().\p{Pd}]+/gu, '…'],
];

const withoutUnmistakable = (text: string): string =>
  UNMISTAKABLE.reduce((rest, [what, instead]) => rest.replace(what, instead), text);

/** Words with which a sentence about an error may begin, and names that nobody bears. Any other capital may be a person's name. */
const PLAIN = new Set(
  `a access accepted account already and api are authorization bad bearer body cannot code conflict content content-type duplicate e each either
  entity error errors exactly expected ezwhatsapp failed field fields for forbidden give gone header http https id idempotency idempotency-key if
  in internal invalid is it json key large limit line line_id long many maximum media message messages method missing must no none not null number
  of on one only or payload phone please provide qr rate recipient request required retry send server service session set size small such text that
  the there this to token too try type unauthorized unavailable unexpected unknown unprocessable unsupported url use validation value wakeup was
  webhook whatsapp with wrong you your`.split(/\s+/),
);

/** Without the signs around it, and without its capitals. */
const bare = (word: string): string => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '').toLowerCase();

const isPlainWord = (word: string): boolean => {
  const plain = bare(word);
  if (plain === '') return word.length <= 3;
  return PLAIN.has(plain) || (word === word.toLowerCase() && /^[a-z][a-z'’_.:/-]*$/.test(plain));
};

/** Takes out of texts whatever tells of a person, or opens something: by its value where that is known, else by its looks. */
export class Redactor {
  readonly #parts = new Set<string>();
  /** What stood in what came: it may be a word or a year of ours as well, so only what others say is searched for it. */
  readonly #heard = new Set<string>();
  readonly #words = new Set<string>();
  readonly #weak = new Set<string>();

  /** Values that must never be told, in whatever form they come. */
  know(...values: readonly (string | undefined)[]): void {
    this.#keep(this.#parts, values);
  }

  #keep(parts: Set<string>, values: readonly (string | undefined)[]): void {
    for (const value of values) {
      const text = onlyCharacters(decoded(value ?? '')).trim();
      const pieces = /^\+\d{7,15}$/.test(text) ? formsOfPhone(text) : piecesOf(text);
      for (const form of pieces.filter((one) => one.length > 1).flatMap(formsOf)) {
        if (form.length >= LEAST_PART) parts.add(form.toLowerCase());
        else if (parts === this.#parts) this.#words.add(form.toLowerCase());
      }
    }
  }

  /**
   * Whatever stood in what came. What is short may be a word of ours as well: it goes out of what others say, and stays in what we do.
   */
  hear(...values: readonly string[]): void {
    const isTelling = (value: string): boolean => value.length >= LEAST_TELLING || /\d{4}|@/.test(value);
    this.#keep(this.#heard, values.filter(isTelling));
    for (const word of values.filter((value) => !isTelling(value)).flatMap((value) => decoded(value).split(/\s+/))) {
      if (word !== '') this.#weak.add(bare(word));
    }
  }

  /** Words of somebody else, as in an error: without numbers, names and whatever may be a secret. At most 200 characters. */
  words(text: string): string {
    const plain = this.text(decoded(text))
      .replace(/\p{Nd}[\p{Nd}.,:\p{Pd}]*/gu, '…')
      .split(/\s+/)
      .map((word) => (this.#isTold(word) ? word : '…'))
      .join(' ')
      .replace(/…(?:[\s…]*…)+/g, '…');
    return cut(plain, MOST_SAID);
  }

  /** A text of ours, in which something of theirs may stand after all. */
  text(text: string): string {
    const rest = withoutUnmistakable(this.#without(text));
    // What is hidden by a form of writing is found in its plain one.
    const plain = decoded(rest);
    if (plain === rest.normalize('NFKC')) return rest;
    const found = withoutUnmistakable(this.#without(plain));
    return found === plain ? rest : found;
  }

  /** Every text in it but what is ours: the names of its fields, and the values of those that are named. */
  all(value: unknown, ours: ReadonlySet<string>): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.all(one, ours));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, ours.has(name) ? one : this.all(one, ours)]),
    );
  }

  /** Whether something known stands in it after all. */
  holds(text: string): boolean {
    return [text, decoded(text)].some((one) => this.#without(one, this.#parts) !== one);
  }

  #isTold(word: string): boolean {
    if (word.length > MOST_WORD || this.#weak.has(bare(word))) return false;
    return word.includes('…') || isPlainWord(word);
  }

  #without(text: string, among: Iterable<string> = [...this.#parts, ...this.#heard]): string {
    const lower = text.toLowerCase();
    const isIn = (one: string): boolean => lower.includes(one);
    // Longer ones first: a part of one may be another.
    const parts = [...new Set(among)].filter(isIn).sort((a, b) => b.length - a.length);
    const words = [...this.#words].filter(isIn).map((one) => `(?<![\\p{L}\\p{N}])${escaped(one)}(?![\\p{L}\\p{N}])`);
    return [...parts.map(escaped), ...words].reduce((rest, one) => rest.replace(new RegExp(one, 'giu'), '…'), text);
  }
}
