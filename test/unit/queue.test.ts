import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { LogFields } from '../../functions/shared/runtime/log.ts';
import { enqueue, hide, MAX_MESSAGE_BYTES } from '../../functions/shared/runtime/queue.ts';

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

it('a delay is whole seconds from 0 to 900, for SQS refuses all else', async () => {
  for (const seconds of [-1, 0, 0.2, 900, 3600]) await enqueue('q', ['a'], seconds);
  const asked = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries?.[0]?.DelaySeconds);
  expect(asked).toEqual([0, 0, 1, 900, 900]);
});

it('nothing to queue asks nobody', async () => {
  await enqueue('q', []);
  expect(batches()).toEqual([]);
});

it('nothing is hidden for twelve hours, which SQS counts from its receipt and refuses', async () => {
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
  for (const seconds of [63 * 3600, 12 * 3600, 11 * 3600, 0.2, -1]) await hide('q', ['a'], seconds, () => undefined);
  const asked = sqs
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .map(({ args }) => args[0].input.Entries?.[0]?.VisibilityTimeout);
  expect(asked).toEqual([41_400, 41_400, 39_600, 1, 0]);
});

it('what SQS refuses to hide is said, whether of some of a call or of all of it, and whoever hides goes on', async () => {
  const lines: LogFields[] = [];
  const handles = Array.from({ length: 12 }, (_, i) => `handle-${i}`);
  sqs
    .on(ChangeMessageVisibilityBatchCommand)
    .resolvesOnce({ Failed: [{ Id: '0', Code: 'InvalidParameterValue', SenderFault: true }] } as never)
    .rejectsOnce(Object.assign(new Error('x'), { name: 'RequestThrottled' }));
  await hide('q', handles, 60, (_, fields) => lines.push(fields));
  expect(lines).toEqual([
    { event: 'hide', reason: 'InvalidParameterValue', failed: 1, holdSeconds: 60, outcome: 'not_hidden' },
    { event: 'hide', reason: 'RequestThrottled', failed: 2, holdSeconds: 60, outcome: 'not_hidden' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('handle-');
});
