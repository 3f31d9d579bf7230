import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';

/** A phone as an outside system gave it, with the country of the address beside it if there is one. */
export interface PhoneCandidate {
  readonly raw: string | undefined;
  /** ISO 3166 alpha-2, any case. */
  readonly country?: string | undefined;
}

const LETTER = /\p{L}/u;

const countryOf = (code: string | undefined): CountryCode | undefined => {
  const upper = code?.toUpperCase();
  return upper !== undefined && isSupportedCountry(upper) ? upper : undefined;
};

/**
 * E.164 of one candidate, or undefined. A national number is read in the country of its own address first, then in the
 * client's. Where both readings are possible, the one that fits its country's numbering pattern wins: `054-123-4567` beside a
 * US address is an Israeli mobile, not a number in the US. Possible is enough: strict validity would drop real customers.
 * Letters are refused (`555-555-SHIP`, extensions), for they are never what the person dials.
 */
const read = (candidate: PhoneCandidate, defaultCountry: string): string | undefined => {
  const raw = candidate.raw?.trim();
  if (!raw || LETTER.test(raw)) return undefined;
  const readings = [countryOf(candidate.country), countryOf(defaultCountry)]
    .map((country) => parsePhoneNumberFromString(raw, { extract: false, ...(country && { defaultCountry: country }) }))
    .filter((number) => number?.isPossible());
  return (readings.find((number) => number?.isValid()) ?? readings[0])?.number;
};

/** The first candidate, in order, that gives a possible number, as E.164 with `+`; undefined if none does. */
export const firstUsablePhone = (candidates: readonly PhoneCandidate[], defaultCountry: string): string | undefined => {
  for (const candidate of candidates) {
    const number = read(candidate, defaultCountry);
    if (number) return number;
  }
  return undefined;
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
