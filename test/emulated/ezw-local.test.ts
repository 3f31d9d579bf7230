import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedSecret } from '../../cli/secrets/names.ts';
import { readEntry, readSecret, writeEntry, writeNamed, writeSecret } from '../../cli/secrets/store.ts';
import { openTarget } from '../../cli/target/target.ts';
import { written } from '../../clients/demo.ts';
import { storedFor } from '../../functions/crm-sync/crm-secret.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { defineClient } from '../../lib/client.ts';
import type { LocalStack } from '../../local/stack.ts';
import { customOrder, expectCleanLogs, post, sandboxOf, signed, startDemo, untilState } from './demo.ts';
import { ezw } from './ezw.ts';
import { customerSays, deliver } from './inbound.ts';

let stack: LocalStack;
let folder: string;
beforeAll(async () => {
  stack = await startDemo({ registersWebhook: true });
  folder = mkdtempSync(join(tmpdir(), 'ezw-cli-'));
});
afterAll(async () => {
  expectCleanLogs(stack);
  rmSync(folder, { recursive: true, force: true });
  await stack.stop();
});

/** Runs against the stack of this file. */
const run = (args: string[], input?: string) =>
  ezw([...args, '--local', stack.url], input === undefined ? {} : { input });
const json = async (args: string[], input?: string) => {
  const { code, stdout, stderr } = await run([...args, '--json'], input);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
};
const order = async (id: string, over: Record<string, unknown> = {}): Promise<string> => {
  await post(stack, 'custom', signed('custom', customOrder(id, over)));
  return `order:${id}:ready`;
};

it('doctor finds everything good but the decisions and who at the client is told of the line, and nothing secret in what it says', async () => {
  const { code, stdout } = await run(['doctor', 'demo']);
  expect(stdout).toContain('order-ready: tells ready, confirmed, shipped, out-for-delivery, delivered, cancelled');
  expect(code).toBe(0);
  expect(stdout).toMatch(/✓ line: sendable true · health AUTH · lifecycle connected · send state sendable/);
  expect(stdout).toMatch(/! decisions: not recorded: .*bots/);
  expect(stdout).toMatch(
    /! who is told of the line: the team by webhook; nobody at the client\. They ask Dana Levi\s+→ write contacts\.client, .*, and a notifier that sends mail, under escalation\.notifiers, in clients\/demo\.ts/,
  );
  expect(stdout).not.toMatch(/ezw_line_|whsec_|demo-\w+-secret|\+972|97250|@agency/);
});

it('webhook show says as doctor does that the sandbox has it, though no command registered it', async () => {
  expect((await run(['webhook', 'show', 'demo'])).stdout).toContain('Registered at the sandbox, not by this command.');
});

it('doctor --strict ends with 3 where nothing is bad and something is to be seen to', async () => {
  const { code, stdout } = await run(['doctor', 'demo', '--strict', '--json']);
  const { findings, healthy } = JSON.parse(stdout);
  const levels = new Set(findings.map(({ level }: { level: string }) => level));
  expect([code, healthy, levels]).toEqual([3, true, new Set(['good', 'warning'])]);
  for (const { check } of findings) expect(check).toMatch(/^[a-z-]+$/);
});

it('doctor says what to do when the line is offline, and exits with 1', async () => {
  await sandboxOf(stack).line(false);
  const { code, stdout } = await run(['doctor', 'demo', '--json']);
  const strict = await run(['doctor', 'demo', '--strict']);
  await sandboxOf(stack).line(true);
  expect([code, strict.code]).toEqual([1, 1]);
  const line = JSON.parse(stdout).findings.find((one: { about: string }) => one.about === 'line');
  expect(line).toMatchObject({
    level: 'bad',
    found: expect.stringContaining('QR'),
    todo: expect.stringContaining('reconnect'),
  });
});

