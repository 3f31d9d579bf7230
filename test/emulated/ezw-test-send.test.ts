import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { peopleOf } from '../../cli/sends/person.ts';
import { openTarget, type Target } from '../../cli/target/target.ts';
import { ready, type Step, walk } from '../../cli/test-send/steps.ts';
import { todoOf, todoOfRecord } from '../../cli/test-send/stops.ts';
import { testEvent } from '../../cli/test-send/test-event.ts';
import { DAYS } from '../../functions/shared/hours/opening-hours.ts';
import { LineControl } from '../../functions/shared/ledger/line-control.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { Client } from '../../lib/client.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import type { LocalStack } from '../../local/stack.ts';
import { contacts } from '../contacts.ts';
import { AwsMode } from './aws-mode.ts';
import { demoSecrets, expectCleanLogs, sandboxOf, startDemo, untilIdle } from './demo.ts';
import { ezw } from './ezw.ts';
import { worldOf } from './inbound.ts';

const OWN = contacts.operator.phone;
const SOON = { 'Retry-After': '1' };

/** Where a deployed stack's client file says that EZWhatsApp is. */
const api = vi.hoisted(() => ({ url: '' }));
vi.mock('../../cli/target/project.ts', async (original) => {
  const project = await original<typeof import('../../cli/target/project.ts')>();
  const readClient = async (name: string) => {
    const client = await project.readClient(name);
    return api.url === '' ? client : { ...client, ezwBaseUrl: api.url };
  };
  return { ...project, readClient };
});

let stack: LocalStack;
beforeAll(async () => {
  stack = await startDemo();
});
afterEach(() => sandboxOf(stack).clearFaults());
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

const testSend = (...args: string[]) => ezw(['test-send', 'demo', '--local', stack.url, '--wait', '15', ...args]);
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await testSend('--json', ...args);
  return { code, stderr, report: JSON.parse(stdout) as { id: string; key: string; ok: boolean; steps: Step[] } };
};
const states = (steps: readonly Step[]) => steps.map(({ step, state }) => `${step} ${state}`);
const sent = async () =>
  (await sandboxOf(stack).messages()).map(({ raw }) => JSON.parse(raw) as { to: string; body: string });
const target = () => openTarget('demo', { local: stack.url });
/** The same stack, of a client file with something else in it. */
const as = async (over: Partial<Client>): Promise<Target> => {
  const real = await target();
  return { ...real, client: { ...real.client, ...over } };
};
const readiness = async (changed: Target, template?: string) => {
  const event = await testEvent(changed, { to: OWN, template });
  return ready({ target: changed, event, to: OWN, waitMs: 1_000 });
};

it('where no webhook is registered, it says so, and that the rest came', async () => {
  const { code, report } = await json('--wait', '2');
  expect(code).toBe(1);
  expect(states(report.steps)).toEqual([
    'ready came',
    'door came',
    'queue came',
    'sender came',
    'status stopped',
    'crm stopped',
  ]);
  const [status, crm] = report.steps.slice(-2);
  expect(status).toMatchObject({
    found: 'no status came within 2 s',
    todo: `it is not registered by this command: npx ezw webhook register demo --local ${stack.url}`,
  });
  expect(crm).toMatchObject({ found: expect.stringContaining('the line has not told of the message') });
});

