import { expect, it } from 'vitest';
import { FunctionError } from '../../local/lambda/function-error.ts';
import { Poller } from '../../local/lambda/poller.ts';
import type { LambdaPool } from '../../local/lambda/pool.ts';
import { SqsStore } from '../../local/queues/fauxqs.ts';
import { QueueServer } from '../../local/queues/server.ts';

it('a feed that is ended just as a message comes gives it back at once, unhandled', async () => {
  const queues = await QueueServer.start();
  const queue = queues.create('work', { VisibilityTimeout: '600' });
  const events: string[] = [];
  const invoke = async (event: string) => {
    events.push(event);
    return '{}';
  };
  const pool = { invoke } as unknown as LambdaPool;
  const poller = new Poller(queues, { queue, pool, batchSize: 10, reportsFailures: false, pollers: 1 });
  poller.start();
  await new Promise(setImmediate);
  queues.send(queue.arn, 'just now');
  await poller.stop();
  expect([events, queues.depth(queue)]).toEqual([[], { ready: 1, inFlight: 0, delayed: 0 }]);
  await queues.stop();
});

it.each([
  ['is back after 5 s', false, 5],
  ["waits for its queue's visibility timeout where that is asked for", true, 600],
])('a batch whose process was killed %s, and its group stands so long', async (_, awsVisibility, seconds) => {
  const queues = await QueueServer.start();
  const queue = queues.create('work.fifo', { FifoQueue: 'true', VisibilityTimeout: '600' });
  let killed: () => void = () => {};
  const isKilled = new Promise<void>((resolve) => {
    killed = resolve;
  });
  const invoke = async () => {
    killed();
    throw new FunctionError('crash', 'Killed.');
  };
  const pool = { invoke } as unknown as LambdaPool;
  const mapping = { queue, pool, batchSize: 1, reportsFailures: true, pollers: 1 };
  const poller = new Poller(queues, mapping, awsVisibility);
  poller.start();
  const message = (id: string) => ({ ...SqsStore.createMessage(id, {}, undefined, 'group', id), sequenceNumber: id });
  queue.enqueue(message('1'));
  queue.enqueue(message('2'));
  await isKilled;
  await poller.stop();
  const { ready, inflight } = queue.inspectMessages();
  expect([inflight, ready].map((some) => some.length)).toEqual([1, 1]);
  const left = ((inflight[0]?.visibilityDeadline ?? 0) - Date.now()) / 1000;
  expect([left > seconds - 5, left <= seconds]).toEqual([true, true]);
  expect(queue.dequeue(10)).toEqual([]);
  await queues.stop();
});
