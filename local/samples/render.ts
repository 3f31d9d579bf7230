import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { SampleError } from './sample.ts';

/** What a sample's placeholders stand for in one event. */
export interface Values {
  readonly id: string;
  /** E.164. */
  readonly phone: string;
  /** Epoch milliseconds at which the event happens, to which all its times are relative. */
  readonly now: number;
}

/** How a value is written so that it cannot end the text in which it stands. */
export type Escape = (value: string) => string;

export const plain: Escape = (value) => value;
export const inJson: Escape = (value) => JSON.stringify(value).slice(1, -1);

const UNITS: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3600_000, d: 24 * 3600_000 };

/** Milliseconds of `-2h`, `+90min`; undefined for anything else. */
export const offsetOf = (text: string): number | undefined => {
  const [, amount, unit = ''] = /^([+-]\d+)(s|min|h|d)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 0);
};

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const TIME = /^now([+-]\w+)?(?:\|(.+))?$/;

/** An instant as vendors write it. */
const FORMATS: Readonly<Record<string, (iso: string, ms: number) => string>> = {
  ms: (iso) => iso,
  micro: (iso) => iso.replace('Z', '000Z'),
  // UTC that does not say so, as WordPress writes it.
  gmt: (iso) => iso.slice(0, 19),
  sql: (iso) => iso.slice(0, 19).replace('T', ' '),
  day: (iso) => iso.slice(0, 10),
  unix: (_, ms) => String(Math.floor(ms / 1000)),
  unixms: (_, ms) => String(ms),
  // For people, as WordPress and others write it by default.
  date: (_, ms) => forPeople(ms, { dateStyle: 'long' }),
  time: (_, ms) => forPeople(ms, { timeStyle: 'short' }).replace(/\s/g, ' ').toLowerCase(),
};

const forPeople = (ms: number, style: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-US', { ...style, timeZone: 'UTC' }).format(ms);

const withOffset = (ms: number, [, sign, hours, minutes]: readonly string[]): string => {
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return `${new Date(ms + offset).toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
};

const timeOf = (name: string, now: number): string | undefined => {
  const [matched, away, format] = TIME.exec(name) ?? [];
  const offset = away === undefined ? 0 : offsetOf(away);
  if (matched === undefined || offset === undefined) return undefined;
  const ms = now + offset;
  const iso = new Date(ms).toISOString();
  if (format === undefined) return iso.replace(/\.\d+Z$/, 'Z');
  const zone = /^([+-])(\d\d):(\d\d)$/.exec(format);
  if (zone) return withOffset(ms, zone);
  return Object.hasOwn(FORMATS, format) ? FORMATS[format]?.(iso, ms) : undefined;
};

const phoneOf = (name: string, phone: string): string | undefined => {
  const number = parsePhoneNumberFromString(phone);
  switch (name) {
    case 'phone':
      return phone;
    case 'phone.digits':
      return phone.replace('+', '');
    case 'phone.national':
      return number?.formatNational();
    case 'phone.international':
      return number?.formatInternational();
    case 'phone.country':
      return number?.country;
    case 'phone.countryName':
      return number?.country && new Intl.DisplayNames('en', { type: 'region' }).of(number.country);
    default:
      return undefined;
  }
};

const KNOWN = `{{id}}, {{phone}}, {{phone.national}}, {{phone.international}}, {{phone.digits}}, {{phone.country}}, {{phone.countryName}}, {{now}}, {{now-2h}}, {{now+3d}} (s, min, h, d), and after a time |${Object.keys(FORMATS).join(', |')} or |+02:00`;

/**
 * A text with its placeholders filled in.
 * @throws SampleError for a placeholder that is none
 */
export const render = (text: string, { id, phone, now }: Values, written: Escape = plain): string =>
  text.replace(PLACEHOLDER, (whole, name: string) => {
    const value = name === 'id' ? id : (timeOf(name, now) ?? phoneOf(name, phone));
    if (value === undefined && /^phone\.country(Name)?$/.test(name))
      throw new SampleError(
        'This sample says the country of the phone, which is not known of this one: choose another.',
      );
    if (value === undefined) throw new SampleError(`${whole} is no placeholder. There are: ${KNOWN}.`);
    return written(value);
  });

export const holds = (text: string, name: 'id' | 'phone'): boolean =>
  [...text.matchAll(PLACEHOLDER)].some(([, one = '']) => one.split('.')[0] === name);

const HEX = '0123456789abcdef';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/**
 * An id of the same looks: digits stay digits and letters letters, and the first one of a number stays.
 * @param random gives numbers from 0 to below 1
 */
export const idLike = (example: string, random: () => number): string => {
  const isHex = /^[\da-f-]{16,}$/.test(example) && /[a-f]/.test(example);
  const pick = (from: string): string => from[Math.floor(random() * from.length)] ?? '';
  return example.replace(/[a-z\d]/gi, (sign, index: number) => {
    if (isHex) return pick(HEX);
    if (/\d/.test(sign)) return index === 0 ? sign : pick(DIGITS);
    return sign === sign.toLowerCase() ? pick(LOWER) : pick(LOWER).toUpperCase();
  });
};

/** Whether a text writes the phone so that it can be read only with the country that the client has: in national form, without any. */
export const isNationalOnly = (text: string): boolean => {
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  return (
    names.some((name) => name === 'phone.national' || name === 'phone.digits') &&
    !names.some((name) => name.startsWith('phone.country'))
  );
};
