import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { sendCommandSchema } from '../../functions/sender/schema.ts';
import type { SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { REASON } from '../../functions/shared/runtime/errors.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { fieldsIn, jsonIn, queueable, toJson } from '../../functions/shared/runtime/json.ts';
import type { Target } from '../target/target.ts';
import { deliverAgain, UNREAD } from './unread.ts';

/** Long enough to look at a batch, short enough that a broken look soon leaves no trace. */
const HIDDEN_SECONDS = 30;
/** What was received longer ago is hidden anew before anything is done with it. */
const FRESH_MS = (HIDDEN_SECONDS * 1000) / 3;
const SENDS = 'sends';

/** A dead letter as it may be shown: never its body. */
export interface DeadLetter {
  readonly messageId: string;
  readonly sentAt?: number;
  /** What it is about, as far as its form tells. */
  readonly about: string;
  /** Why it was set aside at once: a code of ours, and the other system's own words. */
  readonly reason?: string;
}

/** Queue that these dead letters came from, by short name; of unread deliveries their door. */
export const sourceOf = (deadLetterQueue: string, queues: Readonly<Record<string, string>>): string => {
  if (deadLetterQueue === UNREAD) return 'the door';
  const name = deadLetterQueue.replace(/-dlq$/, '');
  return queues[`${name}-work`] === undefined ? name : `${name}-work`;
};

export const deadLetterQueues = ({ queues }: Target): readonly string[] =>
  Object.keys(queues)
    .filter((name) => name.endsWith('-dlq'))
    .sort();

export const depthOf = async (target: Target, queue: string): Promise<number> => {
  const { Attributes = {} } = await target.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: target.queues[queue],
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
};

const receive = async (target: Target, queue: string): Promise<readonly Message[]> => {
  const { Messages = [] } = await target.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: target.queues[queue],
      MaxNumberOfMessages: 10,
      VisibilityTimeout: HIDDEN_SECONDS,
      WaitTimeSeconds: 1,
      MessageAttributeNames: [REASON],
      MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId'],
    }),
  );
  return Messages;
};

const hideFor = async (
  target: Target,
  queue: string,
  { ReceiptHandle }: Message,
  VisibilityTimeout: number,
): Promise<void> => {
  const QueueUrl = target.queues[queue];
  await target.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
};

/** What SQS says of a handle that is over its time: the message is back in its queue. */
const isOver = ({ name }: Error): boolean => name === 'InvalidParameterValue' || name === 'ReceiptHandleIsInvalid';

const throwUnlessOver = (error: Error): false => {
  if (isOver(error)) return false;
  throw error;
};

/** What is over its time is visible already. */
const release = async (target: Target, queue: string, messages: readonly Message[]): Promise<void> => {
  for (const message of messages) await hideFor(target, queue, message, 0).catch(throwUnlessOver);
};

/**
 * Every message that can be seen now, at most `max`, held while `use` runs and then released unless it was deleted. One that could not be
 * held for so long is left for the next look: another one may have it.
 */
const hold = async (
  target: Target,
  queue: string,
  max: number,
  use: (message: Message) => Promise<boolean>,
): Promise<void> => {
  const isHeld = (message: Message, since: number): Promise<boolean> | true =>
    Date.now() - since < FRESH_MS || hideFor(target, queue, message, HIDDEN_SECONDS).then(() => true, throwUnlessOver);
  const kept: Message[] = [];
  try {
    for (let seen = 0; seen < max; ) {
      const since = Date.now();
      const messages = await receive(target, queue);
      if (messages.length === 0) break;
      for (const message of messages) {
        if (!(await isHeld(message, since))) continue;
        seen += 1;
        if (seen > max || !(await use(message))) kept.push(message);
      }
    }
  } finally {
    await release(target, queue, kept);
  }
};

const sendCommandOf = (body = ''): SendCommand | undefined => sendCommandSchema.safeParse(jsonIn(body)).data;

/** How a letter of a delivery is called; more may follow. */
export const ofDelivery = (deliveryId: string): string => `delivery ${deliveryId}`;

