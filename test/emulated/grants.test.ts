import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { STORIES } from '../../scripts/grant-needs.ts';
import { clientWithAll, needsOf, unmet } from '../../scripts/grant-table.ts';
import { calendly, customAppointment, DAY, freshStarts, HOUR, iso, moveClock, newId, tell } from './appointments.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  recordOf,
  sandboxOf,
  signed,
  untilIdle,
  untilState,
} from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver, rowOfPerson, worldOf } from './inbound.ts';
import {
  customLead,
  googleLead,
  metaBody,
  metaUpdate,
  newLeadgenId,
  newPhone,
  person,
  postLead,
  signedLead,
} from './leads.ts';

/**
 * One stack with everything on, which notes what grant allows what call. Each story needs some of them (scripts/grant-needs.ts); what
 * a function asks for at its start counts for no other story, for it would pass without.
 */
let scratch: string;
let folder: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;
let sandbox: ReturnType<typeof sandboxOf>;
const freshStart = freshStarts();
const SLOW = { interval: 300 };

const secrets = () => {
  const demo = demoSecrets();
  const notifiers = { ...(demo.notifiers as object), pagerduty: 'routing-key' };
  return { ...demo, crm: { byName: { webhook: demo.crm, sales: 'pat-demo' } }, notifiers };
};
const start = (assembly = folder): Promise<LocalStack> =>
  startLocalStack({ assembly, client: 'demo', port: 0, secrets: secrets() });

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ezw-grants-'));
  folder = join(scratch, 'all');
  const client = clientWithAll();
  await synthesise([client], folder, Object.keys(client.templates));
  stack = await start();
  world = worldOf(stack);
  sandbox = sandboxOf(stack);
  await world.register();
});
afterAll(async () => {
  await stack?.stop();
  await rm(scratch, { recursive: true, force: true });
});

/** How often each grant that a story needs was used. */
const usesOf = (name: string): Record<string, number> =>
  Object.fromEntries(
    needsOf(stack.grants())
      .filter(({ need }) => need?.story === name)
      .map(({ grant: { to, action, on, used } }) => [`${to}: ${action} on ${on}`, used]),
  );

/** A test of that name: what happens in it uses every grant that names it. `after` puts right what it did. */
const story = (
  name: keyof typeof STORIES,
  happens: () => Promise<unknown>,
  after: () => Promise<unknown> = async () => {},
): void =>
  it(STORIES[name], async () => {
    const before = usesOf(STORIES[name]);
    expect(Object.keys(before)).not.toEqual([]);
    expect(unmet(stack.grants(), STORIES[name])).toEqual([]);
    try {
      await happens();
      const unused = () =>
        Object.entries(usesOf(STORIES[name])).filter(([grant, used]) => used <= (before[grant] ?? 0));
      await expect.poll(() => unused().map(([grant]) => grant), SLOW).toEqual([]);
    } finally {
      await after();
    }
    await untilIdle(stack);
  });
/** The same of what was used since the stack began to start. */
const since = (name: keyof typeof STORIES): void =>
  it(STORIES[name], () => {
    expect(unmet(stack.grants(), STORIES[name])).toEqual([]);
    const uses = Object.entries(usesOf(STORIES[name]));
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter(([, used]) => used === 0).map(([grant]) => grant)).toEqual([]);
  });

const order = async (id: string, over: Record<string, unknown> = {}) =>
  expect((await post(stack, 'custom', signed('custom', customOrder(id, over)))).status).toBe(200);
const update = (id: string, name: string, more: object = {}, at = Date.now()) => {
  const { data, ...event } = customOrder(id);
  const body = { ...event, type: 'order.updated', timestamp: iso(at), data: { ...data, update: name, ...more } };
  return post(stack, 'custom', signed('custom', body));
};
const parcel = (id: string, tracking: object, at?: number) =>
  update(id, 'shipped', { tracking: [{ id: 'B1', carrier: 'Post', ...tracking }] }, at);
const appointment = async (type: string, id: string, startsAt: number, over: Record<string, unknown> = {}) =>
  expect((await tell(stack, 'custom', customAppointment(type, id, startsAt, over))).status).toBe(200);
const run = async (...args: string[]) =>
  expect(await ezw([...args, '--local', stack.url])).toMatchObject({ code: 0, stderr: '' });
