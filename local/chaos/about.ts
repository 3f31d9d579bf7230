import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { parsedJson } from '../json.ts';

/** A colon, in an address too. */
const COLON = '(?::|%3A)';

/** What is made anew in each run. Ids that come from outside are not among them, nor are numbers of people: they have other lengths, or other beginnings. */
const ANEW: readonly RegExp[] = [
  // Ids of messages, of calls and of owners, and the queues' handles.
  /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi,
  // Times, as `2026-11-28T09:00:00.000Z`.
  new RegExp(
    `\\d{4}-\\d\\d-\\d\\dT\\d\\d${COLON}\\d\\d(?:${COLON}\\d\\d(?:\\.\\d+)?)?(?:Z|(?:[+-]|%2B)\\d\\d${COLON}?\\d\\d)?`,
    'gi',
  ),
  // Seconds and milliseconds since 1970, of the years 2001 to 2033.
  /(?<![\d+.])1\d{9}(?:\d{3})?(?:\.\d+)?(?!\d)/g,
  // Where servers of this machine listen.
  /(?<=127\.0\.0\.1|localhost)(?::|%3A)\d{1,5}/gi,
];

/** A text as it is in every run. */
export const withoutNew = (text: string): string => ANEW.reduce((left, pattern) => left.replace(pattern, '*'), text);

/** What a call is about, as nobody may read it. */
export const shortHash = (text: string): string => sha256(withoutNew(text)).slice(0, 12);

interface Entry {
  readonly MessageBody?: string;
  readonly ReceiptHandle?: string;
}
interface AwsBody extends Entry {
  readonly Key?: { readonly pk?: { readonly S?: string } };
  readonly Item?: { readonly pk?: { readonly S?: string } };
  readonly SecretId?: string;
  /** Of a parameter. */
  readonly Name?: string;
  readonly QueueUrl?: string;
  readonly Entries?: readonly Entry[];
}

/** The body of the message that a handle of a queue is good for, or was. */
export type BodyOf = (queueUrl: string, handle: string) => string | undefined;

/** What a call of AWS's is about: the row, the secret, the messages; else all that it says. Not for people to see. */
export const aboutOfAws = (url: string, body: string, bodyOf: BodyOf): string => {
  const said = (parsedJson(body) ?? {}) as AwsBody;
  const { Key, Item, SecretId, Name, QueueUrl, Entries } = said;
  if (QueueUrl === undefined) return Key?.pk?.S ?? Item?.pk?.S ?? SecretId ?? Name ?? `${url} ${body}`;
  // Not what stands beside them: an id against copies is made of all the text, times too, and a delay is until a time.
  const messages = (Entries ?? [said]).map(
    ({ MessageBody, ReceiptHandle = '' }) => MessageBody ?? bodyOf(QueueUrl, ReceiptHandle) ?? '',
  );
  return [QueueUrl, ...messages].join(' ');
};