it('doctor and line show say that the API fails on what is sent though the line is well, and how much waits', async () => {
  await sandboxOf(stack).fault('text', { kind: 'status', status: 500 }, 0);
  const keys = [await order('fails-1'), await order('fails-2'), await order('fails-3')];
  const failing = /EZWhatsApp failed \d+ times in a row on what was sent last/;
  await expect
    .poll(async () => (await run(['doctor', 'demo'])).stdout)
    .toMatch(new RegExp(`✗ what may leave: ${failing.source}.*; \\d+ messages wait in the queue`));
  expect((await run(['line', 'show', 'demo'])).stdout).toMatch(failing);
  await sandboxOf(stack).clearFaults();
  for (const key of keys) await untilState(stack, key, 'ACCEPTED');
  expect((await run(['line', 'show', 'demo'])).stdout).not.toMatch(failing);
});

it('a refusal is told with what the client can do about it, by sends show and by doctor', async () => {
  const key = await order('refused-1', { customer: { name: 'Dana', phone: 'call me' } });
  await untilState(stack, key, 'REJECTED');
  expect((await run(['sends', 'show', 'demo', key])).stdout).toMatch(/No number was given that can be written to/);
  const { stdout, code } = await run(['doctor', 'demo']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/! REJECTED no_usable_phone:letters: \d+ in 7 days\s+→ No number was given/);
});

it('sign prints a request that the shell can send, quotes and Hebrew included, and the door takes it', async () => {
  const file = join(folder, 'order.json');
  writeFileSync(
    file,
    JSON.stringify(customOrder('signed', { customer: { name: "D'ana דנה", phone: '+972501234567' } })),
  );
  const { code, stdout } = await run(['sign', 'order-ready', 'custom', file, '--client', 'demo']);
  expect(code).toBe(0);
  // Not the Sync one: the door is in this process.
  expect((await promisify(execFile)('sh', ['-c', stdout])).stdout).toBe('{"ok":true,"queued":1}');
  await untilState(stack, 'order:signed:ready', 'ACCEPTED');
});

describe('sends', () => {
  it('list and show tell state, key and answer, and neither a number nor a text', async () => {
    const key = await order('listed');
    await untilState(stack, key, 'ACCEPTED');
    const { sends } = await json(['sends', 'list', 'demo', '--state', 'accepted']);
    expect(sends.map((one: SendRecord) => one.key)).toContain(key);
    const { code, stdout } = await run(['sends', 'show', 'demo', key]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/answer\s+202 att_/);
    expect(stdout).toMatch(/Accepted is not delivered/);
    expect(stdout + JSON.stringify(sends)).not.toMatch(/501234567|ready for pickup|Dana/);
  });

  it('resend sends once under a key of its own and records who and why in the first record', async () => {
    const key = await order('again');
    await untilState(stack, key, 'ACCEPTED');
    const body = JSON.stringify({ to: '+972501234567', body: 'once more' });
    const refused = await run(['sends', 'resend', 'demo', key, '--body', '-', '--reason', 'lost phone'], body);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('say yes with --yes') });
    const asked = ['sends', 'resend', 'demo', key, '--body', '-', '--reason', 'lost phone', '--by', 'Noa', '--yes'];
    expect(await json(asked, body)).toMatchObject({ key: `${key}:resend:1`, of: key });
    expect(await json(asked, body)).toMatchObject({ key: `${key}:resend:2` });
    await untilState(stack, `${key}:resend:2`, 'ACCEPTED');
    const sent = (await sandboxOf(stack).messages()).filter((one) => one.key.startsWith(key));
    expect(sent.map((one) => one.key)).toEqual([key, `${key}:resend:1`, `${key}:resend:2`]);
    const record = await json(['sends', 'show', 'demo', key]);
    expect(record).toMatchObject({ state: 'ACCEPTED', resends: 2, resent: { by: 'Noa', reason: 'lost phone' } });
    expect(JSON.stringify(record)).not.toMatch(/501234567|once more/);
  });

  it('resolve settles nothing but a parked UNKNOWN', async () => {
    const key = await order('sure');
    await untilState(stack, key, 'ACCEPTED');
    const { code, stderr } = await run(['sends', 'resolve', 'demo', key, '--as', 'not-sent', '--reason', 'x']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `ezw: ${key} is ACCEPTED: only an UNKNOWN that is parked is settled by hand.\n`,
    });
  });

  it('a key that is not there is a failure with a hint', async () => {
    const { code, stderr } = await run(['sends', 'show', 'demo', 'order:none:ready']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('"sends list" shows') });
  });
});

