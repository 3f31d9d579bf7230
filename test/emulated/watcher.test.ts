import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { walkKey } from '../../functions/shared/door/walk.ts';
import { KEEP_SECONDS } from '../../functions/shared/ledger/rules.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import type { LocalStack } from '../../local/stack.ts';
import { customOrder, expectCleanLogs, post, sandboxOf, signed, startDemo, untilState } from './demo.ts';
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
/** No row is deleted here: as a row that says nothing. */
const clear = async (name: string, pk: string) => {
  const row = (await table(name).read(pk)) ?? {};
  await table(name).update(pk, { remove: Object.keys(row).filter((field) => field !== 'pk') });
};
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
const letter = async (queue: string, body: string) => {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'local' };
  const sqs = new SQSClient({
    endpoint: stack.endpoints.sqs,
    region: 'us-east-1',
    credentials,
    useQueueUrlAsEndpoint: false,
  });
  await sqs.send(new SendMessageCommand({ QueueUrl: stack.resources().queues[queue], MessageBody: body }));
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
const cases: readonly Case[] = [
  {
    check: 'dead-letters',
    cause: () => letter('crm-sync-dlq', '{}'),
    subject: 'demo: crm-sync-dlq',
    says: /^demo: crm-sync-dlq\n1\n.*What to do: npx ezw dlq list demo --local/s,
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
    mend: () => store('sources/order-ready', kept),
  },
  {
    check: 'crm-secrets',
    cause: async () => {
      kept = await parameter('crm');
      await store('crm', 'not-set');
    },
    subject: 'demo: secret of webhook',
    says: /secrets set demo crm/,
    mend: () => store('crm', kept),
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
    mend: () =>
      put('deliveries', `probe#${stack.lineId}`, {
        run: 'r',
        by: 'ops',
        openedAt: '2026-01-01T00:00:00Z',
        expiresAt: 1,
      }),
  },
  {
    check: 'proofs',
    cause: () =>
      put('deliveries', 'proofs#order-ready#custom', {
        refused: 4,
        firstAt: Date.now() - 10 * MINUTE,
        lastAt: Date.now(),
        goodAt: Date.now() - DAY,
      }),
    subject: 'demo: proofs of order-ready/custom',
    says: /4 events in a row refused since .*\n.*secrets set demo sources\.custom/s,
    // The next event that is proved.
    mend: () => put('deliveries', 'proofs#order-ready#custom', { goodAt: Date.now() }),
  },
  {
    check: 'alarms',
    cause: () =>
      put('appointments', walkKey(stack.lineId), {
        run: 'r',
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
    mend: () =>
      put('appointments', walkKey(stack.lineId), {
        run: 'r',
        dryRun: false,
        page: 0,
        done: true,
        appointments: 3,
        alarms: 3,
        overdue: 0,
        failed: 0,
        begunAt: Date.now(),
        touchedAt: Date.now(),
      }),
  },
  {
    check: 'crm',
    cause: () =>
      put('deliveries', `crm#${stack.lineId}#webhook`, {
        reason: 'sink_503',
        says: '',
        failingSince: Date.now() - HOUR,
        failedAt: Date.now(),
        times: 9,
      }),
    subject: 'demo: webhook',
    says: /fails since .*, 9 times, .*sink_503/,
    mend: () => clear('deliveries', `crm#${stack.lineId}#webhook`),
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
    says: /refused an alert at .*notifier_404: no_service.*\n.*secrets set demo notifiers\.webhook/s,
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
];

describe('what goes wrong is told once, with the command that mends it, and told well again', () => {
  it.each(cases)(
    '$check',
    async ({ after = 0, cause, subject, says, mend }) => {
      // What was told before is old news by then.
      expect(await lookAfter(7 * HOUR)).toEqual([]);
      await cause();
      if (after > 0) expect(await lookAfter(5 * MINUTE)).toEqual([]);
      const told = await lookAfter(after + MINUTE);
      expect(told.map((one) => one.subject)).toEqual([expect.stringContaining(`Ezw ${subject}`)]);
      expect(told[0]?.message).toMatch(says);
      expect(await lookAfter(5 * MINUTE)).toEqual([]);
      await mend();
      expect(await lookAfter(5 * MINUTE)).toEqual([]);
      expect((await lookAfter(10 * MINUTE)).map((one) => one.subject)).toEqual([
        expect.stringContaining(`Ezw well again: ${subject}`),
      ]);
    },
    60_000,
  );

  it('and nothing of it is a phone, a token or what somebody wrote', async () => {
    for (const { subject, message } of await inbox())
      expect(`${subject}\n${message}`).not.toMatch(/97250|ezw_line_|whsec_|urgent|Dana|demo-password/);
  });
});

it('over a busy day nobody is told anything', async () => {
  for (let hour = 0; hour < 12; hour += 1) {
    const keys = await Promise.all([1, 2, 3].map((one) => order(`busy-${hour}-${one}`)));
    expect(await lookAfter(HOUR)).toEqual([]);
    if (hour % 4 === 0) for (const key of keys) await untilState(stack, key, 'ACCEPTED', 60_000);
  }
}, 120_000);
