import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { written } from '../../clients/demo.ts';
import { CrmFailures } from '../../functions/crm-sync/crm-failures.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { byName, target, templateOf } from '../infra/assembly.ts';
import { customOrder, demoSecrets, expectCleanLogs, post, sandboxOf, signed, untilIdle } from './demo.ts';
import { awsClients } from './fixtures/clients.ts';
import { type CrmShown, customerSays, deliver, worldOf } from './inbound.ts';

/** A client with three CRMs, whose secrets lie beside each other. */
const STAND_INS = 'http://127.0.0.1:8788';
const NAMES = ['webhook', 'hubspot', 'pipedrive'] as const;
let outdir: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-crms-'));
  const crm = { kind: 'webhook', url: `${STAND_INS}/crm/webhook` } as const;
  const client = defineClient({
    ...written,
    name: 'several',
    crm: [
      crm,
      { kind: 'hubspot', name: 'sales', api: `${STAND_INS}/crm/hubspot`, text: true },
      { kind: 'pipedrive', api: `${STAND_INS}/crm/pipedrive`, optOutField: 'abc' },
    ],
    escalation: {},
  });
  await synthesise([client], outdir);
  const secrets = demoSecrets();
  stack = await startLocalStack({
    assembly: outdir,
    client: 'several',
    port: 0,
    secrets: {
      ...secrets,
      crm: { byName: { webhook: secrets.crm, sales: 'pat-demo', pipedrive: { token: 'token' } } },
    },
  });
  world = worldOf(stack);
});
beforeEach(() => world.forget());
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});

const held = async (): Promise<Record<string, CrmShown>> =>
  (await (await fetch(`${stack.url}/_sandbox/crm`)).json()) as Record<string, CrmShown>;
const requests = async (crm: string): Promise<number> => {
  const all = (await (await fetch(`${stack.url}/_sandbox/crm/requests`)).json()) as { path: string }[];
  return all.filter(({ path }) => path.startsWith(`/crm/${crm}/`) || path === `/crm/${crm}`).length;
};
/** How often each CRM has a line about each of these messages. */
const lines = async (ids: readonly string[]): Promise<Record<string, number[]>> => {
  const all = await held();
  return Object.fromEntries(
    NAMES.map((name) => {
      const told = (all[name]?.entries ?? []).filter(({ type }) => !`${type}`.startsWith('contact.'));
      const entries = told.map((entry) => JSON.stringify(entry));
      return [name, ids.map((id) => entries.filter((entry) => entry.includes(`line-demo:${id}`)).length)];
    }),
  );
};
const everywhere = (ids: readonly string[]) => Object.fromEntries(NAMES.map((name) => [name, ids.map(() => 1)]));
const deadLetters = async (): Promise<number | undefined> => (await stack.state()).dlqs['crm-sync-dlq']?.ready;

it('twenty first messages of one person at once are twenty lines and one contact in each CRM', async () => {
  const ids = Array.from({ length: 20 }, (_, i) => `first-${i + 10}`);
  const answers = await Promise.all(ids.map((id) => deliver(stack, customerSays(id, `Hello ${id}`))));
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
  await expect.poll(() => lines(ids)).toEqual(everywhere(ids));
  await untilIdle(stack);
  expect(await lines(ids)).toEqual(everywhere(ids));
  const { hubspot, pipedrive, webhook } = await held();
  expect([hubspot, pipedrive, webhook].map((crm) => crm?.contacts.length)).toEqual([1, 1, 1]);
  // Words go where the client file says so.
  expect(JSON.stringify(hubspot?.entries)).toContain('Hello first-13');
  expect(JSON.stringify(pipedrive?.entries)).not.toContain('Hello first-13');
});

