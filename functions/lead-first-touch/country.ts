import { getCountries } from 'libphonenumber-js/min';

let codes: ReadonlyMap<string, string> | undefined;

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}]+/gu, '');

/** English names of all countries; made at the first form that asks for a name, for it takes some milliseconds. */
const byName = (): ReadonlyMap<string, string> => {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  return new Map(getCountries().map((code) => [plain(names.of(code) ?? code), code]));
};

/** ISO 3166 alpha-2 of a code or an English name; undefined for anything else. */
export const countryCode = (text: string | undefined): string | undefined => {
  if (text === undefined || /^[A-Za-z]{2}$/.test(text)) return text;
  codes ??= byName();
  return codes.get(plain(text));
};
