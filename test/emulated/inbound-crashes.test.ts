import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connector } from '../../functions/crm-sync/connect.ts';
import { Pause } from '../../functions/crm-sync/pause.ts';
import { Sink } from '../../functions/crm-sync/sink.ts';
import type { CrmSync } from '../../functions/crm-sync/sync.ts';
import type { EscalationConfig } from '../../functions/escalation/config.ts';
import type { EscalateTools, Escalation } from '../../functions/escalation/escalate.ts';
import { engine } from '../../functions/escalation/workflow.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import type { ReceiverTools } from '../../functions/webhook-receiver/receive.ts';
import { receiver } from '../../functions/webhook-receiver/receive.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { startDynamo } from './dynamo.ts';
import { type CrmShown, customerSays, type NotificationShown } from './inbound.ts';

/** The receiver and both consumers on a real table and against stand-ins; the queues are lists that deliver at least once. */
const TOKEN = 'a'.repeat(64);
const WHSEC = 'whsec_kX4gv0OUPm7O/0PGVl/uZHN1M0jMwl+CuzoTvhRMqBE=';
const optOut = { stop: ['stop'], start: ['start'] };
const conversationUrl = 'https://app.example/c';
const log = () => undefined;

let url: string;
let stop: () => Promise<void>;
let close: () => Promise<void>;
let make: {
  deliveries: ReceiverTools['deliveries'] & EscalateTools['deliveries'];
  crmSync: CrmSync;
  escalation: Escalation;
};

beforeAll(async () => {
  ({ stop } = await startDynamo());
  process.env.AWS_ENDPOINT_URL_SQS = 'http://127.0.0.1:1';
  const sandbox = createSandbox({ lineToken: 'ezw_line_test_1', lineId: 'line' });
  ({ url, close } = await sandbox.listen(0));
  const { Deliveries } = await import('../../functions/shared/ledger/deliveries.ts');
  const { ObservedSends } = await import('../../functions/shared/ledger/observed-sends.ts');
  const { ContactsMap } = await import('../../functions/crm-sync/contacts-map.ts');
  const { CrmFailures } = await import('../../functions/crm-sync/crm-failures.ts');
  const { CrmSync } = await import('../../functions/crm-sync/sync.ts');
  const { Escalation } = await import('../../functions/escalation/escalate.ts');
  const { ConversationState } = await import('../../functions/escalation/conversation-state.ts');
  const { People } = await import('../../functions/shared/people/people.ts');
  const { UnwrittenStops } = await import('../../functions/shared/people/unwritten-stops.ts');
  const { Groups } = await import('../../functions/escalation/groups.ts');
  const { notifierFailures } = await import('../../functions/escalation/notifier-failures.ts');
  const { notify } = await import('../../functions/escalation/notify.ts');
  const { Replayed } = await import('../../functions/escalation/replayed.ts');
  const own = { now: Date.now, newOwner: randomUUID };
  const deliveries = new Deliveries('deliveries', own);
  const observed = new ObservedSends('sends', Date.now);
  const crm = { kind: 'webhook' as const, url: `${url}/crm/webhook`, text: false };
  const people = new People({ table: 'contacts', salt: async () => 'salt', now: Date.now });
  const sink = new Sink({
    name: 'webhook',
    text: false,
    takesStatuses: true,
    config: { keysOf: 'line', zone: 'Asia/Jerusalem', conversationUrl, optOut },
    contacts: new ContactsMap({ table: 'contacts', ...own }),
    people,
    contactPk: async (name, key) => `${name}#${key}`,
    connect: connector(crm, async () => WHSEC, { http, now: Date.now }),
    refresh: async () => false,
    pause: new Pause(Date.now),
    failures: new CrmFailures({ table: 'deliveries', lineId: 'line', now: Date.now }),
    tell: async () => undefined,
    log,
    now: Date.now,
  });
  const crmSync = new CrmSync({
    config: { keysOf: 'line' },
    deliveries,
    observed,
    people,
    sinks: [sink],
    enqueue: async () => undefined,
    markHidesNumbers: async () => undefined,
    tellOfFailed: async () => undefined,
    log,
    now: Date.now,
  });
  const escalationConfig: EscalationConfig = {
    lineId: 'line',
    keysOf: 'line',
    client: 'demo',
    zone: 'Asia/Jerusalem',
    locale: 'en',
    conversationUrl,
    optOut,
    letters: { replyTo: 'dana@agency.example', language: 'en', byCode: {} },
    window: 'PT1H',
    text: false,
    notifiers: { webhook: { url: `${url}/notifier/webhook` } },
    rules: [{ name: 'urgent', severity: 'critical', notify: ['webhook'], when: { keywords: ['urgent'] } }],
  };
  const ofLine = { table: 'deliveries', lineId: 'line', now: Date.now };
  const escalation = new Escalation({
    config: escalationConfig,
    engine: engine(escalationConfig),
    deliveries,
    observed,
    log,
    now: Date.now,
    state: new ConversationState(ofLine),
    replayed: new Replayed({ ...ofLine, quietMs: 0 }),
    refusals: notifierFailures(ofLine),
    people,
    unwritten: new UnwrittenStops('sends', 'line', Date.now),
    groups: new Groups({ table: 'deliveries', lineId: 'line', now: Date.now }),
    sendOf: async () => undefined,
    resolver: () => undefined,
    notify: (name, alert) =>
      notify(name, alert, escalationConfig.notifiers, {
        secret: async () => JSON.stringify({ webhook: WHSEC }),
        http,
        now: Date.now,
      }),
    write: undefined,
    remind: async () => undefined,
    send: async () => undefined,
  });
  make = { deliveries, crmSync, escalation };
});
afterAll(async () => {
  await close();
  await stop();
});

