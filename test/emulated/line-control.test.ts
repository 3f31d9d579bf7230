import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsMode } from './aws-mode.ts';
import { customOrder, demoForAll, post, recordOf, sandboxOf, signed, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';

const demo = demoForAll();
/** A busy machine is slow, and what is waited for here comes behind a burst. */
const SLOW = { interval: 500 };
/** `BURST=500` takes a quarter of a minute; `.ci/run` asks for it. */
const BURST = Number(process.env.BURST ?? 100);

const run = (...args: string[]) => ezw([...args, '--local', demo().url, '--by', 'Dana of the agency']);
const look = (...args: string[]) => ezw([...args, '--local', demo().url]);
const keyOf = (id: string) => `order:${id}:ready`;
const send = async (id: string, over: Record<string, unknown> = {}) =>
  expect((await post(demo(), 'custom', signed('custom', customOrder(id, over)))).status).toBe(200);
const update = async (id: string, name: string) => {
  const { data, ...rest } = customOrder(id);
  const event = { ...rest, type: 'order.updated', data: { ...data, update: name } };
  expect((await post(demo(), 'custom', signed('custom', event))).status).toBe(200);
};
const posts = async (prefix: string): Promise<(string | undefined)[]> =>
  (await sandboxOf(demo()).requests())
    .filter(({ method, key }) => method === 'POST' && key?.startsWith(prefix))
    .map(({ key }) => key);
/** Nothing for so long that whatever was on its way has come. */
const calm = async (prefix: string): Promise<number> => {
  let before = -1;
  await expect
    .poll(
      async () => {
        const now = (await posts(prefix)).length;
        const isCalm = now === before;
        before = now;
        return isCalm;
      },
      { ...SLOW, interval: 1500 },
    )
    .toBe(true);
  return before;
};

it(`a pause in the middle of a burst of ${BURST}: nothing leaves, and at resume all of it once, but for what is no longer true`, async () => {
  const ids = Array.from({ length: BURST }, (_, i) => `pause-${i}`);
  const prefix = 'order:pause-';
  const sent = Promise.all(
    Array.from({ length: 10 }, async (_, worker) => {
      for (let i = worker; i < ids.length; i += 10) await send(ids[i] ?? '');
    }),
  );
  await expect.poll(async () => (await posts(prefix)).length, SLOW).toBeGreaterThan(BURST / 10);
  expect((await run('line', 'pause', 'demo', '--reason', 'wrong text')).code).toBe(0);
  await sent;
  const left = await calm(prefix);
  expect(left).toBeLessThan(BURST);
  const { stdout: doctor } = await look('doctor', 'demo');
  expect(doctor).toMatch(
    /✗ what may leave: paused since .* by Dana of the agency \(wrong text\).*\n.*line resume demo/,
  );
  // Whatever it names to be typed is about this stack.
  const commands = doctor.match(/npx ezw [a-z].*/g) ?? [];
  expect(commands.filter((one) => !one.includes(`--local ${demo().url}`) && !/ezw decisions/.test(one))).toEqual([]);

  // What becomes untrue meanwhile must not be told when the line goes on.
  const told = new Set(await posts(prefix));
  const cancelled = ids.filter((id) => !told.has(keyOf(id))).slice(-5);
  expect(cancelled).toHaveLength(5);
  for (const id of cancelled) await update(id, 'cancelled');
  const { code, stdout } = await run('line', 'resume', 'demo', '--yes');
  expect([code, stdout]).toEqual([0, expect.stringContaining('Resumed.')]);
  await untilIdle(demo());

  const all = await posts(prefix);
  const wanted = ids.filter((id) => !cancelled.includes(id)).map(keyOf);
  expect(all.toSorted()).toEqual(wanted.toSorted());
  const states = await Promise.all(ids.map(async (id) => (await recordOf(demo(), keyOf(id)))?.state));
  expect(states.filter((state) => state === 'ACCEPTED')).toHaveLength(BURST - 5);
  expect(states.filter((state) => state === 'EXPIRED')).toHaveLength(5);
}, 180_000);

it('a paused template waits beside the line, whose other templates go on; it outlives a restart of the sender', async () => {
  expect((await run('line', 'pause', 'demo', '--template', 'order-ready')).code).toBe(0);
  await send('held-1');
  await untilState(demo(), keyOf('held-1'), 'HELD');
  const { stdout } = await ezw([
    'trigger',
    'lead-first-touch',
    '--local',
    demo().url,
    '--phone',
    '+972501234599',
    '--json',
  ]);
  expect(JSON.parse(stdout).results[0].sends[0]).toMatchObject({ state: 'ACCEPTED' });
  expect((await look('line', 'show', 'demo')).stdout).toMatch(/order-ready is paused since .* by Dana of the agency/);
  const none = await run('line', 'resume', 'demo', '--yes');
  const todo = `→ npx ezw line resume demo --template order-ready --local ${demo().url}`;
  expect(none).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`nothing was changed. But order-ready is paused`),
  });
  expect(none.stdout).toContain(todo);
  for (const pid of (await demo().state()).functions.sender?.pids ?? []) process.kill(pid, 'SIGKILL');
  expect((await run('line', 'resume', 'demo', '--template', 'order-ready', '--yes')).code).toBe(0);
  await untilState(demo(), keyOf('held-1'), 'ACCEPTED');
  expect(await posts('order:held-1')).toEqual([keyOf('held-1')]);
});