const pause = (...what: string[]) => run('line', 'pause', 'demo', ...what, '--by', 'Dana of the agency');
const resume = (...what: string[]) => run('line', 'resume', 'demo', ...what, '--yes', '--by', 'Dana of the agency');
const people = () => ({ TableName: stack.resources().tables.contacts });
/** A message that nobody of ours wrote. */
const put = (queue: string, more: object = {}) =>
  awsClients(stack).sqs.send(
    new SendMessageCommand({ QueueUrl: stack.resources().queues[queue], MessageBody: '{"x":1}', ...more }),
  );
const later = { 'Retry-After': '1' };

since('start');

// Before any other is refused: a door notes that once a minute.
story('refusedProofs', async () => {
  const { headers, body } = signed('custom', customOrder('g-wrong'));
  const wrong = { headers, body: `${body} ` };
  for (const template of ['order-ready', 'lead-first-touch', 'appointment-reminder'])
    expect((await fetch(`${stack.url}/${template}/custom`, { method: 'POST', ...wrong })).status).toBe(401);
});

story('doors', async () => {
  const { routes } = stack;
  expect(routes.length).toBeGreaterThan(8);
  const shut = ['/order-ready', '/lead-first-touch', '/appointment-reminder', '/ezw/webhook'];
  const doors = [...routes, ...shut.map((path) => `PUT ${path}/some/where`)];
  for (const door of doors) {
    const [method = '', path = ''] = door.split(' ');
    const { status } = await fetch(`${stack.url}${path.replace(/\{\w+\}/, 'none')}`, { method });
    expect([door, status]).not.toEqual([door, 500]);
  }
});

story('order', () => order('g-1', { fields: { note: 'Ring twice' } }));

story('shopDown', async () => {
  await sandbox.fault('shopify', { kind: 'status', status: 503, headers: later });
  const body = { fulfillment_order: { id: 'gid://shopify/FulfillmentOrder/500' } };
  await post(stack, 'shopify', signed('shopify', body));
});

story('appGone', async () => {
  const { headers, ...event } = signed('shopify', { id: 548380009, myshopify_domain: 'demo-shop.myshopify.com' });
  await post(stack, 'shopify', { ...event, headers: { ...headers, 'x-shopify-topic': 'app/uninstalled' } });
});

// Before the next one: from then on the scheduler's clock is far ahead of the functions' own.
story('parcel', async () => {
  await parcel('g-2', {});
  await untilIdle(stack);
  await parcel('g-2', {}, Date.now() + 1000);
  await untilIdle(stack);
  await moveClock(stack, Date.now() + 31 * 60_000);
});

story('deadAlarms', async () => {
  stack.failAlarms(10_000);
  const at = freshStart();
  await appointment('booked', newId('dead'), at);
  await parcel('g-dead', {});
  await untilIdle(stack);
  await moveClock(stack, at);
  await moveClock(stack, at + 2 * HOUR);
  stack.failAlarms(0);
});

story(
  'cancelled',
  async () => {
    await pause();
    await order('g-3');
    await untilState(stack, 'order:g-3:ready', 'HELD');
    await update('g-3', 'cancelled');
  },
  () => resume(),
);

story('appointment', async () => {
  const [id, at] = [newId('a'), freshStart()];
  await appointment('booked', id, at, { fields: { allergies: 'none' } });
  await untilIdle(stack);
  await appointment('moved', id, at + DAY, { updated_at: iso(Date.now() + 1000) });
  await untilIdle(stack);
  await moveClock(stack, at + DAY);
  await untilState(stack, `appointment:${id}:v2:2h`, 'ACCEPTED');
  await appointment('cancelled', id, at + DAY, { updated_at: iso(Date.now() + 2000) });
});

story('resync', async () => {
  await appointment('booked', newId('again'), freshStart() + DAY);
  await untilIdle(stack);
  await run('appointments', 'resync', 'demo');
});

story('calendarDown', async () => {
  await sandbox.fault('acuity', { kind: 'status', status: 429, headers: later });
  await tell(stack, 'acuity', 'action=scheduled&id=70001&calendarID=5&appointmentTypeID=9');
});

