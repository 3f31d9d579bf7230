import { Invalid } from './errors.ts';

/** A text, or a number that stands outside of texts. In JSON every text has its end; without that one would be looked for from each quote anew. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
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

/** What `parseJson` makes of a text that may be anything; `undefined` where it is no JSON. */
export const jsonIn = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** The object in a list that holds nothing else (Zapier: "Wrap Request In Array"); anything else as it is. */
export const onlyOne = (value: unknown): unknown => {
  if (!Array.isArray(value) || value.length !== 1) return value;
  const [one] = value;
  return typeof one === 'object' && one !== null && !Array.isArray(one) ? one : value;
};

/** The fields of an object in JSON; none where the text is anything else. */
export const fieldsIn = (text: string): Readonly<Record<string, unknown>> => {
  const value = jsonIn(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
};

/** Units of UTF-16 that stand for nothing by themselves, in pairs or not, and the two noncharacters beside U+FFFD. */
const ESCAPED = /[\uD800-\uDFFF\uFFFE\uFFFF]/g;

/** JSON that says the same in characters that every queue takes and keeps. */
export const queueable = (json: string): string =>
  json.replace(ESCAPED, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);

/**
 * JSON for a queue or an alarm. SQS keeps no more than tab, line breaks and U+0020 to U+FFFD and beyond, less the halves of
 * pairs: of anything else it refuses the message, or puts U+FFFD in its place and says nothing
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html). What the Scheduler keeps of whole pairs
 * no page says. Escaped, all of it reads back as it was.
 */
export const toJson = (value: unknown): string => queueable(JSON.stringify(value));