it('what waits is taken back by its template and a time, or by its key; what left is not, and what comes later leaves', async () => {
  await send('drop-left');
  await untilState(demo(), keyOf('drop-left'), 'ACCEPTED');
  await run('line', 'pause', 'demo');
  const waiting = ['drop-1', 'drop-2', 'drop-3'];
  for (const id of waiting) await send(id);
  // Workers are several: any of the three may be first in the line's queue, and that one is held.
  const states = () => Promise.all(waiting.map(async (id) => (await recordOf(demo(), keyOf(id)))?.state));
  await expect.poll(states, SLOW).toContain('HELD');
  const left = await run('sends', 'drop', 'demo', keyOf('drop-left'), '--reason', 'too late', '--yes');
  expect([left.code, left.stderr]).toEqual([1, expect.stringContaining('nothing of it waits')]);
  const all = await run('sends', 'drop', 'demo', '--template', 'order-ready', '--reason', 'wrong text', '--yes');
  const says = /^1 messages are taken back .* Of the [34] that stand in the queue .* as they come up\./;
  expect([all.code, all.stdout]).toEqual([0, expect.stringMatching(says)]);
  await send('drop-4');
  await run('line', 'resume', 'demo', '--yes');
  await untilIdle(demo());
  expect(await posts('order:drop-')).toEqual([keyOf('drop-left'), keyOf('drop-4')]);
  for (const id of waiting)
    expect(await recordOf(demo(), keyOf(id))).toMatchObject({ state: 'REJECTED', reason: 'dropped' });
  expect((await look('sends', 'show', 'demo', keyOf('drop-1'))).stdout).toContain('Dana of the agency: wrong text');
});

it('a number that was shut out is held by itself: people are told, the command says so, and only a person lets it go', async () => {
  await fetch(`${demo().url}/_sandbox/line`, { method: 'POST', body: '{"sendable":false,"trouble":"banned"}' });
  // The line is asked again after a minute at the latest; another process asks at once.
  for (const pid of (await demo().state()).functions.sender?.pids ?? []) process.kill(pid, 'SIGKILL');
  await send('banned-1');
  const told = async () => (await fetch(`${demo().url}/_sandbox/notifications`)).text();
  await expect.poll(told, SLOW).toContain('line_banned');
  const early = await run('line', 'resume', 'demo', '--yes');
  expect([early.code, early.stderr]).toEqual([
    1,
    expect.stringMatching(/still shuts this number out.*Nothing was changed/),
  ]);
  expect((await look('doctor', 'demo')).stdout).toMatch(
    /→ write to WhatsApp .*; when the number is back: npx ezw line resume/,
  );
  await sandboxOf(demo()).line(true);
  const { stdout } = await look('line', 'show', 'demo');
  expect(stdout).toContain('shut out by WhatsApp');
  expect(await posts('order:banned-')).toEqual([]);
  expect((await run('line', 'resume', 'demo', '--yes')).code).toBe(0);
  await untilState(demo(), keyOf('banned-1'), 'ACCEPTED');
});

