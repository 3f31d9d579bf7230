import { english } from './wording/en.ts';
import { hebrew } from './wording/he.ts';

export type Wording = typeof english;
export type Label = keyof Wording['labels'];
export type Sentence = keyof Wording['sentences'];

/** Languages that are written from right to left. */
const RIGHT_TO_LEFT = /^(ar|fa|he|iw|ps|ur|yi)\b/;

export const directionOf = (locale: string): 'rtl' | 'ltr' => (RIGHT_TO_LEFT.test(locale) ? 'rtl' : 'ltr');

/** Hebrew for Hebrew, English for all others: a report in half a language helps nobody. */
export const wordingOf = (locale: string): Wording => (/^(he|iw)\b/.test(locale) ? hebrew : english);