it('a list of recipients is refused, recorded, and found by sends list', async () => {
  const refused = await post(
    stack,
    'custom',
    signed('custom', customOrder('mass', { customers: [{ phone: '+972501234567' }] })),
  );
  expect(refused).toMatchObject({ status: 400, body: { reason: 'recipients_list' } });
  await expect
    .poll(async () => (await stack.state()).tables.sends?.map((one) => one.reason))
    .toContain('recipients_list');
  const { sends } = await json(['sends', 'list', 'demo', '--state', 'REJECTED']);
  expect(sends).toContainEqual(expect.objectContaining({ reason: 'recipients_list', attempts: 0 }));
});

describe('secrets', () => {
  it('a workspace token in the place of the line token is refused by name and not repeated', async () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJl';
    const { code, stdout, stderr } = await run(['secrets', 'set', 'demo', 'line-token'], jwt);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/workspace ID token \(JWT\) was given/);
    expect(stderr).not.toContain(jwt);
  });

  it.each([
    ['sources.custom', 'ezw_line_demo_0123456789abcdef', /EZWhatsApp token, not the secret of custom/],
    ['sources.nowhere', 'x', /no secret "sources\.nowhere"\. Choose one of: line-token, .*sources\.shopify/],
    ['webhook-token', 'short', /32 characters or more/],
    ['line-token', '', /No value was given/],
    ['sources.shopify', '{broken', /begins with \{ and is not JSON/],
  ])('%s refuses what cannot be right', async (name, value, message) => {
    const { code, stderr } = await run(['secrets', 'set', 'demo', name], value);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    if (value.length > 5) expect(stderr).not.toContain(value);
  });

  it('a new value keeps what is stored beside it, and JSON that lacks some of it says what goes', async () => {
    const read = async () => readEntry(await openTarget('demo', { local: stack.url }), named);
    const named = { secret: 'sources', field: 'custom' } as const;
    const before = String(await read());
    const set = (value: string) => run(['secrets', 'set', 'demo', 'sources.custom'], value);
    await set(JSON.stringify({ current: before, previous: 'the one before it', token: 'tok', shop: 'x' }));
    expect((await set(before)).stdout).not.toContain('No longer stored');
    expect(await read()).toEqual({ current: before, token: 'tok', shop: 'x' });
    const { stdout } = await set(JSON.stringify({ current: before }));
    expect(stdout).toMatch(/is stored \(version \S+\)\. No longer stored of it: token, shop\.\n/);
    await set(before);
  });

  it('those of several CRMs lie beside each other; what was stored without a name is nobody’s until it is given one', async () => {
    const client = defineClient({
      ...written,
      crm: [
        { kind: 'webhook', url: 'https://crm.example' },
        { kind: 'hubspot', name: 'sales' },
      ],
    });
    const target = { ...(await openTarget('demo', { local: stack.url })), client };
    const stored = async () => (await readSecret(target, 'crm'))?.value ?? '';
    const before = await stored();
    await writeEntry(target, namedSecret('crm.sales', client), 'pat-of-sales');
    expect(storedFor(await stored(), 'sales', false)).toBe('pat-of-sales');
    expect(storedFor(await stored(), 'webhook', false)).toBe('');
    await writeNamed(target, 'webhook', before);
    expect(storedFor(await stored(), 'webhook', false)).toBe(before);
    expect(storedFor(await stored(), 'sales', false)).toBe('pat-of-sales');
    expect(() => namedSecret('crm', client)).toThrow('each has a secret of its own: crm.webhook, crm.sales.');
    expect(() => namedSecret('crm.nowhere', client)).toThrow(/Choose one of: .*crm\.webhook, crm\.sales, /);
    await writeSecret(target, 'crm', before);
  });

  it('that of the only CRM is given its name by --stored, and goes on to be replaced where it counts', async () => {
    const target = await openTarget('demo', { local: stack.url });
    const stored = async () => (await readSecret(target, 'crm'))?.value ?? '';
    const before = await stored();
    expect((await run(['secrets', 'set', 'demo', 'crm.webhook', '--stored'])).stdout).toContain(
      'is that of crm.webhook',
    );
    expect(storedFor(await stored(), 'webhook', true)).toBe(before);
    await run(['secrets', 'set', 'demo', 'crm'], 'whsec_next');
    expect(storedFor(await stored(), 'webhook', true)).toBe('whsec_next');
    const again = await run(['secrets', 'set', 'demo', 'crm.webhook', '--stored']);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('has a secret of its own already')]);
    await writeSecret(target, 'crm', JSON.stringify({ byName: { other: 'x' } }));
    const none = await run(['secrets', 'set', 'demo', 'crm.webhook', '--stored']);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('Nothing is stored as crm without a name')]);
    await writeSecret(target, 'crm', before);
  });

  describe('a new value of what is no source’s keeps the fields that were not given', () => {
    const read = async (secret: 'crm' | 'webhook-token' | 'notifiers', field?: string) =>
      readEntry(await openTarget('demo', { local: stack.url }), { secret, ...(field !== undefined && { field }) });
    const set = (name: string, value: string) => run(['secrets', 'set', 'demo', name], value);

    it('of the webhook’s token the one before it, while it rotates', async () => {
      const first = String(await read('webhook-token'));
      const { code } = await run(['secrets', 'rotate', 'demo', 'webhook-token']);
      expect(code).toBe(0);
      const other = 'e'.repeat(64);
      expect((await set('webhook-token', other)).stdout).toMatch(/ As before stays: previous\.\n/);
      expect(await read('webhook-token')).toEqual({ current: other, previous: first });
    });

    it('of the CRM, and says so', async () => {
      const before = String(await read('crm'));
      const named = () => read('crm', 'webhook');
      await set('crm', JSON.stringify({ current: before, clientId: 'id', clientSecret: 'one' }));
      await set('crm', JSON.stringify({ clientSecret: 'two' }));
      // The only CRM's has its name from then on, and nothing is left that another could get.
      expect(await read('crm')).toBeUndefined();
      expect(await named()).toEqual({ current: before, clientId: 'id', clientSecret: 'two' });
      expect((await set('crm', before)).stdout).toMatch(/ As before stays: clientId, clientSecret\.\n/);
      expect(await named()).toEqual({ current: before, clientId: 'id', clientSecret: 'two' });
      // A plain text stands for the token, where there is one.
      await set('crm', JSON.stringify({ token: 'old' }));
      await set('crm', 'pit-new');
      expect(await named()).toMatchObject({ token: 'pit-new', current: before });
    });

    it('of a notifier its own, and the other notifiers', async () => {
      await set('notifiers.pagerduty', JSON.stringify({ key: 'one', user: 'u' }));
      await set('notifiers.slack', 'https://hooks.example/one');
      await set('notifiers.pagerduty', JSON.stringify({ key: 'two' }));
      expect(await read('notifiers', 'pagerduty')).toEqual({ key: 'two', user: 'u' });
      expect(await read('notifiers', 'slack')).toBe('https://hooks.example/one');
    });
  });

  it('rotate accepts both values until --finish and keeps the other sources’ secrets', async () => {
    const old = signed('custom', customOrder('rotated-old'));
    const { value } = await json(['secrets', 'rotate', 'demo', 'sources.custom', '--generate']);
    expect(value).toMatch(/^whsec_/);
    expect(await run(['secrets', 'rotate', 'demo', 'sources.custom', '--generate'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('A rotation is under way'),
    });
    expect((await post(stack, 'custom', old)).status).toBe(200);
    const findings = (await json(['doctor', 'demo'])).findings as { about: string; found: string }[];
    expect(findings).toContainEqual(
      expect.objectContaining({ about: 'secret of custom', found: expect.stringContaining('rotation') }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ about: 'secret of shopify', found: 'stored' }));
    expect(await json(['secrets', 'rotate', 'demo', 'sources.custom', '--finish'])).toMatchObject({ accepted: 1 });
    const wrong = await run(['secrets', 'rotate', 'demo', 'sources.custom', '--finish']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('No rotation is under way') });
  });

  it('rotate makes up nothing that another system issues', async () => {
    const { code, stderr } = await run(['secrets', 'rotate', 'demo', 'sources.shopify', '--generate']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('issued by the other system') });
  });
});

