import { expect, it } from 'vitest';
import { customOrder, demoForAll, post, sandboxOf, signed, untilIdle } from './demo.ts';

const demo = demoForAll();

/** `ORDERS=50`, 5,000 posts, takes half a minute; `.ci/run` asks for it. */
const COUNT = Number(process.env.ORDERS ?? 20);

it(`100 concurrent copies of one event × ${COUNT} orders → exactly ${COUNT} POSTs`, async () => {
  const stack = demo();
  const orders = Array.from({ length: COUNT }, (_, i) => JSON.stringify(customOrder(`burst-${i}`)));
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
  expect(Object.fromEntries(statuses)).toEqual({ 200: 100 * COUNT });
  await untilIdle(stack);
  const posts = (await sandboxOf(stack).requests()).filter(
    ({ method, key }) => method === 'POST' && key?.startsWith('order:burst-'),
  );
  expect(posts).toHaveLength(COUNT);
  expect(new Set(posts.map(({ key }) => key)).size).toBe(COUNT);
});
