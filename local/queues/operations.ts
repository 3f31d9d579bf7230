import { calculateMessageSize, SqsError, type SqsStore, sendMessage } from './fauxqs.ts';
import { type Entry, type Refused, refusedBatch, refusedForAll, refusedMessage } from './limits.ts';
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

const missing = (field: string): Refused => ({
  code: 'MissingParameter',
  message: `The request must contain the parameter ${field}.`,
});

const handleOf = ({ ReceiptHandle }: Entry): string => {
  if (typeof ReceiptHandle === 'string' && ReceiptHandle !== '') return ReceiptHandle;
  throw new SqsError('MissingParameter', missing('ReceiptHandle').message);
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
      if (VisibilityTimeout === undefined) throw new SqsError('MissingParameter', missing('VisibilityTimeout').message);
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

/** SQS's answer to an operation; undefined where it is left to fauxqs. Throws an SqsError for what SQS refuses. */
export const answered = (store: SqsStore, name: string, body: unknown): object | undefined => {
  const operation = OPERATIONS[name.replace(/Batch$/, '')];
  const { QueueUrl = '', Entries = [], ...entry } = (body ?? {}) as Body;
  const queue = store.getQueue(QueueUrl) as LocalQueue | undefined;
  if (!operation || !queue) return undefined;
  return name.endsWith('Batch') ? ofBatch(operation, queue, Entries, store) : operation.one(queue, entry, store);
};