story('otherCalendar', () => tell(stack, 'calendly', calendly('invitee.created', newId('other'), freshStart())));

story(
  'premise',
  async () => {
    const at = freshStart() + DAY;
    await appointment('booked', newId('held'), at);
    await untilIdle(stack);
    await pause();
    await fetch(`${stack.url}/_local/clock`, { method: 'POST', body: JSON.stringify({ now: iso(at - DAY) }) });
    // Others may be due too: the first in the queue is held, and the rest waits behind it.
    const held = async () =>
      ((await stack.state()).tables.sends ?? []).filter(
        ({ state, pk }) => state === 'HELD' && String(pk).includes('#appointment:'),
      );
    await expect.poll(held, SLOW).not.toEqual([]);
    await resume();
  },
  () => resume(),
);

story('lead', async () => {
  const phone = newPhone();
  for (let time = 0; time < 2; time += 1) {
    await postLead(stack, 'custom', signedLead('custom', customLead(person({ phone }))));
    await untilIdle(stack);
  }
});

story('visitors', async () => {
  const headers = { origin: 'https://shop.example' };
  const body = new URLSearchParams({ name: 'Dana', phone: newPhone(), 'I agree to WhatsApp': 'yes' });
  await fetch(`${stack.url}/lead-first-touch/form`, { method: 'POST', headers, body });
});

story('formDown', async () => {
  await fetch(`${stack.url}/_sandbox/graph/failures`, { method: 'POST', body: '[500]' });
  await postLead(stack, 'meta', signedLead('meta', metaBody(metaUpdate(newLeadgenId()))));
});

story('otherForm', () =>
  postLead(stack, 'google-ads', signedLead('google-ads', googleLead(person({ id: newId('g') })))),
);

story('customer', () => deliver(stack, customerSays('g-urgent', 'This is urgent')));

story('stop', async () => {
  const phone = '+972501234562';
  await world.customer({ text: 'STOP', phone });
  await expect.poll(async () => (await rowOfPerson(stack, phone))?.said, SLOW).toBe('stop');
});

story('unread', () => deliver(stack, { event: 'calls.post' }, { event: 'calls.post' }));

story('status', async () => {
  await order('g-4');
  await untilState(stack, 'order:g-4:ready', 'ACCEPTED');
  await world.status({ key: 'order:g-4:ready', status: 'read' });
});

story('failed', async () => {
  await world.settings({ echoes: false, statuses: [] });
  await order('g-5');
  const { response } = await untilState(stack, 'order:g-5:ready', 'ACCEPTED');
  await world.status({ id: response?.id, status: 'failed' });
  await expect.poll(async () => (await recordOf(stack, 'order:g-5:ready'))?.delivery?.status, SLOW).toBe('failed');
  await world.settings({ echoes: true, statuses: ['sent', 'delivered'] });
});

story('crmDown', async () => {
  await sandbox.fault('crm', { kind: 'status', status: 503, headers: later }, 2);
  await deliver(stack, customerSays('g-crm-down', 'Hello'));
  await untilIdle(stack);
  await sandbox.fault('crm', { kind: 'status', status: 422 }, 2);
  await deliver(stack, customerSays('g-crm-refuses', 'Hello'));
});

story('notifierDown', async () => {
  const phone = '+972501234563';
  await world.forget();
  await sandbox.fault('notifier', { kind: 'status', status: 503, headers: later }, 1);
  await world.customer({ text: 'urgent', phone });
  const told = async () => new Set((await world.notifications()).map(({ notifier }) => notifier));
  await expect.poll(told, SLOW).toEqual(new Set(['pagerduty', 'ses', 'webhook']));
  await untilIdle(stack);
  await sandbox.fault('notifier', { kind: 'status', status: 422 }, 1);
  await world.team('I am on my way', phone);
});

story('unanswered', () => world.customer({ text: 'When are you open?', phone: '+972501234565' }));

story('sendFails', async () => {
  await sandbox.fault('text', { kind: 'status', status: 500 });
  await order('g-6');
});

story('poison', () => put('sends', { MessageGroupId: stack.lineId, MessageDeduplicationId: newId('poison') }));

story(
  'lineLost',
  async () => {
    await sandbox.line(false);
    await order('g-7');
  },
  () => sandbox.line(true),
);

