import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import * as appointmentReminder from '../../functions/appointment-reminder/sources.ts';
import type { Crm } from '../../functions/crm-sync/crm.ts';
import * as crmKinds from '../../functions/crm-sync/crms.ts';
import * as leadFirstTouch from '../../functions/lead-first-touch/sources.ts';
import * as orderReady from '../../functions/order-ready/sources.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { OUTCOME_MS } from '../../functions/shared/runtime/http.ts';
import { timeoutSeconds } from '../../lib/timeouts.ts';
import { LambdaPool } from '../../local/lambda/pool.ts';
import { RuntimeApi } from '../../local/lambda/runtime-api.ts';
import { ParameterServer } from '../../local/parameters/server.ts';
import type { Parameter } from '../../local/parameters/store.ts';
import { QueueServer } from '../../local/queues/server.ts';
import type { CrmStandIn } from '../../local/sandbox/crms/crm.ts';
import type { NotifierStandIn } from '../../local/sandbox/notifier.ts';
import { createSandbox, type Sandbox } from '../../local/sandbox/sandbox.ts';
import { standInsOf } from '../../local/sandbox/stand-ins.ts';
import { SchedulerServer } from '../../local/scheduler/server.ts';
import { SecretsServer } from '../../local/secrets-manager/server.ts';
import { BadPort, FAULTS, type Fault, request } from './bad-port.ts';
import { demoSecrets } from './demo.ts';
import { startDynamo } from './dynamo.ts';
import { TRUSTED } from './fixtures/certificates.ts';
import { customerSays } from './inbound.ts';
import { metaBody, metaUpdate } from './leads.ts';

/**
 * The bundles as they are deployed, each in a process with Lambda's limits, while whoever they call misbehaves in every way; then the same
 * processes while it is well again. All at once, for each waits for ten seconds and does nothing meanwhile.
 */
const LINE = 'line-demo';
const TLS: readonly Fault[] = ['handshake', 'certificate'];
/** AWS is called by plain http here. */
const OF_AWS = FAULTS.filter((fault) => !TLS.includes(fault));
/** Processes that start at once: a start has ten seconds, whatever else the machine does. */
const STARTS = 3;
/** What no answer is worth waiting for: of a day no more than that is believed. */
const QUARTER_OF_AN_HOUR = 900;
/** A door has nothing to write down. */
const DOOR_KEEPS_MS = 250;
const SHOPS_WAIT_MS = 5_000;
/** A claim that nobody settled is free again. */
const LEASES_MS = 100_000;

const undo: (() => unknown)[] = [];
const lines: { readonly by: string; readonly line: string }[] = [];
const bundles = join(process.env.EZW_ASSEMBLY ?? '', 'bundles');
const layer = join(process.env.EZW_ASSEMBLY ?? '', 'layers', 'demo');
const folder = mkdtempSync(join(tmpdir(), 'ezw-bad-ports-'));
const ca = join(folder, 'trusted.pem');

let runtime: RuntimeApi;
let queues: QueueServer;
let secrets: SecretsServer;
let parameters: ParameterServer;
let scheduler: SchedulerServer;
let sandbox: Sandbox;
let sandboxUrl: string;
let common: Record<string, string>;

type Name =
  | 'order-ready'
  | 'appointment-reminder'
  | 'lead-first-touch'
  | 'sender'
  | 'crm-sync'
  | 'escalation'
  | 'webhook-receiver';
type Json = Record<string, unknown>;

/** One function in one process of its own, and what became of its last invocation. */
class Process {
  readonly #name: Name;
  readonly #pool: LambdaPool;
  /** It is told by in the logs. */
  readonly by: string;

