import { isUtf8 } from 'node:buffer';

/** What windows-1252 has at 0x80 to 0x9F, where Latin-1 has control characters. */
export const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** The charset that a content type names. */
export const charsetOf = (contentType = ''): string | undefined =>
  /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType)?.[1];

/** A form has a charset behind its percent signs, or one in each part. */
export const isForm = (contentType = ''): boolean =>
  /^\s*(application\/x-www-form-urlencoded|multipart\/)/i.test(contentType);

/** The name of an encoding as `TextDecoder` knows it; undefined for none, or for one that it does not know. */
const known = (label: string | undefined): string | undefined => {
  try {
    return label === undefined ? undefined : new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
};

/** Their bytes can pass for UTF-8 and mean something else. */
const LIKE_UTF8 = /^(utf-16|iso-2022)/;

/**
 * The encoding of some bytes. Their own mark counts before the label. What is good UTF-8 is UTF-8 whatever the label says: a
 * gateway may have decoded the body already, labels are often wrong, and text in another charset hardly ever is. A label that
 * nobody knows counts as none, for most of such a body is ASCII all the same.
 */
export const encodingOf = (bytes: Uint8Array, label: string | undefined): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const named = known(label) ?? 'utf-8';
  return LIKE_UTF8.test(named) || !isUtf8(bytes) ? named : 'utf-8';
};

/** Programs that copy a file into another put a mark before the one that is there. */
const MARKS = /^\uFEFF+/;

/** Text of bytes in an encoding that `encodingOf` gave, without byte order marks; U+FFFD where it is none. */
export const decodeAs = (bytes: Uint8Array, encoding: string): string => {
  if (encoding !== 'windows-1252') return new TextDecoder(encoding).decode(bytes).replace(MARKS, '');
  // Many versions of Node take it for Latin-1: https://github.com/nodejs/node/issues/60888
  const latin = Buffer.from(bytes).toString('latin1');
  return latin.replace(/[\u0080-\u009f]/g, (one) => WINDOWS_1252[one.charCodeAt(0) - 0x80] ?? one);
};

export const decodeText = (bytes: Uint8Array, label?: string): string => decodeAs(bytes, encodingOf(bytes, label));

const isMarked = ([first, second]: Uint8Array): boolean =>
  (first === 0xef && second === 0xbb) || (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

/** UTF-8's mark, once or more, at the beginning of a form: its first name would have it. */
export const withoutMarks = (bytes: Uint8Array): Uint8Array => {
  let start = 0;
  while (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
  return bytes.subarray(start);
};

/** The same text in UTF-8, without byte order marks. */
export const asUtf8 = (bytes: Uint8Array, contentType: string | undefined): Uint8Array => {
  const encoding = encodingOf(bytes, charsetOf(contentType));
  return encoding === 'utf-8' && !isMarked(bytes) ? bytes : Buffer.from(decodeAs(bytes, encoding), 'utf8');
};
