import { durationMs } from '../hours/duration.ts';
import { nextOpening, type OpeningHours } from '../hours/opening-hours.ts';
import { keyPart, sha256 } from '../runtime/hashes.ts';
import { toJson } from '../runtime/json.ts';
import { noteKey, traced } from '../runtime/marks.ts';
import { enqueueInOrder } from '../runtime/queue.ts';
import type { Because } from './rules.ts';

/** A composed message: the path of the API and the exact bytes of its body. */
export interface SendRequest {
  readonly path: '/messages/text' | '/messages/media';
  readonly body: string;
  /** The conversation in which it is said, in place of `to`, if that is known to be the same person's. */
  readonly conversationId?: string | undefined;
}

/** What answers a person in their conversation: the client's hours are for what comes unasked. */
export const AUTO_REPLY = 'auto-reply';

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
  /**
   * ISO 8601, the instant for which the template decided that it may go; the moment of queueing unless given. From there the
   * message's own clock runs on, which the send window and `usefulUntil` are held against.
   */
  readonly decidedFor?: string | undefined;
  /** What must still be so when the message leaves, if it had to wait. */
  readonly premise?: Premise | undefined;
  /** It takes the place of one that was handed over under its key and has not left; where that has left, nothing is amiss. */
  readonly corrects?: boolean | undefined;
  /** ISO 8601 duration: nothing is sent into a conversation in which somebody wrote within so long. */
  readonly quietFor?: string | undefined;
  /** True if what it goes back to came without a secret: such messages have a limit of their own. */
  readonly unproven?: boolean | undefined;
  /** ISO 8601, when it was first queued; without it, as an earlier release wrote it, the message's own time counts. */
  readonly queuedAt?: string | undefined;
  /** Where it comes from: kept with its record, so that whoever asks can be told. */
  readonly because?: Because | undefined;
  /** By what its event is followed, from the door on. */
  readonly trace?: string | undefined;
  /** E.164, whom it is for: where it became no message its body does not tell. */
  readonly to?: string | undefined;
  readonly outcome: SendRequest | Parked;
}

/** A row of the table `appointments` and the `standing` that it must still have. */
export interface Premise {
  readonly pk: string;
  readonly standing: string;
}

export const isRequest = (outcome: SendCommand['outcome']): outcome is SendRequest => 'path' in outcome;

/** An event as what a message is because of: what a source told of under an id of its own, and when (ISO 8601). */
export const becauseOf = (source: string | undefined, told: string, id: string, at: string): Because => ({
  source,
  told,
  id: keyPart(id),
  at,
});

/** `occurredAt` plus an ISO duration, as ISO 8601. */
export const after = (occurredAt: string, duration: string): string =>
  new Date(Date.parse(occurredAt) + durationMs(duration)).toISOString();

/** Nothing that a number of somebody's could be, and no words. */
const NUMBER = /^(?!(?:\D*\d){9})(?=.*\d)[\p{L}\d][\p{L}\d._/-]{0,23}$/u;

/** What people know an event by beside its id, without the sign before it; none where that is the id, or could be anything else. */
export const numberOf = (said: string, id: string): string | undefined => {
  const number = said.trim().replace(/^#\s*/, '');
  return number !== id && NUMBER.test(number) ? number : undefined;
};

/** Longer than a message takes from its event to the line, with some tries. */
const JUST_BEFORE_MS = 15 * 60_000;

/**
 * Until when a message still helps, as ISO 8601: `usefulFor` (ISO duration) from the first moment of the client's hours at which
 * it may go out, so that what happens while they are closed has as long as what happens while they are open. What happens just before
 * they close may miss them by a look-up or the line's gap, and has as long from the next opening. Hours that never begin are counted
 * as none: the sender says so of the message.
 * @param occurredAt ISO 8601, when the event happened
 */
export const usefulUntil = (occurredAt: string, usefulFor: string, sendWindow: OpeningHours | undefined): string => {
  const at = Date.parse(occurredAt);
  const soon = at + JUST_BEFORE_MS;
  const [opening = at, next = soon] = sendWindow ? [nextOpening(sendWindow, at), nextOpening(sendWindow, soon)] : [];
  return after(new Date(next > soon ? next : opening).toISOString(), usefulFor);
};

/**
 * Where messages wait for the client's hours: a group beside the line's own, for whatever waits in a group holds back everything
 * behind it. Nothing is sent from there; when the hours begin its messages go back to the line's group.
 */
export const waitingGroup = (lineId: string): string => `${lineId}#waiting`;

/** Where a template's messages wait while that template is paused, for the same reason; one group for each. */
export const pausedGroup = (lineId: string, template: string): string => `${lineId}#paused#${template}`;

/** Where a message waits on which alone the API failed, for the same reason; one group for each. @param mark of the message */
export const besideGroup = (lineId: string, mark: string): string => `${lineId}#beside#${mark}`;

/**
 * Hands a command to the sender. All messages of a line are one group, for one WhatsApp line is one sender. The whole command
 * is its de-duplication id, except when it was decided, why, and by what it is followed: copies of one event melt together here, while a changed or later
 * command always gets through.
 */
export const queueSend = async (
  queueUrl: string,
  lineId: string,
  command: SendCommand,
  now: number = Date.now(),
): Promise<void> => {
  const { decidedFor: _, because: __, to: ___, trace: ____, ...said } = command;
  // SQS gives a message that it sets aside itself a time of its own.
  const dated = traced({ queuedAt: new Date(now).toISOString(), ...command });
  await enqueueInOrder(queueUrl, toJson(dated), lineId, sha256(JSON.stringify(said)));
  noteKey(command.key, command.because?.number);
};
