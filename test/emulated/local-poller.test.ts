import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { succeeded } from '../../local/lambda/batch.ts';
import type { LogLine } from '../../local/lambda/definition.ts';
import { FunctionError } from '../../local/lambda/function-error.ts';
import { Poller } from '../../local/lambda/poller.ts';
import { LambdaPool } from '../../local/lambda/pool.ts';
import { RuntimeApi } from '../../local/lambda/runtime-api.ts';
import { SqsStore } from '../../local/queues/fauxqs.ts';
import type { LocalQueue } from '../../local/queues/queue.ts';
import { QueueServer, type Received } from '../../local/queues/server.ts';
import { localFixture } from './fixtures/local-assembly.ts';

let queues: QueueServer;
beforeAll(async () => {
  queues = await QueueServer.start();
});
afterAll(() => queues.stop());

const records = (event: string): { messageId: string; body: string }[] => JSON.parse(event).Records;
const sizesOf = (event: string): number[] => records(event).map(({ body }) => body.length);

/** A feed whose function does this with each event. */
const feed = (queue: LocalQueue, invoke: (event: string) => Promise<string>, reportsFailures = true): Poller => {
  const poller = new Poller(queues, {
    queue,
    pool: { invoke } as unknown as LambdaPool,
    batchSize: 10,
    reportsFailures,
    pollers: 1,
  });
  poller.start();
  return poller;
};

it('a feed that is ended just as a message comes gives it back at once, unhandled', async () => {
  const queue = queues.create('ended', { VisibilityTimeout: '600' });
  const events: string[] = [];
  const poller = feed(queue, async (event) => {
    events.push(event);
    return '{}';
  });
  await new Promise(setImmediate);
  queues.send(queue.arn, 'just now');
  await poller.stop();
  expect([events, queues.depth(queue)]).toEqual([[], { ready: 1, inFlight: 0, delayed: 0 }]);
});

describe('a batch of more than 6 MB', () => {
  const MEGABYTE = 1024 * 1024;

  it('comes in as many events as it takes, in its order, and each message once', async () => {
    const queue = queues.create('large', { VisibilityTimeout: '600' });
    // Two bytes for each letter; a quotation mark takes two as well, once it is JSON in JSON.
    for (let i = 0; i < 10; i += 1) queues.send(queue.arn, (i < 5 ? 'é' : '"').repeat(MEGABYTE / 2 - i));
    const events: string[] = [];
    const poller = feed(queue, async (event) => {
      events.push(event);
      return '{}';
    });
    await expect.poll(() => queues.depth(queue), { timeout: 5_000 }).toEqual({ ready: 0, inFlight: 0, delayed: 0 });
    await poller.stop();
    for (const event of events) expect(Buffer.byteLength(event)).toBeLessThanOrEqual(6 * MEGABYTE);
    expect(events.map((event) => records(event).length)).toEqual([5, 5]);
    expect(events.flatMap(sizesOf)).toEqual(Array.from({ length: 10 }, (_, i) => MEGABYTE / 2 - i));
  });

  it('goes back where its queue keeps an order and something before it was not done', async () => {
    const queue = queues.create('large.fifo', {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      VisibilityTimeout: '600',
    });
    for (let i = 0; i < 8; i += 1) {
      queue.enqueue({ ...messageOf('é'.repeat(MEGABYTE / 2 - i)), messageGroupId: `line-${i}` });
    }
    const events: string[] = [];
    let stopping: { done: Promise<void> } | undefined;
    const poller = feed(queue, async (event) => {
      events.push(event);
      // It takes no other batch then.
      stopping = { done: poller.stop() };
      return JSON.stringify({ batchItemFailures: [{ itemIdentifier: records(event)[0]?.messageId }] });
    });
    await expect.poll(() => stopping).toBeDefined();
    await stopping?.done;
    const [event = ''] = events;
    expect(records(event)).toHaveLength(5);
    expect([events.length, queues.depth(queue)]).toEqual([1, { ready: 3, inFlight: 1, delayed: 0 }]);
  });

  const messageOf = (body: string) => {
    const queue = queues.create(`maker-${body.length}`, {});
    queues.send(queue.arn, body);
    const [made] = queue.messages;
    if (!made) throw new Error('nothing was made');
    return made;
  };
});

describe('what a function answers of a batch', () => {
  const batch = ['a', 'b'].map((messageId) => ({ message: { messageId } })) as unknown as Received[];

  it.each(['null', '{}', '{"batchItemFailures":null}', '{"batchItemFailures":[]}'])('%s is all done', (result) => {
    expect(succeeded(batch, result)).toEqual(batch);
  });

  it.each(['"done"', '7', 'true', '[]', '[{"itemIdentifier":"a"}]', '{"batchItemFailures":"a"}'])(
    '%s is no answer, and all failed',
    (result) => {
      expect(succeeded(batch, result)).toEqual([]);
    },
  );
});

