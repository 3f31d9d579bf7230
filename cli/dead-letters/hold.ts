import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Target } from '../target/target.ts';
import { type Depths, depthsOf } from './dead-letters.ts';
import { ATTRIBUTES, SENDS } from './letter.ts';

type Queues = Pick<Target, 'sqs' | 'queues'>;

/** SQS takes and gives ten at once. */
const BATCH = 10;
/** Receives at once: two thousand letters are looked at within seconds, so that they need not be held for longer. */
const AT_ONCE = 4;
/** More than a person works through; what is remembered of each is small. */
export const MOST = 10_000;
/** While something is done with them: a broken command soon leaves no trace. */
const HIDDEN_SECONDS = 30;
/** What was received longer ago is hidden anew before anything is done with it. */
const FRESH_MS = (HIDDEN_SECONDS * 1000) / 3;
/** A look that is killed hides no letter for longer than a look may take. */
const LEAST_HIDDEN_SECONDS = 5;
const LETTERS_A_SECOND = 100;
/** Receives that bring nothing new: whoever holds so many is shown the same again. */
const STALE = 5;

/** How long a look hides what it sees, by how much there is: in seconds. */
export const hiddenSeconds = (depth: number): number =>
  Math.min(HIDDEN_SECONDS, LEAST_HIDDEN_SECONDS + Math.ceil(depth / LETTERS_A_SECOND));

const receive = async ({ sqs, queues }: Queues, queue: string, seconds: number): Promise<readonly Message[]> => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queues[queue],
      MaxNumberOfMessages: BATCH,
      VisibilityTimeout: seconds,
      WaitTimeSeconds: 1,
      MessageAttributeNames: ATTRIBUTES,
      MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId', 'DeadLetterQueueSourceArn'],
    }),
  );
  return Messages;
};

/** What SQS says of a handle that is over its time: the message is back in its queue. */
const isOver = ({ name }: Error): boolean => name === 'InvalidParameterValue' || name === 'ReceiptHandleIsInvalid';

const throwUnlessOver = (error: Error): false => {
  if (isOver(error)) return false;
  throw error;
};

const hideAnew = ({ sqs, queues }: Queues, queue: string, { ReceiptHandle }: Message): Promise<boolean> =>
  sqs
    .send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queues[queue],
        ReceiptHandle,
        VisibilityTimeout: HIDDEN_SECONDS,
      }),
    )
    .then(() => true, throwUnlessOver);

/** @returns false where it was back before it could be deleted */
export const deleteHeld = ({ sqs, queues }: Queues, queue: string, { ReceiptHandle }: Message): Promise<boolean> =>
  sqs.send(new DeleteMessageCommand({ QueueUrl: queues[queue], ReceiptHandle })).then(() => true, throwUnlessOver);

const several = async (count: number, work: () => Promise<void>): Promise<void> => {
  const ended = await Promise.allSettled(Array.from({ length: count }, work));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
};

/** What is over its time is visible already, and what cannot be released is so within seconds. */
const release = async ({ sqs, queues }: Queues, queue: string, handles: readonly string[]): Promise<void> => {
  const left = [...handles];
  await several(AT_ONCE, async () => {
    for (let some = left.splice(0, BATCH); some.length > 0; some = left.splice(0, BATCH)) {
      const Entries = some.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
      await sqs
        .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queues[queue], Entries }))
        .catch(() => undefined);
    }
  });
};

