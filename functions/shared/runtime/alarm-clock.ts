import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { ANSWER_MS, AWS_CLIENT, bounded } from './aws.ts';
import { env } from './config.ts';
import { within } from './in-time.ts';
import { toJson } from './json.ts';

const client = bounded(new SchedulerClient(AWS_CLIENT));

/** Brings a template back what it set, as `{alarm}` in its work queue. */
export interface AlarmClock<Alarm> {
  /**
   * @param name 1 to 64 letters, digits, `-`, `_` and `.`, the same for the same alarm: set again it is still one, at the time set last
   * @param at epoch milliseconds
   */
  set(name: string, alarm: Alarm, at: number): Promise<void>;
  /** One that is not there is no harm. */
  clear(name: string): Promise<void>;
}

interface AlarmTarget {
  readonly group: string;
  readonly queueArn: string;
  /** Where an alarm goes that the queue did not take. */
  readonly deadLettersArn: string;
  /** What lets the Scheduler put a message into either queue. */
  readonly roleArn: string;
}

/** Of a function whose stack gave its template an alarm clock. */
export const ownAlarms = (): AlarmTarget => ({
  group: env('ALARMS_GROUP'),
  queueArn: env('WORK_QUEUE_ARN'),
  deadLettersArn: env('WORK_DLQ_ARN'),
  roleArn: env('ALARMS_ROLE_ARN'),
});

/**
 * How long the Scheduler tries to put an alarm into the queue. By itself it does so for a day, and then a reminder of the day
 * before is found among the dead letters when its appointment begins. After an hour there is still time to put it back.
 */
const RETRY = { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 };

/** The Scheduler takes whole seconds and rings within the minute after; never before. */
const expressionOf = (at: number): string => `at(${new Date(Math.ceil(at / 1000) * 1000).toISOString().slice(0, 19)})`;

const unless = async (name: string, call: Promise<unknown>): Promise<boolean> => {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === name) return false;
    throw error;
  }
};

/** How long it is waited before a change that was refused is tried again; what is refused after that the queue brings back. */
const BUSY_MS = [200, 600, 1_200];

type Pause = (ms: number) => Promise<unknown>;

/** A change soon after another one of the same schedule is refused now and then: the Scheduler is not done with that one. */
const whenSettled = async (call: () => Promise<unknown>, pause: Pause): Promise<unknown> => {
  for (const ms of BUSY_MS) {
    if (await unless('ConflictException', call())) return;
    await pause(within(ms, ANSWER_MS));
  }
  return call();
};

/**
 * One-time schedules of EventBridge Scheduler that put `{alarm}` into the template's own work queue and go when they have rung.
 * Throttling is thrown: the queue brings the event back.
 */
export const alarmClock = <Alarm>(
  { group, queueArn, deadLettersArn, roleArn }: AlarmTarget,
  pause: Pause = sleep,
): AlarmClock<Alarm> => ({
  async set(name, alarm, at) {
    const schedule: CreateScheduleCommandInput = {
      Name: name,
      GroupName: group,
      ScheduleExpression: expressionOf(at),
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: queueArn,
        RoleArn: roleArn,
        Input: toJson({ alarm }),
        RetryPolicy: RETRY,
        DeadLetterConfig: { Arn: deadLettersArn },
      },
    };
    if (await unless('ConflictException', client.send(new CreateScheduleCommand(schedule)))) return;
    // It stands already, from a first delivery of the same event or a try whose answer was lost, perhaps for another time. Gone in
    // the meantime: it rang, or was cleared.
    const update = () => client.send(new UpdateScheduleCommand(schedule));
    await unless('ResourceNotFoundException', whenSettled(update, pause));
  },
  async clear(name) {
    const remove = () => client.send(new DeleteScheduleCommand({ Name: name, GroupName: group }));
    await unless('ResourceNotFoundException', whenSettled(remove, pause));
  },
});