describe('on a stack where all is well', () => {
  beforeAll(async () => {
    await ezw(['webhook', 'register', 'demo', '--local', stack.url]);
  });

  it('one message to the operator’s own phone goes all the way, each step ticked with its time', async () => {
    const before = (await sent()).length;
    const { code, stdout, stderr } = await testSend();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const ticks = stdout.split('\n').filter((line) => line.startsWith('✓'));
    const steps = ticks.map((line) => /^✓ (.+?) \(\d+(?: ms|\.\d s)\): /.exec(line)?.[1]);
    expect(steps).toEqual(['it may leave', 'door', 'queue', 'sender and API', 'status', 'CRM']);
    expect(stdout).toMatch(
      /TEST-[0-9a-f]{8} came all the way in [\d.]+ m?s: order-ready, by custom, to \+972 •• ••• ••67\.\n$/,
    );
    expect(stdout).not.toContain(OWN);
    const [message, ...more] = (await sent()).slice(before);
    expect(more).toEqual([]);
    // Nobody takes it for a customer's.
    expect(message).toMatchObject({
      to: OWN,
      body: expect.stringMatching(/^Hi TEST, your order TEST-[0-9a-f]{8} is ready/),
    });
  });

  it('is another message each time, to another number where one is given', async () => {
    const first = await json();
    const second = await json('--to', '+447400123456', '--template', 'lead-first-touch');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.report.key).not.toBe(second.report.key);
    expect(second.report).toMatchObject({ ok: true, template: 'lead-first-touch', to: '+44 •• ••• ••56' });
    expect((await sent()).at(-1)).toMatchObject({ to: '+447400123456', body: expect.stringContaining('Hi TEST,') });
    expect(`${second.stderr}${JSON.stringify(second.report)}`).not.toContain('7400123456');
  });

  it('goes by the usual event of another source, where no secret is stored for the client’s own', async () => {
    const { templates } = (await target()).client;
    const orders = templates['order-ready'];
    if (!orders) throw new Error('the demo has no orders');
    const { woocommerce } = orders.sources;
    const sources = { 'custom-erp': { kind: 'custom' as const }, woocommerce };
    const changed = await as({ templates: { 'order-ready': { ...orders, sources } } });
    const event = await testEvent(changed, { to: OWN });
    expect(event).toMatchObject({
      template: 'order-ready',
      sourceName: 'woocommerce',
      id: expect.stringMatching(/^\d+$/),
    });
    const steps: Step[] = [];
    await walk({ target: changed, event, to: OWN, waitMs: 15_000 }, (step) => steps.push(step));
    expect(states(steps)).toEqual(['door came', 'queue came', 'sender came', 'status came', 'crm came']);
    expect((await sent()).at(-1)).toMatchObject({ to: OWN, body: expect.stringContaining('Hi TEST,') });
  });

  it('is done without a CRM, where the client file has none', async () => {
    const changed = await as({ crm: undefined });
    const event = await testEvent(changed, { to: OWN });
    const steps = await walk({ target: changed, event, to: OWN, waitMs: 15_000 }, () => undefined);
    expect(steps.at(-1)).toMatchObject({ step: 'crm', state: 'none', found: 'no CRM in the client file' });
  });

  it('tells that the CRM refuses, after how many tries, and where to look', async () => {
    await sandboxOf(stack).fault('crm', { kind: 'status', status: 503, headers: SOON }, 0);
    const { code, report } = await json('--wait', '3');
    expect(code).toBe(1);
    expect(states(report.steps).slice(-2)).toEqual(['status came', 'crm stopped']);
    expect(report.steps.at(-1)).toMatchObject({
      found: expect.stringMatching(/^not taken within 3 s: webhook after [1-9]\d* tries$/),
      todo: expect.stringContaining('npx ezw secrets set demo crm'),
    });
  });

  it('tells that WhatsApp did not bring it', async () => {
    await worldOf(stack).settings({ statuses: ['sent', 'failed'] });
    const { code, report } = await json();
    await worldOf(stack).settings({ statuses: ['sent', 'delivered'] });
    expect(code).toBe(1);
    expect(report.steps[4]).toMatchObject({ step: 'status', state: 'stopped', found: 'failed' });
  });

  it('takes what was sent and not yet delivered for a status that came', async () => {
    await worldOf(stack).settings({ statuses: ['sent'] });
    const { code, report } = await json('--wait', '3');
    await worldOf(stack).settings({ statuses: ['sent', 'delivered'] });
    expect(code).toBe(0);
    expect(report.steps[4]).toMatchObject({
      state: 'came',
      found: expect.stringMatching(/^sent; not delivered within 3 s/),
    });
  });

  it.each([
    [401, 'HELD unauthorized', 'npx ezw token rotate demo'],
    [403, 'HELD forbidden', 'may it send?'],
    [404, 'HELD not_enabled_for_this_account', 'ask EZWhatsApp to enable them'],
    [429, 'HELD rate_limited', 'it goes out by itself'],
    [400, 'REJECTED api_400', ''],
  ])(
    'tells what EZWhatsApp’s %i to the message means, and what to do',
    async (status, found, todo) => {
      await sandboxOf(stack).fault('text', { kind: 'status', status, headers: SOON }, 0);
      const { code, report } = await json('--wait', '3');
      await sandboxOf(stack).clearFaults();
      expect(code).toBe(1);
      expect(report.steps.at(-1)).toMatchObject({
        step: 'sender',
        state: 'stopped',
        found: expect.stringContaining(found),
        todo: expect.stringContaining(todo),
      });
      // What was only held leaves when that is mended, as the command says.
      if (status !== 400) expect(report.steps.at(-1)?.found).toContain('leaves by itself');
      await untilIdle(stack);
    },
    90_000,
  );
});

