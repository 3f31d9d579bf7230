import { readFileSync } from 'node:fs';
import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { walkKey } from '../../functions/shared/door/walk.ts';
import type { Failing } from '../../functions/shared/ledger/line-control.ts';
import { KEEP_SECONDS } from '../../functions/shared/ledger/rules.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import type { LocalStack } from '../../local/stack.ts';
import { runbooks } from '../runbooks.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  sandboxOf,
  signed,
  startDemo,
  untilIdle,
  untilState,
} from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver } from './inbound.ts';

/** The watcher as it is deployed: its bundle, its rights, its topic. What a check looks at goes wrong; people are told; somebody types what they were told. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let stack: LocalStack;
beforeAll(async () => {
  stack = await startDemo({ watcher: true });
}, 60_000);
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

interface Told {
  readonly subject: string;
  readonly message: string;
}
const local = async (method: 'GET' | 'POST', path: string, body?: object) => {
  const response = await fetch(`${stack.url}/_local/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const inbox = async (): Promise<readonly Told[]> => (await local('GET', 'watch')).body.messages as readonly Told[];

let clock = Date.now();
/** Everything is looked at, after so many milliseconds. @returns what was told */
const lookAfter = async (ms: number): Promise<readonly Told[]> => {
  const before = (await inbox()).length;
  clock = Math.max(clock, Date.now()) + ms;
  await local('POST', 'clock', { now: new Date(clock).toISOString() });
  // The clock calls it as well: one run at a time.
  await expect
    .poll(async () => (await local('POST', 'watch')).body.result, { interval: 50, timeout: 60_000 })
    .toMatchObject({ clients: 1 });
  return (await inbox()).slice(before);
};
const run = (...args: readonly string[]) => ezw([...args, '--local', stack.url]);
const given = async (input: string, ...args: readonly string[]) => {
  const { code, stderr } = await ezw([...args, '--local', stack.url], { input: `${input}\n` });
  expect([args, code, stderr]).toEqual([args, 0, expect.anything()]);
};
const typed = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(...args);
  expect([args, code, stderr]).toEqual([args, 0, expect.anything()]);
  return stdout;
};

const table = (name: string) => {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: stack.endpoints.dynamodb, region: 'us-east-1', credentials });
  return new Table<Record<string, unknown>>(stack.resources().tables[name] ?? '', client);
};
const put = (name: string, pk: string, row: object) => table(name).put({ pk, ...row });
const record = (key: string, over: object) => ({
  key,
  template: 'order-ready',
  owner: 'nobody',
  leaseUntil: 0,
  attempts: 0,
  interruptions: 0,
  bodyHash: '',
  asOf: new Date().toISOString(),
  usefulUntil: new Date(Date.now() + DAY).toISOString(),
  createdAt: Date.now(),
  updatedAt: Date.now(),
  expiresAt: Math.floor(Date.now() / 1000) + KEEP_SECONDS,
  waits: stack.lineId,
  ...over,
});
const letter = async (queue: string, body: string, more: object = {}) => {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'local' };
  const sqs = new SQSClient({
    endpoint: stack.endpoints.sqs,
    region: 'us-east-1',
    credentials,
    useQueueUrlAsEndpoint: false,
  });
  await sqs.send(new SendMessageCommand({ QueueUrl: stack.resources().queues[queue], MessageBody: body, ...more }));
};
const parameter = async (name: string): Promise<string> => {
  const { Parameter } = await awsClients(stack).parameters.send(
    new GetParameterCommand({ Name: `/ezw/demo/${name}`, WithDecryption: true }),
  );
  return Parameter?.Value ?? '';
};
const store = (name: string, Value: string) =>
  awsClients(stack).parameters.send(
    new PutParameterCommand({ Name: `/ezw/demo/${name}`, Value, Type: 'SecureString', Overwrite: true }),
  );
