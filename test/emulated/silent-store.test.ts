import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { LambdaPool } from '../../local/lambda/pool.ts';
import { RuntimeApi } from '../../local/lambda/runtime-api.ts';
import { ParameterServer } from '../../local/parameters/server.ts';
import { QueueServer } from '../../local/queues/server.ts';
import { createSandbox, type Sandbox } from '../../local/sandbox/sandbox.ts';
import { SecretsServer } from '../../local/secrets-manager/server.ts';
import { request } from './bad-port.ts';
import { customOrder, demoSecrets, signed } from './demo.ts';
import { startDynamo } from './dynamo.ts';
import { type Fault, FaultyProxy } from './faulty-proxy.ts';
import { customerSays } from './inbound.ts';

/**
 * Bundles as they are deployed, each in a process with Lambda's limits, while AWS takes every call and answers none. When it is
 * back the same processes must do their work: nobody starts them again.
 */
const SECONDS = { 'order-ready': 30, 'webhook-receiver': 15, sender: 90 } as const;
type Name = keyof typeof SECONDS;
const SHOPS_WAIT_MS = 5_000;
/** One call to the table, and one to the queue to hide what was not sent. */
const SENDER_MS = 10_000;
const LINE = 'line-demo';

const lines: string[] = [];
const undo: (() => unknown)[] = [];
let pools: ReadonlyMap<string, LambdaPool>;
let secrets: FaultyProxy;
let parameters: FaultyProxy;
let stores: FaultyProxy[];
let sandbox: Sandbox;

const all = (fault: Fault): void => {
  for (const proxy of [secrets, parameters, ...stores]) proxy.fault = fault;
};

beforeAll(async () => {
  const dynamo = await startDynamo();
  const queues = await QueueServer.start();
  const secretsServer = await SecretsServer.start();
  const parameterServer = await ParameterServer.start();
  const runtime = await RuntimeApi.start();
  const { lineToken, webhookToken, sources } = demoSecrets();
  sandbox = createSandbox({ lineToken, lineId: LINE });
  const api = await sandbox.listen(0);
  const tables = await FaultyProxy.start(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
  stores = [tables, await FaultyProxy.start(queues.url)];
  secrets = await FaultyProxy.start(secretsServer.url);
  parameters = await FaultyProxy.start(parameterServer.url);
  const queue = (name: string): string => queues.create(name, name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}).url;
  const parameter = (name: string, value: unknown): string => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return parameterServer.store.put(name, text, 'SecureString', true, 'Standard').name;
  };
  const environment: Record<string, string> = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    _HANDLER: 'index.handler',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: tables.url,
    AWS_ENDPOINT_URL_SQS: stores[1]?.url ?? '',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_SSM: parameters.url,
    SENDS_TABLE: 'sends',
    DELIVERIES_TABLE: 'deliveries',
    CONTACTS_TABLE: 'contacts',
    SOURCES_SECRET: parameter('sources', sources),
    LINE_TOKEN_SECRET: secretsServer.store.create('line-token', lineToken),
    WEBHOOK_TOKEN_SECRET: parameter('webhook-token', webhookToken),
    CONTACT_SALT_SECRET: parameter('contact-salt', 'salt-of-the-test'),
    WORK_QUEUE_URL: queue('work'),
    WORK_QUEUE_ARN: 'arn:work',
    WORK_DLQ_ARN: 'arn:work-dlq',
    ALARMS_GROUP: 'alarms',
    ALARMS_ROLE_ARN: 'arn:role',
    CRM_SYNC_QUEUE_URL: queue('crm-sync'),
    ESCALATION_QUEUE_URL: queue('escalation'),
    CRM_SYNC_DLQ_URL: queue('crm-sync-dlq'),
    ESCALATION_DLQ_URL: queue('escalation-dlq'),
    SENDS_QUEUE_URL: queue('sends.fifo'),
    SENDS_DLQ_URL: queue('sends-dlq'),
    EZW_BASE_URL: api.url,
    EZW_CLIENT: 'demo',
  };
  const assembly = process.env.EZW_ASSEMBLY ?? '';
  pools = new Map(
    Object.entries(SECONDS).map(([name, timeoutSeconds]) => {
      const folder = join(assembly, 'bundles', name);
      const own = { LAMBDA_TASK_ROOT: folder, CONFIG_FILE: join(assembly, 'layers', 'demo', `${name}.json`) };
      const definition = { name, arn: name, folder, timeoutSeconds, environment: { ...environment, ...own } };
      return [name, new LambdaPool(definition, runtime, ({ line }) => lines.push(line))];
    }),
  );
  undo.push(
    ...[...pools.values()].map((pool) => () => pool.stop()),
    ...[secrets, parameters, ...stores].map((proxy) => () => proxy.stop()),
    api.close,
    () => runtime.stop(),
    () => secretsServer.stop(),
    () => parameterServer.stop(),
    () => queues.stop(),
    () => dynamo.stop(),
  );
});
afterAll(async () => {
  for (const step of undo) await step();
});