export interface Limits {
  /** At most so many letters. */
  readonly max?: number;
  /** Ends it early; what is held is released all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a look came. */
export interface Seen {
  readonly seen: number;
  /** About how many more there are: by SQS's own count, which is not exact. */
  readonly more: number;
  /** How many of these somebody else holds. */
  readonly held: number;
}

/**
 * What was not reached, counted once more: another one who began meanwhile holds it, or has moved it. SQS counts what was just released as
 * held for a while yet; of an ordered queue, where more stands behind than is held, that is not said to be somebody else's.
 */
const restOf = async (target: Queues, queue: string, before: Depths, own: number): Promise<Omit<Seen, 'seen'>> => {
  if (before.ready + before.held <= own) return { more: 0, held: 0 };
  const now = await depthsOf(target, queue);
  const more = Math.max(0, now.ready + now.held - own);
  const held = queue === SENDS ? Math.max(before.held, now.held - own) : now.held;
  return { more, held: Math.min(more, held) };
};

/**
 * Every letter that can be seen, once. Nothing is taken: each is hidden for no longer than a look may take, and released in the end. Of one
 * group of an ordered queue SQS gives ten, and no other before these are deleted
 * (https://repost.aws/knowledge-center/sqs-fifo-messages-not-returned): the rest is in `more`.
 */
export const walk = async (
  target: Queues,
  queue: string,
  { max = MOST, signal }: Limits,
  visit: (message: Message) => void,
): Promise<Seen> => {
  const before = await depthsOf(target, queue);
  const { ready } = before;
  const handles = new Map<string, string>();
  let seen = 0;
  let stale = 0;
  const isOpen = (): boolean => seen < max && stale < STALE && !signal?.aborted;
  const lane = async (): Promise<void> => {
    while (isOpen()) {
      const messages = await receive(target, queue, hiddenSeconds(ready));
      if (messages.length === 0) return;
      const fresh = messages.filter(({ MessageId = '' }) => !handles.has(MessageId));
      stale = fresh.length > 0 ? 0 : stale + 1;
      for (const { MessageId = '', ReceiptHandle = '' } of messages) handles.set(MessageId, ReceiptHandle);
      for (const message of fresh.slice(0, max - seen)) {
        seen += 1;
        visit(message);
      }
    }
  };
  try {
    await several(Math.max(1, Math.min(AT_ONCE, Math.ceil(ready / BATCH))), lane);
  } finally {
    await release(target, queue, [...handles.values()]);
  }
  return { seen, ...(await restOf(target, queue, before, seen)) };
};

/** What became of a letter: it is deleted, it stays although it was meant, or it was not meant. */
export type Became = 'gone' | 'stays' | 'passed';

/**
 * Every letter that can be seen, held while `use` runs and then released unless it was deleted, until `max` were meant. One that could not be
 * held for so long is left for the next look: another one may have it. One that was back before it could be deleted is met again.
 */
export const hold = async (
  target: Queues,
  queue: string,
  { max = MOST, signal }: Limits,
  use: (message: Message) => Promise<Became>,
): Promise<Seen> => {
  const before = await depthsOf(target, queue);
  const isHeld = async (message: Message, since: number): Promise<boolean> =>
    Date.now() - since < FRESH_MS || hideAnew(target, queue, message);
  const kept = new Map<string, string>();
  const seen = new Set<string>();
  const meant = new Set<string>();
  let gone = 0;
  const isOpen = (): boolean => meant.size < max && seen.size < MOST && !signal?.aborted;
  try {
    for (let stale = 0; isOpen() && stale < STALE; stale += 1) {
      const since = Date.now();
      const messages = await receive(target, queue, HIDDEN_SECONDS);
      if (messages.length === 0) break;
      for (const { MessageId = '', ReceiptHandle = '' } of messages) kept.set(MessageId, ReceiptHandle);
      for (const message of messages) {
        const { MessageId = '' } = message;
        if (!isOpen() || !(await isHeld(message, since))) continue;
        if (!seen.has(MessageId)) stale = -1;
        seen.add(MessageId);
        const became = await use(message);
        if (became !== 'passed') meant.add(MessageId);
        if (became !== 'gone') continue;
        stale = -1;
        gone += 1;
        kept.delete(MessageId);
      }
    }
  } finally {
    await release(target, queue, [...kept.values()]);
  }
  const left = { ...before, ready: before.ready - gone };
  return { seen: seen.size, ...(await restOf(target, queue, left, Math.max(0, seen.size - gone))) };
};

/** As shells have it. */
export const INTERRUPTED = 130;

/** Runs until it is done or somebody interrupts it: what is held is released then, and a second time ends it at once. */
export const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  const stop = (): void => {
    process.exitCode = INTERRUPTED;
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const one of signals) process.once(one, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const one of signals) process.removeListener(one, stop);
  }
};