const about = (queue: string, body = ''): string => {
  const command = sendCommandOf(body);
  if (command) return command.key;
  if (queue === `${SENDS}-dlq`) return 'no send command';
  const { source, deliveryId, alarm, resync, MessageBody, reason } = fieldsIn(body);
  // What the Scheduler could not put into the queue: the call that it made.
  if (typeof MessageBody === 'string') return about(queue, MessageBody);
  if (alarm !== undefined) return 'alarm';
  if (resync !== undefined) return 'resync';
  if (typeof source === 'string') return `event of ${source}`;
  if (typeof deliveryId !== 'string') return 'unreadable';
  return `${ofDelivery(deliveryId)}${queue === UNREAD ? ` (${reason})` : ''}`;
};

export const look = async (target: Target, queue: string, max: number): Promise<readonly DeadLetter[]> => {
  const found: DeadLetter[] = [];
  await hold(target, queue, max, async ({ MessageId = '', Body, Attributes, MessageAttributes }) => {
    const reason = MessageAttributes?.[REASON]?.StringValue;
    const sentAt = Date.parse(sendCommandOf(Body)?.queuedAt ?? '') || Number(Attributes?.SentTimestamp);
    found.push({
      messageId: MessageId,
      about: about(queue, Body),
      ...(reason !== undefined && { reason }),
      ...(Number.isFinite(sentAt) && { sentAt }),
    });
    return false;
  });
  return found;
};

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

/** What could not be moved and is where it was, with the reason. */
export interface LeftLetter {
  readonly about: string;
  readonly why: string;
}

/**
 * Moves dead letters back to the queue they came from, as they are: what was done stays done, for the claims know the keys in
 * the bodies. Sent before it is deleted, so a crash leaves a copy and never a gap; one whose time was over before it could be deleted
 * is not sent again when it is met again, and is named where it is not. What the sender set aside as none of its own stays, and so does
 * what its door refuses; the others go on.
 */
export const redrive = async (
  target: Target,
  queue: string,
  max: number,
  wanted: (about: string) => boolean = () => true,
): Promise<{ moved: number; left: readonly LeftLetter[] }> => {
  const QueueUrl = target.queues[sourceOf(queue, target.queues)];
  const left = new Map<string, LeftLetter>();
  let count = 0;
  const moved = new Set<string>();
  /** Letters that were sent and are still there, by their ids. */
  const copied = new Set<string>();
  const requeue = async ({ Body = '', MessageId = '', Attributes }: Message): Promise<string | undefined> => {
    const isSend = queue === `${SENDS}-dlq`;
    if (isSend && !sendCommandOf(Body)) return 'it is no send command';
    // An id of this letter's own: the queue may remember the first sending of the same bytes for five minutes.
    const order = { MessageGroupId: target.client.lineId, MessageDeduplicationId: sha256(`${MessageId} redriven`) };
    const MessageBody = queueable(isSend ? asOld(Body, Attributes?.SentTimestamp) : Body);
    await target.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...(isSend && order) }));
    return undefined;
  };
  await hold(target, queue, max, async (message) => {
    const { Body = '', MessageId = '', ReceiptHandle } = message;
    const remove = async (): Promise<boolean> => {
      const command = new DeleteMessageCommand({ QueueUrl: target.queues[queue], ReceiptHandle });
      const isGone = await target.sqs.send(command).then(() => true, throwUnlessOver);
      if (isGone) left.delete(MessageId);
      else left.set(MessageId, { about: about(queue, Body), why: STILL_THERE });
      return isGone;
    };
    if (copied.has(MessageId)) return remove();
    // What comes back at once, as a message above a limit does, stays: else the two would go round for ever. What was left comes
    // back where the others took longer than it was held.
    if (!wanted(about(queue, Body)) || moved.has(Body) || left.has(MessageId)) return false;
    const why = await (queue === UNREAD ? deliverAgain(target, Body) : requeue(message));
    if (why !== undefined) {
      left.set(MessageId, { about: about(queue, Body), why });
      return false;
    }
    count += 1;
    moved.add(Body);
    copied.add(MessageId);
    return remove();
  });
  return { moved: count, left: [...left.values()] };
};