describe('dlq', () => {
  it('a send command goes back and is sent once; what is none of ours stays, and bodies are never shown', async () => {
    const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
    const sqs = new SQSClient({
      region: 'us-east-1',
      endpoint: stack.endpoints.sqs,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      useQueueUrlAsEndpoint: false,
    });
    const QueueUrl = stack.resources().queues['sends-dlq'];
    const now = Date.now();
    const command = {
      key: 'order:dead:ready',
      template: 'order-ready',
      asOf: new Date(now).toISOString(),
      usefulUntil: new Date(now + 3600_000).toISOString(),
      outcome: { path: '/messages/text', body: '{"to":"+972501234567","body":"secret text"}' },
    };
    for (const body of [JSON.stringify(command), 'rubbish']) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: body,
          MessageGroupId: 'g',
          MessageDeduplicationId: body.slice(0, 20),
        }),
      );
    }
    const listed = await run(['dlq', 'list', 'demo']);
    expect(listed.stdout).toMatch(/sends-dlq: 2/);
    expect(listed.stdout).toMatch(/order:dead:ready/);
    expect(listed.stdout).not.toMatch(/secret text|rubbish|501234567/);
    const redriven = await run(['dlq', 'redrive', 'demo', 'sends-dlq', '--json']);
    expect(redriven.code).toBe(1);
    expect(JSON.parse(redriven.stdout)).toMatchObject({
      queue: 'sends-dlq',
      to: 'sends',
      moved: 1,
      left: 1,
      letters: [{ about: 'no send command', why: 'it is no send command' }],
    });
    await untilState(stack, 'order:dead:ready', 'ACCEPTED');
    expect((await json(['dlq', 'list', 'demo'])).queues).toContainEqual(
      expect.objectContaining({ queue: 'sends-dlq', count: 1 }),
    );
    expect(await run(['dlq', 'redrive', 'demo', 'nope'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('order-ready-dlq, sends-dlq'),
    });
    await stack.state();
  });
});

