import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The mark of a character that was lost. An outside id that holds it is refused at every door, so what stands before it can only be
 * our own.
 */
const MARK = '\uFFFD';

/** What is known to be safe in an Idempotency-Key, short enough to leave room for the rest of the key within 64 characters. */
const PLAIN = new RegExp(`^(?:[a-z0-9][a-z0-9-]*${MARK})?(?!h_)[A-Za-z0-9_-]+$`);
const MAX_PLAIN = 34;

/** An outside id with a prefix of the client file: equal to no outside id, whatever that is. */
export const withPrefix = (prefix: string, id: string): string => `${prefix}${MARK}${id}`;

/**
 * An outside id as it stands in a key. Ids that are too long, or hold anything but letters, digits, `-` and `_`, become
 * `h_` + 128 bits of their SHA-256. An id that itself begins with `h_` is hashed too, so no plain id can equal a hashed one. With a
 * prefix it is `<prefix>::<id>`, which equals neither, and hashed together if that is too long.
 * @param max characters of a plain id; more than 34 only where the rest of the key is short
 */
export const keyPart = (id: string, max = MAX_PLAIN): string => {
  const plain = id.replace(MARK, '::');
  return plain.length <= max && PLAIN.test(id)
    ? plain
    : `h_${createHash('sha256').update(id, 'utf8').digest('hex').slice(0, 32)}`;
};

/** SHA-256 in hex: the identity of a request body in the ledger and of a message in the FIFO queue. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

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
