import { hmac } from '../runtime/hashes.ts';
import { acceptedSecrets, assertFresh, assertSigned } from './signatures.ts';
import type { Source, SourceRequest } from './source.ts';

/** A signature in a header, HMAC-SHA256 over the bytes of the body: what differs from sender to sender. */
export interface HeaderHmac {
  /** In lower case. */
  readonly header: string;
  /** Another name under which the header may come. */
  readonly alias?: string;
  readonly encoding: 'base64' | 'hex';
  /** Stands before the signature. */
  readonly prefix?: string;
  readonly time?: SignedTime;
  /** The key that a stored secret stands for; the secret itself unless given. */
  readonly key?: (secret: string) => string | Uint8Array;
  /** Headers of such a request besides the signature. Its body is JSON unless they say otherwise. */
  readonly sentWith?: (body: string, at: Date) => Readonly<Record<string, string>>;
}

/**
 * A time that is signed before the body, in a header of its own or `beside` the signature: `t=<time>,<beside>=<signature>`. With
 * `alone` nothing else may stand there, and in no other order; without it a sender may add signatures of later versions.
 */
type SignedTime = ({ readonly header: string } | { readonly beside: string; readonly alone?: true }) & {
  readonly unitMs: 1 | 1000;
  readonly separator: string;
  readonly toleranceSeconds: number;
};

const received = (
  { header, alias = header, time }: HeaderHmac,
  headers: SourceRequest['headers'],
): { readonly given: string | null | undefined; readonly time: string } => {
  const given = headers[header] ?? headers[alias];
  if (!time) return { given, time: '' };
  if ('header' in time) return { given, time: headers[time.header] ?? '' };
  const parts = new URLSearchParams(given?.replaceAll(',', '&'));
  const [at, signature] = [parts.get('t') ?? '', parts.get(time.beside)];
  // The whole header is no signature then, and is told as a wrong one.
  if (time.alone && !(/^\d+$/.test(at) && given === `t=${at},${time.beside}=${signature}`)) return { given, time: '' };
  return { given: signature, time: at };
};

/** The two sides of such a signature, as a source has them. */
export const headerHmac = (row: HeaderHmac): Pick<Source<unknown, never>, 'authenticate' | 'sign'> => {
  const { header, encoding, prefix = '', time: clock, key = String, sentWith } = row;
  const signature = (secret: string, time: string, body: Uint8Array | string): string =>
    prefix + hmac(key(secret), encoding, clock ? time + clock.separator : '', body);
  return {
    authenticate({ headers, raw, receivedAt }, secret) {
      const { given, time } = received(row, headers);
      assertSigned(
        given ? [given] : [],
        acceptedSecrets(secret).map((one) => signature(one, time, raw)),
      );
      if (!clock) return;
      const at = /^\d+$/.test(time) ? Number(time) * clock.unitMs : Number.NaN;
      assertFresh(at / 1000, receivedAt, clock.toleranceSeconds);
    },
    sign(body, secret, at) {
      const time = String(Math.floor(at.getTime() / (clock?.unitMs ?? 1)));
      const made = signature(secret.current, time, body);
      const headers = { 'content-type': 'application/json', ...sentWith?.(body, at) };
      if (!clock) return { headers: { ...headers, [header]: made }, body };
      if ('header' in clock) return { headers: { ...headers, [clock.header]: time, [header]: made }, body };
      return { headers: { ...headers, [header]: `t=${time},${clock.beside}=${made}` }, body };
    },
  };
};
