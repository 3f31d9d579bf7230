import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect } from 'vitest';
import * as appointmentReminder from '../../functions/appointment-reminder/sources.ts';
import * as orderReady from '../../functions/order-ready/sources.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { SignedRequest, Sources } from '../../functions/shared/door/source.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { readSecretsFile, type Secrets, withEverySource } from '../../local/secrets-file.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../local/stack.ts';

/** The demo client on the embedded stack, with what tests ask of it. */
export const demoSecrets = (): Secrets => withEverySource(readSecretsFile('local/demo-secrets.json'));

export const startDemo = (over: Partial<LocalStackOptions> = {}): Promise<LocalStack> =>
  startLocalStack({
    assembly: process.env.EZW_ASSEMBLY ?? '',
    client: 'demo',
    port: 0,
    secrets: demoSecrets(),
    ...over,
  });

/** The demo on one stack for all tests of a file, whose logs are looked at in the end. */
export const demoForAll = (): (() => LocalStack) => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await startDemo();
  });
  afterAll(async () => {
    expectCleanLogs(stack);
    await stack.stop();
  });
  return () => stack;
};

/** The sources of each template, by the name in the route. */
const TEMPLATES: Readonly<Record<Template, Sources<unknown>>> = {
  'order-ready': orderReady,
  'appointment-reminder': appointmentReminder,
};
type Template = 'order-ready' | 'appointment-reminder';

const secretOf = (source: string): SourceSecret => {
  const entry = demoSecrets().sources?.[source];
  return typeof entry === 'string' ? { current: entry } : (entry as SourceSecret);
};

/** A request as the real source would sign it; `secret` and `at` for those that must be refused. */
export const signed = (
  source: string,
  body: unknown,
  secret = secretOf(source),
  at = new Date(),
  template: Template = 'order-ready',
): SignedRequest => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const found = TEMPLATES[template][source];
  if (!found) throw new Error(`no source ${source}`);
  return found.sign(text, secret, at);
};

export const post = async (
  stack: LocalStack,
  source: string,
  request: SignedRequest,
  template: Template = 'order-ready',
) => {
  const { headers, body } = request;
  const response = await fetch(`${stack.url}/${template}/${source}`, { method: 'POST', headers, body });
  return {
    status: response.status,
    body: (await response.json().catch(() => undefined)) as Record<string, unknown> | undefined,
  };
};

export const customOrder = (id: string, over: Record<string, unknown> = {}) => ({
  type: 'order.ready_for_pickup',
  timestamp: new Date().toISOString(),
  data: {
    order_id: id,
    order_number: id,
    status_url: `https://shop.example/o/${id}`,
    customer: { name: 'Dana', phone: '+972501234567' },
    ...over,
  },
});

export interface SandboxMessage {
  readonly key: string;
  readonly path: string;
  readonly raw: string;
  readonly attempts: number;
  readonly headers: Readonly<Record<string, string>>;
}
export interface SandboxRequest {
  readonly method: string;
  readonly path: string;
  readonly key?: string;
  readonly status: number | string;
  readonly raw?: string;
}

/** The sandbox's control routes, over HTTP as a person would use them. */
export const sandboxOf = (stack: LocalStack) => {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${stack.url}/_sandbox/${path}`, { method, ...init });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  return {
    messages: () => call('GET', 'messages') as Promise<SandboxMessage[]>,
    posts: async (key: string) =>
      ((await call('GET', 'requests')) as SandboxRequest[]).filter((one) => one.method === 'POST' && one.key === key),
    requests: () => call('GET', 'requests') as Promise<SandboxRequest[]>,
    fault: (on: string, fault: object, times = 1) => call('POST', 'faults', { on, fault, times }),
    clearFaults: () => call('DELETE', 'faults'),
    line: (sendable: boolean) => call('POST', 'line', { sendable }),
    storeFulfillmentOrder: (order: object) => call('PUT', 'shopify/fulfillment-orders', order),
  };
};

const ledgers = new WeakMap<LocalStack, Table<SendRecord>>();

/** One read, and not the whole state: tests ask for many records, many times. */
export const recordOf = (stack: LocalStack, key: string): Promise<SendRecord | undefined> => {
  const ledger = ledgers.get(stack) ?? ledgerOf(stack);
  ledgers.set(stack, ledger);
  return ledger.read(`${stack.lineId}#${key}`);
};

const ledgerOf = ({ endpoints, resources }: LocalStack): Table<SendRecord> => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region: 'us-east-1', credentials });
  return new Table(resources().tables.sends ?? '', client);
};

/** Waits until the record of a key is in a state, and gives it. */
export const untilState = async (
  stack: LocalStack,
  key: string,
  state: string,
  timeout = 60_000,
): Promise<SendRecord> => {
  let record: SendRecord | undefined;
  await expect
    .poll(
      async () => {
        record = await recordOf(stack, key);
        return record?.state;
      },
      { timeout, interval: 200 },
    )
    .toBe(state);
  return record as SendRecord;
};

/** Waits until no queue holds or hides a message. */
export const untilIdle = (stack: LocalStack, timeout = 120_000): Promise<void> =>
  expect
    .poll(
      () =>
        Object.values(stack.depths().queues).reduce(
          (sum, { ready, inFlight, delayed }) => sum + ready + inFlight + delayed,
          0,
        ),
      { timeout, interval: 200 },
    )
    .toBe(0);

/** What must never stand in a log: numbers, texts, tokens, names and whole addresses of everything the tests send. */
const PRIVATE =
  /972\s?-?50|050-?123|501234567|ready for pickup|מוכנה|ezw_line_|whsec_|Bearer|demo-\w+-secret|https?:\/\/\S+\/\S|Dana/;

/** Without ids and hashes made by chance: one in some thirty thousand holds the digits of a number that the tests send. */
export const withoutIds = (text: string): string =>
  text.replaceAll(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\b(?:h_)?[\da-f]{32,64}\b/gi, 'id');

export const expectCleanLogs = (stack: LocalStack): void => {
  const lines = stack.logs().map(({ line }) => line);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => PRIVATE.test(withoutIds(line)))).toEqual([]);
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
  // A call that no grant allows would fail in AWS, however well the function does without its answer.
  expect(lines.filter((line) => line.includes('"not_allowed"'))).toEqual([]);
};
