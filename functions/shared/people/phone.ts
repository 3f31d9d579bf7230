import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';
import plans from 'libphonenumber-js/min/metadata';
import examples from 'libphonenumber-js/mobile/examples';
import mobilePlans from 'libphonenumber-js/mobile/metadata';
import { countryOf } from './country.ts';

/** A phone as an outside system gave it, with the country of the address beside it if there is one. */
export interface PhoneCandidate {
  readonly raw: string | undefined;
  /** As the address has it: a code or a name. */
  readonly country?: string | undefined;
}

/** Where a client is at home: what is not said of a number is taken from here. */
export interface Home {
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly locale: string;
}

/** Why none of somebody's numbers is written to. The part after the colon tells what stands in the way of the first of them. */
export type NoPhone = 'no_usable_phone' | 'no_usable_phone:letters' | 'no_usable_phone:extension';

/** A number to write to, or why there is none. */
export type FoundPhone = { readonly phone: string } | { readonly refusal: NoPhone };

/** Longer than any field with some numbers in it; lengths come before patterns, for patterns on long texts take minutes. */
const MAX_CHARACTERS = 250;
/** E.164 allows fifteen, the longest way to dial out of a country adds five. */
const MAX_DIGITS = 20;
/** Fewer make no subscriber's number: what stands behind a comma is an extension, then. */
const LEAST_DIGITS = 7;

/** Marks that only steer the direction of writing, and other characters without width. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const DASHES = /[\u2010-\u2015\u2212\u30fc\ufe58\ufe63]/gu;
/** Arabic and Persian digits; full-width ones become ASCII by NFKC. */
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/gu;