describe('token rotate', () => {
  it('refuses a wrong login without changing anything', async () => {
    const { code, stderr } = await run(['token', 'rotate', 'demo'], 'owner@demo.example\nwrong\n');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'ezw: The workspace refused this login.\n' });
    expect((await run(['doctor', 'demo'])).stdout).toMatch(/✓ line: /);
  });

  it('stores the new token, proves it, shows neither it nor the login, and sending goes on', async () => {
    const { code, stdout, stderr } = await run(['token', 'rotate', 'demo'], 'owner@demo.example\ndemo-password\n');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/new token, stored as version [\w-]+/);
    expect(stdout).toMatch(/sendable true/);
    expect(stdout).not.toMatch(/ezw_line_|demo-password|eyJ/);
    await untilState(stack, await order('after-rotation'), 'ACCEPTED');
  });
});

describe('doctor on a notifier that refuses', () => {
  const notifier = async () => {
    const { stdout } = await run(['doctor', 'demo', '--json']);
    const { findings } = JSON.parse(stdout) as { findings: { about: string }[] };
    return findings.find(({ about }) => about === 'notifier webhook');
  };
  const urgent = (id: string) =>
    deliver(stack, customerSays(id, 'urgent', { conversationId: `conv-${id}`, conversation_id: `conv-${id}` }));

  it('says what it said, without what was sent, and what mends it, until it takes an alert again', async () => {
    expect(await notifier()).toMatchObject({ level: 'good' });
    const says = {
      error: 'no_service',
      message: 'whsec_kX4gv0OUPm7O is gone, see https://hooks.example/T1 for +972501234567',
    };
    const fault = { kind: 'status', status: 404, body: JSON.stringify(says) };
    await sandboxOf(stack).fault('notifier', fault);
    await urgent('refused-alert');
    await expect.poll(notifier).toMatchObject({
      level: 'bad',
      found: expect.stringMatching(/^refused an alert at .*, notifier_404: no_service, .* is gone, see … for …$/),
      todo: expect.stringContaining('secrets set demo notifiers.webhook'),
    });
    const { code, stdout } = await run(['doctor', 'demo']);
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/hooks\.example|97250|T1/);
    await urgent('taken-alert');
    await expect.poll(notifier).toMatchObject({ level: 'good', found: 'takes what it is given' });
  });
});
