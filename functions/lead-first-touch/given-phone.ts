import { textOf } from '../shared/door/answers.ts';
import { jsonIn } from '../shared/runtime/json.ts';

/** A number as a form gives it, and the country that its own field says. */
export interface GivenPhone {
  readonly raw: string;
  readonly country?: string | undefined;
}

type Parts = Readonly<Record<string, unknown>>;

const isParts = (value: unknown): value is Parts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What forms, CRMs and libraries call the parts of a phone, as `plainKey` leaves it; most telling first. */
const WHOLE = ['e164', 'international', 'full'];
const NUMBER = ['primaryphonenumber', 'national', 'nationalnumber', 'phone', 'number', 'phonenumber', 'value'];
const AREA = ['area', 'areacode'];
const COUNTRY = [
  'primaryphonecallingcode',
  'callingcode',
  'dialcode',
  'countrycode',
  'primaryphonecountrycode',
  'country',
];
const EXTENSION = ['extension', 'ext'];
const BESIDE = ['formatted', 'additionalphones', 'type', 'fieldtype', 'label'];
const KNOWN = new Set([WHOLE, NUMBER, AREA, COUNTRY, EXTENSION, BESIDE].flat());

const plainKey = (key: string): string => key.toLowerCase().replace(/[^a-z\d]/g, '');

const textsAt = (parts: Parts, names: readonly string[]): string[] =>
  names.flatMap((name) =>
    Object.entries(parts).flatMap(([key, value]) =>
      plainKey(key) === name && !(Array.isArray(value) && value.length > 1) ? (textOf(value) ?? []) : [],
    ),
  );

