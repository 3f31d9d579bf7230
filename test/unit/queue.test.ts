import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { enqueue, MAX_MESSAGE_BYTES } from '../../functions/shared/runtime/queue.ts';

const sqs = mockClient(SQSClient);
afterAll(() => sqs.restore());
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({});
});
const batches = (): number[][] =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .map(({ args }) => (args[0].input.Entries ?? []).map(({ MessageBody = '' }) => Buffer.byteLength(MessageBody)));

it('a call of SQS holds ten messages and 1 MiB of all of them, counted in bytes', async () => {
  // Three bytes each.
  const large = '€'.repeat(MAX_MESSAGE_BYTES / 8);
  await enqueue('q', [
    large,
    large,
    large,
    ...Array.from({ length: 12 }, () => 'small'),
    'x'.repeat(MAX_MESSAGE_BYTES),
  ]);
  const sent = batches();
  expect(sent.flat()).toHaveLength(16);
  expect(sent.every((batch) => batch.length <= 10)).toBe(true);
  expect(
    sent.map((batch) => batch.reduce((sum, bytes) => sum + bytes, 0)).filter((sum) => sum > MAX_MESSAGE_BYTES),
  ).toEqual([]);
  expect(sent).toHaveLength(4);
});

it('nothing to queue asks nobody', async () => {
  await enqueue('q', []);
  expect(batches()).toEqual([]);
});
