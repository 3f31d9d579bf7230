import { afterAll, beforeAll, expect, it } from 'vitest';
import { Appointments } from '../../functions/appointment-reminder/appointments.ts';
import type { AppointmentReminderConfig } from '../../functions/appointment-reminder/config.ts';
import type { Alarm, AppointmentEvent } from '../../functions/appointment-reminder/schema.ts';
import type { SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { SchedulerServer } from '../../local/scheduler/server.ts';
import { startDynamo } from './dynamo.ts';

/** Everything of the function but its queues: the SDK's clients on a real table and the scheduler. */
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:work';
const DEAD_LETTERS = `${QUEUE}-dlq`;
/** `APPOINTMENTS=10000` takes some minutes; the fewer of every test run show the same. */
const COUNT = Number(process.env.APPOINTMENTS ?? 1_000);
const BLOCK = COUNT / 10;
const AT_ONCE = 10;
const HOUR = 3600_000;
const DAY = 24 * HOUR;

const text = { texts: { en: { body: '{time}' } } };
const config: AppointmentReminderConfig = {
  lineId: 'line',
  keysOf: 'line',
  country: 'IL',
  locale: 'en',
  zone: 'Asia/Jerusalem',
  late: 'skip',
  sources: {},
  stages: { '24h': text, '2h': text },
};

let stop: () => Promise<void>;
let scheduler: SchedulerServer;
let appointments: Appointments;
const rung: Alarm[] = [];
const sent: SendCommand[] = [];

beforeAll(async () => {
  ({ stop } = await startDynamo('appointments'));
  const deliver = (_: string, body: string) => rung.push(JSON.parse(body).alarm);
  scheduler = await SchedulerServer.start({ knows: (arn) => arn.startsWith(QUEUE), allows: () => true, deliver });
  scheduler.createGroup('alarms');
  scheduler.run();
  process.env.AWS_ENDPOINT_URL_SCHEDULER = scheduler.url;
  const { alarmClock } = await import('../../functions/shared/runtime/alarm-clock.ts');
  const { rowsOf } = await import('../../functions/shared/runtime/rows.ts');
  appointments = new Appointments({
    config,
    rows: rowsOf('appointments'),
    series: rowsOf('appointments'),
    alarms: alarmClock({
      group: 'alarms',
      queueArn: QUEUE,
      deadLettersArn: DEAD_LETTERS,
      roleArn: 'arn:aws:iam::000000000000:role/ring',
    }),
    send: async (command) => {
      sent.push(command);
    },
    log: () => {},
    now: Date.now,
  });
});
afterAll(async () => {
  await scheduler.stop();
  await stop();
});

const begin = Date.now();
const startOf = (i: number): number => Math.ceil(begin / HOUR) * HOUR + 3 * DAY + (i % 500) * HOUR;
const common = (i: number, at: number) => {
  const time = new Date(at).toISOString();
  return { id: `A-${i}`, updatedAt: time, receivedAt: time };
};
const booking = (i: number): AppointmentEvent => ({
  kind: 'booked',
  ...common(i, begin),
  startsAt: new Date(startOf(i)).toISOString(),
  zone: 'Asia/Jerusalem',
  phones: [{ raw: '+972501234567' }],
});

/** Runs all, so many at once; returns the CPU milliseconds that each block took: others on this machine do not count. */
const inBlocks = async (count: number, work: (i: number) => Promise<void>): Promise<number[]> => {
  const took: number[] = [];
  for (let i = 0; i < count; i += BLOCK) {
    const from = process.cpuUsage();
    for (let j = i; j < Math.min(count, i + BLOCK); j += AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - j) }, (_, k) => work(j + k)));
    }
    const { user, system } = process.cpuUsage(from);
    took.push((user + system) / 1000);
  }
  return took;
};

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;

it(`${COUNT} bookings: the last take no longer than the first, and in the end no schedule is left`, async () => {
  await Promise.all(Array.from({ length: 50 }, (_, i) => appointments.onEvent(booking(COUNT + i))));
  const took = await inBlocks(COUNT, (i) => appointments.onEvent(booking(i)));
  expect(scheduler.pending()).toHaveLength(2 * (COUNT + 50));
  const ratio = median(took.slice(-3)) / median(took.slice(0, 3));
  console.log(`CPU ms per ${BLOCK} bookings: ${took.map(Math.round)}; last to first: ${ratio.toFixed(2)}`);
  // Flat but for the noise of a busy machine; a scan per booking would make it ten.
  expect(ratio).toBeLessThan(2);

  // Every tenth is cancelled, the others ring.
  await inBlocks(COUNT / 10, (i) => appointments.onEvent({ kind: 'cancelled', ...common(i * 10, begin + 1) }));
  scheduler.moveTo(startOf(499));
  expect(scheduler.pending()).toEqual([]);
  expect(rung).toHaveLength(2 * (COUNT + 50 - COUNT / 10));
  await inBlocks(rung.length, (i) => appointments.onAlarm(rung[i] as Alarm));
  expect(sent).toHaveLength(rung.length);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(rung.length);
  expect(scheduler.pending()).toEqual([]);
}, 300_000);
