import { numberForms } from '../shared/people/identity.ts';
import type { CrmContact } from './crm.ts';

/** Country calling codes, of which none begins another; those that are not here have three digits. */
const CALLING_CODE = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** How people group a number of so many digits behind the country's code. Others are searched without groups. */
const GROUPS: Readonly<Record<number, readonly number[]>> = { 8: [4, 4], 9: [2, 3, 4], 10: [3, 3, 4], 11: [2, 5, 4] };

const parted = (national: string): readonly string[] | undefined => {
  let at = 0;
  return GROUPS[national.length]?.map((length) => {
    at += length;
    return national.slice(at - length, at);
  });
};

/** A number (E.164) as the country's own people write it, without its code and without a 0 before it. */
export const nationalPart = (phone: string): string => {
  const digits = phone.replace('+', '');
  return digits.slice(CALLING_CODE.exec(digits)?.[0].length ?? 0);
};

/**
 * The ways in which people write a number (E.164), those that are met most often first: `+972501234567`, `972501234567`, `0501234567`,
 * `050-123-4567`, `+972 50-123-4567` … Without its country only where that is the client's own (`callingCode`, digits): the same
 * digits are somebody else's elsewhere.
 */
export const phoneForms = (phone: string, callingCode: string | undefined): readonly string[] => {
  const all = numberForms(phone).map((one) => {
    const digits = one.replace('+', '');
    const national = nationalPart(one);
    const code = digits.slice(0, digits.length - national.length);
    const [first = '', ...rest] = parted(national) ?? [];
    const grouped = rest.length > 0;
    const isOwn = code === callingCode;
    return [
      [one, digits],
      isOwn ? [`0${national}`] : [],
      isOwn && grouped ? [`0${first}-${rest.join('-')}`] : [],
      grouped ? [`+${code} ${first}-${rest.join('-')}`, `+${code} ${first} ${rest.join(' ')}`] : [],
      isOwn ? [national] : [],
      isOwn && grouped ? [`0${first}-${rest.join('')}`, `0${first} ${rest.join(' ')}`] : [],
      grouped ? [`+${code}-${first}-${rest.join('-')}`] : [],
      [`00${digits}`],
    ];
  });
  // What is met most often of each before what is rare of any.
  const [likeliest = []] = all;
  return [...new Set(likeliest.flatMap((_, i) => all.flatMap((forms) => forms[i] ?? [])))];
};

/** Where a term is found anywhere in a number: what all forms share, with nothing, with dashes and with spaces between its groups. */
export const searchTerms = (phone: string): readonly string[] => {
  const terms = numberForms(phone).map((one) => {
    const national = nationalPart(one);
    const groups = parted(national) ?? [national];
    const [first = '', ...rest] = groups;
    return ['', '-', ' '].map((sign) => groups.join(sign)).concat(rest.length > 1 ? `${first}-${rest.join('')}` : []);
  });
  return [...new Set((terms[0] ?? []).flatMap((_, i) => terms.flatMap((some) => some[i] ?? [])))];
};

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** Whether there is nobody's name: nothing, or what stood in for it where a CRM will have one. */
export const isUnnamed = (
  name: string | null | undefined,
  { key, names = [], also = [], forms }: CrmContact,
): boolean => !name?.trim() || [key, ...names, ...also].includes(name) || isWritten(name, forms);

/** Whether a field of a CRM holds one of these forms, whatever stands between its digits. */
export const isWritten = (value: string | null | undefined, forms: readonly string[]): boolean =>
  typeof value === 'string' && value !== '' && forms.some((form) => digitsOf(form) === digitsOf(value));
