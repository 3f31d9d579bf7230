import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { customOrder, expectCleanLogs, post, sandboxOf, signed, startDemo, untilIdle, untilState } from './demo.ts';

let stack: LocalStack;
let sandbox: ReturnType<typeof sandboxOf>;

beforeAll(async () => {
  stack = await startDemo();
  sandbox = sandboxOf(stack);
});
afterEach(async () => {
  await sandbox.clearFaults();
  await untilIdle(stack);
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

const order = (id: string, over = {}) => post(stack, 'custom', signed('custom', customOrder(id, over)));

/** Every POST under a key carried the same bytes. */
const expectSameBytes = async (key: string, attempts: number) => {
  const posts = await sandbox.posts(key);
  expect(posts.length).toBe(attempts);
  expect(new Set(posts.map(({ raw }) => raw)).size).toBe(1);
  expect((await sandbox.messages()).filter((message) => message.key === key)).toHaveLength(1);
};

describe('the line', () => {
  it('that is not sendable for a while gets nothing, loses nothing, and gets all in order when it is back', async () => {
    await sandbox.line(false);
    const waiting = () => Object.values(stack.depths().queues.sends ?? {}).reduce((sum, count) => sum + count, 0);
    for (const [i, id] of ['off-1', 'off-2', 'off-3'].entries()) {
      await order(id);
      // Workers are several: in which order they queue what came at once is not said.
      await expect.poll(waiting).toBe(i + 1);
    }
    await untilState(stack, 'order:off-1:ready', 'HELD');
    // The sender has looked again, and still sends nothing.
    const looks = async () => (await sandbox.requests()).filter(({ path }) => path.endsWith('/health')).length;
    const before = await looks();
    await expect.poll(looks).toBeGreaterThan(before);
    expect((await sandbox.messages()).filter(({ key }) => key.startsWith('order:off-'))).toEqual([]);
    await sandbox.line(true);
    for (const id of ['off-1', 'off-2', 'off-3']) await untilState(stack, `order:${id}:ready`, 'ACCEPTED');
    const keys = (await sandbox.messages()).map(({ key }) => key).filter((key) => key.startsWith('order:off-'));
    expect(keys).toEqual(['order:off-1:ready', 'order:off-2:ready', 'order:off-3:ready']);
  });
});

describe('a POST that fails is repeated with the same key and identical bytes', () => {
  it('500 leaves it UNKNOWN, then it is accepted', async () => {
    await sandbox.fault('text', { kind: 'status', status: 500 });
    await order('s500');
    await untilState(stack, 'order:s500:ready', 'UNKNOWN');
    expect(await untilState(stack, 'order:s500:ready', 'ACCEPTED')).toMatchObject({ attempts: 2 });
    await expectSameBytes('order:s500:ready', 2);
  });

  it('500 after the message was taken makes one message', async () => {
    await sandbox.fault('text', { kind: 'status', status: 500, after: true });
    await order('s500after');
    await untilState(stack, 'order:s500after:ready', 'ACCEPTED');
    await expectSameBytes('order:s500after:ready', 2);
  });

  it('429 waits as long as Retry-After says', async () => {
    await sandbox.fault('text', { kind: 'status', status: 429, headers: { 'Retry-After': '3' } });
    const startedAt = Date.now();
    await order('s429');
    expect(await untilState(stack, 'order:s429:ready', 'HELD')).toMatchObject({
      reason: 'rate_limited',
      response: { status: 429 },
    });
    await untilState(stack, 'order:s429:ready', 'ACCEPTED');
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3000);
    await expectSameBytes('order:s429:ready', 2);
  });

  it('a time-out after the bytes left makes one message', async () => {
    await sandbox.fault('text', { kind: 'timeout', after: true });
    await order('hang');
    expect(await untilState(stack, 'order:hang:ready', 'UNKNOWN')).toMatchObject({ reason: 'timeout' });
    expect(await untilState(stack, 'order:hang:ready', 'ACCEPTED')).toMatchObject({ attempts: 2 });
    await expectSameBytes('order:hang:ready', 2);
  });

  it('a connection that breaks after the bytes left makes one message', async () => {
    await sandbox.fault('text', { kind: 'reset', after: true });
    await order('reset');
    await untilState(stack, 'order:reset:ready', 'ACCEPTED');
    await expectSameBytes('order:reset:ready', 2);
  });

  it('a refused connection surely sent nothing, and waits', async () => {
    await sandbox.fault('*', { kind: 'refuse', seconds: 1 });
    await order('refused');
    expect(await untilState(stack, 'order:refused:ready', 'HELD')).toMatchObject({ reason: 'ECONNREFUSED' });
    await untilState(stack, 'order:refused:ready', 'ACCEPTED');
    await expectSameBytes('order:refused:ready', 1);
  });
});

describe('a message that is itself at fault', () => {
  it('is parked with the status, and the next one goes on at once', async () => {
    await sandbox.fault('text', { kind: 'status', status: 422 });
    await order('s422');
    expect(await untilState(stack, 'order:s422:ready', 'REJECTED')).toMatchObject({ reason: 'api_422' });
    await order('after-422');
    await untilState(stack, 'order:after-422:ready', 'ACCEPTED');
  });

  it('a second body under a used key is refused and visible', async () => {
    await order('drift');
    await untilState(stack, 'order:drift:ready', 'ACCEPTED');
    await order('drift', { customer: { name: 'Someone else', phone: '+972501234568' } });
    await expect.poll(async () => (await untilState(stack, 'order:drift:ready', 'ACCEPTED')).conflicts).toBe(1);
    await expectSameBytes('order:drift:ready', 1);
  });
});

describe('the look-up of a shop that fails', () => {
  it('is tried again behind the queue, and nobody at the door waits for it', async () => {
    await sandbox.fault('shopify', { kind: 'status', status: 503, headers: { 'Retry-After': '1' } });
    const body = { fulfillment_order: { id: 'gid://shopify/FulfillmentOrder/500' } };
    expect((await post(stack, 'shopify', signed('shopify', body))).status).toBe(200);
    await untilState(stack, 'order:5000000000500:ready', 'ACCEPTED');
  });
});
