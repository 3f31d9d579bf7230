import { gzipSync } from 'node:zlib';
import { sha256 } from '../shared/runtime/hashes.ts';
import { toJson } from '../shared/runtime/json.ts';
import { MAX_MESSAGE_BYTES } from '../shared/runtime/queue.ts';

/**
 * A delivery that was answered 200, for sending it again helps nobody, and that could not be read as a whole: kept as it came, so that it
 * can be taken up when it can be read.
 */
export interface UnreadDelivery {
  readonly deliveryId: string;
  /** As the header names it. */
  readonly event: string;
  /** Why: `not_json`, or what of it could not be read. */
  readonly reason: string;
  readonly contentType?: string | undefined;
  /** Base64 of the body, or of its gzip; neither where that would not fit into a message of SQS. */
  readonly raw?: string;
  readonly gzip?: string;
  readonly bytes: number;
  /** SHA-256 of the body. */
  readonly sha256: string;
}

/** Room for all that is not the body. */
const OTHERS_BYTES = 2048;

const fits = (text: string): boolean => text.length <= MAX_MESSAGE_BYTES - OTHERS_BYTES;

const packed = (body: Uint8Array): Pick<UnreadDelivery, 'raw' | 'gzip'> => {
  const raw = Buffer.from(body).toString('base64');
  if (fits(raw)) return { raw };
  const gzip = gzipSync(body).toString('base64');
  return fits(gzip) ? { gzip } : {};
};

type About = Pick<UnreadDelivery, 'deliveryId' | 'event' | 'reason' | 'contentType'>;

const letterOf = (about: About, body: Uint8Array): UnreadDelivery => ({
  ...about,
  ...packed(body),
  bytes: body.length,
  sha256: sha256(body),
});

/**
 * The bodies of its messages: one for the whole as it came, or, where that is too large for one, one for each entry that could not be read.
 * @param left those entries, each as a body of its own
 */
export const unreadDelivery = (about: About, body: Uint8Array, left: readonly object[]): readonly string[] => {
  const whole = letterOf(about, body);
  if (whole.raw !== undefined || whole.gzip !== undefined || left.length === 0) return [toJson(whole)];
  const utf8 = { ...about, contentType: 'application/json' };
  return left.map((entry) => toJson(letterOf(utf8, Buffer.from(JSON.stringify(entry)))));
};