describe('what would not leave is not sent', () => {
  const expectNothingSent = async (act: () => Promise<{ code: number; report: { steps: Step[] } }>) => {
    const before = (await sent()).length;
    const { code, report } = await act();
    expect(code).toBe(1);
    expect(states(report.steps)).toEqual(['ready stopped']);
    await untilIdle(stack);
    expect(await sent()).toHaveLength(before);
    return report.steps[0];
  };

  it.each([
    [401, 'token rotate demo'],
    [403, 'may it send?'],
    [404, 'is ezwBaseUrl'],
    [429, 'wait a minute'],
    [503, 'Try again in a minute'],
  ])('where the health of the line is answered %i', async (status, todo) => {
    await sandboxOf(stack).fault('health', { kind: 'status', status });
    const step = await expectNothingSent(() => json());
    expect(step).toMatchObject({ found: `health_${status}`, todo: expect.stringContaining(todo) });
  });

  it('where the line cannot send', async () => {
    await sandboxOf(stack).line(false);
    const step = await expectNothingSent(() => json());
    await sandboxOf(stack).line(true);
    expect(step).toMatchObject({
      found: expect.stringContaining('sendable false'),
      todo: expect.stringContaining('QR code'),
    });
  });

  it.each([
    ['shut out', 'banned', /scan nothing and reinstall nothing/],
    ['starting', 'starting', /it may be starting\. Wait some minutes.* scan nothing/],
  ])('where the number is %s, and whoever reads it must not scan its QR code', async (_, trouble, todo) => {
    const say = (line: object) => fetch(`${stack.url}/_sandbox/line`, { method: 'POST', body: JSON.stringify(line) });
    await say({ sendable: false, trouble });
    const step = await expectNothingSent(() => json());
    expect(step).toMatchObject({ todo: expect.stringMatching(todo) });
    const { stdout } = await ezw(['doctor', 'demo', '--local', stack.url]);
    expect(stdout).toMatch(todo);
    await say({ sendable: true });
  });

  it('where somebody paused it: the line, or this template alone', async () => {
    const { dynamodb, tables, client } = await target();
    const line = new LineControl(tables.sends ?? '', client.lineId, dynamodb);
    const word = { by: 'dana', reason: 'wrong texts', at: Date.now() };
    await line.change(() => ({ paused: word }));
    const whole = await expectNothingSent(() => json());
    await line.change(() => ({ templates: { 'order-ready': word } }));
    const one = await expectNothingSent(() => json('--template', 'order-ready'));
    expect((await readiness(await target(), 'lead-first-touch')).state).toBe('came');
    await line.change(() => ({ trouble: { kind: 'banned', at: Date.now() } }));
    const banned = await readiness(await target());
    await line.change(() => ({}));
    expect(whole).toMatchObject({
      found: expect.stringMatching(/^paused by dana at .* \(wrong texts\)$/),
      todo: `npx ezw line resume demo --local ${stack.url}`,
    });
    expect(one).toMatchObject({ todo: `npx ezw line resume demo --template order-ready --local ${stack.url}` });
    expect(banned).toMatchObject({ state: 'stopped', todo: expect.stringContaining('write to the client') });
  });

  it('where the hours of the client are over, with when they begin', async () => {
    const clock = (hours: number) => new Date(Date.now() + hours * 3600_000).toISOString().slice(11, 16);
    const sendWindow = { zone: 'UTC', closed: [], hours: [{ days: [...DAYS], from: clock(2), to: clock(3) }] };
    expect(await readiness(await as({ sendWindow }))).toMatchObject({
      state: 'stopped',
      found: expect.stringMatching(/^outside sendWindow, which opens at 20/),
    });
  });

  it('where only others are written to while the client is tried; its own number counts in any form of it', async () => {
    const only = (...phones: string[]) => as({ delivery: { only: phones } });
    expect(await readiness(await only('+972501234560'))).toMatchObject({
      state: 'stopped',
      todo: expect.stringContaining('delivery.only in clients/demo.ts'),
    });
    expect(await readiness(await only('+972501234560', OWN))).toMatchObject({ state: 'came' });
  });

  it('where its person said STOP, with who can undo that', async () => {
    const [phone, people] = ['+447400123457', await peopleOf(await target())];
    const who = { person: await people.rowOf(phone), names: [], older: [] };
    await people.hear(who, 'stop', '2026-11-26T10:00:00Z');
    const step = await expectNothingSent(() => json('--to', phone));
    expect(step).toMatchObject({
      found: expect.stringMatching(/^this number is on the stop list: they said so at 2026-11-26/),
      todo: expect.stringMatching(/write START from it to the line; .*--to/),
    });
    await people.hear(who, 'start', '2026-11-26T11:00:00Z');
    expect((await json('--to', phone)).code).toBe(0);
  });

  it('where its person has had the messages of this day', async () => {
    const [real, to] = [await as({}), '+447400123458'];
    const people = await peopleOf(real);
    const walked = async (perPersonPerDay: number | 'off') => {
      const capped = await as({ sender: { ...real.client.sender, perPersonPerDay } });
      return ready({ target: capped, event: await testEvent(capped, { to }), to, waitMs: 1_000 });
    };
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: real.client.zone }).format();
    expect(await walked(1)).toMatchObject({ state: 'came' });
    await people.count(await people.read(to), { key: 'order:one:ready', day });
    expect(await walked(1)).toMatchObject({
      state: 'stopped',
      found: 'this number had 1 messages today, of 1 that a person may have',
      todo: expect.stringMatching(/--to, or run it again tomorrow/),
    });
    expect(await walked(2)).toMatchObject({ state: 'came' });
    expect(await walked('off')).toMatchObject({ state: 'came' });
  });

  it('where people talk, of a message that would break into it', async () => {
    const to = '+447400123459';
    const people = await peopleOf(await target());
    const who = { person: await people.rowOf(to), names: [], older: [] };
    await people.wrote(who, new Date(Date.now() - 60_000).toISOString());
    const step = await expectNothingSent(() => json('--to', to, '--template', 'lead-first-touch'));
    expect(step).toMatchObject({
      found: expect.stringContaining('within quietFor (PT12H)'),
      todo: expect.stringContaining('--template'),
    });
    expect((await json('--to', to)).report).toMatchObject({ ok: true, template: 'order-ready' });
  });

  it('where a lead of this phone was answered, so that none is made in the CRM; one that never left is none', async () => {
    const lead = ['--to', '+447412345678', '--template', 'lead-first-touch'];
    const first = await json(...lead);
    expect(states(first.report.steps)).toContain('sender came');
    const step = await expectNothingSent(() => json(...lead));
    expect(step).toMatchObject({
      found: expect.stringMatching(new RegExp(`^this phone was touched at 20.* by ${first.report.key}, .*P\\d+D`)),
      todo: expect.stringMatching(/^--to another number, or another --template, shows the whole way/),
    });
    const { templates } = (await target()).client;
    const alone = await as({ templates: { 'lead-first-touch': templates['lead-first-touch'] } });
    const event = await testEvent(alone, { to: '+447412345678' });
    const found = await ready({ target: alone, event, to: '+447412345678', waitMs: 1_000 });
    expect(found).toMatchObject({ state: 'stopped', todo: expect.stringMatching(/^--to another number shows/) });
    const other = ['--to', '+447402345678', '--template', 'lead-first-touch'];
    await sandboxOf(stack).fault('text', { kind: 'status', status: 400 }, 0);
    expect((await json(...other, '--wait', '3')).report.steps.at(-1)).toMatchObject({ step: 'sender' });
    await sandboxOf(stack).clearFaults();
    expect(states((await json(...other, '--wait', '1')).report.steps)).toContain('ready came');
  });

  it('where no secret is stored for its source', async () => {
    const real = await target();
    const event = { ...(await testEvent(real, { to: OWN })), sourceName: 'custom-erp' };
    expect(await ready({ target: real, event, to: OWN, waitMs: 1_000 })).toMatchObject({
      state: 'stopped',
      todo: `npx ezw secrets set demo sources.custom-erp --local ${stack.url}`,
    });
  });
});