describe('a template that Lambda would not take', () => {
  type Change = (properties: Record<string, Record<string, unknown>>) => void;
  const started = (logicalId: string, change: Change) =>
    localFixture((resources) => {
      change((resources[logicalId] as { Properties: Record<string, Record<string, unknown>> }).Properties);
    }).start();
  const variables = (more: Record<string, string>): Change => {
    return ({ Environment }) => Object.assign(Environment?.Variables as object, more);
  };

  it.each<[string, string, Change, RegExp]>([
    [
      'an environment over 4 KB',
      'Door',
      variables({ LONG: 'é'.repeat(2000) }),
      /exceeded the 4KB limit\. String measured: /,
    ],
    ['a reserved variable', 'Door', variables({ AWS_REGION: 'eu-west-1' }), /reserved keys.*: AWS_REGION$/],
    [
      'six layers',
      'Door',
      (properties) => Object.assign(properties, { Layers: Array(6).fill({ Ref: 'Layer' }) }),
      /Layers/,
    ],
    [
      'a concurrency of one',
      'WorkMapping',
      (properties) => Object.assign(properties, { ScalingConfig: { MaximumConcurrency: 1 } }),
      /MaximumConcurrency/,
    ],
    [
      'a concurrency of 1,001',
      'WorkMapping',
      (properties) => Object.assign(properties, { ScalingConfig: { MaximumConcurrency: 1001 } }),
      /MaximumConcurrency/,
    ],
    ['batches of none', 'WorkMapping', (properties) => Object.assign(properties, { BatchSize: 0 }), /BatchSize/],
  ])('does not start: %s', async (_, logicalId, change, message) => {
    await expect(started(logicalId, change)).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(message),
    });
  });
});

describe('a process', () => {
  const folder = fileURLToPath(new URL('./fixtures/local-function', import.meta.url));
  const lines: LogLine[] = [];
  let api: RuntimeApi;
  let pool: LambdaPool;
  const make = async () => {
    const environment = { LAMBDA_TASK_ROOT: folder, _HANDLER: 'index.handler' };
    const definition = { name: 'door', arn: 'arn:aws:lambda:door', folder, timeoutSeconds: 5, environment };
    pool = new LambdaPool(definition, api, (line) => lines.push(line));
    pool.reserve('tests', 1);
    await pool.start();
  };
  beforeAll(async () => {
    api = await RuntimeApi.start();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    pool.stop();
  });
  afterAll(() => api.stop());
  const invoke = async (act: string, argument = '') =>
    JSON.parse(await pool.invoke(JSON.stringify({ pathParameters: { act, argument } })));

  it('whose answer is over 6 MB has failed, and takes the next event', async () => {
    await make();
    const tooLarge = await invoke('large', '3200000').catch((error: Error) => error);
    expect(tooLarge).toBeInstanceOf(FunctionError);
    expect(tooLarge).toMatchObject({ kind: 'handler', message: expect.stringContaining('ResponseSizeTooLarge') });
    expect(await invoke('literal')).toBe('literal');
    expect(pool.pids).toHaveLength(1);
  });

  it('has a folder for its own files, which goes with it and which no other process sees', async () => {
    await make();
    const other = pool;
    await make();
    expect(await invoke('keep', 'a')).toBeNull();
    expect(await invoke('keep', 'b')).toBe('a');
    expect(JSON.parse(await other.invoke('{"pathParameters":{"act":"keep","argument":"c"}}'))).toBeNull();
    other.stop();
    const { TMPDIR = '' } = await invoke('environment');
    expect(existsSync(TMPDIR)).toBe(true);
    pool.stop();
    await expect.poll(() => existsSync(TMPDIR)).toBe(false);
  });

  it('stands still between two events where it is to be frozen, as Lambda freezes it', async () => {
    vi.stubEnv('EZW_FREEZE', '1');
    await make();
    await invoke('tick');
    // Some two hundred ticks.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await invoke('tick')).toBeLessThan(100);
  });

  it('otherwise goes on with what it left', async () => {
    await make();
    await invoke('tick');
    await expect.poll(() => invoke('tick'), { interval: 500 }).toBeGreaterThan(20);
  });
});

it.each([
  ['is back after 5 s', false, 5],
  ["waits for its queue's visibility timeout where that is asked for", true, 600],
])('a batch whose process was killed %s, and its group stands so long', async (_, awsVisibility, seconds) => {
  const queue = queues.create(`killed-${seconds}.fifo`, { FifoQueue: 'true', VisibilityTimeout: '600' });
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
  const poller = new Poller(queues, mapping, { awsVisibility });
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
});
