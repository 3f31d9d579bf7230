import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { written } from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { customAppointment, DAY, daysAhead, HOUR, moveClock, newId, tell } from './appointments.ts';
import { demoForAll, sandboxOf, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';

const stack = demoForAll();
let days = 0;

/** A start in days that no test before has moved the clock into. */
const freshStart = (): number => {
  days += 10;
  return daysAhead(days);
};

const booked = async (start: number, over: Record<string, unknown> = {}): Promise<string> => {
  const id = newId('A');
  await tell(stack(), 'custom', customAppointment('booked', id, start, over));
  await untilIdle(stack());
  return id;
};

/** Runs a command of the operator against this stack. */
const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await ezw([...args, '--local', stack().url, '--json']);
  // What doctor finds bad it tells all the same.
  return { code, stderr, told: stdout === '' ? undefined : JSON.parse(stdout) };
};

const keysOf = async (id: string): Promise<string[]> =>
  (await sandboxOf(stack()).messages())
    .map(({ key }) => key)
    .filter((key) => key.split(':')[1] === id)
    .sort();

let scheduler: SchedulerClient;
beforeAll(() => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  scheduler = new SchedulerClient({ endpoint: stack().endpoints.scheduler, region: 'us-east-1', credentials });
});
afterAll(() => scheduler.destroy());

const alarmsOf = async (...ids: string[]): Promise<string[]> =>
  (await stack().state()).alarms
    .filter(({ input }) => ids.some((id) => JSON.stringify(input).includes(`"${id}"`)))
    .map(({ name, at }) => `${name} ${at}`)
    .sort();

/** An outage that takes every alarm. */
const loseAlarms = async (): Promise<void> => {
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ MaxResults: 100 }));
  for (const { Name, GroupName } of Schedules) await scheduler.send(new DeleteScheduleCommand({ Name, GroupName }));
};

const resync = (...more: string[]) => run('appointments', 'resync', 'demo', ...more);

// First of all: later the scheduler's clock is ahead of the functions' own.
describe('resync', () => {
  it('sets the alarms of what is booked anew, at the same times, and none of what is cancelled or replaced', async () => {
    const start = freshStart();
    const [a, b, gone] = [await booked(start), await booked(start + HOUR), await booked(start)];
    await tell(stack(), 'custom', customAppointment('moved', b, start + 2 * HOUR));
    await tell(stack(), 'custom', customAppointment('cancelled', gone, start));
    await untilIdle(stack());
    const before = await alarmsOf(a, b, gone);
    expect(before).toHaveLength(4);
    await loseAlarms();
    expect(await alarmsOf(a, b, gone)).toEqual([]);
    const counts = { appointments: 2, alarms: 4, overdue: 0, failed: 0 };
    expect((await resync('--dry-run')).told).toEqual({ client: 'demo', dryRun: true, ...counts, done: true });
    expect(await alarmsOf(a, b, gone)).toEqual([]);
    expect((await resync()).told).toEqual({ client: 'demo', dryRun: false, ...counts, done: true });
    expect(await alarmsOf(a, b, gone)).toEqual(before);
    const { told } = await run('doctor', 'demo');
    expect(told.findings).toContainEqual({
      check: 'alarms',
      level: 'good',
      about: 'alarms',
      found: expect.stringMatching(/^set anew at .*: 2 appointments, 0 failed$/),
    });
    // Set again they are the same ones.
    await resync();
    expect(await alarmsOf(a, b, gone)).toEqual(before);
    for (const id of [a, b]) await tell(stack(), 'custom', customAppointment('cancelled', id, start));
    await untilIdle(stack());
  });

  it('sends at once what was due while its alarm was lost, once, and never what was not promised', async () => {
    // The day before is two seconds from now; of the other it had passed when it was booked.
    const [lost, late] = [await booked(Date.now() + DAY + 2500, { zone: 'UTC' }), await booked(Date.now() + 5 * HOUR)];
    await loseAlarms();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect((await resync()).told).toMatchObject({ appointments: 2, alarms: 2, overdue: 1, failed: 0 });
    await untilState(stack(), `appointment:${lost}:24h`, 'ACCEPTED');
    expect((await resync()).told).toMatchObject({ overdue: 0 });
    await untilIdle(stack());
    expect(await keysOf(lost)).toEqual([`appointment:${lost}:24h`]);
    expect(await keysOf(late)).toEqual([]);
    for (const id of [lost, late]) await tell(stack(), 'custom', customAppointment('cancelled', id, 0));
    await untilIdle(stack());
  });

  it('walks through a table of many pages', async () => {
    const start = freshStart();
    const ids = Array.from({ length: 60 }, () => newId('many'));
    await Promise.all(ids.map((id) => tell(stack(), 'custom', customAppointment('booked', id, start))));
    await untilIdle(stack());
    const before = await alarmsOf(...ids);
    expect(before).toHaveLength(120);
    for (let i = 0; i < 2; i += 1) await loseAlarms();
    expect((await resync()).told).toMatchObject({ appointments: 60, alarms: 120, failed: 0, done: true });
    expect(await alarmsOf(...ids)).toEqual(before);
    await Promise.all(ids.map((id) => tell(stack(), 'custom', customAppointment('cancelled', id, start))));
    await untilIdle(stack());
  });

  it('that the Scheduler throttles comes back and loses nothing', async () => {
    const id = await booked(freshStart());
    await loseAlarms();
    stack().throttleScheduler(6);
    expect((await resync()).told).toMatchObject({ appointments: 1, alarms: 2, failed: 0, done: true });
    expect(await alarmsOf(id)).toHaveLength(2);
    await tell(stack(), 'custom', customAppointment('cancelled', id, 0));
    await untilIdle(stack());
  });
});

