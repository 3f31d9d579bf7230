import { expect, it } from 'vitest';
import { Poller } from '../../local/lambda/poller.ts';
import type { LambdaPool } from '../../local/lambda/pool.ts';
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