const eventOf = (deliveryId: string, body: object): APIGatewayProxyEventV2 =>
  ({
    headers: {
      'X-EZW-Delivery-Id': deliveryId,
      'X-EZW-Webhook-Event': 'messages.post',
      'X-EZW-Line-Id': 'line',
    },
    routeKey: 'POST /ezw/webhook/{token}',
    pathParameters: { token: TOKEN },
    requestContext: { http: { method: 'POST' } },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  }) as unknown as APIGatewayProxyEventV2;

/** Two queues, and tools that die at the n-th await, before or after it had its effect. */
const world = () => {
  const queues = { crmSync: [] as string[], escalation: [] as string[] };
  const crash = { at: -1, after: false };
  let awaits = 0;
  const step = async <T>(effect: () => Promise<T>): Promise<T> => {
    awaits += 1;
    const dies = awaits === crash.at;
    if (dies && !crash.after) throw new Error('crash');
    const result = await effect();
    if (dies) throw new Error('crash');
    return result;
  };
  const tools: ReceiverTools = {
    lineId: 'line',
    keysOf: 'line',
    secret: { get: () => step(async () => TOKEN), refreshAfterMismatch: async () => false },
    deliveries: {
      known: (...given) => step(() => make.deliveries.known(...given)),
      record: (...given) => step(() => make.deliveries.record(...given)),
    },
    heard: { note: async () => undefined },
    enqueue: {
      crmSync: (bodies) => step(async () => void queues.crmSync.push(...bodies)),
      escalation: (bodies) => step(async () => void queues.escalation.push(...bodies)),
      unread: async () => undefined,
    },
    log,
    now: Date.now,
  };
  /** SQS is at least once: everything twice, and what fails comes back. */
  const drain = async () => {
    const handle = async (bodies: string[], consumer: { handle(body: string): Promise<void> }) => {
      for (let waiting = [...bodies, ...bodies], round = 0; waiting.length > 0 && round < 20; round += 1) {
        const results = await Promise.allSettled(waiting.map((body) => consumer.handle(body)));
        waiting = waiting.filter((_, i) => results[i]?.status === 'rejected');
      }
    };
    await Promise.all([handle(queues.crmSync, make.crmSync), handle(queues.escalation, make.escalation)]);
  };
  const restart = () => {
    awaits = 0;
  };
  return { crash, tools, drain, awaits: () => awaits, restart };
};

