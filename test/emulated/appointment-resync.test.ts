import { DeleteScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  return { code, stderr, told: code === 0 ? JSON.parse(stdout) : undefined };
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
    // Set again they are the same ones.
    await resync();
    expect(await alarmsOf(a, b, gone)).toEqual(before);
    for (const id of [a, b]) await tell(stack(), 'custom', customAppointment('cancelled', id, start));
    await untilIdle(stack());
  });

  it('sends at once what was due while its alarm was lost, once, and never what was not promised', async () => {
    // The day before is two seconds from now; of the other it had passed when it was booked.
    const [lost, late] = [await booked(Date.now() + DAY + 2500), await booked(Date.now() + 5 * HOUR)];
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
    const ids = Array.from({ length: 120 }, () => newId('many'));
    await Promise.all(ids.map((id) => tell(stack(), 'custom', customAppointment('booked', id, start))));
    await untilIdle(stack(), 60_000);
    const before = await alarmsOf(...ids);
    expect(before).toHaveLength(240);
    for (let i = 0; i < 3; i += 1) await loseAlarms();
    expect((await resync()).told).toMatchObject({ appointments: 120, alarms: 240, failed: 0, done: true });
    expect(await alarmsOf(...ids)).toEqual(before);
    await Promise.all(ids.map((id) => tell(stack(), 'custom', customAppointment('cancelled', id, start))));
    await untilIdle(stack(), 60_000);
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
