import { expect, it } from 'vitest';
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
