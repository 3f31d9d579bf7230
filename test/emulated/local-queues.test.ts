import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { awsClients } from './fixtures/clients.ts';
import { type Fixture, localFixture } from './fixtures/local-assembly.ts';

/** Queues like `work`, one for each fault that takes its time: they are waited for side by side, and none disturbs another. */
const FAULTY = ['refuse', 'refuseNobody', 'fail', 'crash', 'hang'] as const;

let fixture: Fixture;
let stack: LocalStack;
let count = 0;

beforeAll(async () => {
  fixture = localFixture((resources) => {
    for (const name of FAULTY) {
      const { Work, WorkDead, WorkMapping } = structuredClone(resources) as Record<string, { Properties: object }>;
      const id = name.charAt(0).toUpperCase() + name.slice(1);
      const redrive = { deadLetterTargetArn: { 'Fn::GetAtt': [`${id}Dead`, 'Arn'] }, maxReceiveCount: 2 };
      resources[id] = {
        ...Work,
        Metadata: { 'ezw:name': name },
        Properties: { ...Work?.Properties, RedrivePolicy: redrive },
      };
      resources[`${id}Dead`] = { ...WorkDead, Metadata: { 'ezw:name': `${name}-dlq` } };
      const EventSourceArn = { 'Fn::GetAtt': [id, 'Arn'] };
      resources[`${id}Mapping`] = { ...WorkMapping, Properties: { ...WorkMapping?.Properties, EventSourceArn } };
    }
  });
  stack = await fixture.start();
});
afterAll(() => stack.stop());
beforeEach(() => {
  count += 1;
});

const url = (queue: string) =>
  `http://sqs.us-east-1.localhost:${new URL(stack.endpoints.sqs).port}/000000000000/Ezw-fixture-${queue}`;

/** Sends `{act, n, …}` messages to the work queue, or to a group of `sends`. */
async function send(commands: object[], group?: string, queue = group ? 'Sends.fifo' : 'Work'): Promise<string[]> {
  const bodies = commands.map((command, n) => JSON.stringify({ test: count, n, group, ...command }));
  for (const body of bodies) {
    const fifo = group ? { MessageGroupId: group, MessageDeduplicationId: `${queue}${body}` } : {};
    await awsClients(stack).sqs.send(new SendMessageCommand({ QueueUrl: url(queue), MessageBody: body, ...fifo }));
  }
  return bodies;
}

const receivedOf = (body: string | undefined) => fixture.notes().filter((note) => note.body === body);
const depths = async () => {
  const { queues, dlqs } = await stack.state();
  return { ...queues, ...dlqs };
};
const empty = { ready: 0, inFlight: 0, delayed: 0 };

describe('a standard queue', () => {
  test('a message that is done is gone', async () => {
    const [body] = await send([{ act: 'nothing' }]);
    await expect.poll(() => receivedOf(body)).toHaveLength(1);
    await expect.poll(async () => (await depths()).work).toEqual(empty);
  });

  test('several batches are under way at once', async () => {
    const before = fixture.notes().length;
    const bodies = await send(Array(30).fill({ act: 'sleep' }));
    await expect.poll(() => bodies.every((body) => receivedOf(body).length === 1)).toBe(true);
    expect(stack.functions.worker?.length).toBeGreaterThan(1);
    const batches = fixture
      .notes()
      .slice(before)
      .flatMap(({ batch }) => (batch ? [batch.length] : []));
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(30);
  });

  test('an idle stack does not spin', async () => {
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(300);
  });
});

describe.concurrent('a standard queue whose consumer', () => {
  const queueOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
  const deliveriesOf = (body: string | undefined): number[] =>
    receivedOf(body).flatMap(({ received }) => (received === undefined ? [] : [received]));

  test('refuses a message gets that one alone again, then it ends in the dead letters', async ({ expect }) => {
    const [good, bad] = await send([{ act: 'nothing' }, { act: 'refuse' }], undefined, queueOf('refuse'));
    await expect.poll(() => deliveriesOf(bad)).toEqual([1, 2]);
    await expect.poll(async () => (await depths())['refuse-dlq']?.ready).toBe(1);
    expect(deliveriesOf(good)).toEqual([1]);
  });

  test.for([
    ['answers with an empty identifier', 'refuseNobody'],
    ['throws', 'fail'],
    ['crashes', 'crash'],
    ['hangs', 'hang'],
  ] as const)('%s gets the whole batch again after the visibility timeout', async ([, act], { expect }) => {
    const [body] = await send([{ act, times: 1 }], undefined, queueOf(act));
    await expect.poll(() => deliveriesOf(body)).toEqual([1]);
    const began = Date.now();
    await expect.poll(() => deliveriesOf(body)).toEqual([1, 2]);
    // Of the four seconds at most one is over when the first delivery is seen.
    expect(Date.now() - began).toBeGreaterThan(3_000);
    await expect.poll(async () => (await depths())[act]).toEqual(empty);
  });
});

describe('a FIFO queue', () => {
  const batchesOf = (group: string) =>
    fixture.notes().flatMap(({ batch }) => {
      const own = batch?.filter((body) => JSON.parse(body).test === count && JSON.parse(body).group === group) ?? [];
      return own.length > 0 ? [own.map((body) => JSON.parse(body).n as number)] : [];
    });

  test('keeps the order in each group, and hands out several messages of a group at once', async () => {
    const commands = Array(25).fill({ act: 'sleep' });
    await Promise.all(['a', 'b'].map((group) => send(commands, group)));
    const inOrder = Array.from({ length: 25 }, (_, n) => n);
    for (const group of ['a', 'b']) {
      await expect.poll(() => batchesOf(group).flat()).toEqual(inOrder);
      expect(batchesOf(group).length).toBeLessThan(25);
    }
  });

  test('lets nothing of a group overtake a message that failed', async () => {
    await send([{ act: 'refuse', times: 1 }], 'held');
    await expect.poll(() => batchesOf('held')).toEqual([[0]]);
    await send(
      [
        { act: 'refuse', times: 1 },
        { act: 'nothing', n: 1 },
      ],
      'held',
    );
    await expect.poll(() => batchesOf('held').flat()).toEqual([0, 0, 1]);
  });

  test('gives a batch that comes back the order it had', async () => {
    await send([{}, {}, {}], 'g', 'QuietFifo.fifo');
    const receive = async () => {
      const command = new ReceiveMessageCommand({
        QueueUrl: url('QuietFifo.fifo'),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 3,
        MessageSystemAttributeNames: ['All'],
      });
      const { Messages = [] } = await awsClients(stack).sqs.send(command);
      return Messages.map(({ Body, Attributes }) => [JSON.parse(Body ?? '').n, Attributes?.ApproximateReceiveCount]);
    };
    expect(await receive()).toEqual([
      [0, '1'],
      [1, '1'],
      [2, '1'],
    ]);
    expect(await receive()).toEqual([
      [0, '2'],
      [1, '2'],
      [2, '2'],
    ]);
  });

  test('takes a message with a used deduplication id once', async () => {
    const before = (await depths())['quiet-fifo'];
    const command = { n: 'same' };
    await send([command], 'd', 'QuietFifo.fifo');
    await send([command], 'd', 'QuietFifo.fifo');
    const after = (await depths())['quiet-fifo'];
    const total = (depth: typeof after) => (depth ? depth.ready + depth.inFlight : 0);
    expect(total(after) - total(before)).toBe(1);
  });
});