it.each(['burst_guard', 'browser_cap', 'person_cap'])(
  'a test that was set aside (%s) is run again, and never let out later',
  async (reason) => {
    const held = { state: 'HELD', parked: true, reason } as SendRecord;
    const todo = todoOfRecord(held, await target());
    expect(todo).toContain('run it again');
    expect(todo).not.toContain('dlq redrive');
  },
);

it('a door that does not know the source stops it, with what to deploy', async () => {
  const real = await target();
  const event = { ...(await testEvent(real, { to: OWN })), template: 'nowhere' };
  const steps = await walk({ target: real, event, to: OWN, waitMs: 1_000 }, () => undefined);
  expect(states(steps)).toEqual(['door stopped']);
  expect(steps[0]).toMatchObject({
    found: expect.stringContaining('404'),
    todo: expect.stringContaining('stop "npm start" and start it again'),
  });
});

it('every command that it suggests is about the stack that it looked at: the one of this address, or the deployed one', async () => {
  const real = await target();
  const told = [
    'unauthorized',
    'forbidden',
    'paused',
    'line_banned',
    'line_not_sendable',
    'line_token_not_set',
    'health_401',
    'health_403',
  ];
  for (const reason of told) {
    const commands = (where: Target['where']) =>
      todoOf(reason, { ...real, where })?.match(/npx ezw .*?(?=$| says)/)?.[0];
    expect(commands('local')).toMatch(new RegExp(`^npx ezw [a-z -]+ --local ${stack.url}$`));
    expect(commands('aws')).toBe(commands('local')?.replace(` --local ${stack.url}`, ''));
  }
  expect(todoOf('shadow', real)).not.toContain('ezw deploy');
  expect(todoOf('shadow', { ...real, where: 'aws' })).toContain('npx ezw deploy demo');
});

