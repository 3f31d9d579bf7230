import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SqsMessage } from '../../local/queues/fauxqs.ts';
import { Journal } from '../../local/queues/journal.ts';
import type { LocalStack } from '../../local/stack.ts';
import { awsClients } from './fixtures/clients.ts';
import { localFixture } from './fixtures/local-assembly.ts';

const runner = fileURLToPath(new URL('./fixtures/run-stack.mts', import.meta.url));

let fixture: ReturnType<typeof localFixture>;
let data: string;
let child: ChildProcess;
let clients: ReturnType<typeof awsClients>;
let endpoints: LocalStack['endpoints'];

beforeEach(async () => {
  fixture = localFixture();
  data = join(mkdtempSync(join(tmpdir(), 'local-data-')), 'kept');
  child = spawn(process.execPath, ['--import', 'tsx', runner, fixture.assembly, data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  ({ endpoints } = JSON.parse(line));
  clients = awsClients({ endpoints } as LocalStack);
});
afterEach(() => {
  child.kill('SIGKILL');
});

async function killed(): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const url = (stack: Pick<LocalStack, 'endpoints'>, queue: string) =>
  `http://sqs.us-east-1.localhost:${new URL(stack.endpoints.sqs).port}/000000000000/Ezw-fixture-${queue}`;

const put = (sqs: SQSClient, to: string, MessageBody: string, fifo = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody, ...fifo }));

describe('with a data folder, after kill -9', () => {
  test('what was acknowledged is there, in flight or not; what was deleted is not', async () => {
    const quiet = url({ endpoints }, 'Quiet');
    for (const body of ['done', 'in flight', 'never seen']) await put(clients.sqs, quiet, body);
    const receive = (max: number) => new ReceiveMessageCommand({ QueueUrl: quiet, MaxNumberOfMessages: max });
    const { Messages: [done] = [] } = await clients.sqs.send(receive(1));
    await clients.sqs.send(receive(1));
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl: quiet, ReceiptHandle: done?.ReceiptHandle }));
    const item = { pk: { S: 'kept' }, state: { S: 'ACCEPTED' } };
    await clients.dynamodb.send(new PutItemCommand({ TableName: 'Ezw-fixture-Table', Item: item }));
    const gone = { pk: { S: 'expired' }, expiresAt: { N: '1' } };
    await clients.dynamodb.send(new PutItemCommand({ TableName: 'Ezw-fixture-Table', Item: gone }));
    await killed();

    const stack = await fixture.start({ data });
    try {
      const state = await stack.state();
      expect(state.tables.sends).toEqual([{ pk: 'kept', state: 'ACCEPTED' }]);
      expect(state.queues.quiet).toEqual({ ready: 2, inFlight: 0, delayed: 0 });
      const { Messages = [] } = await awsClients(stack).sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url(stack, 'Quiet'),
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      expect(Messages.map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount])).toEqual([
        ['in flight', '2'],
        ['never seen', '1'],
      ]);
    } finally {
      await stack.stop();
    }
  });

  test('dead letters stay dead, and a FIFO queue knows its order and what it took before', async () => {
    const message = (id: string) => ({ MessageGroupId: 'g', MessageDeduplicationId: id });
    await put(clients.sqs, url({ endpoints }, 'Work'), '{"act":"refuse"}');
    for (const id of ['1', '2', '3']) await put(clients.sqs, url({ endpoints }, 'QuietFifo.fifo'), id, message(id));
    const [sends, worked] = [url({ endpoints }, 'Sends.fifo'), () => fixture.notes().map(({ body }) => body)];
    await put(clients.sqs, sends, '{"n":1}', message('done'));
    // Two receives, then it moves at the third.
    await expect.poll(worked).toEqual(expect.arrayContaining(['{"n":1}']));
    await expect.poll(() => worked().filter((body) => body === '{"act":"refuse"}').length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await killed();

    const stack = await fixture.start({ data });
    try {
      const { sqs } = awsClients(stack);
      expect((await stack.state()).dlqs['work-dlq']).toEqual({ ready: 1, inFlight: 0, delayed: 0 });
      await put(sqs, url(stack, 'QuietFifo.fifo'), '2', message('2'));
      await put(sqs, url(stack, 'QuietFifo.fifo'), '4', message('4'));
      await put(sqs, url(stack, 'Sends.fifo'), '{"n":1}', message('done'));
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url(stack, 'QuietFifo.fifo'), MaxNumberOfMessages: 10 }),
      );
      expect(Messages.map(({ Body }) => Body)).toEqual(['1', '2', '3', '4']);
      expect(worked().filter((body) => body === '{"n":1}')).toHaveLength(1);
    } finally {
      await stack.stop();
    }
  });

  test('a line that was cut short does no harm, and the journal is compacted', async () => {
    const quiet = url({ endpoints }, 'Quiet');
    await put(clients.sqs, quiet, 'whole');
    await killed();
    appendFileSync(join(data, 'queues.jsonl'), '{"put":{"messageId":"cut","bo');
    for (let i = 0; i < 2; i += 1) {
      const stack = await fixture.start({ data });
      expect((await stack.state()).queues.quiet).toEqual({ ready: 1, inFlight: 0, delayed: 0 });
      await stack.stop();
    }
    expect(readFileSync(join(data, 'queues.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1);
  });
});

test('the journal finds a message in the queue that it was moved to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-journal-'));
  const message = (messageId: string) => ({ messageId, body: messageId, approximateReceiveCount: 0 }) as SqsMessage;
  const journal = new Journal(folder);
  journal.put('work', message('moved'));
  journal.put('work', message('stays'));
  journal.put('dead', message('moved'));
  journal.close();
  const found = new Journal(folder).recovered.messages;
  expect(found.map(({ queue, message: { messageId } }) => [queue, messageId])).toEqual([
    ['work', 'stays'],
    ['dead', 'moved'],
  ]);
});

test('a data folder that a running stack has is refused', async () => {
  await expect(fixture.start({ data })).rejects.toThrow(`process id ${child.pid}`);
});