const secrets = demoSecrets();
/** @returns what it was before */
const lineTokenIs = async (SecretString: string): Promise<string> => {
  const [{ secrets: manager }, named] = [awsClients(stack), { SecretId: 'ezw/demo/line-token' }];
  const before = await manager.send(new GetSecretValueCommand(named));
  await manager.send(new PutSecretValueCommand({ ...named, SecretString }));
  return before.SecretString ?? '';
};
const contacts = () => ({ TableName: stack.resources().tables.contacts ?? '' });
/** As it is restored under its own name. */
const restored = () =>
  awsClients(stack).dynamodb.send(
    new CreateTableCommand({
      ...contacts(),
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
const control = async () => (await table('sends').read(`${stack.lineId}#control`)) ?? {};
const troubled = (trouble: 'banned' | 'unlinked') => async () => {
  const body = JSON.stringify({ sendable: false, trouble });
  await fetch(`${stack.url}/_sandbox/line`, { method: 'POST', body });
  // The sender may believe for a minute that the line is well, and meets it at a refusal then.
  await order(`line-${trouble}`);
  await expect.poll(async () => (await control()).trouble, { timeout: 30_000 }).toMatchObject({ kind: trouble });
};
const says = (id: string, text: string, conversation = id) =>
  deliver(stack, customerSays(id, text, { conversationId: conversation, conversation_id: conversation }));
const order = async (id: string) => {
  await post(stack, 'custom', signed('custom', customOrder(id)));
  return `order:${id}:ready`;
};

it('of a stack that was just made nobody is told anything but what is still to be done', async () => {
  const told = await lookAfter(0);
  expect(told.map(({ subject }) => subject)).toEqual(['Ezw demo: webhook']);
  expect(told[0]?.message).toContain(`npx ezw webhook register demo --local ${stack.url}`);
  await typed('webhook', 'register', 'demo');
  await lookAfter(5 * MINUTE);
  const [well] = await lookAfter(10 * MINUTE);
  expect(well?.subject).toBe('Ezw well again: demo: webhook');
});

/** What goes wrong, in what words people hear of it, and what mends it. */
interface Case {
  readonly check: string;
  /** For how long it stands before it is told; ms. */
  readonly after?: number;
  readonly cause: () => Promise<unknown>;
  readonly subject: string;
  readonly says: RegExp;
  readonly mend: () => Promise<unknown>;
}

let kept = '';
/** Keys of what the API failed on. */
const failed: string[] = [];
const cases: readonly Case[] = [
  {
    check: 'dead-letters',
    cause: () => letter('crm-sync-dlq', '{}'),
    subject: 'demo: crm-sync-dlq',
    says: /^demo: crm-sync-dlq\n1 dead letter: .*\n.*What to do: npx ezw dlq list demo --local/s,
    mend: () => typed('dlq', 'drop', 'demo', 'crm-sync-dlq', '--all', '--because', 'a test', '--yes'),
  },
  {
    check: 'sends',
    cause: () =>
      put(
        'sends',
        `${stack.lineId}#order:P-1:ready`,
        record('order:P-1:ready', { state: 'HELD', parked: true, reason: 'person_cap' }),
      ),
    subject: 'demo: sends',
    says: /1 waiting, 1 of them for a person\n.*What to do: npx ezw sends list demo --waiting/s,
    mend: () => typed('sends', 'drop', 'demo', 'order:P-1:ready', '--reason', 'a test', '--yes'),
  },
  {
    check: 'oldest-send',
    cause: () =>
      put(
        'sends',
        `${stack.lineId}#order:O-1:ready`,
        record('order:O-1:ready', { state: 'HELD', reason: 'api_503', createdAt: Date.now() - 40 * MINUTE }),
      ),
    subject: 'demo: oldest send',
    says: /1 could have left long ago/,
    mend: () => typed('sends', 'drop', 'demo', 'order:O-1:ready', '--reason', 'a test', '--yes'),
  },
  {
    check: 'line',
    after: 10 * MINUTE,
    cause: () => sandboxOf(stack).line(false),
    subject: 'demo: line',
    says: /sendable false .* QR.*\n.*reconnect/s,
    mend: () => sandboxOf(stack).line(true),
  },
  {
    check: 'line (EZWhatsApp has an outage)',
    after: 10 * MINUTE,
    cause: () => sandboxOf(stack).fault('health', { kind: 'status', status: 503 }, 0),
    subject: 'demo: EZWhatsApp at 127.0.0.1',
    says: /health_503/,
    mend: () => sandboxOf(stack).clearFaults(),
  },
  {
    check: 'line (a token that EZWhatsApp does not take)',
    after: 10 * MINUTE,
    cause: () =>
      ezw(['secrets', 'set', 'demo', 'line-token', '--local', stack.url], { input: 'ezw_line_0123456789abcdef\n' }),
    subject: 'demo: line',
    says: /health_401\n.*token rotate demo/s,
    mend: () =>
      ezw(['token', 'rotate', 'demo', '--local', stack.url], { input: 'owner@demo.example\ndemo-password\n' }),
  },
  {
    check: 'paused',
    after: DAY,
    cause: () => typed('line', 'pause', 'demo', '--reason', 'moving house'),
    subject: 'demo: what may leave',
    says: /paused since .*moving house.*\n.*line resume demo/s,
    mend: () => typed('line', 'resume', 'demo', '--yes'),
  },
  {
    check: 'source-secrets',
    cause: async () => {
      kept = await parameter('sources/order-ready');
      await store('sources/order-ready', JSON.stringify({ ...JSON.parse(kept), custom: '' }));
    },
    subject: 'demo: secret of custom',
    says: /missing: its events are answered 503\n.*secrets set demo sources\.custom/s,
    mend: () => given(String(secrets.sources?.custom), 'secrets', 'set', 'demo', 'sources.custom'),
  },
  {
    check: 'crm',
    after: 10 * MINUTE,
    cause: () =>
      put('deliveries', `crm#${stack.lineId}#webhook`, {
        reason: 'sink_503',
        says: '',
        failingSince: Date.now() - HOUR,
        failedAt: Date.now(),
        times: 9,
      }),
    subject: 'demo: CRM webhook',
    says: /fails since .*, at least 9 times, .*sink_503\n/,
    // The next thing that it takes.
    mend: async () => {
      await says('taken-by-crm', 'Hello');
      await expect
        .poll(async () => (await table('deliveries').read(`crm#${stack.lineId}#webhook`))?.reason, { timeout: 40_000 })
        .toBeUndefined();
    },
  },
  {
    check: 'source-connections',
    after: HOUR,
    // Connected by the command, and gone at its vendor.
    cause: async () => {
      await given('tfp_a-token-of-nobody', 'source', 'connect', 'demo', 'typeform', '--keep', '--yes');
      await fetch(`${stack.url}/_sandbox/typeform/webhooks`, { method: 'DELETE' });
    },
    subject: 'demo: typeform at Typeform',
    says: /it has no subscription to .*: no event comes\n.*source connect demo typeform/s,
    mend: () => typed('source', 'connect', 'demo', 'typeform', '--yes'),
  },
  {
    check: 'crm-secrets',
    cause: async () => {
      kept = await parameter('crm');
      await store('crm', 'not-set');
    },
    subject: 'demo: secret of webhook',
    says: /secrets set demo crm/,
    mend: () => given(String(secrets.crm), 'secrets', 'set', 'demo', 'crm'),
  },
  {
    check: 'keys',
    cause: () => put('sends', 'keys-of', { line: 'line-before' }),
    subject: 'demo: keys of sends',
    says: /stored under line-before, looked for under .*\n.*keysOf: 'line-before'/s,
    mend: () => put('sends', 'keys-of', { line: stack.lineId }),
  },
  {
    check: 'probe',
    after: HOUR,
    cause: () =>
      put('deliveries', `probe#${stack.lineId}`, {
        run: 'r',
        by: 'ops',
        openedAt: new Date().toISOString(),
        targetUrl: 'https://probe.example',
        stands: 'instead',
        hasOwn: true,
      }),
    subject: 'demo: probe',
    says: /its webhook stands perhaps in the place of the client's own\n.*probe demo --restore/s,
    mend: () => typed('probe', 'demo', '--restore'),
  },
  {
    check: 'proofs',
    // Minutes lie between them.
    cause: async () => {
      // A door that never took one may be tried by anybody.
      await order('taken-before');
      const wrong = { current: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' };
      for (const id of ['w-1', 'w-2', 'w-3', 'w-4'])
        expect((await post(stack, 'custom', signed('custom', customOrder(id), wrong))).status).toBe(401);
      const pk = 'proofs#order-ready#custom';
      await expect.poll(async () => (await table('deliveries').read(pk))?.refused).toBeGreaterThan(0);
      await table('deliveries').update(pk, { set: { refused: 4, firstAt: Date.now() - 10 * MINUTE } });
    },
    subject: 'demo: proofs of order-ready/custom',
    says: /4 events in a row refused.*\n.*secrets set demo sources\.custom/s,
    mend: async () => {
      await given(String(secrets.sources?.custom), 'secrets', 'set', 'demo', 'sources.custom');
      // And with the next event that is proved it is well.
      await order('proved');
      await expect
        .poll(async () => (await table('deliveries').read('proofs#order-ready#custom'))?.refused)
        .toBeUndefined();
    },
  },
  {
    check: 'alarms',
    cause: () =>
      put('appointments', walkKey(stack.lineId), {
        run: 'r',
        rev: 1,
        dryRun: false,
        page: 0,
        done: true,
        appointments: 3,
        alarms: 3,
        overdue: 0,
        failed: 1,
        begunAt: Date.now(),
        touchedAt: Date.now(),
      }),
    subject: 'demo: alarms',
    says: /3 appointments, 1 failed\n.*appointments resync demo/s,
    mend: () => typed('appointments', 'resync', 'demo'),
  },
  {
    check: 'notifiers',
    cause: async () => {
      await sandboxOf(stack).fault('notifier', { kind: 'status', status: 404, body: '{"error":"no_service"}' });
      await deliver(
        stack,
        customerSays('refused-alert', 'urgent', { conversationId: 'conv-a', conversation_id: 'conv-a' }),
      );
      await expect
        .poll(() => table('deliveries').read(`notifier#${stack.lineId}#webhook`))
        .toMatchObject({ reason: 'notifier_404' });
    },
    subject: 'demo: notifier webhook',
    says: /refused an alert at .*notifier_404\n.*secrets set demo notifiers\.webhook/s,
    mend: async () => {
      await deliver(
        stack,
        customerSays('taken-alert', 'urgent', { conversationId: 'conv-b', conversation_id: 'conv-b' }),
      );
      await expect
        .poll(async () => (await table('deliveries').read(`notifier#${stack.lineId}#webhook`))?.reason)
        .toBeUndefined();
    },
  },
  {
    // It is told once, as what the line says of itself.
    check: 'line (not linked, as the sender learned)',
    after: 10 * MINUTE,
    cause: troubled('unlinked'),
    subject: 'demo: line',
    says: /sendable false .* QR/,
    // Somebody scans it: what waited leaves by itself.
    mend: async () => {
      await sandboxOf(stack).line(true);
      await untilState(stack, 'order:line-unlinked:ready', 'ACCEPTED', 60_000);
    },
  },
  {
    check: 'line-trouble (shut out)',
    cause: troubled('banned'),
    subject: 'demo: what may leave',
    says: /shut out by WhatsApp.*\n.*write to WhatsApp and to EZWhatsApp first.*line resume demo/s,
    mend: async () => {
      await sandboxOf(stack).line(true);
      const back = await lookAfter(5 * MINUTE);
      expect(back.map((one) => one.subject)).toEqual(['Ezw otherwise now: demo: what may leave']);
      // What failed on a line that was shut out is no outage of EZWhatsApp.
      expect(await lookAfter(11 * MINUTE)).toEqual([]);
      await typed('line', 'resume', 'demo', '--yes');
      await untilState(stack, 'order:line-banned:ready', 'ACCEPTED', 60_000);
    },
  },
  {
    check: 'api-fails',
    after: 10 * MINUTE,
    cause: async () => {
      await sandboxOf(stack).fault('text', { kind: 'status', status: 503 }, 0);
      failed.length = 0;
      // Each may fail by itself, and so may one that comes before the sender reads what it noted of another: that the API fails is known of a later one.
      while (!((await control()).failing as Failing | undefined)?.times) {
        const key = await order(`api-${failed.length}`);
        failed.push(key);
        await untilState(stack, key, 'UNKNOWN', 60_000);
      }
    },
    subject: 'demo: EZWhatsApp at 127.0.0.1',
    says: /EZWhatsApp failed \d+ times in a row .*\(503\), with the line well/,
    mend: async () => {
      await sandboxOf(stack).clearFaults();
      for (const key of failed) await untilState(stack, key, 'ACCEPTED', 60_000);
    },
  },
  {
    check: 'line-token',
    cause: async () => {
      kept = await lineTokenIs('not-set');
    },
    subject: 'demo: line token',
    says: /secrets set demo line-token/,
    mend: () => given(kept, 'secrets', 'set', 'demo', 'line-token'),
  },
  {
    check: 'parameters',
    cause: async () => {
      kept = await parameter('contact-salt');
      await awsClients(stack).parameters.send(new DeleteParametersCommand({ Names: ['/ezw/demo/contact-salt'] }));
    },
    subject: 'demo: parameter /ezw/demo/contact-salt',
    says: /missing: nobody who said stop is known/,
    // Of the salt alone no command makes another one.
    mend: () => store('contact-salt', kept),
  },
  {
    check: 'stops (who said stop cannot be read)',
    cause: async () => {
      const { dynamodb } = awsClients(stack);
      await dynamodb.send(new DeleteTableCommand(contacts()));
      const stands = () => dynamodb.send(new DescribeTableCommand(contacts())).catch(({ name }: Error) => name);
      await expect.poll(stands, { timeout: 20_000 }).toBe('ResourceNotFoundException');
    },
    subject: 'demo: stops',
    says: /who said stop cannot be read .*: nothing is sent\n.*the table contacts/s,
    mend: restored,
  },
  {
    check: 'webhook-forgotten',
    cause: async () => {
      await table('deliveries').update(`registration#${stack.lineId}`, {
        set: { registeredAt: new Date(Date.now() - DAY).toISOString() },
      });
      await put('deliveries', `heard#${stack.lineId}`, { at: Date.now() - 5 * HOUR });
      await put('sends', `${stack.lineId}#accepted`, { at: Date.now() - HOUR });
    },
    subject: 'demo: webhook',
    says: /nothing was heard since .*has it forgotten the webhook.*\n.*webhook register demo --again/s,
    mend: () => typed('webhook', 'register', 'demo', '--again'),
  },
];

const pages = runbooks(readFileSync('docs/operations.md', 'utf8'));
/** A message names its runbook, which has each command that the message has. */
const expectInRunbook = (check: string, message: string): void => {
  const [id = ''] = check.split(' ');
  expect(message).toContain(`More: docs/operations.md, "${id}"`);
  const commands = [...message.matchAll(/npx ezw ([a-z- ]+?) demo/g)].map(([, command]) => command);
  for (const command of commands) expect(pages.get(id)).toContain(`npx ezw ${command} bakery`);
};

describe('what goes wrong is told once, with the command that mends it, and told well again', () => {
  it.each(cases)(
    '$check',
    async ({ check, after = 0, cause, subject, says, mend }) => {
      // What is under way at one look and at the next hours later would be a queue that stands.
      await untilIdle(stack);
      // What was told before is old news by then.
      expect(await lookAfter(7 * HOUR)).toEqual([]);
      await cause();
      if (after > 0) expect(await lookAfter(5 * MINUTE)).toEqual([]);
      const told = await lookAfter(after + MINUTE);
      expect(told.map((one) => one.subject)).toEqual([expect.stringContaining(`Ezw ${subject}`)]);
      expect(told[0]?.message).toMatch(says);
      expectInRunbook(check, told[0]?.message ?? '');
      expect(await lookAfter(5 * MINUTE)).toEqual([]);
      await mend();
      expect(await lookAfter(5 * MINUTE)).toEqual([]);
      expect((await lookAfter(10 * MINUTE)).map((one) => one.subject)).toEqual([
        expect.stringContaining(`Ezw well again: ${subject}`),
      ]);
    },
    180_000,
  );

  it('and nothing of it is a phone, a token or what somebody wrote', async () => {
    for (const { subject, message } of await inbox())
      expect(`${subject}\n${message}`).not.toMatch(/97250|ezw_line_\w|whsec_|urgent|Dana|demo-password/);
  });
});

describe('what is redriven twice is done once', () => {
  it('a message for the line, also of two letters of it', async () => {
    const now = new Date();
    const times = { asOf: now.toISOString(), usefulUntil: new Date(now.getTime() + DAY).toISOString() };
    const body = JSON.stringify({ to: '+972501234567', body: 'Ready' });
    const command = {
      key: 'order:twice:ready',
      template: 'order-ready',
      ...times,
      outcome: { path: '/messages/text', body },
    };
    for (const MessageDeduplicationId of ['a', 'b'])
      await letter('sends-dlq', JSON.stringify(command), { MessageGroupId: stack.lineId, MessageDeduplicationId });
    const [told] = await lookAfter(MINUTE);
    expect(told?.message).toMatch(/sends-dlq\n2 dead letters: .*\n.*dlq redrive demo sends-dlq/s);
    // One of the two is a copy, as far as a redrive can tell: it is named and waits for the next.
    expect(await run('dlq', 'redrive', 'demo', 'sends-dlq')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^1 moved[\s\S]*\n1 stayed:\n.*the same was just put back/),
    });
    await untilState(stack, command.key, 'ACCEPTED', 60_000);
    await typed('dlq', 'redrive', 'demo', '--all');
    await untilIdle(stack);
    expect(await sandboxOf(stack).posts(command.key)).toHaveLength(1);
    await lookAfter(5 * MINUTE);
    const after = await lookAfter(10 * MINUTE);
    expect(after.map(({ subject }) => subject)).toEqual(['Ezw well again: demo: sends-dlq']);
  }, 90_000);
});

it('while another run is under way it looks at nothing, and tells nothing twice', async () => {
  await put('watch', 'run', { by: 'another', until: Date.now() + 60 * MINUTE });
  expect((await local('POST', 'watch')).body.result).toMatchObject({ clients: 0, skipped: true });
  await put('watch', 'run', { by: 'another', until: 0 });
});

it('over a busy day of 200 events nobody is told anything', async () => {
  expect(await lookAfter(7 * HOUR)).toEqual([]);
  for (let hour = 0; hour < 12; hour += 1) {
    const keys = await Promise.all(Array.from({ length: 16 }, (_, one) => order(`busy-${hour}-${one}`)));
    await says(`answer-${hour}`, 'Thanks, I will come by');
    for (const key of keys) await untilState(stack, key, 'ACCEPTED', 60_000);
    // What is under way at one look and at the next an hour later would be a queue that stands.
    await untilIdle(stack, 60_000);
    expect(await lookAfter(HOUR)).toEqual([]);
  }
}, 240_000);
