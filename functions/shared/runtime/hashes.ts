import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What is known to be safe in an Idempotency-Key, short enough to leave room for the rest of the key within 64 characters. */
const PLAIN = /^(?!h_)[A-Za-z0-9_-]+$/;
const MAX_PLAIN = 34;

/**
 * An outside id as it stands in a key. Ids that are too long, or hold anything but letters, digits, `-` and `_`, become
 * `h_` + 128 bits of their SHA-256. An id that itself begins with `h_` is hashed too, so no plain id can equal a hashed one.
 * @param max characters of a plain id; more than 34 only where the rest of the key is short
 */
export const keyPart = (id: string, max = MAX_PLAIN): string =>
  id.length <= max && PLAIN.test(id) ? id : `h_${createHash('sha256').update(id, 'utf8').digest('hex').slice(0, 32)}`;

/** SHA-256 in hex: the identity of a request body in the ledger and of a message in the FIFO queue. */
export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** Constant-time for any two lengths. Texts are compared as they stand: decoding base64 first would forgive changed padding bits. */
export const sameText = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right));

export const hmac = (
  key: string | Uint8Array,
  encoding: 'base64' | 'hex',
  ...parts: (string | Uint8Array)[]
): string => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
};
