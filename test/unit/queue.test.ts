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

it('of thousands of messages only a few calls are under way at once, and none begins after one that failed', async () => {
  let [now, most] = [0, 0];
  sqs.on(SendMessageBatchCommand).callsFake(async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return {};
  });
  const bodies = Array.from({ length: 5_000 }, (_, n) => `{"n":${n}}`);
  await enqueue('q', bodies);
  expect(batches().flat()).toHaveLength(5_000);
  expect(most).toBeLessThanOrEqual(8);
  sqs.resetHistory();
  sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'x', SenderFault: false }] });
  await expect(enqueue('q', bodies)).rejects.toThrow('did not take every event');
  expect(batches().length).toBeLessThanOrEqual(8);
});

it('nothing to queue asks nobody', async () => {
  await enqueue('q', []);
  expect(batches()).toEqual([]);
});