  constructor(name: Name, by: string, config: (own: Json) => Json, environment: Record<string, string> = {}) {
    this.#name = name;
    this.by = `${name} ${by}`;
    const file = join(folder, `${this.by.replace(' ', '-')}.json`);
    writeFileSync(file, JSON.stringify(config(JSON.parse(readFileSync(join(layer, `${name}.json`), 'utf8')))));
    const bundle = join(bundles, name);
    const definition = {
      name: this.by,
      arn: this.by,
      folder: bundle,
      timeoutSeconds: timeoutSeconds(name),
      environment: { ...common, ...environment, LAMBDA_TASK_ROOT: bundle, CONFIG_FILE: file },
    };
    this.#pool = new LambdaPool(definition, runtime, ({ line }) => lines.push({ by: this.by, line }));
    undo.unshift(() => this.#pool.stop());
  }

  async start(): Promise<void> {
    expect(await this.#pool.start(), `${this.by} starts`).toBe(true);
  }

  get pid(): number {
    const [pid] = this.#pool.pids;
    if (pid === undefined) throw new Error(`${this.by} is not running.`);
    return pid;
  }

  /** Ends by itself within what the function has, less what it keeps to write down what became of it. */
  async invoke(event: object, keptMs = OUTCOME_MS / 2): Promise<Told> {
    const [from, seen] = [performance.now(), this.logs().length];
    const told = JSON.parse(await this.#pool.invoke(JSON.stringify(event))) as Told;
    const ms = performance.now() - from;
    expect(ms, this.by).toBeLessThan(timeoutSeconds(this.#name) * 1000 - keptMs);
    return { ...told, ms, logs: this.logs().slice(seen) };
  }

  logs(): readonly Json[] {
    return lines.flatMap(({ by, line }) => (by === this.by && line.startsWith('{') ? [JSON.parse(line) as Json] : []));
  }
}

/**
 * This machine's own DynamoDB is slow while so many processes start, and what a claim became is not known then: the same is tried with
 * another item.
 */
const isOurs = ({ logs }: Told): boolean =>
  logs.some(({ reason }) => /^TimeoutError$|in_progress$/.test(String(reason)));
const MOST_TRIES = 5;
/** By process: which of its items it met the port with. */
const metWith = new Map<string, number>();
const tried = (process: Process | undefined): number => metWith.get(process?.by ?? '') ?? 0;

interface Job {
  readonly process: Process;
  readonly run: () => Promise<void>;
}

/** A few starts at a time, and each runs at once: while one waits for an answer that does not come, the next may start. */
const inTurn = async (jobs: Job[]): Promise<void> => {
  const running: Promise<void>[] = [];
  const starter = async (): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      await job.process.start();
      running.push(job.run());
    }
  };
  await Promise.all(Array.from({ length: STARTS }, starter));
  await Promise.all(running);
};

interface Told {
  readonly statusCode?: number;
  readonly batchItemFailures?: SQSBatchResponse['batchItemFailures'];
  readonly ms: number;
  readonly logs: readonly Json[];
}

const batch = (bodies: Readonly<Record<string, string>>, attempt = 1) => ({
  Records: Object.entries(bodies).map(([messageId, body]) => ({
    messageId,
    receiptHandle: messageId,
    body,
    attributes: { ApproximateReceiveCount: String(attempt), SentTimestamp: String(Date.now()) },
  })),
});

const failed = ({ batchItemFailures = [] }: Told): string[] =>
  batchItemFailures.map((one) => one.itemIdentifier).sort();

const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${sandboxUrl}/_sandbox/${path}`, { method, ...init });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  return response.status === 204 ? undefined : response.json();
};

/** The line's queue keeps an order; SQS takes its groups nowhere else. */
const queue = (name: string) =>
  name === 'sends' ? queues.create('sends.fifo', { FifoQueue: 'true' }) : queues.create(name, {});
/** Takes all that is in a queue. */
const taken = async (name: string): Promise<Json[]> => {
  const all: Json[] = [];
  while (queues.depth(queue(name)).ready > 0)
    for (const { message, receiptHandle } of await queues.receive(queue(name), 10)) {
      all.push(JSON.parse(message.body) as Json);
      queue(name).deleteMessage(receiptHandle);
    }
  return all;
};

/** Some hold more than Parameter Store takes: nobody has so many CRMs. */
const parametersByName = new Map<string, Parameter>();
const parameter = (name: string, value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const own = { name, value: text, type: 'SecureString', version: 1, changedAt: 0, isAdvanced: true } as const;
  parametersByName.set(name, own);
  return name;
};

const portsTo = async (target: string, faults: readonly Fault[]): Promise<Map<Fault, BadPort>> => {
  const ports = await Promise.all(faults.map(async (fault) => [fault, await BadPort.start(target, fault)] as const));
  for (const [, port] of ports) undo.push(() => port.stop());
  return new Map(ports);
};
const urlOf = (ports: ReadonlyMap<Fault, BadPort>, fault: Fault): string => ports.get(fault)?.url ?? '';
const broken = (ports: ReadonlyMap<Fault, BadPort>, only?: RegExp) =>
  Promise.all([...ports].map(([fault, port]) => port.break(fault, only)));

/** A look-up of each template that has one, at a vendor for each fault: all in one batch of one process. */
const LOOK_UPS = {
  'order-ready': { kind: 'shopify', sources: orderReady, at: (url: string) => ({ adminApi: `${url}/shopify` }) },
  'appointment-reminder': {
    kind: 'acuity',
    sources: appointmentReminder,
    at: (url: string) => ({ apiBase: `${url}/acuity` }),
  },
  'lead-first-touch': { kind: 'meta', sources: leadFirstTouch, at: (url: string) => ({ graphApi: `${url}/graph` }) },
} as const;
type Template = keyof typeof LOOK_UPS;
const TEMPLATES = Object.keys(LOOK_UPS) as Template[];

const numberOf = (fault: Fault): number => 7100 + FAULTS.indexOf(fault);

/** What a vendor tells: a number, and nothing else of it. */
const EVENTS: Readonly<Record<Template, (n: number) => string>> = {
  'order-ready': (n) => JSON.stringify({ fulfillment_order: { id: `gid://shopify/FulfillmentOrder/${n}` } }),
  'appointment-reminder': (n) => `action=scheduled&id=${n}&calendarID=5&appointmentTypeID=9`,
  'lead-first-touch': (n) => JSON.stringify(metaBody(metaUpdate(`1459076748700${n}`))),
};

/** What the work queue gets of it, as the door puts it there. */
const itemOf = (template: Template, fault: Fault): string => {
  const { kind, sources } = LOOK_UPS[template];
  const source = (sources as unknown as Sources<unknown>)[kind];
  if (!source) throw new Error(`no source ${kind}`);
  const secretOf = { current: `demo-${kind}-secret` };
  const { headers, body } = source.sign(EVENTS[template](numberOf(fault)), secretOf, new Date());
  const settings = JSON.parse(readFileSync(join(layer, `${template}.json`), 'utf8')).sources[kind];
  const [item] = source.parse(
    { headers, raw: Buffer.from(body), query: {}, receivedAt: Date.now() } as never,
    settings,
  );
  return JSON.stringify({ source: `${kind}-${fault}`, ...item });
};

const REASONS: Readonly<Record<Template, string>> = {
  'order-ready': 'shop',
  'appointment-reminder': 'calendar',
  'lead-first-touch': 'meta',
};
const reasonOfLookUp = (template: Template, fault: Fault): string => {
  const status = { down: 503, throttled: 429 }[fault as string];
  return `${REASONS[template]}_${status === undefined ? 'unreachable' : `answered_${status}`}`;
};

const command = (key: string): SendCommand => ({
  key,
  template: 'order-ready',
  asOf: new Date().toISOString(),
  usefulUntil: new Date(Date.now() + 3600_000).toISOString(),
  outcome: { path: '/messages/text', body: JSON.stringify({ to: '+972501234567', body: 'Ready.' }) },
});

const crms = standInsOf<CrmStandIn>('crms').map(({ name, standIn }) => {
  const { connection } = standIn as CrmStandIn;
  const { settings } = (crmKinds as Readonly<Record<string, Crm>>)[name] as Crm;
  return {
    name,
    secret: connection('http://127.0.0.1').secret,
    settingsAt: (url: string): Json => ({ ...z.parse(settings, connection(url).settings), kind: name, text: false }),
  };
});
const notifiers = standInsOf<NotifierStandIn>('notifiers').map(({ name, standIn }) => ({
  name,
  standIn: standIn as NotifierStandIn,
}));
/** Where a client may write any address, none of this machine is called, but by plain http where everything is on this machine. */
const isAnyAddress = (settings: object, own?: string): boolean => 'url' in settings || /^https?:/.test(own ?? '');

const said = (kind: string, fault: Fault, n: number) => ({
  kind: 'message',
  id: `${kind}-${fault}-${n}`,
  conversation: `conv-${kind}-${fault}-${n}`,
  conversationId: `conv-${kind}-${fault}-${n}`,
  phone: `+97250123${numberOf(fault) + 10 * n}`,
  name: 'Dana',
  fromMe: false,
  individual: true,
  type: 'text',
  at: new Date().toISOString(),
});

let outside: Map<Fault, BadPort>;
let lookUps: Map<Template, Process>;
let senders: Map<Fault, { readonly process: Process; readonly port: BadPort }>;
let syncs: Map<string, { readonly process: Process; readonly faults: readonly Fault[] }>;
let escalations: Map<Fault, { readonly process: Process; readonly names: readonly string[] }>;
let clouds: Map<Fault, { readonly receiver: Process; readonly sender: Process; readonly ports: readonly BadPort[] }>;

/** What became of each while all was broken. */
const first = new Map<string, Told>();
const second = new Map<string, Told>();
const bodiesOf = (template: Template): Record<string, string> =>
  Object.fromEntries(FAULTS.map((fault) => [fault, items.get(`${template} ${fault}`) ?? '']));
const items = new Map<string, string>();
const partsOf = (kind: string, faults: readonly Fault[], n: number): Record<string, string> =>
  Object.fromEntries(
    faults.map((fault) => [
      fault,
      JSON.stringify({
        deliveryId: 'd1',
        receivedAt: new Date().toISOString(),
        item: { kind: 'for-crm', crm: `${kind}-${fault}`, of: said(kind, fault, n) },
      }),
    ]),
  );
const waitingOf = (fault: Fault, n: number): Record<string, string> => ({
  [fault]: JSON.stringify(command(`line:${fault}:${n}`)),
});
const noticeOf = (fault: Fault): Record<string, string> => ({
  [fault]: JSON.stringify({
    receivedAt: new Date().toISOString(),
    item: {
      kind: 'notice',
      id: `bad-port-${fault}`,
      code: 'bad_port',
      says: `A port that is ${fault}`,
      source: 'test',
      severity: 'warning',
      at: new Date().toISOString(),
    },
  }),
});
const delivery = (id: string, messages = customerSays(id, 'Hello').messages) =>
  request(
    { 'x-ezw-delivery-id': id, 'x-ezw-webhook-event': 'messages.post', 'x-ezw-line-id': LINE },
    JSON.stringify({ event: 'messages.post', messages }),
    { token: demoSecrets().webhookToken },
  );

const config = (own: Json): Json => own;

beforeAll(async () => {
  writeFileSync(ca, TRUSTED.cert);
  const tables = [...FAULTS.map((fault) => `sends-${fault}`), ...OF_AWS.map((fault) => `sends-aws-${fault}`)];
  const dynamo = await startDynamo('sends', 'deliveries', 'contacts', 'appointments', ...tables);
  queues = await QueueServer.start();
  secrets = await SecretsServer.start();
  parameters = await ParameterServer.start();
  parameters.store.lookUp = (name) => parametersByName.get(name);
  runtime = await RuntimeApi.start();
  scheduler = await SchedulerServer.start({ knows: () => true, allows: () => true, deliver: () => undefined });
  scheduler.createGroup('alarms');
  const { lineToken, webhookToken } = demoSecrets();
  sandbox = createSandbox({ lineToken, lineId: LINE });
  const api = await sandbox.listen(0);
  sandboxUrl = api.url;
  undo.push(
    api.close,
    () => scheduler.stop(),
    () => runtime.stop(),
    () => secrets.stop(),
    () => parameters.stop(),
    () => queues.stop(),
    () => dynamo.stop(),
    () => rmSync(folder, { recursive: true, force: true }),
  );
  outside = await portsTo(sandboxUrl, FAULTS);
  await broken(outside);

  const named = (kind: string, value: unknown) => FAULTS.map((fault) => [`${kind}-${fault}`, value] as const);
  const crmSecrets = crms.flatMap((crm) => named(crm.name, crm.secret));
  const sourceSecrets = Object.values(LOOK_UPS).flatMap(({ kind }) => named(kind, `demo-${kind}-secret`));
  const url = (name: string): string => queue(name).url;
  common = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    _HANDLER: 'index.handler',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: ca,
    AWS_ENDPOINT_URL_DYNAMODB: process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    AWS_ENDPOINT_URL_SQS: queues.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_SSM: parameters.url,
    AWS_ENDPOINT_URL_SCHEDULER: scheduler.url,
    SENDS_TABLE: 'sends',
    DELIVERIES_TABLE: 'deliveries',
    CONTACTS_TABLE: 'contacts',
    APPOINTMENTS_TABLE: 'appointments',
    SOURCES_SECRET: parameter('sources', Object.fromEntries(sourceSecrets)),
    LINE_TOKEN_SECRET: secrets.store.create('line-token', lineToken),
    WEBHOOK_TOKEN_SECRET: parameter('webhook-token', webhookToken),
    CONTACT_SALT_SECRET: parameter('contact-salt', 'salt-of-the-test'),
    CRM_SECRET: parameter('crm', { byName: Object.fromEntries(crmSecrets) }),
    WORK_QUEUE_URL: url('work'),
    WORK_QUEUE_ARN: 'arn:aws:sqs:us-east-1:000000000000:work',
    WORK_DLQ_ARN: 'arn:aws:sqs:us-east-1:000000000000:work-dlq',
    ALARMS_GROUP: 'alarms',
    ALARMS_ROLE_ARN: 'arn:aws:iam::000000000000:role/alarms',
    CRM_SYNC_QUEUE_URL: url('crm-sync'),
    ESCALATION_QUEUE_URL: url('escalation'),
    CRM_SYNC_DLQ_URL: url('crm-sync-dlq'),
    ESCALATION_DLQ_URL: url('escalation-dlq'),
    UNREAD_QUEUE_URL: url('unread'),
    SENDS_QUEUE_URL: url('sends'),
    SENDS_DLQ_URL: url('sends-dlq'),
    EZW_BASE_URL: sandboxUrl,
  };

  for (const fault of FAULTS) {
    await control('PUT', 'shopify/fulfillment-orders', {
      id: `gid://shopify/FulfillmentOrder/${numberOf(fault)}`,
      orderName: `#${numberOf(fault)}`,
      destination: { firstName: 'Dana', phone: '+972501234567' },
      order: {
        id: `gid://shopify/Order/${numberOf(fault)}`,
        name: `#${numberOf(fault)}`,
        createdAt: new Date().toISOString(),
      },
    });
    for (const template of TEMPLATES) items.set(`${template} ${fault}`, itemOf(template, fault));
  }
  lookUps = new Map(
    TEMPLATES.map((template) => {
      const { kind, at } = LOOK_UPS[template];
      const own = ({ sources, ...rest }: Json): Json => {
        const usual = (sources as Readonly<Record<string, Json>>)[kind];
        const each = FAULTS.map((fault) => [`${kind}-${fault}`, { ...usual, ...at(urlOf(outside, fault)) }]);
        return { ...rest, sources: Object.fromEntries(each) };
      };
      return [template, new Process(template, kind, own)];
    }),
  );

  const lineOf = await portsTo(sandboxUrl, FAULTS);
  await broken(lineOf);
  senders = new Map(
    [...lineOf].map(([fault, port]) => {
      const own = { EZW_BASE_URL: port.url, SENDS_TABLE: `sends-${fault}` };
      return [fault, { port, process: new Process('sender', fault, config, own) }];
    }),
  );

  const crmSettings = crms.flatMap(({ name: kind, settingsAt }) =>
    FAULTS.map((fault) => ({ ...settingsAt(`${urlOf(outside, fault)}/crm/${kind}`), name: `${kind}-${fault}` })),
  );
  syncs = new Map(
    crms.map(({ name, settingsAt }) => {
      const faults = isAnyAddress(settingsAt(sandboxUrl)) ? FAULTS.filter((one) => !TLS.includes(one)) : FAULTS;
      return [name, { faults, process: new Process('crm-sync', name, (own) => ({ ...own, crm: crmSettings })) }];
    }),
  );

  escalations = new Map(
    FAULTS.map((fault) => {
      const base = `${urlOf(outside, fault)}/notifier`;
      const here = notifiers.flatMap(({ name, standIn }) => {
        const own = standIn.connection(`${base}/${standIn.at ?? name}`);
        return TLS.includes(fault) && isAnyAddress(own.settings, own.secret) ? [] : [{ name, ...own }];
      });
      const stored = Object.fromEntries(here.map((one) => [one.name, one.secret]));
      const own = {
        ...Object.assign({}, ...here.map(({ environment }) => environment)),
        NOTIFIERS_SECRET: parameter(`notifiers-${fault}`, stored),
      };
      const settings = Object.fromEntries(here.map((one) => [one.name, one.settings]));
      const process = new Process('escalation', fault, (given) => ({ ...given, rules: [], notifiers: settings }), own);
      return [fault, { process, names: Object.keys(settings) }];
    }),
  );

  const dynamoUrl = common.AWS_ENDPOINT_URL_DYNAMODB ?? '';
  clouds = new Map(
    await Promise.all(
      OF_AWS.map(async (fault) => {
        const [tablesOf, queuesOf, secretsOf, parametersOf] = await Promise.all(
          [dynamoUrl, queues.url, secrets.url, parameters.url].map(async (target) =>
            (await portsTo(target, [fault])).get(fault),
          ),
        );
        const own = {
          AWS_ENDPOINT_URL_DYNAMODB: tablesOf?.url ?? '',
          AWS_ENDPOINT_URL_SQS: queuesOf?.url ?? '',
          AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsOf?.url ?? '',
          AWS_ENDPOINT_URL_SSM: parametersOf?.url ?? '',
          SENDS_TABLE: `sends-aws-${fault}`,
        };
        const ports = [tablesOf, queuesOf, secretsOf, parametersOf].flatMap((port) => port ?? []);
        for (const port of ports) await port.break(fault);
        const receiver = new Process('webhook-receiver', `aws-${fault}`, config, own);
        return [fault, { receiver, sender: new Process('sender', `aws-${fault}`, config, own), ports }] as const;
      }),
    ),
  );

  const toldOf = async (process: Process, bodiesOf: (n: number) => Readonly<Record<string, string>>): Promise<Told> => {
    for (let n = tried(process), tries = 1; ; n += 1, tries += 1) {
      metWith.set(process.by, n);
      const told = await process.invoke(batch(bodiesOf(n)));
      if (!isOurs(told) || tries === MOST_TRIES) return told;
    }
  };
  const note = (process: Process, told: () => Promise<Told>): Job => ({
    process,
    run: async () => {
      first.set(process.by, await told());
    },
  });
  await inTurn([
    ...[...senders].map(([fault, { process, port }]) => ({
      process,
      run: async () => {
        first.set(process.by, await toldOf(process, (n) => waitingOf(fault, n)));
        // The line says that it is well, and then the message itself meets it.
        if (fault !== 'hole' && !TLS.includes(fault)) await port.break(fault, /^POST /);
        second.set(fault, await toldOf(process, (n) => waitingOf(fault, n)));
      },
    })),
    ...[...syncs].map(([kind, { process, faults }]) =>
      note(process, () => toldOf(process, (n) => partsOf(kind, faults, n))),
    ),
    ...[...lookUps].map(([template, process]) => note(process, () => toldOf(process, () => bodiesOf(template)))),
    ...[...escalations].map(([fault, { process }]) => note(process, () => process.invoke(batch(noticeOf(fault))))),
    ...[...clouds].flatMap(([fault, { receiver, sender }]) => [
      note(receiver, () => receiver.invoke(delivery(`aws-${fault}`), DOOR_KEEPS_MS)),
      note(sender, () => sender.invoke(batch({ [fault]: JSON.stringify(command(`aws:${fault}`)) }))),
    ]),
  ]);
}, 180_000);

afterAll(async () => {
  for (const step of undo) await step();
});

const toldBy = (process: Process | undefined): Told => {
  const told = first.get(process?.by ?? '');
  if (!told) throw new Error('It was not invoked.');
  return told;
};
const about = ({ logs }: Told, event: string, fault: Fault): Json | undefined =>
  logs.find((line) => line.event === event && line.messageId === fault);

describe('while a port misbehaves', () => {
  it.each(TEMPLATES)('%s puts each look-up back, with its reason', (template) => {
    const told = toldBy(lookUps.get(template));
    expect(failed(told)).toEqual([...FAULTS].sort());
    for (const fault of FAULTS) {
      const holdSeconds = fault === 'throttled' ? QUARTER_OF_AN_HOUR : expect.any(Number);
      expect(about(told, 'work', fault)).toMatchObject({ reason: reasonOfLookUp(template, fault), holdSeconds });
    }
  });

  it.each(crms.map(({ name }) => name))('crm-sync puts back what %s does not take, with its reason', (kind) => {
    const { process, faults = [] } = syncs.get(kind) ?? {};
    const told = toldBy(process);
    expect(failed(told)).toEqual([...faults].sort());
    for (const fault of faults) {
      const holdSeconds = fault === 'throttled' ? QUARTER_OF_AN_HOUR : expect.any(Number);
      expect(about(told, 'work', fault), JSON.stringify(told.logs)).toMatchObject({
        reason: expect.stringMatching(/^sink_/),
        holdSeconds,
      });
    }
  });

  it.each(FAULTS)('escalation puts an alert back that every notifier met as %s, with its reason', (fault) => {
    const { process, names = [] } = escalations.get(fault) ?? {};
    expect(names.length).toBeGreaterThanOrEqual(2);
    const told = toldBy(process);
    expect(failed(told)).toEqual([fault]);
    expect(about(told, 'work', fault)).toMatchObject({ reason: expect.stringMatching(/./) });
  });

  it.each(FAULTS)('the sender holds a message while the line is %s: nothing left', (fault) => {
    const told = toldBy(senders.get(fault)?.process);
    expect(failed(told)).toEqual([fault]);
    const [send] = told.logs.filter(({ event }) => event === 'send');
    expect(send).toMatchObject({ state: 'HELD', reason: expect.stringMatching(/./), holdSeconds: expect.any(Number) });
  });

  it.each<[Fault, string, string, boolean]>([
    ['hole', 'HELD', 'timeout', true],
    ['silent', 'UNKNOWN', 'timeout', true],
    ['trickle', 'UNKNOWN', 'timeout', true],
    ['reset', 'UNKNOWN', 'ECONNRESET', true],
    // It waits beside the line, behind what comes meanwhile.
    ['down', 'UNKNOWN', 'api_503', false],
    ['throttled', 'HELD', 'rate_limited', true],
  ])('what became of a message that met a line which is %s is %s, %s', (fault, state, reason, isBack) => {
    const told = second.get(fault) as Told;
    const [send] = told.logs.filter(({ event }) => event === 'send');
    expect(send).toMatchObject({ state, reason });
    expect(failed(told)).toEqual(isBack ? [fault] : []);
    if (fault === 'throttled') expect(send?.holdSeconds).toBe(QUARTER_OF_AN_HOUR);
  });

  it.each(OF_AWS)('a door answers 503, and the sender gives back what it has, while AWS is %s', (fault) => {
    const { receiver, sender } = clouds.get(fault) ?? {};
    expect(toldBy(receiver)).toMatchObject({ statusCode: 503 });
    expect(failed(toldBy(sender))).toEqual([fault]);
    expect(sandbox.phone().map(({ key }) => key)).not.toContain(`aws:${fault}`);
  });
});

/** Until nothing of it comes back. */
const untilDone = (process: Process | undefined, bodies: Readonly<Record<string, string>>) => {
  let waiting = bodies;
  let attempt = 1;
  const left = async (): Promise<string[]> => {
    attempt += 1;
    const told = (await process?.invoke(batch(waiting, attempt))) as Told;
    waiting = Object.fromEntries(failed(told).map((id) => [id, bodies[id] ?? '']));
    return Object.keys(waiting);
  };
  // After a silence a CRM is left alone for a quarter of a minute. Longer it takes where a claim was lost on a busy machine.
  return expect.poll(left, { timeout: LEASES_MS, interval: 1_000 }).toEqual([]);
};

describe('when the port is back, the same process does its work, once', { timeout: LEASES_MS + 10_000 }, () => {
  beforeAll(async () => {
    for (const port of outside.values()) port.cure();
    for (const { port } of senders.values()) port.cure();
    for (const { ports } of clouds.values()) for (const port of ports) port.cure();
    await taken('sends');
  });

  it.each(TEMPLATES)('%s looks all of them up', async (template) => {
    await untilDone(lookUps.get(template), bodiesOf(template));
    const commands = await taken('sends');
    if (template === 'appointment-reminder') {
      expect(new Set(scheduler.pending().map(({ name }) => name)).size).toBe(2 * FAULTS.length);
      return;
    }
    expect(new Set(commands.map(({ key }) => key)).size).toBe(FAULTS.length);
    expect(commands).toHaveLength(FAULTS.length);
    expect(commands.map(({ outcome }) => (outcome as Json).path)).toEqual(FAULTS.map(() => '/messages/text'));
  });

  it.each(crms.map(({ name }) => name))(
    'crm-sync writes all that waited to %s, but for who said to come again',
    async (kind) => {
      const { process, faults = [] } = syncs.get(kind) ?? {};
      const late = faults.filter((fault) => fault !== 'throttled');
      const n = tried(process);
      await untilDone(process, partsOf(kind, late, n));
      const { entries } = ((await control('GET', 'crm')) as Record<string, { entries: unknown[] }>)[kind] ?? {
        entries: [],
      };
      for (const fault of late)
        expect(
          entries.filter((one) => JSON.stringify(one).includes(`conv-${kind}-${fault}-${n}`)),
          fault,
        ).toHaveLength(1);
      const told = (await process?.invoke(batch(partsOf(kind, ['throttled'], n), 2))) as Told;
      const { reason, holdSeconds } = about(told, 'work', 'throttled') ?? {};
      expect(reason).toBe('sink_paused');
      expect(holdSeconds).toBeLessThanOrEqual(QUARTER_OF_AN_HOUR);
    },
  );

  it.each(FAULTS)('escalation tells it by every notifier that was %s', async (fault) => {
    const { process, names = [] } = escalations.get(fault) ?? {};
    await untilDone(process, noticeOf(fault));
    const calls = (await control('GET', 'notifications')) as { readonly notifier: string; readonly body: unknown }[];
    const theirs = calls.filter(({ body }) => new RegExp(`A port that is ${fault}`).test(JSON.stringify(body)));
    expect(theirs.map(({ notifier }) => notifier).sort()).toEqual(
      names.map((name) => notifiers.find((one) => one.name === name)?.standIn.at ?? name).sort(),
    );
  });

  it.each(FAULTS)('the sender sends what waited for a line that was %s', async (fault) => {
    const { process } = senders.get(fault) ?? {};
    await untilDone(process, waitingOf(fault, tried(process)));
    expect(sandbox.phone().filter(({ key }) => key === `line:${fault}:${tried(process)}`)).toHaveLength(1);
  });

  it.each(OF_AWS)(
    'a door takes what comes, and the sender sends what waited, when AWS is no longer %s',
    async (fault) => {
      const { receiver, sender } = clouds.get(fault) ?? {};
      expect(await receiver?.invoke(delivery(`aws-${fault}`), DOOR_KEEPS_MS)).toMatchObject({ statusCode: 200 });
      await untilDone(sender, { [fault]: JSON.stringify(command(`aws:${fault}`)) });
      expect(sandbox.phone().filter(({ key }) => key === `aws:${fault}`)).toHaveLength(1);
      for (const name of ['crm-sync', 'escalation']) {
        const told = (await taken(name)).filter(({ deliveryId }) => deliveryId === `aws-${fault}`);
        expect(told, name).toHaveLength(1);
      }
    },
  );
});

describe('after a freeze', () => {
  /** As many as go into one delivery by ten: of two queues sixteen connections at once. */
  const MESSAGES = 160;
  const LONGER_THAN_TRUSTED_MS = 4_200;

  it.concurrent.each(['silent', 'closed'] as const)(
    'a door whose ten connections and more are %s answers in the time that shops wait',
    async (how) => {
      const targets = [common.AWS_ENDPOINT_URL_DYNAMODB ?? '', queues.url, parameters.url];
      // By TLS, as AWS is called.
      const ports = await Promise.all(targets.map((target) => BadPort.start(target, 'certificate')));
      for (const port of ports) undo.push(() => port.stop());
      const [tablesOf, queuesOf, parametersOf] = ports.map(({ url }) => url);
      const process = new Process('webhook-receiver', `frozen-${how}`, config, {
        AWS_ENDPOINT_URL_DYNAMODB: tablesOf ?? '',
        AWS_ENDPOINT_URL_SQS: queuesOf ?? '',
        AWS_ENDPOINT_URL_SSM: parametersOf ?? '',
      });
      await process.start();
      const many = customerSays('', 'Hello').messages.flatMap((one) =>
        Array.from({ length: MESSAGES }, (_, i) => ({ ...one, id: `${how}-${i}`, message_id: `${how}-${i}` })),
      );
      const before = `before-${how}`;
      expect(await process.invoke(delivery(before, many), DOOR_KEEPS_MS)).toMatchObject({ statusCode: 200 });

      globalThis.process.kill(process.pid, 'SIGSTOP');
      const connections = ports.map((port) => port.forget(how)).reduce((sum, n) => sum + n, 0);
      expect(connections).toBeGreaterThanOrEqual(10);
      await new Promise((resolve) => setTimeout(resolve, LONGER_THAN_TRUSTED_MS));
      globalThis.process.kill(process.pid, 'SIGCONT');

      const told = await process.invoke(delivery(`after-${how}`), DOOR_KEEPS_MS);
      expect(told).toMatchObject({ statusCode: 200 });
      expect(told.ms).toBeLessThan(SHOPS_WAIT_MS);
    },
  );
});

it('nobody was killed: not for a slow start, not for a slow answer', () => {
  expect(lines.filter(({ line }) => !line.startsWith('{'))).toEqual([]);
});