it('one that refuses every call has a row that says so, and the others have none; the next thing that it takes clears it', async () => {
  const { tables } = stack.resources();
  const client = awsClients(stack).dynamodb;
  const failures = new CrmFailures({ table: tables.deliveries ?? '', client, lineId: 'line-demo', now: Date.now });
  let sent = 0;
  const afterOneMore = async (crm: string) => {
    sent += 1;
    await deliver(stack, customerSays(`failing-${sent}`, 'Hello'));
    await untilIdle(stack).catch(() => undefined);
    return failures.failure(crm);
  };
  const { clear } = await outage('crm.hubspot', { kind: 'status', status: 401, headers: { 'Retry-After': '1' } });
  try {
    await deliver(stack, customerSays('failing-0', 'Hello'));
    const since = { reason: 'sink_401', failingSince: expect.any(Number), times: expect.any(Number) };
    await expect.poll(() => failures.failure('sales')).toMatchObject(since);
    expect(await failures.failure('webhook')).toBeUndefined();
  } finally {
    await clear();
  }
  await expect.poll(() => afterOneMore('sales'), { timeout: 90_000, interval: 3_000 }).toBeUndefined();
});

it('a CRM that is down repeats and delays nothing at the others, and has each line once when it is up again', async () => {
  const ids = Array.from({ length: 6 }, (_, i) => `down-${i}`);
  const { clear } = await outage('crm.hubspot', { kind: 'status', status: 503, headers: { 'Retry-After': '1' } });
  await deliver(stack, { event: 'messages.post', messages: ids.map((id) => customerSays(id, 'Hello').messages[0]) });
  const others = async () => {
    const { hubspot: _, ...rest } = await lines(ids);
    return rest;
  };
  const { hubspot: _, ...all } = everywhere(ids);
  await expect.poll(others).toEqual(all);
  const told = await requests('webhook');
  const triedAt = await requests('hubspot');
  await expect.poll(() => requests('hubspot')).toBeGreaterThan(triedAt);
  expect(await requests('webhook')).toBe(told);
  await clear();
  await expect.poll(() => lines(ids)).toEqual(everywhere(ids));
  await untilIdle(stack);
  expect(await lines(ids)).toEqual(everywhere(ids));
  expect(await requests('webhook')).toBe(told);
}, 180_000);

it('a CRM that throttles is left alone for as long as it says, and not asked once for each message', async () => {
  const ids = Array.from({ length: 10 }, (_, i) => `throttled-${i}`);
  const { clear } = await outage('crm.pipedrive', { kind: 'status', status: 429, headers: { 'Retry-After': '3' } });
  for (const id of ids) {
    await deliver(stack, customerSays(id, 'Hello'));
    await expect.poll(async () => (await lines([id])).webhook).toEqual([1]);
  }
  // One message comes after another, and each finds it paused: two containers may each have asked once in three seconds.
  const asked = await requests('pipedrive');
  expect(asked).toBeGreaterThan(0);
  expect(stack.logs().filter(({ line }) => line.includes('"reason":"sink_paused"')).length).toBeGreaterThan(0);
  await clear();
  await expect.poll(() => lines(ids)).toEqual(everywhere(ids));
}, 180_000);

it('what one CRM refuses for good is one dead letter with its name, and written at the others', async () => {
  await sandboxOf(stack).fault('crm.hubspot', { kind: 'status', status: 422 }, 1);
  await deliver(stack, customerSays('refused-by-one', 'Hello'), { deliveryId: 'dlv-refused' });
  await expect.poll(deadLetters).toBe(1);
  await untilIdle(stack);
  expect(await lines(['refused-by-one'])).toEqual({ webhook: [1], hubspot: [0], pipedrive: [1] });
  const { Messages = [] } = await awsClients(stack).sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: stack.resources().queues['crm-sync-dlq'],
      MessageAttributeNames: ['All'],
      VisibilityTimeout: 0,
    }),
  );
  expect(Messages.map(({ MessageAttributes }) => MessageAttributes?.reason?.StringValue)).toEqual([
    expect.stringMatching(/^sink_422: sales: /),
  ]);
  // It can be found and replayed by its delivery, and so can its log lines.
  expect(Messages.map(({ Body = '{}' }) => JSON.parse(Body).deliveryId)).toEqual(['dlv-refused']);
  const logged = () =>
    stack.logs().some(({ line }) => ['"dead_letter"', '"dlv-refused"', '"sales"'].every((one) => line.includes(one)));
  await expect.poll(logged).toBe(true);
});