story('pause', async () => {
  await pause('--template', 'order-ready');
  await order('g-8');
  await untilState(stack, 'order:g-8:ready', 'HELD');
  await resume('--template', 'order-ready');
});

story(
  'peopleAway',
  async () => {
    await awsClients(stack).dynamodb.send(new DeleteTableCommand(people()));
    await deliver(stack, customerSays('g-away', 'STOP', { conversationId: 'conv-away', conversation_id: 'conv-away' }));
  },
  async () => {
    const create = new CreateTableCommand({
      ...people(),
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    });
    // It is still being deleted for a moment.
    await expect
      .poll(
        () =>
          awsClients(stack)
            .dynamodb.send(create)
            .then(Boolean, () => false),
        SLOW,
      )
      .toBe(true);
  },
);

since('logs');

it('no call of all these was refused', () => expectCleanLogs(stack));

/** A copy of the assembly without these grants: function → the action and what the ARN of its resource contains. */
const without = async (
  taken: readonly (readonly [role: string, action: string, resource: string])[],
): Promise<string> => {
  const less = join(scratch, 'less');
  await cp(folder, less, { recursive: true });
  const file = join(less, 'Ezw-demo.template.json');
  const template = JSON.parse(await readFile(file, 'utf8'));
  for (const [role, action, resource] of taken) {
    const [id = ''] = Object.keys(template.Resources).filter((one) => one.startsWith(role));
    const [{ PolicyDocument }] = template.Resources[id].Properties.Policies;
    const all = [PolicyDocument.Statement]
      .flat()
      .flatMap((one: { Action: string; Resource: string }) =>
        [one.Action]
          .flat()
          .flatMap((Action) => [one.Resource].flat().map((Resource) => ({ ...one, Action, Resource }))),
      );
    const isTaken = (one: { Action: string; Resource: string }) =>
      one.Action === action && JSON.stringify(one.Resource).includes(resource);
    PolicyDocument.Statement = all.filter((one) => !isTaken(one));
    expect([role, all.length - PolicyDocument.Statement.length]).toEqual([role, 1]);
  }
  await writeFile(file, JSON.stringify(template));
  return less;
};

it('without a grant its story fails: the log says which, the event is back in its queue, and goes on when it is granted', async () => {
  const id = newId('less');
  await stack.reload(
    await without([
      ['OrderReadyWorkerRole', 'sqs:SendMessage', 'SendsQueue'],
      ['AppointmentReminderWorkerRole', 'iam:PassRole', 'AlarmsRole'],
      ['InboundEscalationRole', 'dynamodb:UpdateItem', 'Deliveries'],
    ]),
  );
  const logged = stack.logs().length;
  await order(id, { customer: { name: 'Dana', phone: '+972501234566' } });
  await appointment('booked', id, freshStart(), { phone: '+972501234566' });
  await deliver(stack, customerSays(id, 'This is urgent', { conversationId: id, conversation_id: id }));
  const refused = () =>
    stack
      .logs()
      .slice(logged)
      .map(({ function: name, line }) => ({ name, ...JSON.parse(line) }))
      .filter(({ event }) => event === 'not_allowed')
      .map(({ name, action }) => `${name} ${action}`);
  await expect
    .poll(() => [...new Set(refused())].sort(), SLOW)
    .toEqual(['appointment-reminder iam:PassRole', 'escalation dynamodb:UpdateItem', 'order-ready sqs:SendMessage']);
  const waits = (queue: string) => {
    const { ready = 0, inFlight = 0, delayed = 0 } = stack.depths().queues[queue] ?? {};
    return ready + inFlight + delayed;
  };
  expect(['order-ready-work', 'appointment-reminder-work', 'escalation'].map(waits)).toEqual([1, 1, 1]);
  const errors = () =>
    stack
      .logs()
      .slice(logged)
      .filter(({ line }) => /"reason":"AccessDenied(Exception)?"/.test(line));
  await expect.poll(() => new Set(errors().map(({ function: name }) => name)).size, SLOW).toBe(3);
  expect(await recordOf(stack, `order:${id}:ready`)).toBeUndefined();
  await stack.reload(folder);
  await untilState(stack, `order:${id}:ready`, 'ACCEPTED');
  await untilIdle(stack);
});
