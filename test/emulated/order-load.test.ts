import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { customOrder, expectCleanLogs, post, sandboxOf, signed, startDemo, untilIdle } from './demo.ts';

let stack: LocalStack;

beforeAll(async () => {
  stack = await startDemo();
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

it('100 concurrent copies of one event × 50 orders → exactly 50 POSTs', async () => {
  const orders = Array.from({ length: 50 }, (_, i) => JSON.stringify(customOrder(`burst-${i}`)));
  const copies = Array.from({ length: 100 }, () => orders).flat();
  const statuses = new Map<number, number>();
  await Promise.all(
    Array.from({ length: 100 }, async (_, worker) => {
      for (let i = worker; i < copies.length; i += 100) {
        const request = signed('custom', copies[i]);
        const { status } = await post(stack, 'custom', request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }),
  );
  expect(Object.fromEntries(statuses)).toEqual({ 200: 5000 });
  await untilIdle(stack, 60_000);
  const posts = (await sandboxOf(stack).requests()).filter(
    ({ method, key }) => method === 'POST' && key?.startsWith('order:burst-'),
  );
  expect(posts).toHaveLength(50);
  expect(new Set(posts.map(({ key }) => key)).size).toBe(50);
}, 120_000);
