import { ChangeMessageVisibilityBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { Permanent, Unavailable } from '../../functions/shared/runtime/errors.ts';
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

const worked = (handle: () => Promise<void>, deadLettersUrl?: string) =>
  workThrough({
    template: 'crm-sync',
    queueUrl: 'http://127.0.0.1:1/work',
    ...(deadLettersUrl && { deadLettersUrl }),
    log: () => undefined,
    handle,
  })({
    Records: [{ messageId: 'm', receiptHandle: 'r', body: '{"n":1}', attributes: { ApproximateReceiveCount: '1' } }],
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
