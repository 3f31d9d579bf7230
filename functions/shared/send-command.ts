import { durationMs } from './duration.ts';
import { toJson } from './json.ts';
import { sha256 } from './key.ts';
import { enqueueInOrder } from './queue.ts';

/** A composed message: the path of the API and the exact bytes of its body. */
export interface SendRequest {
  readonly path: '/messages/text' | '/messages/media';
  readonly body: string;
}

/** Why there is no message; the ledger records it. */
export interface Parked {
  readonly state: 'REJECTED' | 'EXPIRED';
  readonly reason: string;
}

/** One message for one person, composed and frozen, or the reason why there is none. The body of a `sends.fifo` message. */
export interface SendCommand {
  /** The Idempotency-Key. */
  readonly key: string;
  readonly template: string;
  /** ISO 8601, when the event happened at its source: of two commands under a key that has not left yet, the later one counts. */
  readonly asOf: string;
  /** ISO 8601; after this instant the message would do more harm than good. */
  readonly usefulUntil: string;
  readonly outcome: SendRequest | Parked;
}

export const isRequest = (outcome: SendCommand['outcome']): outcome is SendRequest => 'path' in outcome;

/** `occurredAt` plus an ISO duration, as ISO 8601. */
export const after = (occurredAt: string, duration: string): string =>
  new Date(Date.parse(occurredAt) + durationMs(duration)).toISOString();

/**
 * Hands a command to the sender. All messages of a line are one group, for one WhatsApp line is one sender. The whole command
 * is its de-duplication id: copies of one event melt together here, while a changed or later command always gets through.
 */
export const queueSend = (queueUrl: string, lineId: string, command: SendCommand): Promise<void> => {
  const body = toJson(command);
  return enqueueInOrder(queueUrl, body, lineId, sha256(body));
};
