import { region } from '../account.ts';
import type { Received } from '../queues/server.ts';

/** The event with which Lambda hands SQS messages to a function. */
export function sqsEvent(batch: Received[], queueArn: string): string {
  return JSON.stringify({ Records: batch.map((received) => record(received, queueArn)) });
}

function record({ message, receiptHandle }: Received, queueArn: string): object {
  return {
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
  };
}

/**
 * The messages that a function's result (JSON) reports as done. As in AWS an answer without failures means all of them,
 * and an answer that cannot be understood – an empty or unknown identifier, a wrong key – means none.
 */
export function succeeded(batch: Received[], result: string): Received[] {
  const answer = (JSON.parse(result) ?? {}) as { batchItemFailures?: unknown };
  const failures = answer.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return [];
  const failed = new Set<unknown>(failures.map((failure) => failure?.itemIdentifier));
  const known = new Set<unknown>(batch.map(({ message }) => message.messageId));
  for (const id of failed) if (!known.has(id)) return [];
  return batch.filter(({ message }) => !failed.has(message.messageId));
}
