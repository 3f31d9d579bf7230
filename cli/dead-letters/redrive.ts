import { type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import { REDRIVEN } from '../../functions/shared/runtime/errors.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { queueable, toJson } from '../../functions/shared/runtime/json.ts';
import type { Target } from '../target/target.ts';
import { sourceOf } from './dead-letters.ts';
import { type Became, deleteHeld, hold, type Limits, type Seen } from './hold.ts';
import { type Letter, letterOf, SENDS, sendCommandOf } from './letter.ts';
import { deliverAgain, UNREAD } from './unread.ts';

/** Put back so often and dead again: it goes round by nobody's hand any more. */
export const ENOUGH = 3;

/**
 * With the time at which it was queued, which a new message has not: what was taken back since stays so. Of a message that an
 * earlier release queued it is the letter's own, which of a letter that SQS itself moved may be the time of the move.
 */
const asOld = (body: string, sentAt: string | undefined): string => {
  const command = sendCommandOf(body);
  if (!command || command.queuedAt !== undefined || sentAt === undefined) return body;
  return toJson({ ...command, queuedAt: new Date(Number(sentAt)).toISOString() });
};

const STILL_THERE =
  'it was sent, and was back before it could be deleted: redrive it once more, what was done stays done';

const BACK_ALREADY =
  'the same was just put back, and this is it again or a copy of it: if nothing is to be mended, the same once more';

/** What could not be moved and is where it was, with the reason. */
export interface LeftLetter {
  readonly about: string;
  readonly why: string;
  readonly messageId: string;
}

export interface Redriven extends Seen {
  readonly moved: number;
  readonly left: readonly LeftLetter[];
}

export interface Wanted extends Limits {
  readonly wanted?: (letter: Letter) => boolean;
  /** Also what was put back `ENOUGH` times and came back each time. */
  readonly again?: boolean;
}

/**
 * Moves dead letters back to the queue they came from, as they are: what was done stays done, for the claims know the keys in
 * the bodies. Sent before it is deleted, so a crash leaves a copy and never a gap; one whose time was over before it could be deleted
 * is not sent again when it is met again, and is named where it is not. What the sender set aside as none of its own stays, and so does
 * what its door refuses, and what dies whenever it is put back; the others go on.
 */
export const redrive = async (
  target: Target,
  queue: string,
  { wanted = () => true, again = false, ...limits }: Wanted = {},
): Promise<Redriven> => {
  const QueueUrl = target.queues[sourceOf(queue, target.queues)];
  const left = new Map<string, LeftLetter>();
  let count = 0;
  /** Bodies, by their hashes. */
  const moved = new Set<string>();
  /** Letters that were sent and are still there, by their ids. */
  const copied = new Set<string>();
  const requeue = async (
    { Body = '', MessageId = '', Attributes }: Message,
    times: number,
  ): Promise<string | undefined> => {
    const isSend = queue === SENDS;
    if (isSend && !sendCommandOf(Body)) return 'it is no send command';
    // An id of this letter's own: the queue may remember the first sending of the same bytes for five minutes.
    const order = { MessageGroupId: target.client.lineId, MessageDeduplicationId: sha256(`${MessageId} redriven`) };
    const MessageBody = queueable(isSend ? asOld(Body, Attributes?.SentTimestamp) : Body);
    const MessageAttributes = { [REDRIVEN]: { DataType: 'Number', StringValue: String(times) } };
    await target.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes, ...(isSend && order) }));
    return undefined;
  };
  const seen = await hold(target, queue, limits, async (message): Promise<Became> => {
    const { Body = '', MessageId = '' } = message;
    const letter = letterOf(queue, message);
    const { about, redriven = 0 } = letter;
    const stays = (why: string): Became => {
      left.set(MessageId, { about, why, messageId: MessageId });
      return 'stays';
    };
    const remove = async (): Promise<Became> => {
      if (!(await deleteHeld(target, queue, message))) return stays(STILL_THERE);
      left.delete(MessageId);
      return 'gone';
    };
    if (copied.has(MessageId)) return remove();
    // What comes back at once, as a message above a limit does, stays: else the two would go round for ever. It is not told from a copy
    // that was there before. What was left comes back where the others took longer than it was held.
    if (!wanted(letter) || left.has(MessageId)) return 'passed';
    if (moved.has(sha256(Body))) {
      stays(BACK_ALREADY);
      return 'passed';
    }
    if (redriven >= ENOUGH && !again) {
      return stays(`it was put back ${redriven} times and died each time: mend the reason, then name it with --only`);
    }
    const why = await (queue === UNREAD ? deliverAgain(target, Body) : requeue(message, redriven + 1));
    if (why !== undefined) return stays(why);
    count += 1;
    moved.add(sha256(Body));
    copied.add(MessageId);
    return remove();
  });
  return { ...seen, moved: count, left: [...left.values()] };
};
