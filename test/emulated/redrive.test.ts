import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { depthOf } from '../../cli/dead-letters/dead-letters.ts';
import { look } from '../../cli/dead-letters/look.ts';
import { redrive } from '../../cli/dead-letters/redrive.ts';
import type { Target } from '../../cli/target/target.ts';
import type { LocalQueue } from '../../local/queues/queue.ts';
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
  const { moved, left } = await redrive(target, 'work-dlq');
  expect([moved, left.length, left[0]?.why]).toEqual([3, 3, expect.stringContaining('the same was just put back')]);
  expect(await depthOf(target, 'work-dlq')).toBe(3);
});

it('a dead letter that was set aside at once shows why, and is redriven like any other', async () => {
  const { sqs, queues } = target;
  await redrive(target, 'work-dlq');
  const MessageAttributes = { reason: { DataType: 'String', StringValue: 'sink_400: INVALID_DATA' } };
  await sqs.send(
    new SendMessageCommand({ QueueUrl: queues['work-dlq'], MessageBody: '{"deliveryId":"d1"}', MessageAttributes }),
  );
  const { letters } = await look(target, 'work-dlq');
  expect(letters).toContainEqual(expect.objectContaining({ about: 'delivery d1', reason: 'sink_400: INVALID_DATA' }));
  expect((await redrive(target, 'work-dlq')).moved).toBe(letters.length);
});

describe('dead letters of sends, whose queue deletes nothing by a handle that is over its time', () => {
  let queues: Record<'sends' | 'sends-dlq', LocalQueue>;
  /** Seconds that the next sendings take, each; then none. */
  let slow: number[] = [];
  const sent: string[] = [];
  let line: Target;

  beforeAll(() => {
    const [sends, letters] = ['sends', 'sends-dlq'].map((name) => server.create(`${name}.fifo`, { FifoQueue: 'true' }));
    queues = { sends: sends as LocalQueue, 'sends-dlq': letters as LocalQueue };
    const send = async (command: SendMessageCommand): Promise<unknown> => {
      const answer = await target.sqs.send(command);
      if (command instanceof SendMessageCommand && command.input.QueueUrl === sends?.url) {
        sent.push(JSON.parse(command.input.MessageBody ?? '').key);
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + (slow.shift() ?? 0) * 1000 });
      }
      return answer;
    };
    const urls = Object.fromEntries(Object.entries(queues).map(([name, { url }]) => [name, url]));
    line = { sqs: { send }, queues: urls, client: { lineId: 'line' } } as unknown as Target;
  });
  afterEach(() => {
    vi.useRealTimers();
    sent.length = 0;
    for (const queue of Object.values(queues)) queue.purge();
  });

  const setAside = async (keys: readonly string[], more: object = {}): Promise<void> => {
    for (const key of keys) {
      const times = { asOf: '2026-11-22T10:00:00Z', usefulUntil: '2026-11-23T10:00:00Z' };
      const outcome = { path: '/messages/text', body: '{}' };
      const MessageBody = JSON.stringify({ key, template: 't', ...times, outcome, ...more });
      const order = { MessageGroupId: 'line', MessageDeduplicationId: randomUUID() };
      await target.sqs.send(new SendMessageCommand({ QueueUrl: queues['sends-dlq'].url, MessageBody, ...order }));
    }
  };
  const left = () => Promise.all((['sends', 'sends-dlq'] as const).map((name) => depthOf(line, name)));

  it('one that came back before it could be deleted is sent once, deleted when it is met again, and ends nothing', async () => {
    await setAside(['a', 'b', 'c']);
    slow = [40];
    expect(await redrive(line, 'sends-dlq')).toMatchObject({ moved: 3, left: [] });
    expect([...sent].sort()).toEqual(['a', 'b', 'c']);
    expect(await left()).toEqual([3, 0]);
  });

  it('one that is not met again is named, and the next redrive deletes it without a second message', async () => {
    await setAside(['a']);
    slow = [40];
    const [why] = (await redrive(line, 'sends-dlq', { max: 1 })).left;
    expect(why).toMatchObject({ about: 'a', why: expect.stringContaining('it was sent, and was back') });
    expect(await left()).toEqual([1, 1]);
    expect(await redrive(line, 'sends-dlq', { max: 1 })).toMatchObject({ moved: 1, left: [] });
    expect(await left()).toEqual([1, 0]);
  });

  it('a batch that takes longer than it is hidden is hidden anew', async () => {
    const keys = Array.from('abcdefgh');
    await setAside(keys);
    slow = keys.map(() => 12);
    const asked = vi.spyOn(queues['sends-dlq'], 'changeVisibility');
    expect(await redrive(line, 'sends-dlq')).toMatchObject({ moved: 8, left: [] });
    expect(asked).toHaveBeenCalled();
    expect([...sent].sort()).toEqual(keys);
    expect(await left()).toEqual([8, 0]);
  });

  it('show when they were queued first, and are moved with that time', async () => {
    const queuedAt = '2026-11-22T10:00:01.000Z';
    await setAside(['a'], { queuedAt });
    expect((await look(line, 'sends-dlq', { max: 1 })).letters[0]?.sentAt).toBe(Date.parse(queuedAt));
    await redrive(line, 'sends-dlq', { max: 1 });
    const [message] = queues.sends.inspectMessages().ready;
    expect(JSON.parse(message?.body ?? '').queuedAt).toBe(queuedAt);
  });
});
