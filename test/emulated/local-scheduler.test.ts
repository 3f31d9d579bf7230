import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clockRoute } from '../../local/scheduler/clock-route.ts';
import { dailyAt } from '../../local/scheduler/schedule.ts';
import { SchedulerServer } from '../../local/scheduler/server.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:work';
const DAY = 24 * 3600_000;

let server: SchedulerServer;
let client: SchedulerClient;
let delivered: string[];
let setAside: string[];
let reasons: Readonly<Record<string, string>>[];
let there: string[];
let forbidden: string[];
let happens: (name: string) => number | 'twice' | undefined;

const DEAD_LETTERS = `${QUEUE}-dlq`;
const targets = {
  knows: (arn: string) => there.includes(arn),
  allows: (role: string, group: string, arn: string) => !forbidden.includes([role, group, arn].join(' ')),
  deliver: (arn: string, body: string, why?: Readonly<Record<string, string>>) => {
    (arn === QUEUE ? delivered : setAside).push(body);
    if (why) reasons.push(why);
  },
  onAlarm: (name: string) => happens(name),
};

async function start(data?: string): Promise<void> {
  server = await SchedulerServer.start(targets, data);
  server.createGroup('alarms');
  server.run();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new SchedulerClient({ endpoint: server.url, region: 'us-east-1', credentials });
}

beforeEach(async () => {
  [delivered, setAside, reasons, there, forbidden] = [[], [], [], [QUEUE, DEAD_LETTERS], []];
  happens = () => undefined;
  await start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  client.destroy();
  await server.stop();
});

const expression = (at: number): string => `at(${new Date(at).toISOString().slice(0, 19)})`;
const second = (at: number): number => Math.floor(at / 1000) * 1000;

const schedule = (name: string, at: number, over = {}) => ({
  Name: name,
  GroupName: 'alarms',
  ScheduleExpression: expression(at),
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  ActionAfterCompletion: 'DELETE' as const,
  Target: { Arn: QUEUE, RoleArn: 'arn:aws:iam::000000000000:role/ring', Input: JSON.stringify({ name }) },
  ...over,
});
/** The target of a schedule whose failures are looked after. */
const failing = (over: object) => ({
  ...schedule('any', 0).Target,
  RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 2 },
  DeadLetterConfig: { Arn: DEAD_LETTERS },
  ...over,
});
const create = (name: string, at: number, over = {}) =>
  client.send(new CreateScheduleCommand(schedule(name, at, over)));
const get = (Name: string) => client.send(new GetScheduleCommand({ Name, GroupName: 'alarms' }));
/** Of one moment, whatever a test's own time is. */
const BEGAN = second(Date.now());
const later = (days: number): number => BEGAN + days * DAY;
const rung = () => delivered.map((body) => JSON.parse(body).name);

