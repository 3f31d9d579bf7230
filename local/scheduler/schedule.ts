import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { accountId, region } from '../account.ts';
import { invalid } from './scheduler-error.ts';

export const nameSchema = z.string().regex(/^[0-9a-zA-Z-_.]{1,64}$/, 'must be 1 to 64 of 0-9 a-z A-Z - _ .');

/** A standard queue: the name of a FIFO queue ends in `.fifo`, which the service refuses here. */
const DEAD_LETTERS = /^arn:aws(-[a-z]+)?:sqs:[a-z0-9-]+:\d{12}:[a-zA-Z0-9\-_]+$/;

/** No page says how much it takes; what it rings with has been 256 KB at most for long. */
const MAX_INPUT_BYTES = 256 * 1024;

/** Strict: what is not emulated must not be taken in silence. */
export const scheduleInput = z.strictObject({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF', 'only OFF is emulated here') }),
  Target: z.strictObject({
    Arn: z.string().regex(/^arn:aws:sqs:/, 'only queues are emulated here'),
    RoleArn: z.string().min(20),
    Input: z
      .string()
      .min(1)
      .refine((input) => Buffer.byteLength(input) <= MAX_INPUT_BYTES, `must be ${MAX_INPUT_BYTES} bytes at most`)
      .default('{}'),
    RetryPolicy: z
      .strictObject({
        MaximumEventAgeInSeconds: z.int().min(60).max(86_400).default(86_400),
        MaximumRetryAttempts: z.int().min(0).max(185).default(185),
      })
      .optional(),
    DeadLetterConfig: z
      .strictObject({ Arn: z.string().regex(DEAD_LETTERS, 'must be the ARN of a standard queue') })
      .optional(),
  }),
  ActionAfterCompletion: z.enum(['NONE', 'DELETE']).default('NONE'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Description: z.string().max(512).optional(),
  GroupName: nameSchema.default('default'),
  ClientToken: z.string().min(1).max(64).optional(),
});

/** One schedule, as the API words it, with what it means. */
export interface Schedule extends z.infer<typeof scheduleInput> {
  Name: string;
  /** Epoch milliseconds. */
  at: number;
  createdAt: number;
  updatedAt: number;
  /** It has rung; only one that is not deleted after its completion is still there then. */
  done: boolean;
  /** After a try that failed: how many did, and when the next one is. One that is late has none. */
  failed?: { tries: number; nextAt: number } | undefined;
}

const AT = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;

/** The instant of an `at(…)` expression in its time zone, in epoch milliseconds. Throws a ValidationException. */
export function instantOf(expression: string, zone: string): number {
  const [, time] = AT.exec(expression) ?? [];
  if (time === undefined)
    throw invalid(`Invalid Schedule Expression ${expression}: only at(yyyy-mm-ddThh:mm:ss) here.`);
  try {
    return Temporal.PlainDateTime.from(time).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    throw invalid(`Invalid Schedule Expression ${expression} in the time zone ${zone}.`);
  }
}

/** A schedule of the template that rings every day. It has no life of its own: it is there as long as the template says so. */
export interface Daily {
  name: string;
  group: string;
  target: z.infer<typeof scheduleInput>['Target'];
  /** The first instant after another one at which it rings, both in epoch milliseconds. */
  after: (instant: number) => number;
}

const EVERY_DAY = /^cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)$/;

/** What a `cron(…)` expression for one time of every day means in its zone. Throws a ValidationException for any other. */
export function dailyAt(expression: string, zone: string): Daily['after'] {
  const [, minute, hour] = EVERY_DAY.exec(expression) ?? [];
  if (hour === undefined) throw invalid(`Invalid Schedule Expression ${expression}: only cron(m h * * ? *) here.`);
  const plainTime = Temporal.PlainTime.from({ hour: Number(hour), minute: Number(minute) }, { overflow: 'reject' });
  return (instant) => {
    const today = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate();
    const on = (days: number) => today.add({ days }).toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
    return on(0) > instant ? on(0) : on(1);
  };
}

export const keyOf = (group: string, name: string): string => `${group}/${name}`;
export const scheduleArn = ({ GroupName, Name }: Schedule): string =>
  `arn:aws:scheduler:${region}:${accountId}:schedule/${GroupName}/${Name}`;
export const groupArn = (name: string): string => `arn:aws:scheduler:${region}:${accountId}:schedule-group/${name}`;

/** Of a path, decoded. Throws a SchedulerError. */
export function partsOf(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    throw invalid(`${path} is not encoded as an address is.`);
  }
}