it('a form, a status and a STOP reach whom they are for', async () => {
  const order = customOrder('several-1', {
    customer: { name: 'Dana', phone: '+972501230077' },
    fields: { note: 'Ring twice' },
  });
  expect((await post(stack, 'custom', signed('custom', order))).status).toBe(200);
  await deliver(stack, customerSays('stop-all', 'STOP'));
  const forms = async () => {
    const { webhook, hubspot, pipedrive } = await held();
    return [webhook, hubspot, pipedrive].map(
      (crm) => crm?.entries.filter((entry) => JSON.stringify(entry).includes('Ring twice')).length,
    );
  };
  await expect.poll(forms).toEqual([1, 1, 1]);
  await expect.poll(() => lines(['stop-all'])).toEqual(everywhere(['stop-all']));
  const optedOut = async () => {
    const { webhook, hubspot, pipedrive } = await held();
    return [webhook, hubspot, pipedrive].map((crm) => JSON.stringify(crm?.contacts).includes('true'));
  };
  await expect.poll(optedOut).toEqual([true, true, true]);
  // Far apart, for a status that comes before its message waits for it.
  const read = { id: 'stop-all', status: 'read', timestamp: 1_790_000_000 };
  await deliver(stack, { event: 'statuses.post', statuses: [read] }, { event: 'statuses.post' });
  const statuses = async () => {
    const { webhook, hubspot, pipedrive } = await held();
    return [webhook, hubspot, pipedrive].map(
      (crm) => (crm?.entries ?? []).filter((entry) => JSON.stringify(entry).includes('message.status')).length,
    );
  };
  await expect.poll(statuses).toEqual([1, 0, 0]);
  await untilIdle(stack);
  expect(await statuses()).toEqual([1, 0, 0]);
});

it('what waits for a CRM that the client file no longer names is a dead letter that says so', async () => {
  const before = (await deadLetters()) ?? 0;
  const { item } = JSON.parse(await partFor('gone')) as { item: object };
  await awsClients(stack).sqs.send(
    new SendMessageCommand({
      QueueUrl: stack.resources().queues['crm-sync'],
      MessageBody: JSON.stringify({ item }),
    }),
  );
  await expect.poll(deadLetters).toBe(before + 1);
  await expect.poll(() => stack.logs().some(({ line }) => line.includes('no_such_crm'))).toBe(true);
});

it('each has messages of its own, which their function may put into its queue', () => {
  const template = templateOf(outdir, 'several');
  const [, worker] = byName(template, 'AWS::Lambda::Function', 'crm-sync');
  const [queueId] = byName(template, 'AWS::SQS::Queue', 'crm-sync');
  const role = template.Resources[target(worker.Properties.Role)];
  const may = (role?.Properties.Policies as { PolicyDocument: { Statement: object[] } }[] | undefined) ?? [];
  expect(may.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)).toContainEqual({
    Action: expect.arrayContaining(['sqs:ReceiveMessage', 'sqs:SendMessage']),
    Effect: 'Allow',
    Resource: { 'Fn::GetAtt': [queueId, 'Arn'] },
  });
});

it('one part twice is one line', async () => {
  const body = await partFor('sales');
  const { sqs } = awsClients(stack);
  const QueueUrl = stack.resources().queues['crm-sync'];
  await Promise.all([1, 2].map(() => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }))));
  await untilIdle(stack);
  expect((await lines(['part-twice'])).hubspot).toEqual([1]);
});

/** A part as the function queues it. */
const partFor = async (crm: string): Promise<string> =>
  JSON.stringify({
    item: {
      kind: 'for-crm',
      crm,
      of: {
        kind: 'message',
        id: 'part-twice',
        conversation: 'conv-1',
        phone: '+972501230078',
        fromMe: false,
        individual: true,
        type: 'text',
        text: 'Hello',
        at: new Date().toISOString(),
      },
    },
  });

const outage = async (on: string, fault: object) => {
  await sandboxOf(stack).fault(on, fault, 0);
  return { clear: () => sandboxOf(stack).clearFaults() };
};