describe('a schedule', () => {
  test('is made, read, listed, changed and deleted as the service would', async () => {
    const { ScheduleArn } = await create('one', later(3), { Description: 'first' });
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/alarms/one');
    const made = await get('one');
    expect(made).toMatchObject({
      ...schedule('one', later(3)),
      Arn: ScheduleArn,
      Description: 'first',
      State: 'ENABLED',
      ScheduleExpressionTimezone: 'UTC',
    });
    expect(made.CreationDate?.getFullYear()).toBeGreaterThan(2000);
    await client.send(new UpdateScheduleCommand(schedule('one', later(4))));
    const changed = await get('one');
    // An update replaces all of it: what it does not name has its default again.
    expect(changed).toMatchObject({ ScheduleExpression: expression(later(4)) });
    expect(changed.Description).toBeUndefined();
    expect(changed.CreationDate).toEqual(made.CreationDate);
    await client.send(new DeleteScheduleCommand({ Name: 'one', GroupName: 'alarms' }));
    await expect(get('one')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('that exists is not made a second time, but the same request again is no conflict', async () => {
    await create('one', later(1), { ClientToken: 'token-1' });
    await create('one', later(1), { ClientToken: 'token-1' });
    await expect(create('one', later(2))).rejects.toMatchObject({ name: 'ConflictException' });
    expect(await get('one')).toMatchObject({ ScheduleExpression: expression(later(1)) });
  });

  test('that does not exist cannot be changed or deleted, nor one made in a group that does not exist', async () => {
    const missing = { name: 'ResourceNotFoundException' };
    await expect(client.send(new UpdateScheduleCommand(schedule('none', later(1))))).rejects.toMatchObject(missing);
    await expect(client.send(new DeleteScheduleCommand({ Name: 'none', GroupName: 'alarms' }))).rejects.toMatchObject(
      missing,
    );
    await expect(create('one', later(1), { GroupName: 'nowhere' })).rejects.toMatchObject(missing);
  });

  test.each([
    ['a time without a clock', { ScheduleExpression: 'at(2026-11-25)' }],
    ['a date that is none', { ScheduleExpression: 'at(2026-02-30T10:00:00)' }],
    ['an expression that is not emulated', { ScheduleExpression: 'rate(5 minutes)' }],
    ['an unknown zone', { ScheduleExpressionTimezone: 'Mars/Olympus' }],
    ['a flexible window', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }],
    ['a name with a space', { Name: 'a b' }],
    ['a name of 65 letters', { Name: 'a'.repeat(65) }],
    ['a text of more than 256 KB', { Target: failing({ Input: 'é'.repeat(128 * 1024 + 1) }) }],
    [
      'dead letters in what is no queue',
      { Target: failing({ DeadLetterConfig: { Arn: 'arn:aws:sns:us-east-1:000000000000:work' } }) },
    ],
    [
      'dead letters in a queue that keeps an order',
      { Target: failing({ DeadLetterConfig: { Arn: `${QUEUE}.fifo` } }) },
    ],
    ['more retries than there may be', { Target: failing({ RetryPolicy: { MaximumRetryAttempts: 186 } }) }],
    ['less than a minute to be tried', { Target: failing({ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }) }],
  ])('with %s is refused', async (_, over) => {
    await expect(create('one', later(1), over)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('the list has pages, groups and prefixes', async () => {
    for (const name of ['a-1', 'a-2', 'a-3', 'b-1']) await create(name, later(1));
    await create('elsewhere', later(1), { GroupName: 'default' });
    const names: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new ListSchedulesCommand({ GroupName: 'alarms', NamePrefix: 'a-', MaxResults: 2, NextToken }),
      );
      names.push(page.Schedules?.map(({ Name }) => Name));
      ({ NextToken } = page);
    } while (NextToken);
    expect(names).toEqual([['a-1', 'a-2'], ['a-3']]);
  });
});

test('a group is made, read and listed, and takes its schedules with it', async () => {
  await client.send(new CreateScheduleGroupCommand({ Name: 'more' }));
  await expect(client.send(new CreateScheduleGroupCommand({ Name: 'more' }))).rejects.toMatchObject({
    name: 'ConflictException',
  });
  expect(await client.send(new GetScheduleGroupCommand({ Name: 'more' }))).toMatchObject({ State: 'ACTIVE' });
  const { ScheduleGroups } = await client.send(new ListScheduleGroupsCommand({}));
  expect(ScheduleGroups?.map(({ Name }) => Name)).toEqual(['default', 'alarms', 'more']);
  await create('one', later(1), { GroupName: 'more' });
  await client.send(new DeleteScheduleGroupCommand({ Name: 'more' }));
  expect(server.pending()).toEqual([]);
});

test('a group that is gone takes no schedules, and the default group stays', async () => {
  await client.send(new CreateScheduleGroupCommand({ Name: 'gone' }));
  await client.send(new DeleteScheduleGroupCommand({ Name: 'gone' }));
  const missing = { name: 'ResourceNotFoundException', message: 'Schedule group gone does not exist.' };
  await expect(create('one', later(1), { GroupName: 'gone' })).rejects.toMatchObject(missing);
  const refused = client.send(new DeleteScheduleGroupCommand({ Name: 'default' }));
  await expect(refused).rejects.toMatchObject({ name: 'ValidationException' });
  await create('one', later(1), { GroupName: 'default' });
});

test('a change or a deletion shortly after another is refused now and then, and has no effect', async () => {
  await create('one', later(1));
  server.unsettle(2);
  await create('two', later(1));
  const conflict = { name: 'ConflictException', $metadata: { httpStatusCode: 409 } };
  await expect(client.send(new UpdateScheduleCommand(schedule('one', later(4))))).rejects.toMatchObject(conflict);
  const deleted = () => client.send(new DeleteScheduleCommand({ Name: 'one', GroupName: 'alarms' }));
  await expect(deleted()).rejects.toMatchObject(conflict);
  expect(await get('one')).toMatchObject({ ScheduleExpression: expression(later(1)) });
  await deleted();
});

describe('a template whose change is refused because the Scheduler is busy', () => {
  const clock = async () => {
    vi.resetModules();
    vi.stubEnv('AWS_ENDPOINT_URL_SCHEDULER', server.url);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const { alarmClock } = await import('../../functions/shared/runtime/alarm-clock.ts');
    return alarmClock({ group: 'alarms', queueArn: QUEUE, deadLettersArn: DEAD_LETTERS, roleArn: failing({}).RoleArn });
  };
  afterEach(() => vi.unstubAllEnvs());

  test('sets and clears its alarm a moment later', async () => {
    const alarms = await clock();
    await alarms.set('one', {}, later(1));
    server.unsettle(2);
    await alarms.set('one', {}, later(2));
    expect(await get('one')).toMatchObject({ ScheduleExpression: expression(later(2)) });
    server.unsettle(2);
    await alarms.clear('one');
    expect(server.pending()).toEqual([]);
  });

  test('leaves it to its queue where that lasts, and no alarm is lost', async () => {
    const alarms = await clock();
    await alarms.set('one', {}, later(1));
    server.unsettle(100);
    await expect(alarms.set('one', {}, later(2))).rejects.toMatchObject({ name: 'ConflictException' });
    server.unsettle(0);
    expect(await get('one')).toMatchObject({ ScheduleExpression: expression(later(1)) });
  });
});

describe('time', () => {
  test('an alarm for a time that has passed is taken, and rings at once', async () => {
    await create('past', BEGAN - 400 * DAY);
    await expect.poll(rung).toEqual(['past']);
  });

  test('an alarm rings by itself, once, and is gone', async () => {
    await create('soon', Date.now() + 1000);
    await expect.poll(rung, { timeout: 3000 }).toEqual(['soon']);
    await expect(get('soon')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('the clock is moved forward and rings what is due, in order; not what is later', async () => {
    for (const [name, days] of [
      ['third', 40],
      ['first', 2],
      ['later', 50],
      ['second', 30],
    ] as const) {
      await create(name, later(days));
    }
    const fired = server.moveTo(later(40));
    expect(fired.map(({ name }) => name)).toEqual(['first', 'second', 'third']);
    expect(rung()).toEqual(['first', 'second', 'third']);
    expect(server.pending().map(({ name }) => name)).toEqual(['later']);
  });

  test('the clock is never moved back', async () => {
    server.moveTo(later(40));
    expect(server.moveTo(later(39))).toEqual([]);
    expect(server.now()).toBeGreaterThanOrEqual(later(40) - 1000);
    await create('past', later(39));
    await expect.poll(rung).toEqual(['past']);
  });

  test('the clock is not moved by more than ten years, for it never comes back', () => {
    const wrong = clockRoute(server, '{"now":"9999-11-25T10:00:00Z"}');
    expect(wrong).toMatchObject({ status: 400, body: { message: expect.stringContaining('does not go back') } });
    expect(server.now()).toBeLessThan(later(1));
    expect(clockRoute(server, JSON.stringify({ now: new Date(later(365)).toISOString() })).status).toBe(200);
  });

  test('a date more than 24.8 days ahead does not ring at once', async () => {
    await create('far', later(25));
    await create('farther', later(400));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(delivered).toEqual([]);
  });

  test.each([
    ['Asia/Jerusalem', '2036-06-01T10:00:00', '2036-06-01T07:00:00.000Z'],
    ['Asia/Jerusalem', '2036-12-01T10:00:00', '2036-12-01T08:00:00.000Z'],
    ['America/New_York', '2036-03-09T02:30:00', '2036-03-09T07:30:00.000Z'],
    ['America/New_York', '2036-11-02T01:30:00', '2036-11-02T05:30:00.000Z'],
  ])('in %s %s is %s', async (ScheduleExpressionTimezone, time, at) => {
    await create('one', 0, { ScheduleExpression: `at(${time})`, ScheduleExpressionTimezone });
    expect(server.pending()).toMatchObject([{ at }]);
    await client.send(new DeleteScheduleCommand({ Name: 'one', GroupName: 'alarms' }));
  });

  test('one that is not to be deleted stays and does not ring again; a disabled one does not ring', async () => {
    await create('kept', later(1), { ActionAfterCompletion: 'NONE' });
    await create('off', later(1), { State: 'DISABLED' });
    server.moveTo(later(2));
    server.moveTo(later(3));
    expect(rung()).toEqual(['kept']);
    expect(await get('kept')).toMatchObject({ Name: 'kept' });
    expect(server.pending()).toEqual([]);
  });
});

describe('a target that fails', () => {
  const MINUTE = 60_000;

  test('that is late rings when it said, once and not later still', async () => {
    const asked: string[] = [];
    happens = (name) => {
      asked.push(name);
      return name === 'late' ? 30_000 : undefined;
    };
    await create('late', later(1));
    await create('in time', later(1), { Name: 'in-time' });
    expect(server.moveTo(later(1)).map(({ name }) => name)).toEqual(['in-time']);
    expect(server.moveTo(later(1) + 29_000)).toEqual([]);
    expect(server.moveTo(later(1) + 30_000).map(({ name }) => name)).toEqual(['late']);
    expect(server.pending()).toEqual([]);
    expect(asked).toEqual(['late', 'in-time']);
  });

  test('that rings twice is in the queue twice, and is gone', async () => {
    happens = () => 'twice';
    await create('one', later(1));
    expect(server.moveTo(later(1)).map(({ name }) => name)).toEqual(['one']);
    expect(rung()).toEqual(['one', 'one']);
    expect(server.pending()).toEqual([]);
  });

  test('is called again, a minute later, and nothing is set aside when it answers', async () => {
    // On a busy machine milliseconds pass between any two lines.
    const { now } = Date;
    let passed = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + (passed++ % 3));
    await create('one', later(1), { Target: failing({}) });
    server.failTargets(2);
    expect(server.moveTo(later(1))).toEqual([]);
    expect(server.moveTo(later(1) + MINUTE)).toEqual([]);
    expect(delivered).toEqual([]);
    expect(server.moveTo(later(1) + 2 * MINUTE + 1000).map(({ name }) => name)).toEqual(['one']);
    expect([delivered.length, setAside]).toEqual([1, []]);
    expect(server.pending()).toEqual([]);
  });

  test.each([
    ['so many times', { MaximumRetryAttempts: 0 }, 1],
    ['for so long', { MaximumEventAgeInSeconds: 60 }, 2],
  ])(
    '%s is among the dead letters, as the call that was made, and the schedule is gone',
    async (_, RetryPolicy, calls) => {
      await create('one', later(1), { Target: failing({ RetryPolicy, Input: '{"alarm":1}' }) });
      server.failTargets(calls);
      for (let i = 0; i <= calls; i += 1) server.moveTo(later(1) + i * (MINUTE + 1000));
      expect(delivered).toEqual([]);
      expect(setAside.map((body) => JSON.parse(body))).toEqual([
        { MessageBody: '{"alarm":1}', QueueUrl: expect.stringMatching(/\/work$/) },
      ]);
      expect(server.pending()).toEqual([]);
      const condition = calls === 1 ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds';
      expect(reasons).toEqual([
        {
          ERROR_CODE: 'ServiceUnavailable',
          ERROR_MESSAGE: expect.any(String),
          EXECUTION_ID: expect.any(String),
          EXHAUSTED_RETRY_CONDITION: condition,
          IS_PAYLOAD_TRUNCATED: 'false',
          RETRY_ATTEMPTS: String(calls - 1),
          SCHEDULED_TIME: `${new Date(later(1)).toISOString().slice(0, 19)}Z`,
          SCHEDULE_ARN: 'arn:aws:scheduler:us-east-1:000000000000:schedule/alarms/one',
          TARGET_ARN: QUEUE,
        },
      ]);
    },
  );

  test('because its queue never was there is made all the same, and set aside when it rings', async () => {
    await create('one', later(1), { Target: failing({ Arn: `${QUEUE}-none` }) });
    await create('lost', later(1), {
      Target: failing({ Arn: `${QUEUE}-none`, DeadLetterConfig: { Arn: `${QUEUE}-no-dlq` } }),
    });
    server.moveTo(later(1));
    expect(setAside).toHaveLength(1);
    expect(reasons).toMatchObject([{ ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue', RETRY_ATTEMPTS: '0' }]);
    expect(server.pending()).toEqual([]);
  });

  test('because its role may not ring there is set aside at once, where the role may put that', async () => {
    const at = later(2);
    const RoleArn = failing({}).RoleArn;
    forbidden = [`${RoleArn} alarms ${QUEUE}`];
    await create('forbidden', at, { Target: failing({}) });
    await create('its-dead-letters-too', at + 1000, { Target: failing({ RoleArn: `${RoleArn}-2` }) });
    forbidden.push(`${RoleArn}-2 alarms ${QUEUE}`, `${RoleArn}-2 alarms ${DEAD_LETTERS}`);
    server.moveTo(at + 2000);
    expect([delivered.length, setAside.length, server.pending()]).toEqual([0, 1, []]);
  });

  test('because its queue is gone is set aside at once', async () => {
    await create('one', later(1), { Target: failing({}) });
    there = [DEAD_LETTERS];
    server.moveTo(later(1));
    expect(setAside).toHaveLength(1);
  });
});

describe('a schedule of the template for every day', () => {
  const daily = (expression: string, zone: string) => ({
    name: 'nightly',
    group: 'alarms',
    target: { ...schedule('any', 0).Target, Input: '{"name":"<aws.scheduler.scheduled-time>"}' },
    after: dailyAt(expression, zone),
  });

  test('rings at its time on the clocks of its zone, each day, and says for when', async () => {
    server.moveTo(Date.parse('2036-10-24T12:00:00Z'));
    server.everyDay([daily('cron(30 3 * * ? *)', 'Asia/Jerusalem')]);
    // The clocks go back in the night to the 26th.
    for (const day of [25, 26, 27]) server.moveTo(Date.parse(`2036-10-${day}T12:00:00Z`));
    expect(rung()).toEqual(['2036-10-25T00:30:00.000Z', '2036-10-26T01:30:00.000Z', '2036-10-27T01:30:00.000Z']);
    expect(server.pending()).toEqual([]);
  });

  test('rings once for many days that the clock jumps over, for the last of them', async () => {
    server.moveTo(Date.parse('2036-11-01T12:00:00Z'));
    server.everyDay([daily('cron(0 5 * * ? *)', 'UTC')]);
    const fired = server.moveTo(Date.parse('2036-11-11T04:00:00Z'));
    expect([rung(), fired.map(({ name }) => name)]).toEqual([['2036-11-10T05:00:00.000Z'], ['nightly']]);
  });

  test('is gone with a template that has it no more', async () => {
    server.everyDay([daily('cron(0 5 * * ? *)', 'UTC')]);
    server.everyDay([]);
    server.moveTo(later(3));
    expect(rung()).toEqual([]);
  });

  test.each(['cron(0 5 ? * MON *)', 'rate(1 day)'])('%s is none that is emulated', (expression) => {
    expect(() => dailyAt(expression, 'UTC')).toThrow(/only cron/);
  });
});

test('templates have groups of their own: alarms of one name are two, and each rings into its own queue', async () => {
  const other = `${QUEUE}-of-another`;
  there.push(other);
  server.createGroup('others');
  await create('one', later(1));
  await create('one', later(2), { GroupName: 'others', Target: { ...schedule('one', 0).Target, Arn: other } });
  expect(server.pending().map(({ group, name }) => `${group}/${name}`)).toEqual(['alarms/one', 'others/one']);
  server.moveTo(later(1));
  expect([delivered.length, setAside.length]).toEqual([1, 0]);
  server.moveTo(later(2));
  expect([delivered.length, setAside.length]).toEqual([1, 1]);
});

test('a page of none is refused: who walks through pages would never end', async () => {
  await expect(client.send(new ListSchedulesCommand({ MaxResults: 0 }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('throttling is answered as such, and the SDK gets through when it is over', async () => {
  server.throttle(1);
  await create('one', later(1));
  server.throttle(10);
  await expect(create('two', later(1))).rejects.toMatchObject({ name: 'ThrottlingException' });
});

test('with a data folder alarms and the clock outlive a restart, and what came due meanwhile rings', async () => {
  const data = mkdtempSync(join(tmpdir(), 'local-scheduler-'));
  await server.stop();
  await start(data);
  for (const [name, days] of [
    ['rung', 1],
    ['waits', 10],
    ['deleted', 10],
  ] as const)
    await create(name, later(days));
  await create('soon', later(2) + 1000);
  server.moveTo(later(2));
  await client.send(new DeleteScheduleCommand({ Name: 'deleted', GroupName: 'alarms' }));
  await server.stop();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await start(data);
  expect(server.now()).toBeGreaterThan(Date.now() + 1.9 * DAY);
  expect(rung()).toEqual(['rung', 'soon']);
  expect(server.pending().map(({ name }) => name)).toEqual(['waits']);
});