it('an alarm that its queue refuses for an hour is among the dead letters, and put back it still reminds, once', async () => {
  const start = freshStart();
  const id = await booked(start);
  stack().failAlarms(100);
  await moveClock(stack(), start - DAY);
  await moveClock(stack(), start - DAY + HOUR + 60_000);
  stack().failAlarms(0);
  expect(await keysOf(id)).toEqual([]);
  const { told } = await run('dlq', 'list', 'demo');
  const dead = told.queues.find(({ queue }: { queue: string }) => queue === 'appointment-reminder-dlq');
  expect(dead).toMatchObject({ count: 1, letters: [{ about: 'alarm' }] });
  expect((await run('dlq', 'redrive', 'demo', 'appointment-reminder-dlq')).told).toMatchObject({ moved: 1 });
  await untilState(stack(), `appointment:${id}:24h`, 'ACCEPTED');
  await moveClock(stack(), start);
  expect(await keysOf(id)).toEqual([`appointment:${id}:24h`, `appointment:${id}:2h`]);
});

/** Noon in UTC, hours after 03:30 in Israel. */
const noon = (): number => Math.floor(freshStart() / DAY) * DAY + 12 * HOUR;

describe('each night at 03:30 by the clocks of the client, with nobody asking,', () => {
  it('alarms that were lost are set anew and ring at their times', async () => {
    const start = noon();
    const id = await booked(start);
    const before = await alarmsOf(id);
    await loseAlarms();
    await moveClock(stack(), start - 2 * DAY);
    expect(await alarmsOf(id)).toEqual(before);
    await moveClock(stack(), start);
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`, `appointment:${id}:2h`]);
  });

  it('what was due since its alarm was lost goes out, once', async () => {
    const start = noon();
    const id = await booked(start);
    await moveClock(stack(), start - DAY - HOUR);
    await loseAlarms();
    await moveClock(stack(), start - DAY + HOUR);
    expect(await keysOf(id)).toEqual([]);
    await moveClock(stack(), start - 3 * HOUR);
    await untilState(stack(), `appointment:${id}:24h`, 'ACCEPTED');
    await moveClock(stack(), start);
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`, `appointment:${id}:2h`]);
  });
});

describe('turning the template off and on', () => {
  let off: string;
  beforeAll(async () => {
    off = await mkdtemp(join(tmpdir(), 'ezw-off-'));
    const { 'appointment-reminder': _, ...others } = written.templates;
    await synthesise([defineClient({ ...written, templates: others })], off, Object.keys(written.templates));
  });
  afterAll(() => rm(off, { recursive: true, force: true }));

  it('keeps what is booked; what rings meanwhile waits and goes out, once, when it is on again', async () => {
    const start = freshStart();
    const id = await booked(start);
    const before = await alarmsOf(id);
    await stack().reload(off);
    expect(await tell(stack(), 'custom', customAppointment('booked', newId('A'), start))).toMatchObject({
      status: 503,
      body: { reason: 'template_off' },
    });
    const { tables, queues } = await stack().state();
    expect(JSON.stringify(tables.appointments)).toContain(`"${id}"`);
    expect(queues['appointment-reminder-work']).toMatchObject({ ready: 0 });
    expect(await alarmsOf(id)).toEqual(before);
    const body = JSON.stringify({ now: new Date(start - DAY).toISOString() });
    await fetch(`${stack().url}/_local/clock`, { method: 'POST', body });
    expect((await stack().state()).queues['appointment-reminder-work']).toMatchObject({ ready: 1, inFlight: 0 });
    expect(await keysOf(id)).toEqual([]);
    await stack().reload(process.env.EZW_ASSEMBLY ?? '');
    await untilState(stack(), `appointment:${id}:24h`, 'ACCEPTED');
    await moveClock(stack(), start);
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`, `appointment:${id}:2h`]);
  });

  it('and an alarm that was lost while it was off is set anew when it is on again', async () => {
    const id = await booked(freshStart());
    const before = await alarmsOf(id);
    await stack().reload(off);
    await loseAlarms();
    await stack().reload(process.env.EZW_ASSEMBLY ?? '');
    await resync();
    expect(await alarmsOf(id)).toEqual(before);
  });
});
