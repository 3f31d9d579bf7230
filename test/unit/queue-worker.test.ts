import { ChangeMessageVisibilityBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { noteTries, Permanent, Unavailable } from '../../functions/shared/runtime/errors.ts';
import type { LogFields } from '../../functions/shared/runtime/log.ts';
import { noteAfter, noteKey } from '../../functions/shared/runtime/marks.ts';
import { workThrough } from '../../functions/shared/runtime/queue-worker.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
});
afterAll(() => sqs.restore());

const never = async (): Promise<void> => {
  throw new Permanent('sink_400', 'INVALID_DATA: the field is too long');
};

const worked = (handle: () => Promise<void>, deadLettersUrl?: string, attempt = 1, more = {}) =>
  workThrough({
    template: 'crm-sync',
    queueUrl: 'http://127.0.0.1:1/work',
    ...(deadLettersUrl && { deadLettersUrl }),
    log: () => undefined,
    handle,
  })({
    Records: [
      {
        messageId: 'm',
        receiptHandle: 'r',
        body: '{"n":1}',
        attributes: { ApproximateReceiveCount: String(attempt) },
        ...more,
      },
    ],
  } as unknown as SQSEvent);

it('what can never be taken is a dead letter after one try, with the words of who refused it', async () => {
  expect(await worked(never, 'http://127.0.0.1:1/dead')).toEqual({ batchItemFailures: [] });
  const [call] = sqs.commandCalls(SendMessageCommand);
  expect(call?.args[0].input).toMatchObject({
    QueueUrl: 'http://127.0.0.1:1/dead',
    MessageBody: '{"n":1}',
    MessageAttributes: { reason: { StringValue: 'sink_400: INVALID_DATA: the field is too long' } },
  });
});

it('what a person put back and is refused again says how often it was put back, so that it goes round no more than three times', async () => {
  const redriven = { stringValue: '2', dataType: 'Number' };
  await worked(never, 'http://127.0.0.1:1/dead', 1, { messageAttributes: { redriven } });
  const [call] = sqs.commandCalls(SendMessageCommand);
  expect(call?.args[0].input.MessageAttributes).toEqual({
    reason: { DataType: 'String', StringValue: 'sink_400: INVALID_DATA: the field is too long' },
    redriven: { DataType: 'Number', StringValue: '2' },
  });
});

it('a dead letter that cannot be set aside stays in its queue', async () => {
  sqs.on(SendMessageCommand).rejects(new Error('not now'));
  expect(await worked(never, 'http://127.0.0.1:1/dead')).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
});

it('what may pass comes back, and so does everything where no such queue is named', async () => {
  const later = () => Promise.reject(new Unavailable('sink_503', 'Not now.'));
  const back = { batchItemFailures: [{ itemIdentifier: 'm' }] };
  expect(await worked(later, 'http://127.0.0.1:1/dead')).toEqual(back);
  expect(await worked(never)).toEqual(back);
  expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
});

it('what only waited for another is no try: a first failure is tried again after 30 seconds, however often it was received', async () => {
  const held = async (tries?: number) => {
    const error = new Unavailable('notifier_503', 'Not now.');
    if (tries !== undefined) noteTries(error, tries);
    await worked(() => Promise.reject(error), undefined, 19);
    return sqs.commandCalls(ChangeMessageVisibilityBatchCommand).at(-1)?.args[0].input.Entries?.[0]?.VisibilityTimeout;
  };
  expect([await held(1), await held(3), await held()]).toEqual([30, 120, 900]);
});

it('a short "come again in" is believed, but not until the tries that a queue allows are over', async () => {
  const soon = () => Promise.reject(new Unavailable('sink_429', 'Not now.', 1));
  const held: unknown[] = [];
  for (const attempt of [1, 50, 51, 60]) {
    sqs.resetHistory();
    await worked(soon, undefined, attempt);
    const [call] = sqs.commandCalls(ChangeMessageVisibilityBatchCommand);
    held.push(call?.args[0].input.Entries?.[0]?.VisibilityTimeout);
  }
  expect(held).toEqual([1, 1, 30, 900]);
});

it('what is told of a message that failed leads to what it is about, as far as that was known by then', async () => {
  const lines: LogFields[] = [];
  const failed = (error: Error) =>
    workThrough({
      template: 'crm-sync',
      queueUrl: 'http://127.0.0.1:1/work',
      deadLettersUrl: 'http://127.0.0.1:1/dead',
      log: (_, fields) => lines.push(fields),
      about: () => ({ delivery: 'd', item: 1 }),
      handle: async () => {
        noteKey('order:1:ready');
        noteAfter('order:2:ready');
        throw error;
      },
    })({
      Records: [{ messageId: 'm', receiptHandle: 'r', body: '{}', attributes: { ApproximateReceiveCount: '1' } }],
    } as unknown as SQSEvent);
  await failed(new Unavailable('sink_503', 'Not now.'));
  await failed(new Permanent('sink_400', 'Never.'));
  const about = { key: 'order:1:ready', after: 'order:2:ready', delivery: 'd', item: 1 };
  expect(lines).toEqual([
    expect.objectContaining({ ...about, reason: 'sink_503' }),
    expect.objectContaining({ ...about, reason: 'sink_400', outcome: 'dead_letter' }),
  ]);
});