const effects = async (id: string) => {
  const crm = (await (await fetch(`${url}/_sandbox/crm`)).json()) as Record<string, CrmShown>;
  const told = (await (await fetch(`${url}/_sandbox/notifications`)).json()) as NotificationShown[];
  return {
    entries: crm.webhook?.entries.filter(({ message }) => message?.id === `line:${id}`).length,
    notifications: told.filter(({ body }) => body.data.conversation_id === `conv-${id}`).length,
  };
};

describe('a crash of the receiver at every await, with the vendor coming again until it hears 200', () => {
  const points = [1, 2, 3, 4, 5].flatMap((at) =>
    [false, true].map((after) => [at, after ? 'after' : 'before'] as const),
  );

  it('the points are all the awaits there are', async () => {
    const { tools, awaits } = world();
    const { statusCode } = await receiver(tools)(eventOf(randomUUID(), customerSays('count', 'urgent')));
    expect(statusCode).toBe(200);
    expect(awaits()).toBe(5);
  });

  it.each(points)('at %i, %s its effect: nothing is lost, every effect once', async (at, when) => {
    const id = randomUUID();
    const { tools, crash, drain, restart } = world();
    const event = eventOf(
      `delivery-${id}`,
      customerSays(id, 'urgent', { conversationId: `conv-${id}`, conversation_id: `conv-${id}` }),
    );
    crash.at = at;
    crash.after = when === 'after';
    expect((await receiver(tools)(event)).statusCode).toBe(503);
    await drain();
    crash.at = -1;
    restart();
    expect((await receiver(tools)(event)).statusCode).toBe(200);
    await drain();
    expect((await receiver(tools)(event)).statusCode).toBe(200);
    await drain();
    expect(await effects(id)).toEqual({ entries: 1, notifications: 1 });
  });
});

it('two webhooks on one line give two delivery ids for one message, and still one effect per consumer', async () => {
  const id = randomUUID();
  const { tools, drain } = world();
  const body = customerSays(id, 'urgent', { conversationId: `conv-${id}`, conversation_id: `conv-${id}` });
  for (const delivery of ['one', 'two']) await receiver(tools)(eventOf(`${delivery}-${id}`, body));
  await drain();
  expect(await effects(id)).toEqual({ entries: 1, notifications: 1 });
});

it('a queue that is down is answered 503, and the same delivery accepted when it is back', async () => {
  const id = randomUUID();
  const { tools, drain } = world();
  const down = { ...tools, enqueue: { ...tools.enqueue, escalation: () => Promise.reject(new Error('down')) } };
  const event = eventOf(
    `delivery-${id}`,
    customerSays(id, 'urgent', { conversationId: `conv-${id}`, conversation_id: '' }),
  );
  expect((await receiver(down)(event)).statusCode).toBe(503);
  expect((await receiver(tools)(event)).statusCode).toBe(200);
  await drain();
  expect(await effects(id)).toEqual({ entries: 1, notifications: 1 });
});

it('a poison item does not hold back the others of its delivery', async () => {
  const id = randomUUID();
  const { tools, drain } = world();
  const [good] = customerSays(id, 'urgent', { conversationId: `conv-${id}`, conversation_id: `conv-${id}` }).messages;
  const body = { event: 'messages.post', messages: [null, 7, { id: {} }, good, 'x'] };
  expect((await receiver(tools)(eventOf(`delivery-${id}`, body))).statusCode).toBe(200);
  await drain();
  expect(await effects(id)).toEqual({ entries: 1, notifications: 1 });
});
