import { PLUS_OR_SPACE } from '../../../shared/people/phone.ts';
import { charsetOf } from '../../../shared/runtime/charset.ts';
import { type Field, fieldTexts } from './field-texts.ts';

/**
 * A plus at the beginning of a value that is a number or several: one that the sender forgot to encode, or a space that a person
 * typed. Which of them, only the reader of phones can tell. Any other stands for a space, as in `name=Unit+5` and
 * `phone=050+123+4567`; so does one before a 0, with which no number after a plus begins.
 */
const FORGOTTEN_PLUS = /^(\+*(?:\(|%28)?)\+(?=[1-9](?:[^%a-z]|%[\da-f]{2})*$)/i;

/** Nobody types a space behind a bracket or another plus. */
const keptPlus = (_: string, before: string): string =>
  before === '' ? encodeURIComponent(PLUS_OR_SPACE) : `${before}%2B`;

/** The bytes behind percent signs, each as the character of its number. */
const unescaped = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Byte order marks that were taken for a part of the first name, and encoded. */
const ENCODED_MARKS = /^(?:%ef%bb%bf)+/i;

/** Names and texts of an application/x-www-form-urlencoded body, in their order. */
export const encodedFields = (raw: Uint8Array, contentType: string): [string, string][] => {
  const pairs = Buffer.from(raw).toString('latin1').replace(ENCODED_MARKS, '').split('&').filter(Boolean);
  const fields = pairs.map((pair): Field => {
    const [name = '', ...value] = pair.split('=');
    return {
      name: unescaped(name),
      value: unescaped(value.join('=').replace(FORGOTTEN_PLUS, keptPlus)),
    };
  });
  return fieldTexts(fields, charsetOf(contentType));
};
