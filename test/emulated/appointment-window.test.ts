import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { DAYS } from '../../functions/shared/hours/opening-hours.ts';
import type { Client } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import type { LocalStack } from '../../local/stack.ts';
import { customAppointment, DAY, HOUR, iso, moveClock, newId, tell } from './appointments.ts';
import { customOrder, post, sandboxOf, signed, startDemo, untilIdle, untilState } from './demo.ts';

/** The demo client with hours from 09:00 to 17:00 UTC, in which the real now never is: today is closed. */
let assembly: string;
let stack: LocalStack;
let sandbox: ReturnType<typeof sandboxOf>;
const data = (): Promise<string> => mkdtemp(join(tmpdir(), 'ezw-window-'));
const dayOf = (at: number): string => iso(at).slice(0, 10);
const today = Date.parse(`${dayOf(Date.now())}T00:00:00Z`);

const client = (): Client => ({
  ...demo,
  sendWindow: {
    zone: 'UTC',
    hours: [{ days: [...DAYS], from: '09:00', to: '17:00' }],
    // An hour before midnight would make this test another one.
    closed: [dayOf(today), dayOf(today + DAY), dayOf(today + 5 * DAY), dayOf(today + 8 * DAY)],
  },
});

beforeAll(async () => {
  assembly = await data();
  await synthesise([client()], assembly);
  stack = await startDemo({ assembly });
  sandbox = sandboxOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await rm(assembly, { recursive: true, force: true });
});

const bookedAt = async (start: number): Promise<string> => {
  const id = newId('A');
  expect(await tell(stack, 'custom', customAppointment('booked', id, start, { zone: 'UTC' }))).toMatchObject({
    status: 200,
  });
  await untilIdle(stack);
  return id;
};
const keysOf = async (id: string): Promise<string[]> =>
  (await sandbox.messages()).map(({ key }) => key).filter((key) => key.includes(id));

it('a reminder that is due at night waits for the morning, by the same alarm clock, and leaves when the hours begin', async () => {
  // 20:00, so that its 24h reminder is due at 20:00 too; the 2h reminder, at 18:00, would have to wait until it is too late.
  const start = today + 3 * DAY + 20 * HOUR;
  const id = await bookedAt(start);
  await moveClock(stack, start - DAY);
  expect(await keysOf(id)).toEqual([]);
  const opening = today + 3 * DAY + 9 * HOUR;
  expect((await stack.state()).alarms.filter(({ at }) => at === iso(opening))).toHaveLength(1);
  await moveClock(stack, opening - 60_000);
  expect(await keysOf(id)).toEqual([]);
  await moveClock(stack, opening);
  expect(await keysOf(id)).toEqual([`appointment:${id}:24h`]);
  await moveClock(stack, start);
  expect(await untilState(stack, `appointment:${id}:2h`, 'EXPIRED')).toMatchObject({ reason: 'outside_send_window' });
  expect((await stack.state()).alarms).toEqual([]);
});

it('one that waits for the morning does not leave when the appointment is cancelled in the night', async () => {
  // The fifth day is closed, so its 24h reminder waits from the fifth to the sixth day.
  const start = today + 6 * DAY + 12 * HOUR;
  const id = await bookedAt(start);
  await moveClock(stack, start - DAY);
  await tell(stack, 'custom', customAppointment('cancelled', id, start));
  await untilIdle(stack);
  expect((await stack.state()).alarms).toEqual([]);
  await moveClock(stack, start);
  expect(await keysOf(id)).toEqual([]);
});

it('of two stages that become due at one opening the last one goes, and the earlier one shows as superseded', async () => {
  // The eighth day is closed: the 24h reminder of 10:00 waits from there for 09:00 of the ninth, and so does the 2h reminder of 08:00.
  const start = today + 9 * DAY + 10 * HOUR;
  const id = await bookedAt(start);
  await moveClock(stack, start - DAY);
  expect(await untilState(stack, `appointment:${id}:24h`, 'EXPIRED')).toMatchObject({ reason: 'superseded' });
  await moveClock(stack, start - 2 * HOUR);
  expect(await keysOf(id)).toEqual([]);
  await moveClock(stack, start - HOUR);
  expect(await keysOf(id)).toEqual([`appointment:${id}:2h`]);
});

it('an order that is ready outside the hours waits for them, for it is useful from then on: here both days are closed', async () => {
  await post(stack, 'custom', signed('custom', customOrder('SO-night')));
  expect(await untilState(stack, 'order:SO-night:ready', 'HELD')).toMatchObject({
    reason: 'outside_send_window',
    attempts: 0,
  });
});
