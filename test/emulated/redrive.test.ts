import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { depthOf, look, redrive } from '../../cli/dead-letters/dead-letters.ts';
import type { Target } from '../../cli/target/target.ts';
import { QueueServer } from '../../local/queues/server.ts';

let server: QueueServer;
let target: Target;

beforeAll(async () => {
  server = await QueueServer.start();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const sqs = new SQSClient({ region: 'us-east-1', credentials, endpoint: server.url, useQueueUrlAsEndpoint: false });
  const queues = Object.fromEntries(['work', 'work-dlq'].map((name) => [name, server.create(name, {}).url]));
  // Whatever is moved is set aside again at once, as the sender does with what is above a limit.
  const send = async (command: SendMessageCommand): Promise<unknown> => {
    const answer = await sqs.send(command);
    if (command instanceof SendMessageCommand && command.input.QueueUrl === queues.work) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queues['work-dlq'], MessageBody: command.input.MessageBody }));
    }
    return answer;
  };
  target = { sqs: { send }, queues, client: { lineId: 'line' } } as unknown as Target;
});
afterAll(() => server.stop());

it('what comes back at once is moved once and stays, so that the two do not go round for ever', async () => {
  const { sqs, queues } = target;
  for (const n of [1, 2, 3]) {
    await sqs.send(new SendMessageCommand({ QueueUrl: queues['work-dlq'], MessageBody: `{"n":${n}}` }));
  }
  expect(await redrive(target, 'work-dlq', 1000)).toEqual({ moved: 3, left: [] });
  expect(await depthOf(target, 'work-dlq')).toBe(3);
});

it('a dead letter that was set aside at once shows why, and is redriven like any other', async () => {
  const { sqs, queues } = target;
  await redrive(target, 'work-dlq', 1000);
  const MessageAttributes = { reason: { DataType: 'String', StringValue: 'sink_400: INVALID_DATA' } };
  await sqs.send(
    new SendMessageCommand({ QueueUrl: queues['work-dlq'], MessageBody: '{"deliveryId":"d1"}', MessageAttributes }),
  );
  const letters = await look(target, 'work-dlq', 50);
  expect(letters).toContainEqual(expect.objectContaining({ about: 'delivery d1', reason: 'sink_400: INVALID_DATA' }));
  expect((await redrive(target, 'work-dlq', 1000)).moved).toBe(letters.length);
});
