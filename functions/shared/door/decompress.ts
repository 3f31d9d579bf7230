import { Invalid } from '../runtime/errors.ts';

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

/** What senders write in this header by mistake, mostly a charset. It says nothing of compression. */
const NO_CODING = /^(|identity|none|binary|[78]bit|utf-?8|us-ascii|(iso|windows)-[\d-]+)$/;

/** gzip's first bytes, as they are or after somebody took them for text. */
const looksGzipped = (bytes: Uint8Array): boolean =>
  ['1f8b', '1fefbfbd'].some((start) => Buffer.from(bytes.subarray(0, 4)).toString('hex').startsWith(start));

const unreadable = (reason: string, what: string): Invalid =>
  new Invalid(reason, `${what} Send it as gzip, deflate or br and say so in Content-Encoding, or not compressed.`, {
    'accept-encoding': 'gzip, deflate, br',
  });

/**
 * The body that was meant by one that came with this `Content-Encoding`. It is never larger than `maxBytes`: decompression ends
 * there, so a bomb costs no more than any body.
 * @throws Invalid `unsupported_encoding`, `wrong_encoding` (both 415) or `too_large`
 */
export const decompress = (bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Uint8Array => {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (bytes.length === 0) return bytes;
  if (NO_CODING.test(name)) {
    if (looksGzipped(bytes)) throw unreadable('wrong_encoding', 'The body looks like gzip and no header says so.');
    return bytes;
  }
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (!decode) {
    throw unreadable(
      'unsupported_encoding',
      `A body with Content-Encoding "${name.slice(0, 40)}" cannot be read here.`,
    );
  }
  try {
    return decode(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Invalid('too_large', `The body is larger than ${maxBytes} bytes.`);
    }
    throw unreadable('wrong_encoding', `The body is not ${name}, as its Content-Encoding says, or it is not whole.`);
  }
};