/** Fewer make no subscriber's number. */
const LEAST_DIGITS = 7;
/** An empty one, or zeros alone, is none. */
const isExtension = (text: string): boolean => /[^\s0]/.test(text);
const EXTENDED = / x.*$/;
const digitsOf = (text: string): string => text.replace(/\P{Nd}/gu, '');
const hasDigit = (text: string): boolean => /\p{Nd}/u.test(text);
const isInternational = (number: string): boolean => /^[\s(]*(?:\+|00)/.test(number);
const AREA_CODE = /^\+?[\p{Nd}\s()-]{1,8}$/u;
/** Where areas are dialled, no number without one has more digits. */
const MOST_WITHOUT_AREA = 9;

/** A number and the area that stands beside it as one; undefined where that is no area. */
const withArea = (area: string, number: string): string | undefined => {
  if (isInternational(number)) return number;
  if (!AREA_CODE.test(area) || !hasDigit(area)) return undefined;
  const [first, rest] = [area, number].map((text) => digitsOf(text).replace(/^0+/, ''));
  const isInIt = rest !== undefined && rest.length >= MOST_WITHOUT_AREA && rest.startsWith(first ?? '');
  return isInIt ? number : `${area}${number}`;
};

/** The number that an object of parts is; undefined where it is none, or its parts do not belong together. */
export const phoneOf = (parts: Parts): GivenPhone | undefined => {
  const countries = textsAt(parts, COUNTRY);
  const code = countries.flatMap((text) => /^\+?(\d{1,3})$/.exec(text)?.[1] ?? []).at(0);
  const country = countries.find((text) => !/^\+?\d/.test(text)) ?? (code && `+${code}`);
  const whole = textsAt(parts, WHOLE).find(hasDigit);
  if (whole !== undefined) return { raw: whole, country };
  const number = textsAt(parts, NUMBER).find(hasDigit);
  const [area] = textsAt(parts, AREA);
  const joined = number === undefined || area === undefined ? number : withArea(area, number);
  if (joined === undefined) return undefined;
  const extension = textsAt(parts, EXTENSION).find(isExtension);
  if (extension !== undefined) return { raw: `${joined} x${extension}`, country };
  // A number that begins as its country's code does may hold it already: then it is read by its country, not put together.
  const isPlain = !isInternational(joined) && !digitsOf(joined).startsWith(code ?? '-');
  return code !== undefined && isPlain ? { raw: `+${code}${joined}` } : { raw: joined, country };
};

/** Long enough for a number, and of nothing but what numbers are written with. */
const isNumber = (text: string): boolean => /^[+\p{Nd}\s().-]+$/u.test(text) && digitsOf(text).length >= LEAST_DIGITS;

const has = (parts: Parts, ...kinds: (readonly string[])[]): boolean =>
  kinds.every((names) => textsAt(parts, names).some(hasDigit));

/** Whether an object is a phone by its parts alone, whatever its field is called. */
export const isPhone = (parts: Parts): boolean =>
  textsAt(parts, ['full', 'e164']).some(isNumber) ||
  has(parts, ['primaryphonenumber']) ||
  (has(parts, ['national']) && textsAt(parts, COUNTRY).length > 0) ||
  // A `number` may be of a card or a house, a `nationalNumber` of a person.
  (has(parts, ['phone', 'phonenumber']) && textsAt(parts, AREA).length > 0);

const HOLDS_NUMBER = [...WHOLE, ...NUMBER.filter((name) => name !== 'value')];

/** The keys under which an object may hold a phone, if its field or they say so; none where it is something else. */
export const phoneKeys = (parts: Parts): string[] => {
  const keys = Object.keys(parts);
  if (!keys.every((key) => KNOWN.has(plainKey(key)))) return [];
  const raw = phoneOf(parts)?.raw;
  const own = keys.filter((key) => HOLDS_NUMBER.includes(plainKey(key)));
  if (raw === undefined) return own;
  return isNumber(raw.replace(EXTENDED, '')) ? [...own, ...keys.filter((key) => plainKey(key) === 'value')] : [];
};

/** The parts in a text that is JSON, as Gravity Forms stores a phone since 3.0. */
export const partsIn = (value: unknown): Parts | undefined => {
  const parts = typeof value === 'string' && /^\s*\{/.test(value) ? jsonIn(value) : value;
  return isParts(parts) ? parts : undefined;
};

/** One number, typed as at home and as from abroad. */
const isSame = (one: string, other: string): boolean => {
  const [long = '', short = ''] = [one, other]
    .map((text) => digitsOf(text).replace(/^0+/, ''))
    .sort((a, b) => b.length - a.length);
  return short.length >= LEAST_DIGITS && long.endsWith(short);
};

const listIn = (value: unknown): readonly unknown[] | undefined => {
  const list = typeof value === 'string' && /^\s*\[/.test(value) ? jsonIn(value) : value;
  return Array.isArray(list) ? list : undefined;
};

/** What was answered to a question for a number: a text as it stands, of a list the only number in it, of parts what they are. */
export const phoneIn = (value: unknown): GivenPhone | undefined => {
  const parts = partsIn(value);
  if (parts) return phoneOf(parts);
  const list = listIn(value);
  if (list) {
    const given = list.flatMap((one) => (listIn(one) ? [] : (phoneIn(one) ?? [])));
    // Anything shorter is junk beside a number.
    const numbers = given.filter(({ raw }) => digitsOf(raw).length >= LEAST_DIGITS);
    const [first, ...others] = numbers.length > 0 ? numbers : given.slice(0, 1);
    return first && others.every(({ raw }) => isSame(raw, first.raw)) ? first : undefined;
  }
  const raw = textOf(value);
  return raw === undefined ? undefined : { raw };
};

/**
 * What a number is with the area code that stands in a field of its own; nothing where it could be of any of several. Such a
 * field may hold a postal code, or be about something else: the result is tried last and takes the place of no number.
 */
export const inArea = (phones: readonly GivenPhone[], areas: readonly string[]): readonly GivenPhone[] => {
  const [area, ...others] = areas.filter(hasDigit);
  const [phone, ...more] = phones.filter(({ raw }) => hasDigit(raw) && !isInternational(raw));
  if (area === undefined || phone === undefined || others.length + more.length > 0) return [];
  const raw = withArea(area, phone.raw);
  return raw === undefined || raw === phone.raw ? [] : [{ ...phone, raw }];
};
