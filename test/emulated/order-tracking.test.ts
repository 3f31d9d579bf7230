import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import type { LocalStack } from '../../local/stack.ts';
import { moveClock } from './appointments.ts';
import { customOrder, post, sandboxOf, signed, startDemo, untilIdle, untilState } from './demo.ts';

/** The demo with the usual wait for a tracking number: half an hour. */
let folder: string;
let stack: LocalStack;
const MINUTE = 60_000;

const client = (updates: object) =>
  defineClient({
    ...demo,
    templates: { 'order-ready': { ...demo.templates['order-ready'], ...updates } },
  } as Parameters<typeof defineClient>[0]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezw-tracking-'));
  const { shipped, ...updates } = demo.templates['order-ready']?.updates ?? {};
  const { waitForTracking: _, ...waiting } = shipped ?? {};
  await synthesise([client({ updates: { ...updates, shipped: waiting } })], join(folder, 'waiting'));
  stack = await startDemo({ assembly: join(folder, 'waiting') });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

const shipped = async (id: string, tracking: object, at = Date.now()) => {
  const customer = { name: 'Dana', phone: '+972501234567' };
  const data = { order_id: id, update: 'shipped', customer, tracking: [{ id: 'B1', carrier: 'Post', ...tracking }] };
  const body = { type: 'order.updated', timestamp: new Date(at).toISOString(), data };
  expect(await post(stack, 'custom', signed('custom', body))).toMatchObject({ status: 200 });
  await untilIdle(stack);
};
const textsOf = async (id: string) =>
  (await sandboxOf(stack).messages())
    .filter(({ key }) => key.startsWith(`order:${id}:`))
    .map(({ raw }) => String(JSON.parse(raw).body));
const alarms = async () => (await stack.state()).alarms.length;

it('a parcel without its number waits for it, goes with it when it comes, and is not told again', async () => {
  const before = await alarms();
  await shipped('T-1', {});
  expect([await textsOf('T-1'), (await alarms()) - before]).toEqual([[], 1]);
  await shipped('T-1', { number: 'RR1' }, Date.now() + 1000);
  await untilState(stack, 'order:T-1:shipped:B1', 'ACCEPTED');
  expect(await textsOf('T-1')).toEqual(['Hi Dana, a parcel of order T-1 is on its way with Post: RR1.']);
});

it('one whose number does not come goes without it after half an hour, and one that was taken back does not go', async () => {
  await shipped('T-2', {});
  const { trace } = JSON.parse(
    stack
      .logs()
      .filter(({ line }) => line.includes('"event":"door"'))
      .at(-1)?.line ?? '',
  );
  await shipped('T-3', {});
  await shipped('T-3', { voided: true }, Date.now() + 1000);
  await moveClock(stack, Date.now() + 29 * MINUTE);
  await untilIdle(stack);
  expect(await textsOf('T-2')).toEqual([]);
  await moveClock(stack, Date.now() + 31 * MINUTE);
  // By what its event was followed it is half an hour later too.
  expect(await untilState(stack, 'order:T-2:shipped:B1', 'ACCEPTED')).toMatchObject({ trace });
  expect(trace).toMatch(/^t\w{11}$/);
  await untilIdle(stack);
  expect(await textsOf('T-2')).toEqual(['Hi Dana, a parcel of order T-2 is on its way with Post: no tracking number.']);
  expect(await textsOf('T-3')).toEqual([]);
  expect(await textsOf('T-1')).toHaveLength(1);
});

it('what is kept of an order names nobody', async () => {
  const stories = ((await stack.state()).tables.sends ?? []).filter(({ pk }) => String(pk).endsWith('#story'));
  expect(stories.length).toBeGreaterThan(2);
  expect(JSON.stringify(stories)).not.toMatch(/Dana|501234567|RR1/);
});

it('a client of ready alone keeps no stories, and a cancelled order is ended all the same', async () => {
  const assembly = join(folder, 'alone');
  const { updates: _, ...ready } = demo.templates['order-ready'] as object & { updates?: unknown };
  const alone = { ...ready, sources: { custom: {} } };
  await synthesise(
    [defineClient({ ...demo, templates: { 'order-ready': alone } } as Parameters<typeof defineClient>[0])],
    assembly,
  );
  const other = await startDemo({ assembly });
  try {
    await post(other, 'custom', signed('custom', customOrder('A-1')));
    await untilState(other, 'order:A-1:ready', 'ACCEPTED');
    expect(((await other.state()).tables.sends ?? []).filter(({ pk }) => String(pk).endsWith('#story'))).toEqual([]);
    const ready2 = customOrder('A-2');
    const cancelled = { ...customOrder('A-2', { update: 'cancelled' }), type: 'order.updated' };
    await post(other, 'custom', signed('custom', cancelled));
    await untilState(other, 'order:A-2:ready', 'EXPIRED');
    await post(other, 'custom', signed('custom', ready2));
    await untilIdle(other);
    expect((await sandboxOf(other).messages()).map(({ key }) => key)).toEqual(['order:A-1:ready']);
  } finally {
    await other.stop();
  }
});