it.each([
  [['line', 'pause', 'nobody'], 2, 'No client file clients/nobody.ts.'],
  [['line', 'pause', 'demo', '--template', 'order'], 2, 'Nothing is sent by the name "order". Choose one of: '],
  [['line', 'resume', 'demo'], 0, 'Not paused: nothing was changed.'],
  [['sends', 'drop', 'demo', '--reason', 'x'], 2, 'Write the key of one send, or --template'],
  [['sends', 'drop', 'demo', '--template', '*', '--reason', 'x'], 2, 'Nothing is sent by the name "*"'],
  [['sends', 'drop', 'demo', '--template', 'order-ready'], 2, "required option '--reason <text>'"],
  [
    ['sends', 'drop', 'demo', '--template', 'order-ready', '--before', 'Sunday', '--reason', 'x'],
    2,
    '--before takes a time',
  ],
  [['sends', 'drop', 'demo', '--template', 'order-ready', '--before', '2100-01-01', '--reason', 'x'], 2, 'lies ahead'],
  [['sends', 'drop', 'demo', 'order:none:ready', '--reason', 'x'], 1, 'There is no send with the key'],
  [
    ['sends', 'drop', 'demo', 'order:1:ready', '--template', 'order-ready', '--reason', 'x'],
    2,
    'Write the key of one send',
  ],
] as const)('%j is answered in one line', async (args, code, says) => {
  const ran = await run(...args);
  expect([ran.code, `${ran.stdout}${ran.stderr}`]).toEqual([code, expect.stringContaining(says)]);
  expect(`${ran.stdout}${ran.stderr}`.trim().split('\n').length).toBeLessThan(3);
});

describe('of a deployed stack', () => {
  let aws: AwsMode;
  beforeAll(async () => {
    aws = await AwsMode.start(demo(), demo().url);
  });
  afterAll(() => aws.stop());

  it('the line is held, a message taken back and the line let go by the same commands', async () => {
    expect((await aws.run(['line', 'pause', 'demo', '--reason', 'a try'])).code).toBe(0);
    await send('aws-1');
    await untilState(demo(), keyOf('aws-1'), 'HELD');
    expect((await aws.run(['line', 'show', 'demo'])).stdout).toContain('paused since');
    const args = ['sends', 'drop', 'demo', keyOf('aws-1'), '--reason', 'a try', '--yes'];
    expect((await aws.run(args)).stdout).toContain('is taken back');
    expect((await aws.run(['line', 'resume', 'demo', '--yes'])).stdout).toContain('Resumed.');
    await untilIdle(demo());
    expect(await posts('order:aws-')).toEqual([]);
  });

  it('nothing is asked of a sender of an earlier release, which would not heed it', async () => {
    const { template } = demo().resources();
    const older = JSON.parse(JSON.stringify(template).replaceAll('ezw:heeds', 'ezw:other'));
    const stack = Object.create(demo(), { resources: { value: () => ({ ...demo().resources(), template: older }) } });
    const before = await AwsMode.start(stack, demo().url);
    const { code, stderr } = await before.run(['line', 'pause', 'demo']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('of an earlier release and would not heed it: deploy Ezw-demo first'),
    ]);
    await before.stop();
    expect((await look('line', 'show', 'demo')).stdout).toContain('nothing is paused');
  });

  it('whose tables are away: pause says what stops it without them, and doctor goes on past what it cannot look at', async () => {
    const away = createServer((_, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      const type = 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException';
      response.end(JSON.stringify({ __type: type, message: 'Requested resource not found' }));
    }).listen(0, '127.0.0.1');
    await once(away, 'listening');
    const env = { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(away.address() as AddressInfo).port}` };
    const { tables, template } = demo().resources();
    const paused = await aws.run(['line', 'pause', 'demo'], { env });
    expect(paused.code).toBe(1);
    expect(paused.stderr).toContain(`the table sends (${tables.sends}) cannot be used, ResourceNotFoundException.`);
    const [, feed = ''] = /--uuid uuid-of-(\w+) --no-enabled/.exec(paused.stderr) ?? [];
    const { Properties } = (template as { Resources: Record<string, { Properties: object }> }).Resources[feed] ?? {};
    expect(JSON.stringify(Properties)).toMatch(/FunctionName.*Sender/);
    const { code, stdout } = await aws.run(['doctor', 'demo'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ sends: cannot be looked at, it reads the table sends \(.+\): ResourceNotFoundException/);
    expect(stdout).toMatch(/✗ stops: who said stop cannot be read \(ResourceNotFoundException\): nothing is sent/);
    expect(stdout).toMatch(/✓ line token: stored/);
    expect(stdout).toMatch(/escalation-dlq: 0/);
    expect(stdout).toContain('decisions');
    away.close();
  });

  it('whoever may not is told what they lack, in one line without names of accounts', async () => {
    const refusing = createServer((_, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      const message =
        'User: arn:aws:iam::123456789012:user/somebody is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/x';
      response.end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message }));
    }).listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    const { port } = refusing.address() as AddressInfo;
    const env = { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` };
    for (const args of [
      ['line', 'pause', 'demo'],
      ['sends', 'drop', 'demo', 'order:1:ready', '--reason', 'x'],
    ]) {
      const { code, stderr } = await aws.run(args, { env });
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^ezw: AWS does not let you do this: your role lacks dynamodb:GetItem\..*\n$/),
      ]);
    }
    refusing.close();
  });
});