/** How programs write a number that is whole. Each stands for the international form, without its plus where it has none. */
const WHOLE: readonly RegExp[] = [
  /^(?:https?:\/\/)?(?:www\.)?wa\.me\/\+?(\d+)\/?(?:\?.*)?$/i,
  /^(?:https?:\/\/(?:api|web)\.whatsapp\.com\/send\/?|whatsapp:\/\/send\/?)\?(?:\S*&)?phone=(?:\+|%2b)?(\d+)(?:&\S*)?$/i,
  /^\+?(\d+)(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/i,
];
/** `tel:` of a link, `whatsapp:` of Twilio, `p:` of Meta's export. */
const SCHEME = /^(?:tel|callto|sms|whatsapp|p):(?:\/\/)?/i;
const EXTENSION = /(?:[x#;]|ext|extn|extension|доб|שלוחה|تحويلة)\D{0,3}\d{1,7}$/iu;
/** A spreadsheet's number: what stands behind its only point is a fraction and no part of a phone. */
const FRACTION = /^[^.]*\.(?:\d|0+)$|^\+?\d+\.\d{2}$|^\d\.\d+$/;

const tidy = (raw: string): string =>
  raw
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(DIGITS, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf))
    .trim()
    // A spreadsheet's ways to say "this is a text".
    .replace(/^=?["'“”‘’=]+|["'“”‘’.]+$/g, '')
    .trim();

interface Typed {
  readonly digits: string;
  /** `perhaps`: what stood before it was a plus or a space. */
  readonly international: boolean | 'perhaps';
}

/** What a form's reader writes where a plus and a space are one and the same (`application/x-www-form-urlencoded`). */
export const PLUS_OR_SPACE = '+\t';

/** What was typed, without its separators: spaces, hyphens, brackets, slashes and dots between groups. */
const typedOf = (text: string): Typed | NoPhone => {
  for (const pattern of WHOLE) {
    const digits = pattern.exec(text)?.[1];
    if (digits !== undefined) return { digits, international: true };
  }
  const number = text.replace(SCHEME, '').trim();
  if (/[\p{L}#;]/u.test(number)) {
    return EXTENSION.test(number) ? 'no_usable_phone:extension' : 'no_usable_phone:letters';
  }
  const [, plus, rest = ''] = /^[\s([]*(\+?)([\d\s()[\]/.-]+)$/.exec(number) ?? [];
  const digits = rest.replace(/\D/g, '');
  const dotted = /(?:^|\D)\.|\.(?!\d)/.test(rest.replace(/[\s()[\]]/g, '')) || FRACTION.test(number);
  if (digits === '' || digits.length > MAX_DIGITS || dotted) return 'no_usable_phone';
  if (plus) return { digits, international: number.startsWith(PLUS_OR_SPACE) ? 'perhaps' : true };
  return digits.startsWith('00') ? { digits: digits.slice(2), international: true } : { digits, international: false };
};

/**
 * Numbers that are dialled in one way and reached in another; each entry is a fact of its country's plan.
 * Argentina: `15` before a mobile's subscriber number at home is a `9` behind the calling code from abroad.
 * Mexico: the `1` of mobiles was dropped in 2019. France: mobiles of the overseas departments have calling codes of their own.
 */
const REWRITES: readonly (readonly [RegExp, (digits: string) => string])[] = [
  [/^521(?=\d{10}$)/, (digits) => `52${digits.slice(3)}`],
  [/^549?\d{2,4}15\d{6,8}$/, (digits) => argentine(digits)],
  [/^33(?=69[01]\d{6}$)/, (digits) => `590${digits.slice(2)}`],
  [/^33(?=694\d{6}$)/, (digits) => `594${digits.slice(2)}`],
  [/^33(?=69[67]\d{6}$)/, (digits) => `596${digits.slice(2)}`],
  [/^33(?=(?:69[23]|639)\d{6}$)/, (digits) => `262${digits.slice(2)}`],
];

/** The library knows Argentina's area codes, and so where the `15` ends one. */
const argentine = (digits: string): string => {
  const national = digits.replace(/^549?/, '');
  const number = parsePhoneNumberFromString(`0${national}`, 'AR')?.number.slice(1);
  return number?.length === 13 && national.length === 12 ? number : digits;
};

const rewritten = (digits: string): string => {
  const [, rewrite] = REWRITES.find(([pattern]) => pattern.test(digits)) ?? [];
  return rewrite ? rewrite(digits) : digits;
};

/** A country's plan is an array whose places have fixed meanings (METADATA.md of libphonenumber-js). */
const NATIONAL_PREFIX = 5;
const TYPES = 11;
const MOBILE = 1;

const mobilePattern = (country: CountryCode): RegExp | undefined => {
  const pattern: unknown = mobilePlans.countries[country]?.[TYPES]?.[MOBILE]?.[0];
  return typeof pattern === 'string' && pattern !== '' ? new RegExp(`^(?:${pattern})$`) : undefined;
};

/** Blocks of mobiles as a whole; the library knows some parts of them only. */
const FRENCH_OVERSEAS = /^\+(59069[01]|594694|59669[67]|26269[23]|262639)\d{6}$/;

/** The library's list of a country's mobile blocks has holes; a valid number that looks like its example is a mobile too. */
const isMobile = (number: PhoneNumber): boolean => {
  const { country, nationalNumber } = number;
  if (FRENCH_OVERSEAS.test(number.number)) return true;
  if (country === undefined) return false;
  if (mobilePattern(country)?.test(nationalNumber)) return true;
  const example = examples[country];
  return number.isValid() && nationalNumber.length === example.length && nationalNumber[0] === example[0];
};

/** `+44 7911 123456` stands as it was typed, so it need only be valid; `+44 (0)7911 123456` must be a mobile. */
const readInternational = (typed: string): string | undefined => {
  const digits = rewritten(typed);
  const number = parsePhoneNumberFromString(`+${digits}`);
  if (!number) return undefined;
  const { countryCallingCode: code, nationalNumber } = number;
  if (digits === `${code}${nationalNumber}`) return number.isValid() ? number.number : undefined;
  return digits === `${code}0${nationalNumber}` && isMobile(number) ? number.number : undefined;
};

/** Lithuania changes from 8 to 0, and writes both. */
const OTHER_PREFIXES: Readonly<Record<string, readonly string[]>> = { LT: ['8'] };

/** What may be dialled before a national number: nothing, or what its country has for that (in Belarus, as `80`, before a zero). */
const prefixesOf = (country: CountryCode): readonly string[] => {
  const own: unknown = plans.countries[country]?.[NATIONAL_PREFIX];
  return ['', ...(typeof own === 'string' ? [own, `${own}0`] : []), ...(OTHER_PREFIXES[country] ?? [])];
};

/**
 * A number without its country, read as a mobile of this one, with or without its calling code. The result is the calling code
 * and the digits that were typed, less what is dialled only at home; whatever else a library would add or leave out is a guess.
 */
const readNational = (digits: string, country: CountryCode): string | undefined => {
  const code = getCountryCallingCode(country);
  if (code === '1' && digits.startsWith('011')) return readInternational(digits.slice(3));
  for (const prefix of [...prefixesOf(country), code]) {
    if (!digits.startsWith(prefix)) continue;
    const whole = rewritten(`${code}${digits.slice(prefix.length)}`);
    const number = parsePhoneNumberFromString(`+${whole}`);
    if (number?.number === `+${whole}` && isMobile(number)) return number.number;
  }
  return undefined;
};

/** The country that stands beside the number, if one does, and the client's. */
interface Countries {
  readonly named: CountryCode | undefined;
  readonly home: CountryCode | undefined;
}

const TRUNK_ZERO = '0';

/**
 * Whether a number could not be one of the country that is named, so that it must be one of the client's: it says the client's
 * calling code, or begins with a zero where another digit is dialled first. Anything else may be a landline there, or a slip of
 * the finger.
 */
const isForeign = (digits: string, named: CountryCode, home: CountryCode): boolean => {
  if (parsePhoneNumberFromString(digits, named)?.isValid()) return false;
  const trunk: unknown = plans.countries[named]?.[NATIONAL_PREFIX];
  const hasOther = typeof trunk === 'string' && !trunk.startsWith(TRUNK_ZERO);
  return digits.startsWith(getCountryCallingCode(home)) || (digits.startsWith(TRUNK_ZERO) && hasOther);
};

const readAtHome = (digits: string, { named, home }: Countries): string | undefined => {
  const own = named && readNational(digits, named);
  if (own || home === undefined || (named && !isForeign(digits, named, home))) return own;
  return readNational(digits, home);
};

const readOne = (text: string, countries: Countries): string | NoPhone => {
  const typed = typedOf(text);
  if (typeof typed === 'string') return typed;
  const { digits, international } = typed;
  const national = international === true ? undefined : readAtHome(digits, countries);
  return national ?? (international ? readInternational(digits) : undefined) ?? 'no_usable_phone';
};

const isPhone = (reading: string): boolean => reading.startsWith('+');

/** `050-1234567, 03-7654321` and `050-1234567 / 03-7654321` are two numbers of one person; a few digits behind one are an extension. */
const readField = (raw: string, countries: Countries): string | NoPhone => {
  if (raw.length > MAX_CHARACTERS) return 'no_usable_phone';
  const text = tidy(raw);
  const whole = readOne(text, countries);
  if (isPhone(whole)) return whole;
  const parts = text.split(/[,;|/\n]/).filter((part) => part.trim() !== '');
  const counts = parts.map((part) => part.replace(/\D/g, '').length);
  if (counts.every((count) => count < LEAST_DIGITS)) return whole;
  if (counts.some((count) => count < LEAST_DIGITS)) {
    return whole === 'no_usable_phone' ? 'no_usable_phone:extension' : whole;
  }
  const readings = parts.map((part) => readOne(part.trim(), countries));
  return readings.find(isPhone) ?? readings[0] ?? whole;
};

/**
 * The number of the first candidate that can be written to, as E.164 with `+`. Nothing is guessed: a number in international
 * form must be valid as it stands, a national one a mobile of the country that its own address names, or, where none is named
 * or the number cannot be one of it, of the client's.
 */
export const firstUsablePhone = (candidates: readonly PhoneCandidate[], home: Home): FoundPhone => {
  const refusals: NoPhone[] = [];
  for (const { raw, country } of candidates) {
    if (!raw?.trim()) continue;
    const reading = readField(raw, {
      named: countryOf(country, home.locale),
      home: isSupportedCountry(home.country) ? home.country : undefined,
    });
    if (isPhone(reading)) return { phone: reading };
    refusals.push(reading as NoPhone);
  }
  return { refusal: refusals[0] ?? 'no_usable_phone' };
};

/**
 * Whether an E.164 number belongs to one of these countries. Where several countries share a calling code and the number does
 * not tell which of them it is, any of them will do.
 */
export const isFromOneOf = (phone: string, countries: readonly string[]): boolean => {
  const number = parsePhoneNumberFromString(phone);
  if (number?.country) return countries.includes(number.country);
  const callingCode = number?.countryCallingCode;
  return countries.some((country) => isSupportedCountry(country) && getCountryCallingCode(country) === callingCode);
};
