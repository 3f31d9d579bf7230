import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { AWS_CLIENT, bounded } from '../shared/runtime/aws.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import { toJson } from '../shared/runtime/json.ts';
import type { AlarmClock } from './appointments.ts';
import type { Alarm } from './schema.ts';

const client = bounded(new SchedulerClient(AWS_CLIENT));

export interface AlarmTarget {
  readonly group: string;
  readonly queueArn: string;
  /** Where an alarm goes that the queue did not take. */
  readonly deadLettersArn: string;
  /** What lets the Scheduler put a message into either queue. */
  readonly roleArn: string;
}

/**
 * How long the Scheduler tries to put an alarm into the queue. By itself it does so for a day, and then a reminder of the day
 * before is found among the dead letters when its appointment begins. After an hour there is still time to put it back.
 */
const RETRY = { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 };

type Reminder = Omit<Alarm, 'scheduledFor'>;

/** The same reminder always has the same name, so setting it twice makes one alarm. Names take 64 characters, ids more. */
const nameOf = ({ appointmentId, version, stage }: Reminder, again: boolean): string =>
  `${stage}-v${version}-${sha256(JSON.stringify([appointmentId, version, stage])).slice(0, 32)}${again ? '-again' : ''}`;

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

/**
 * One-time schedules of EventBridge Scheduler that put `{alarm}` into the template's own work queue and go when they have rung.
 * Throttling is thrown: the queue brings the event back.
 */
export const alarmClock = ({ group, queueArn, deadLettersArn, roleArn }: AlarmTarget): AlarmClock => ({
  async set(alarm, at, again) {
    const schedule: CreateScheduleCommandInput = {
      Name: nameOf(alarm, again),
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
    // It stands already, from a first delivery of the same event or a try whose answer was lost; the zone may have changed its
    // time. Gone in the meantime: it rang, or a cancellation took it.
    await unless('ResourceNotFoundException', client.send(new UpdateScheduleCommand(schedule)));
  },
  async clear(reminder) {
    const clears = [false, true].map((again) =>
      unless(
        'ResourceNotFoundException',
        client.send(new DeleteScheduleCommand({ Name: nameOf(reminder, again), GroupName: group })),
      ),
    );
    await Promise.all(clears);
  },
});
