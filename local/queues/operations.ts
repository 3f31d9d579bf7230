import { z } from 'zod';
import { calculateMessageSize, SqsError, type SqsStore, sendMessage } from './fauxqs.ts';
import { type Entry, missing, type Refused, refusedBatch, refusedForAll, refusedMessage } from './limits.ts';
import type { LocalQueue } from './queue.ts';

interface Body extends Entry {
  readonly QueueUrl?: string;
  readonly Entries?: readonly Entry[];
}

interface Operation {
  readonly one: (queue: LocalQueue, entry: Entry, store: SqsStore) => object;
  /** What one takes of a batch. */
  readonly bytes?: (entry: Entry) => number;
  readonly refusedForAll?: (queue: LocalQueue, entries: readonly Entry[]) => Refused | undefined;
}

const passed = (refused: Refused | undefined): void => {
  if (refused) throw new SqsError(refused.code, refused.message);
};

const handleOf = ({ ReceiptHandle }: Entry): string => {
  if (typeof ReceiptHandle === 'string' && ReceiptHandle !== '') return ReceiptHandle;
  throw new SqsError('MissingParameter', missing('ReceiptHandle'));
};

/** Where fauxqs takes more than AWS, or less; the others are its own. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  SendMessage: {
    one: (queue, entry, store) => {
      passed(refusedMessage(queue, entry));
      return sendMessage({ ...entry, QueueUrl: queue.url }, store) as object;
    },
    bytes: ({ MessageBody = '', MessageAttributes = {} }) =>
      calculateMessageSize(String(MessageBody), MessageAttributes as never),
    refusedForAll,
  },
  DeleteMessage: {
    one: (queue, entry) => {
      passed(queue.refusedDelete(handleOf(entry)));
      queue.deleteMessage(handleOf(entry));
      return {};
    },
  },
  ChangeMessageVisibility: {
    one: (queue, entry) => {
      const { VisibilityTimeout } = entry;
      if (VisibilityTimeout === undefined) throw new SqsError('MissingParameter', missing('VisibilityTimeout'));
      passed(queue.refusedVisibility(handleOf(entry), VisibilityTimeout));
      queue.changeVisibility(handleOf(entry), VisibilityTimeout);
      return {};
    },
  },
};

const ofBatch = (operation: Operation, queue: LocalQueue, entries: readonly Entry[], store: SqsStore): object => {
  const bytes = entries.reduce((sum, entry) => sum + (operation.bytes?.(entry) ?? 0), 0);
  passed(refusedBatch(entries, bytes));
  passed(operation.refusedForAll?.(queue, entries));
  const answer = { Successful: [] as object[], Failed: [] as object[] };
  for (const { Id, ...entry } of entries) {
    try {
      answer.Successful.push({ Id, ...operation.one(queue, entry, store) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      answer.Failed.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return answer;
};

const attribute = z.looseObject({ DataType: z.string().optional(), StringValue: z.string().optional() });
const text = z.string().optional();
const sent = z.looseObject({
  MessageBody: text,
  MessageAttributes: z.record(z.string(), attribute).optional(),
  MessageGroupId: text,
  MessageDeduplicationId: text,
  DelaySeconds: z.number().optional(),
  VisibilityTimeout: z.number().optional(),
});
const asked = sent.extend({ QueueUrl: text, Entries: z.array(sent).optional() });

/** The template makes the queues: one that is made beside it would have no journal, and no limits. */
const OF_THE_TEMPLATE = ['CreateQueue', 'DeleteQueue', 'SetQueueAttributes', 'AddPermission', 'RemovePermission'];

/** SQS's answer to an operation; undefined where it is left to fauxqs. Throws an SqsError for what SQS refuses. */
export const answered = (store: SqsStore, name: string, body: unknown): object | undefined => {
  if (OF_THE_TEMPLATE.includes(name)) throw new SqsError('UnsupportedOperation', 'Here the template makes the queues.');
  const single = name.replace(/Batch$/, '');
  const operation = Object.hasOwn(OPERATIONS, single) ? OPERATIONS[single] : undefined;
  if (!operation) return undefined;
  const read = asked.safeParse(body ?? {});
  if (!read.success) throw new SqsError('SerializationException', z.prettifyError(read.error));
  const { QueueUrl = '', Entries = [], ...entry } = read.data as Body;
  const queue = store.getQueue(QueueUrl) as LocalQueue | undefined;
  if (!queue) return undefined;
  return name.endsWith('Batch') ? ofBatch(operation, queue, Entries, store) : operation.one(queue, entry, store);
};
