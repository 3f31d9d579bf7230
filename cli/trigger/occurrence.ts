import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { offsetOf } from '../../local/samples/render.ts';
import { WrongInput } from '../terminal/errors.ts';

/** The end of the years of four digits, beyond which vendors' dates are none. */
const LAST = Date.UTC(10_000, 0);

/** When the event happens: ISO 8601 with a zone, or so far from now, as in `-2h`. Epoch milliseconds. @throws WrongInput */
export const instantOf = (text: string | undefined, now: number): number => {
  if (text === undefined) return now;
  const relative = now + (offsetOf(text) ?? Number.NaN);
  if (relative > 0 && relative < LAST) return relative;
  const at = /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  // 30 February would silently become 2 March.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(text.slice(0, 10));
  if (!Number.isNaN(at) && isDay) return at;
  throw new WrongInput(`--at "${text}" must be like 2026-11-22T10:00:00Z, or -2h, -3d (s, min, h, d).`);
};

/** One number with its country, in E.164. @throws WrongInput */
export const phoneOf = (text: string, option: string): string => {
  const number = parsePhoneNumberFromString(text, { extract: false });
  if (text.startsWith('+') && number?.isPossible()) return number.number;
  throw new WrongInput(`${option} takes one number with its country, as it is dialled today, such as +972….`);
};
