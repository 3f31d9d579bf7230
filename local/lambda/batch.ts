import { region } from '../account.ts';
import type { Received } from '../queues/server.ts';
import { MAX_EVENT_BYTES } from './limits.ts';

/** The event with which Lambda hands SQS messages to a function. */
export function sqsEvent(batch: Received[], queueArn: string): string {
  return eventOf(batch.map((received) => record(received, queueArn)));
}

/** Messages that a function gets in one event, and that event. */
export interface Part {
  readonly batch: Received[];
  readonly event: string;
}

/** A batch in as few events as it fits into, in its order. */
export function inEvents(batch: Received[], queueArn: string): Part[] {
  const parts: { batch: Received[]; records: string[] }[] = [];
  let left = 0;
  for (const received of batch) {
    const text = record(received, queueArn);
    // With the comma after it.
    const bytes = Buffer.byteLength(text) + 1;
    if (bytes > left) {
      left = MAX_EVENT_BYTES - Buffer.byteLength(eventOf([]));
      parts.push({ batch: [], records: [] });
    }
    parts.at(-1)?.batch.push(received);
    parts.at(-1)?.records.push(text);
    left -= bytes;
  }
  return parts.map((part) => ({ batch: part.batch, event: eventOf(part.records) }));
}

const eventOf = (records: readonly string[]): string => `{"Records":[${records.join(',')}]}`;

function record({ message, receiptHandle }: Received, queueArn: string): string {
  return JSON.stringify({
    messageId: message.messageId,
    receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.approximateReceiveCount),
      SentTimestamp: String(message.sentTimestamp),
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: String(message.approximateFirstReceiveTimestamp),
      SequenceNumber: message.sequenceNumber,
      MessageGroupId: message.messageGroupId,
      MessageDeduplicationId: message.messageDeduplicationId,
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue, binaryValue: BinaryValue },
      ]),
    ),
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  });
}

/**
 * The messages that a function's result (JSON) reports as done. As in AWS an answer without failures means all of them,
 * and an answer that cannot be understood – an empty or unknown identifier, a wrong key, no object at all – means none.
 */
export function succeeded(batch: Received[], result: string): Received[] {
  const answer: { batchItemFailures?: unknown } = JSON.parse(result) ?? {};
  if (typeof answer !== 'object' || Array.isArray(answer)) return [];
  const failures = answer.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return [];
  const failed = new Set<unknown>(failures.map((failure) => failure?.itemIdentifier));
  const known = new Set<unknown>(batch.map(({ message }) => message.messageId));
  for (const id of failed) if (!known.has(id)) return [];
  return batch.filter(({ message }) => !failed.has(message.messageId));
}
