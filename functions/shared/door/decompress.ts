import { isUtf8 } from 'node:buffer';
import { Invalid } from '../runtime/errors.ts';

/** Where a text can be told from what is compressed. */
const MAX_LOOK = 1024;

/** Loaded for a compressed body alone: hardly any sender compresses. */
const zlib = () => process.getBuiltinModule('node:zlib');

type Decode = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** RFC 1950: without this header it is what some senders call deflate, the bare stream. */
const isWrapped = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;

const gunzip: Decode = (bytes, options) => zlib().gunzipSync(bytes, options);

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: (bytes, options) => (isWrapped(bytes) ? zlib().inflateSync : zlib().inflateRawSync)(bytes, options),
  br: (bytes, options) => zlib().brotliDecompressSync(bytes, options),
};

/** Registered codings that are not read here; every other word in that header is a mistake and says nothing. */
const isCoding = (name: string): boolean =>
  name.includes(',') || /^(?:x-)?(?:compress|zstd|dcb|dcz|exi|pack200-gzip|aes128gcm)$/.test(name);

/** Codings that say nothing beside another one, and weights, which belong to `Accept-Encoding`. */
const codingOf = (header: string | undefined): string => {
  const codings = (header ?? '').toLowerCase().split(',');
  const names = codings.map((coding) => coding.replace(/;.*/, '').trim());
  return names.filter((name) => name !== '' && name !== 'identity').join(', ');
};

/** A text has no control characters but tabs and ends of lines; what is compressed is none. */
const isText = (bytes: Uint8Array): boolean =>
  isUtf8(bytes) && !bytes.subarray(0, MAX_LOOK).some((byte) => byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13);

/** gzip's first bytes, as they are or after somebody took them for text. */
const looksGzipped = (bytes: Uint8Array): boolean =>
  ['1f8b', '1fefbfbd'].some((start) => Buffer.from(bytes.subarray(0, 4)).toString('hex').startsWith(start));

const unreadable = (reason: string, what: string): Invalid =>
  new Invalid(reason, `${what} Send it as gzip, deflate or br and say so in Content-Encoding, or not compressed.`, {
    'accept-encoding': 'gzip, deflate, br',
  });

/**
 * The body that was meant by one that came with this `Content-Encoding`. It is never larger than `maxBytes`: decompression ends
 * there, so a bomb costs no more than any body. Many write a charset or a type into that header, and gateways that unpack a body
 * leave the header as it was: a text that is no such coding is taken as it stands.
 * @throws Invalid `unsupported_encoding`, `wrong_encoding` (both 415) or `too_large`
 */
export const decompress = (bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Uint8Array => {
  const name = codingOf(encoding);
  if (name === '') {
    if (looksGzipped(bytes)) throw unreadable('wrong_encoding', 'The body looks like gzip and no header says so.');
    return bytes;
  }
  // Before any decoder: the first bytes of a text may be a whole stream of deflate, and what is compressed is no text.
  if (bytes.length === 0 || isText(bytes)) return bytes;
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  try {
    if (decode) return decode(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Invalid('too_large', `The body is larger than ${maxBytes} bytes.`);
    }
  }
  if (decode) {
    throw unreadable('wrong_encoding', `The body is not ${name}, as its Content-Encoding says, or it is not whole.`);
  }
  if (isCoding(name)) {
    const given = name.slice(0, 40);
    throw unreadable('unsupported_encoding', `A body with Content-Encoding "${given}" cannot be read here.`);
  }
  if (looksGzipped(bytes)) throw unreadable('wrong_encoding', 'The body looks like gzip and no header says so.');
  return bytes;
};
