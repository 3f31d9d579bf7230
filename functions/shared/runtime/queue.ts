import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AWS_CLIENT, bounded } from './aws.ts';
import { plainWords } from './characters.ts';
import { REASON, REDRIVEN, reasonOf, Unavailable } from './errors.ts';
import { queueable } from './json.ts';
import type { Log } from './log.ts';

/**
 * The queue's URL is a name, the endpoint is the region's: what AWS does anyway, and the only way that a local endpoint is
 * used. MD5 checks guard against nothing that TLS does not.
 */
const client = bounded(new SQSClient({ ...AWS_CLIENT, useQueueUrlAsEndpoint: false, md5: false }));

/** SQS takes ten entries in one call, and 1 MiB of all together: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const BATCH = 10;
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Calls at once. All of a large delivery together would have each wait for a connection until its own time is over. */
const AT_ONCE = 8;
/** SQS delays a new message for at most fifteen minutes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const MAX_DELAY_SECONDS = 900;
/**
 * SQS refuses to hide a message beyond twelve hours from when it was received, and shortens nothing by itself
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html). When that was is not told to a
 * function: at most a queue's time and its own ago.
 */
export const MAX_HIDE_SECONDS = 11.5 * 3600;

/** In their order. @param bytesOf what one takes of a call */
const inBatches = <T>(items: readonly T[], bytesOf: (item: T) => number = () => 0): T[][] => {
  const batches: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const own = bytesOf(item);
    const last = batches.at(-1);
    if (last && last.length < BATCH && bytes + own <= MAX_MESSAGE_BYTES) last.push(item);
    else {
      batches.push([item]);
      bytes = 0;
    }
    bytes += own;
  }
  return batches;
};

/** A few at a time; the first that fails lets no other begin. */
const aFewAtOnce = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      await work(items[next++] as T).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

/**
 * Stores every body or throws. After a failure some may be stored, and a body whose answer was lost is stored twice: the caller
 * sends all again, and who receives them has its effect once.
 * @param delaySeconds until the messages can be received; SQS takes whole seconds from 0 to 900 and refuses all else, so this is brought there
 */
export const enqueue = async (queueUrl: string, bodies: readonly string[], delaySeconds?: number): Promise<void> => {
  const delay =
    delaySeconds === undefined
      ? {}
      : { DelaySeconds: Math.min(Math.max(0, Math.ceil(delaySeconds)), MAX_DELAY_SECONDS) };
  await aFewAtOnce(inBatches(bodies, Buffer.byteLength), async (batch) => {
    const Entries = batch.map((MessageBody, i) => ({ Id: String(i), MessageBody, ...delay }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) throw new Unavailable('queue_refused', 'The queue did not take every event.');
  });
};

/** Of a message that is set aside. */
interface Aside {
  /** How often a person put it back before. */
  readonly redriven?: string | undefined;
  readonly order?: object;
}

/** A message as it came, in the dead-letter queue of its own, with the reason beside it. A copy is harmless: whoever redrives both has one effect. */
export const setAside = async (
  queueUrl: string,
  body: string,
  reason: string,
  { redriven, order }: Aside = {},
): Promise<void> => {
  const MessageAttributes = {
    [REASON]: { DataType: 'String', StringValue: plainWords(reason) },
    ...(redriven !== undefined && { [REDRIVEN]: { DataType: 'Number', StringValue: redriven } }),
  };
  await client.send(
    new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: queueable(body), MessageAttributes, ...order }),
  );
};

/**
 * The same where the queue of the dead is ordered: each in a group of its own, for of one group SQS shows ten, and no other before those are
 * deleted (https://repost.aws/knowledge-center/sqs-fifo-messages-not-returned).
 * @param id of this letter and no other
 */
export const setAsideInOrder = (queueUrl: string, body: string, reason: string, id: string): Promise<void> =>
  setAside(queueUrl, body, reason, { order: { MessageGroupId: id, MessageDeduplicationId: id } });

/** One message in the order of its group; a copy with the same `deduplicationId` within five minutes is dropped by SQS. */
export const enqueueInOrder = async (
  queueUrl: string,
  body: string,
  group: string,
  deduplicationId: string,
): Promise<void> => {
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: deduplicationId,
    }),
  );
};

/**
 * Hides received messages for so many seconds from now, 11½ hours at most: whoever has to wait longer looks again. Best effort: without it
 * they come back after the queue's own time, and the log says why.
 */
export const hide = async (
  queueUrl: string,
  receiptHandles: readonly string[],
  seconds: number,
  log: Log,
): Promise<void> => {
  const VisibilityTimeout = Math.min(Math.max(0, Math.ceil(seconds)), MAX_HIDE_SECONDS);
  const refused = (reason: string, failed: number): void =>
    log('warn', { event: 'hide', reason, failed, holdSeconds: VisibilityTimeout, outcome: 'not_hidden' });
  const hideBatch = async (batch: readonly string[]): Promise<void> => {
    const Entries = batch.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout }));
    try {
      const { Failed = [] } = await client.send(
        new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }),
      );
      if (Failed.length > 0) refused(Failed[0]?.Code ?? 'unknown', Failed.length);
    } catch (error) {
      refused(reasonOf(error), batch.length);
    }
  };
  await Promise.all(inBatches(receiptHandles).map(hideBatch));
};

/** Seconds until the next try of a message that was received so many times: doubles from `first` up to `max`. */
export const backOffSeconds = (receiveCount: number, first: number, max: number): number =>
  Math.min(max, first * 2 ** Math.min(20, Math.max(0, receiveCount - 1)));
