import { Invalid } from './errors.ts';

/** A text, or a number that stands outside of texts. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MANY_DIGITS = /\d{16}/;

const quoteIfRounded = (token: string): string =>
  /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;

/**
 * Parses JSON and keeps integers that a double would round – order and lead ids beyond 2^53 – as the text that stood there.
 * Throws `Invalid` for what is not JSON, with no word of its content.
 */
export const parseJson = (raw: Uint8Array | string): unknown => {
  const text = typeof raw === 'string' ? raw : Buffer.from(raw).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return MANY_DIGITS.test(text) ? JSON.parse(text.replace(TOKEN, quoteIfRounded)) : value;
  } catch {
    throw new Invalid('not_json', 'The body is not valid JSON.');
  }
};

/** The two characters that JSON may hold as they are and SQS refuses in a message. */
const NO_CHARACTERS = /[\uFFFE\uFFFF]/g;

/** JSON that SQS takes, whatever a visitor typed. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value).replace(NO_CHARACTERS, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