interface Told {
  readonly statusCode?: number;
  readonly batchItemFailures?: SQSBatchResponse['batchItemFailures'];
}

/** What a function answers, and after how many milliseconds. */
const invoke = async (name: Name, event: object): Promise<Told & { readonly ms: number }> => {
  const from = performance.now();
  const answer = (await pools.get(name)?.invoke(JSON.stringify(event))) ?? '{}';
  return { ...(JSON.parse(answer) as Told), ms: performance.now() - from };
};

const order = () => {
  const { headers, body } = signed('custom', customOrder(randomUUID()));
  return request(headers, body, { source: 'custom' });
};
const delivery = () =>
  request(
    { 'x-ezw-delivery-id': randomUUID(), 'x-ezw-webhook-event': 'messages.post', 'x-ezw-line-id': LINE },
    JSON.stringify(customerSays(randomUUID(), 'Hello')),
    { token: demoSecrets().webhookToken },
  );
const command = (key: string): SendCommand => ({
  key,
  template: 'order-ready',
  asOf: new Date().toISOString(),
  usefulUntil: new Date(Date.now() + 3600_000).toISOString(),
  outcome: { path: '/messages/text', body: JSON.stringify({ to: '+972501234567', body: 'Ready.' }) },
});
const batch = (...keys: string[]) => ({
  Records: keys.map((key) => ({
    messageId: key,
    receiptHandle: key,
    body: JSON.stringify(command(key)),
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
  })),
});

it('AWS that never answers is given up in time, and when it is back the same processes go on', async () => {
  all('silent');
  await Promise.all([...pools.values()].map((pool) => pool.start()));
  secrets.fault = 'pass';
  parameters.fault = 'pass';
  const [shop, vendor, line] = await Promise.all([
    invoke('order-ready', order()),
    invoke('webhook-receiver', delivery()),
    invoke('sender', batch('order:1:ready', 'order:2:ready')),
  ]);
  expect(shop).toMatchObject({ statusCode: 503 });
  expect(vendor).toMatchObject({ statusCode: 503 });
  expect(line.batchItemFailures).toHaveLength(2);
  expect(shop.ms).toBeLessThan(SHOPS_WAIT_MS);
  expect(vendor.ms).toBeLessThan(SHOPS_WAIT_MS);
  expect(line.ms).toBeLessThan(SENDER_MS);

  all('pass');
  expect(await invoke('order-ready', order())).toMatchObject({ statusCode: 200 });
  expect(await invoke('webhook-receiver', delivery())).toMatchObject({ statusCode: 200 });
  expect(await invoke('sender', batch('order:1:ready', 'order:2:ready'))).toMatchObject({ batchItemFailures: [] });
  expect(sandbox.messages().map(({ key }) => key)).toEqual(['order:1:ready', 'order:2:ready']);
  // Nobody was killed: not for a slow start, not for a slow answer.
  expect(lines.filter((text) => !text.startsWith('{'))).toEqual([]);
});