it('what never reaches the sender is told with where it may stand', async () => {
  const real = await target();
  const event = { ...(await testEvent(real, { to: OWN })), key: 'order:never:ready' };
  const steps = await walk({ target: real, event, to: OWN, waitMs: 1_000 }, () => undefined);
  expect(states(steps)).toEqual(['door came', 'queue stopped']);
  expect(steps[1]).toMatchObject({ found: expect.stringMatching(/has not seen order:never:ready within 1 s: /) });
});

it.each([
  ['a number without its country', ['--to', '0501234567'], /--to takes one number with its country/],
  ['a template that there is not', ['--template', 'order-redy'], /no template "order-redy"/],
  ['no time to wait', ['--wait', '0'], /whole number of 1 or more/],
])('wrong input is one clear line and exit code 2: %s', async (_, args, message) => {
  const { code, stdout, stderr } = await testSend(...args);
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
  expect(stderr).toMatch(message);
});

it('a client with reminders alone is told what can be done: an event, and when its reminder leaves', async () => {
  const { templates } = (await target()).client;
  const reminders = await as({ templates: { 'appointment-reminder': templates['appointment-reminder'] } });
  const failure = (of: Target) => testEvent(of, { to: OWN }).catch(({ message }: Error) => message);
  const told = String(await failure(reminders));
  expect(told).toMatch(/ turns on no event can be made up .* at once: reminders come later\. npx ezw trigger /);
  expect(told).not.toMatch(/Try|turn a template/);
  expect(await failure({ ...reminders, where: 'aws' })).toMatch(/--phone <your own> makes one .*; it leaves by itself/);
  // It is so.
  const [, command = ''] = /npx ezw (trigger .*?) --phone <your own> --local http/.exec(told) ?? [];
  const [, clock = ''] = /-d '(\{.*\})'/.exec(told) ?? [];
  const before = (await sent()).length;
  const made = await ezw([...command.split(' '), '--phone', OWN, '--local', stack.url, '--no-wait']);
  expect(made.code).toBe(0);
  await untilIdle(stack);
  expect(await sent()).toHaveLength(before);
  await fetch(`${stack.url}/_local/clock`, { method: 'POST', body: clock });
  await expect.poll(async () => (await sent()).slice(before).map(({ to }) => to)).toEqual([OWN]);
});

