import { CreateScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { alarmClock } from '../../functions/shared/runtime/alarm-clock.ts';
import { ANSWER_MS } from '../../functions/shared/runtime/aws.ts';
import { inTime } from '../../functions/shared/runtime/in-time.ts';

const waits: number[] = [];
const pause = async (ms: number): Promise<void> => {
  waits.push(ms);
  vi.setSystemTime(Date.now() + ms);
};

const alarms = alarmClock<{ id: string }>({ group: 'g', queueArn: 'q', deadLettersArn: 'd', roleArn: 'r' }, pause);
const failing = (name: string) => Object.assign(new Error(name), { name });

/** What the service answers to each call: nothing, or the name of an error; the last one to all that follow. */
const scheduler = (...answers: (string | undefined)[]) => {
  const asked: string[] = [];
  vi.spyOn(SchedulerClient.prototype, 'send').mockImplementation(async (command: object) => {
    asked.push(command.constructor.name);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer !== undefined) throw failing(answer);
    return {};
  });
  return asked;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  waits.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const BUSY = 'ConflictException';
const CREATE = CreateScheduleCommand.name;
const UPDATE = UpdateScheduleCommand.name;
const set = () => alarms.set('one', { id: 'a' }, Date.now() + 3_600_000);

describe('a change that meets a busy Scheduler', () => {
  it('is made as soon as that is done, and not waited for any longer', async () => {
    const asked = scheduler(BUSY, BUSY, BUSY, undefined);
    await set();
    expect([asked, waits]).toEqual([
      [CREATE, UPDATE, UPDATE, UPDATE],
      [200, 600],
    ]);
  });

  it('is left to the queue after two seconds of waiting', async () => {
    const asked = scheduler(BUSY);
    await expect(set()).rejects.toMatchObject({ name: BUSY });
    expect([asked, waits]).toEqual([
      [CREATE, UPDATE, UPDATE, UPDATE, UPDATE],
      [200, 600, 1_200],
    ]);
  });

  it('that is refused for another reason is not tried again', async () => {
    const asked = scheduler(BUSY, 'ThrottlingException');
    await expect(set()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect([asked, waits]).toEqual([[CREATE, UPDATE], []]);
  });

  it('of an alarm that has rung meanwhile is no harm', async () => {
    scheduler(BUSY, BUSY, 'ResourceNotFoundException');
    await set();
    await alarms.clear('one');
    expect(waits).toEqual([200]);
  });

  it.each([100, 300, 900, 2_300, 30_000])('waits for no longer than what an invocation of %i ms leaves', async (ms) => {
    scheduler(BUSY);
    const began = Date.now();
    const handle = inTime((act: 'set' | 'clear') => (act === 'set' ? set() : alarms.clear('one')));
    const context = { getRemainingTimeInMillis: () => ms } as Context;
    for (const act of ['set', 'clear'] as const) {
      vi.setSystemTime(began);
      await expect(handle(act, context)).rejects.toMatchObject({ name: BUSY });
      expect(Date.now() - began).toBe(Math.min(2_000, Math.max(0, ms - ANSWER_MS)));
    }
  });
});
