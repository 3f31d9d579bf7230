import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { SignedRequest, Sources } from '../../functions/shared/door/source.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { type Escape, holds, inJson, plain, render, type Values } from './render.ts';
import type { End, Sample } from './sample.ts';
import { type Setting, withFields } from './set-fields.ts';

const escapeFor = (type: string): Escape => {
  if (/\bjson\b/i.test(type)) return inJson;
  return isEncoded(type) ? encodeURIComponent : plain;
};
const isEncoded = (type: string): boolean => /x-www-form-urlencoded/i.test(type);
const isMultipart = (type: string): boolean => /^multipart\//i.test(type);

/** One event, ready to be signed: what a sample becomes with its values. */
export interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly ends: readonly End[];
  readonly says?: string;
  readonly held: Sample['held'];
}

/** @throws SampleError for a placeholder or a field that is none */
export const eventOf = (sample: Sample, values: Values, settings: readonly Setting[] = []): Event => {
  const type = sample.headers['content-type'] ?? 'application/json';
  const written = escapeFor(type);
  const body = withFields(render(sample.body, values, written), type, settings);
  return {
    headers: mapped(sample.headers, (value) => render(value, values)),
    // Lines of a multipart body end in CRLF, which a text file in git may lose.
    body: isMultipart(type) ? `${body.replace(/\r?\n/g, '\r\n')}\r\n` : body,
    ends: endsOf(sample, values),
    ...(sample.says !== undefined && { says: render(sample.says, values) }),
    held: sample.held.map((one) => ({ ...one, body: render(one.body, values, inJson) })),
  };
};

/** How it ends. @param own makes the id of it that a client's keys hold, where that has a prefix */
export const endsOf = ({ ends }: Sample, values: Values, own = (id: string): string => id): readonly End[] =>
  ends.map((end) => ({ ...end, key: keyOf(end.key, values, own) }));

/**
 * The request that the vendor would make of it: the proof over the very text that is sent, and the event's own headers over
 * those that the source would guess.
 */
export const signedEvent = (
  { headers, body }: Pick<Event, 'headers' | 'body'>,
  source: Pick<Sources<unknown>[string], 'sign'>,
  secret: SourceSecret,
  at: Date,
): SignedRequest => {
  const signed = source.sign(body, secret, at, headers);
  return { body: signed.body, headers: { ...signed.headers, ...ownHeaders(headers) } };
};

/** An event's headers without those, empty in its sample, that are made when it is signed. */
export const ownHeaders = (headers: Event['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));

/** Whether the event has an id of its own; else its sender's id is made of what was answered. */
export const hasId = ({ body }: Sample): boolean => holds(body, 'id');

/** Whether the event says whom it is about; else that is only at the vendor, and no phone can be chosen. */
export const hasPhone = ({ body, held }: Sample): boolean =>
  holds(body, 'phone') || held.some((one) => holds(one.body, 'phone'));

/** An id stands in a key as the ledger writes it: a long one, or one with other signs in it, is hashed. */
const keyOf = (key: string, values: Values, own: (id: string) => string): string =>
  key
    .split(':')
    .map((part) => (holds(part, 'id') ? keyPart(own(render(part, values))) : part))
    .join(':');

const mapped = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