it('a template whose messages come later cannot be tried, and says so', async () => {
  const { code, stderr } = await testSend('--template', 'appointment-reminder');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^ezw: Of appointment-reminder no event can be made up that becomes a message to this number at once: reminders come later/,
  );
});

describe('of a deployed stack', () => {
  let aws: AwsMode;
  beforeAll(async () => {
    aws = await AwsMode.start(stack, stack.url);
    api.url = (await target()).ezwUrl;
  });
  afterAll(async () => {
    api.url = '';
    await aws.stop();
  });

  it('it asks first, and with a yes one message goes all the way', async () => {
    const before = (await sent()).length;
    const asked = await aws.run(['test-send', 'demo']);
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('Send it? Nobody is here to answer')]);
    expect(await sent()).toHaveLength(before);
    const { code, stdout, stderr } = await aws.run(['test-send', 'demo', '--yes', '--json']);
    expect({ code, steps: states(JSON.parse(stdout).steps) }).toEqual({
      code: 0,
      steps: ['ready came', 'door came', 'queue came', 'sender came', 'status came', 'crm came'],
    });
    expect(stderr).not.toContain('--local');
    expect(await sent()).toHaveLength(before + 1);
    // From then on it is worth something.
    expect(stderr).toContain('Protected against deletion from now on: the stack, the table');
    expect([aws.kept.stack, aws.kept.tables.size]).toEqual([true, 4]);
  });

  it('what stops it is told with a command about that stack', async () => {
    await aws.run(['line', 'pause', 'demo']);
    const { code, stdout } = await aws.run(['test-send', 'demo', '--yes']);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/✗ it may leave .*paused.*\n.*→ npx ezw line resume demo\n/),
    ]);
    await aws.run(['line', 'resume', 'demo', '--yes']);
  });
});

it('where messages really leave it says what leaves and to whom, and sends nothing until somebody says yes', async () => {
  const other = createSandbox({ lineToken: demoSecrets().lineToken ?? '', lineId: 'line-demo' });
  const { url, close } = await other.listen(0);
  const live = await startDemo({ ezwUrl: url });
  try {
    const args = ['test-send', 'demo', '--local', live.url, '--wait', '2'];
    const asked = await ezw(args);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(
      /One real message leaves on the line line-demo: order-ready, of the made-up TEST-[0-9a-f]{8}, to \+972 •• ••• ••67\. Send it\? Nobody is here to answer: say yes with --yes\./,
    );
    const messages = async () => (await (await fetch(`${url}/_sandbox/messages`)).json()) as object[];
    expect(await messages()).toEqual([]);
    await ezw([...args, '--yes']);
    expect(await messages()).toHaveLength(1);
  } finally {
    await live.stop();
    await close();
  }
});
