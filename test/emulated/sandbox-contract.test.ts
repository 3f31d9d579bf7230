import { createHmac } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { isPossiblePhoneNumber, isValidPhoneNumber } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../../local/sandbox/contract/assumptions.ts';
import {
  ASSUMED,
  anyContract,
  describeContract,
  readContract,
  VARIANTS,
  withVariant,
} from '../../local/sandbox/contract/contract.ts';
import { privacyIdOf } from '../../local/sandbox/contract/privacy-id.ts';
import { outOfOrder, randomOf } from '../../local/sandbox/contract/random.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';

const LINE_TOKEN = 'ezw_line_test_4f1c';
const HOOK = 'https://agency.example/ezw/webhook';
const PHONE = '+972501234567';
const DIGITS = PHONE.slice(1);
const LID = privacyIdOf(PHONE);
const TEXT = { to: PHONE, body: 'Your order is ready.' };
const LONG = { to: PHONE, body: 'x'.repeat(5000) };
const MEDIA = { to: PHONE, media: 'https://shop.example/a.jpg', caption: 'Ready' };
const DAY = 86_400_000;

type Item = Record<string, unknown>;
interface Got {
  readonly url: string;
  readonly event: string;
  readonly deliveryId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: { readonly [list: string]: unknown };
}

/** A sandbox without sockets and with a clock of its own. `happened` is the order of what a client of both ways sees. */
function open(contract: Contract) {
  let clock = Date.UTC(2026, 10, 22, 10);
  let timers: { at: number; does: () => void }[] = [];
  const got: Got[] = [];
  const happened: string[] = [];
  /** What the webhooks answer, in turn; 200 after that. */
  const answers: number[] = [];
  const sandbox = createSandbox({
    lineToken: LINE_TOKEN,
    lineId: 'line-test',
    contract,
    now: () => clock,
    later: (does, ms) => {
      const timer = { at: clock + ms, does };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    deliver: async (url, headers, text) => {
      const body = JSON.parse(text);
      const event = headers['x-ezw-webhook-event'] ?? '';
      got.push({ url, event, deliveryId: headers['x-ezw-delivery-id'] ?? '', headers, text, body });
      await turn();
      const [status] = event === 'statuses.post' ? (body.statuses as Item[]) : [];
      happened.push(status ? `status ${status.status}` : event);
      return answers.shift() ?? 200;
    },
  });
  const call = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await sandbox.app.request(path, init);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, text, json: type.startsWith('application/json') ? JSON.parse(text) : {} };
  };
  /** Lets the time pass, and everything happen that is due by then. At least as long as an answer takes. */
  const pass = async (ms = 25): Promise<void> => {
    clock += ms;
    for (let quiet = 0; quiet < 10; quiet += 1) {
      const due = timers.filter(({ at }) => at <= clock).sort((a, b) => a.at - b.at);
      timers = timers.filter(({ at }) => at > clock);
      for (const { does } of due) does();
      if (due.length > 0) quiet = 0;
      await turn();
    }
  };
  const authorization = `Bearer ${LINE_TOKEN}`;
  const of = (list: string) => got.flatMap(({ body }) => (body[list] ?? []) as Item[]);
  return {
    got,
    happened,
    answers,
    sandbox,
    call,
    pass,
    messages: () => of('messages'),
    statuses: () => of('statuses'),
    chats: () => of('chats'),
    onPhone: () => sandbox.phone().length,
    health: () => call('GET', '/api/v1/health?wakeup=false', undefined, { authorization }),
    register: (targetUrl = HOOK, more: object = {}) =>
      call('POST', '/api/v1/webhooks', { targetUrl, ...more }, { authorization }),
    send: async (body: object = TEXT, key: string | undefined = 'order:1:ready', token = LINE_TOKEN) => {
      const path = `/api/v1/messages/${'media' in body ? 'media' : 'text'}`;
      const answer = await call('POST', path, body, {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key && { 'idempotency-key': key }),
      });
      happened.push('answer');
      return answer;
    },
    writes: async (text = 'Hello', more: object = {}) => {
      const answer = await call('POST', '/_sandbox/customer-messages', { phone: PHONE, text, ...more });
      await pass(0);
      return answer.json as { id: string; deliveries: string[] };
    },
    line: (sendable: boolean) => call('POST', '/_sandbox/line', { sendable }),
  };
}

type World = ReturnType<typeof open>;
type Check = (world: World) => Promise<void>;

/** A send, with all that the webhooks hear of it. */
const told = async (world: World, body: object = TEXT): Promise<Awaited<ReturnType<World['send']>>> => {
  await world.register();
  const answer = await world.send(body);
  await world.pass();
  return answer;
};

/** The first of a list; a test that meets an empty one has failed. */
const first = <One>(list: readonly One[]): One => {
  expect(list.length).toBeGreaterThan(0);
  return list[0] as One;
};

const repeated =
  (status: number): Check =>
  async ({ send, onPhone, sandbox }) => {
    const { json } = await send();
    const again = await send();
    expect([again.status, onPhone(), sandbox.messages()[0]?.attempts]).toEqual([status, 1, 2]);
    if (status < 300) expect(again.json).toEqual(json);
    else expect(again.json.error.code).toBe('idempotency_key_used');
  };

const accepted =
  (status: number): Check =>
  async ({ send, onPhone }) => {
    expect([(await send()).status, onPhone()]).toEqual([status, 1]);
  };

/** Of a send that is refused: what it is answered, and that nothing of it goes out. */
const refused =
  (body: object, status: number): Check =>
  async (world) => {
    const answer = await told(world, body);
    expect([answer.status, world.onPhone(), world.got]).toEqual([status, 0, []]);
    expect(answer.json.error).toEqual({ code: expect.any(String), message: expect.any(String) });
  };

const unlinked =
  (status: number): Check =>
  async (world) => {
    await world.line(false);
    await refused(TEXT, status)(world);
    await world.line(true);
    await world.pass();
    expect(world.onPhone()).toBe(0);
    expect((await world.send()).status).toBe(202);
  };

/** Of a message of a customer and of one of ours: how each names the customer. */
const named =
  (chatId: string, phoneField: string | null | undefined): Check =>
  async (world) => {
    await told(world);
    await world.writes();
    expect(world.messages().map(({ from_me }) => from_me)).toEqual([true, false]);
    for (const message of world.messages()) {
      expect([message.chat_id, message.from]).toEqual([chatId, chatId]);
      expect([message.contactPhoneNumber, message.contact_phone_number]).toEqual([phoneField, phoneField]);
      expect('contactPhoneNumber' in message).toBe(phoneField !== undefined);
      expect(message.conversationId).toMatch(/^conv_/);
    }
    for (const chat of world.chats()) expect([chat.id, chat.chat_id]).toEqual([chatId, chatId]);
    if (chatId.endsWith('@lid')) expect(JSON.stringify(world.got)).not.toContain(DIGITS);
  };

/** The names of a message's twin fields, with whether they hold something. */
const twinsOf = (message: Item) =>
  Object.entries(message).flatMap(([name, value]) =>
    /^(conversation|contact|message).*(id|number)$/i.test(name) ? [`${name}${value === null ? ' null' : ''}`] : [],
  );

const twins =
  (...names: string[]): Check =>
  async (world) => {
    await world.register();
    await world.writes();
    expect(twinsOf(first(world.messages()))).toEqual(names);
    const conversations = names.filter((name) => name.startsWith('conversation'));
    expect(twinsOf(first(world.chats()))).toEqual(conversations);
  };

const CHECKS: Readonly<Record<string, Check>> = {
  'same-key=200': repeated(200),
  'same-key=409': repeated(409),
  'same-key=422': repeated(422),
  'same-key=again-after-24h': async ({ send, pass, onPhone }) => {
    const { json } = await send();
    await pass(DAY - 1);
    const again = await send();
    expect([again.status, again.json, onPhone()]).toEqual([202, json, 1]);
    await pass(1);
    const anew = await send();
    expect([anew.status, onPhone()]).toEqual([202, 2]);
    expect(anew.json.id).not.toBe(json.id);
    expect((await send()).json).toEqual(anew.json);
  },
  'other-body=422': async ({ send, onPhone }) => {
    await send();
    const other = await send({ ...TEXT, body: 'Another.' });
    expect([other.status, other.json.error.code, onPhone()]).toEqual([422, 'idempotency_conflict', 1]);
  },
  'other-body=first-answer': async ({ send, onPhone }) => {
    const { json } = await send();
    const other = await send({ ...TEXT, body: 'Another.' });
    expect([other.status, other.json, onPhone()]).toEqual([202, json, 1]);
  },
  'other-body=sent': async ({ send, sandbox }) => {
    const { json } = await send();
    const other = await send({ ...TEXT, body: 'Another.' });
    expect(sandbox.phone().map(({ key, body }) => [key, body])).toEqual([
      ['order:1:ready', TEXT.body],
      ['order:1:ready', 'Another.'],
    ]);
    expect((await send()).json).toEqual(json);
    expect((await send({ ...TEXT, body: 'Another.' })).json).toEqual(other.json);
    expect(sandbox.phone()).toHaveLength(2);
  },
  'no-key=accepted': async ({ send, sandbox }) => {
    expect([(await send(TEXT, '')).status, (await send(TEXT, '')).status]).toEqual([202, 202]);
    expect(sandbox.phone().map((one) => [one.body, 'key' in one])).toEqual([
      [TEXT.body, false],
      [TEXT.body, false],
    ]);
  },
  'accepted=200': accepted(200),
  'accepted=201': accepted(201),
  'answer-id=none': async (world) => {
    expect((await told(world)).json).toEqual({ status: 'queued' });
  },
  'answer-id=nested': async (world) => {
    const { json } = await told(world);
    expect(json).toEqual({ message: { id: expect.stringMatching(/^att_/) }, status: 'queued' });
    expect(json.message.id).toBe(world.sandbox.messages()[0]?.id);
    expect(JSON.stringify(world.got)).not.toContain(json.message.id);
  },
  'answer-id=whatsapp': async (world) => {
    const { json } = await told(world);
    expect(first(world.messages()).id).toBe(json.id);
    expect(world.statuses().map(({ id }) => id)).toEqual([json.id, json.id]);
  },
  'echo=before': async (world) => {
    await told(world);
    expect(world.happened).toEqual(['messages.post', 'chats.post', 'answer', 'status sent', 'status delivered']);
  },
  'echo=none': async (world) => {
    await told(world);
    expect(world.happened).toEqual(['answer', 'status sent', 'status delivered']);
  },
  'status-order=before': async (world) => {
    await told(world);
    expect(world.happened).toEqual(['status sent', 'status delivered', 'answer', 'messages.post', 'chats.post']);
  },
  'status-order=twice': async (world) => {
    await told(world);
    const each = ['status sent', 'status sent', 'status delivered', 'status delivered'];
    expect(world.happened).toEqual(['answer', 'messages.post', 'chats.post', ...each]);
    expect(new Set(world.got.map(({ deliveryId }) => deliveryId)).size).toBe(world.got.length);
  },
  'status-order=backwards': async (world) => {
    await told(world);
    const order = ['answer', 'messages.post', 'chats.post', 'status delivered', 'status sent'];
    expect(world.happened).toEqual(order);
  },
  'status-order=none': async (world) => {
    await told(world);
    expect(world.happened).toEqual(['answer', 'messages.post', 'chats.post']);
  },
  'status-id=answer': async (world) => {
    const { json } = await told(world);
    expect(world.statuses().map(({ id, message_id }) => [id, message_id])).toEqual([
      [json.id, json.id],
      [json.id, json.id],
    ]);
    expect(first(world.messages()).id).not.toBe(json.id);
  },
  'status-id=other': async (world) => {
    const { json } = await told(world);
    const [id, ...others] = new Set(world.statuses().map((status) => status.id));
    expect([typeof id, others]).toEqual(['string', []]);
    expect([json.id, first(world.messages()).id, world.sandbox.phone()[0]?.id]).not.toContain(id);
  },
  'fields=camel': twins('message_id', 'conversationId', 'contactPhoneNumber'),
  'fields=snake': twins('message_id', 'conversation_id', 'contact_phone_number'),
  'fields=nulls': twins(
    'message_id null',
    'conversationId null',
    'conversation_id',
    'contactPhoneNumber null',
    'contact_phone_number',
  ),
  'fields=whapi': async (world) => {
    await world.register();
    const { id } = await world.writes('Hello world');
    const timestamp = Date.UTC(2026, 10, 22, 10) / 1000;
    const chat_id = `${DIGITS}@s.whatsapp.net`;
    const message = { id, from_me: false, type: 'text', chat_id, timestamp, source: 'mobile' };
    expect(world.got.map(({ body }) => body)).toEqual([
      {
        messages: [{ ...message, text: { body: 'Hello world' }, from: DIGITS, from_name: 'A customer' }],
        event: { type: 'messages', event: 'post' },
        channel_id: 'SANDBOX-LINE1',
      },
      {
        chats: [
          {
            id: chat_id,
            type: 'contact',
            timestamp,
            last_message: { id, type: 'text', from_me: false, body: 'Hello world' },
          },
        ],
        event: { type: 'chats', event: 'post' },
        channel_id: 'SANDBOX-LINE1',
      },
    ]);
    expect(world.got.map(({ event, headers }) => [event, headers['x-ezw-line-id']])).toEqual([
      ['messages.post', 'line-test'],
      ['chats.post', 'line-test'],
    ]);
    world.got.length = 0;
    await world.send();
    await world.pass();
    const echo = first(world.messages());
    expect(echo).toMatchObject({ from_me: true, chat_id, source: 'api', status: 'pending', text: { body: TEXT.body } });
    expect(echo.from).not.toBe(DIGITS);
    expect(first(world.statuses())).toEqual({
      id: echo.id,
      code: 2,
      status: 'sent',
      recipient_id: chat_id,
      timestamp: String(timestamp),
    });
    expect(JSON.stringify(world.got)).not.toMatch(/conv_|contact_?phone/i);
  },
  'people=jid': named(`${DIGITS}@s.whatsapp.net`, undefined),
  'people=c-us': named(`${DIGITS}@c.us`, undefined),
  'people=lid': named(`${LID}@lid`, undefined),
  'people=lid-empty': named(`${LID}@lid`, ''),
  'people=lid-null': named(`${LID}@lid`, null),
  'people=lid-repeated': named(`${LID}@lid`, `+${LID}`),
  'people=lid-later': async (world) => {
    await told(world);
    for (const text of ['Hello', 'Anybody there?', 'Hello?']) await world.writes(text);
    await world.writes('Hi', { phone: '+972501234568' });
    await world.send(TEXT, 'order:2:ready');
    await world.pass();
    const [number, hidden] = [`${DIGITS}@s.whatsapp.net`, `${LID}@lid`];
    const chats = [number, number, hidden, hidden, '972501234568@s.whatsapp.net', hidden];
    expect(world.messages().map(({ chat_id }) => chat_id)).toEqual(chats);
    expect(world.chats().map(({ id }) => id)).toEqual(chats);
    expect(world.messages().map(({ contactPhoneNumber }) => contactPhoneNumber)).toEqual(
      chats.map((chat) => (chat === hidden ? undefined : `+${chat.split('@')[0]}`)),
    );
    const conversations = world.messages().map(({ conversationId }) => conversationId);
    expect(new Set(conversations.filter((_, index) => index !== 4)).size).toBe(1);
  },
  'conversation=400': refused({ conversationId: 'conv-7', body: 'Hello' }, 400),
  'conversation=404': refused({ conversationId: 'conv-7', body: 'Hello' }, 404),
  'media=400': refused(MEDIA, 400),
  'media=404': refused(MEDIA, 404),
  'long-text=413': refused(LONG, 413),
  'long-text=accepted': async (world) => {
    expect((await told(world, LONG)).status).toBe(202);
    expect(world.sandbox.phone()).toMatchObject([{ body: LONG.body }]);
  },
  'bad-to=422': refused({ to: '0501234567', body: 'Hello' }, 422),
  'bad-to=failed': async (world) => {
    expect((await told(world, { to: '0501234567', body: 'Hello' })).status).toBe(202);
    expect(world.happened).toEqual(['answer', 'status failed']);
    expect(world.statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131026 }] }]);
    expect(world.onPhone()).toBe(0);
  },
  'errors=text': async ({ send, call }) => {
    const answer = await send({ to: PHONE });
    expect([answer.status, answer.type]).toEqual([400, 'text/plain; charset=utf-8']);
    expect(answer.text).toMatch(/^body: /);
    const unauthorized = await call('GET', '/api/v1/health');
    expect([unauthorized.status, unauthorized.text]).toEqual([401, expect.stringMatching(/^no Authorization/)]);
  },
  'errors=html': async ({ send }) => {
    const answer = await send({ to: PHONE, '<b>': 1 });
    expect([answer.status, answer.type]).toEqual([400, 'text/html; charset=utf-8']);
    expect(answer.text).toMatch(/^<!doctype html>.*<h1>400<\/h1>/);
    expect(answer.text).not.toContain('<b>');
  },
  'bad-token=403': async ({ send, onPhone }) => {
    const { status, json } = await send(TEXT, 'order:1:ready', 'ezw_line_other');
    expect([status, json.error.code, onPhone()]).toEqual([403, 'forbidden', 0]);
  },
  'old-token=lives': async ({ call, send }) => {
    const login = { email: 'owner@demo.example', password: 'demo-password' };
    const { json } = await call('POST', '/api/auth/login', login);
    const authorization = `Bearer ${json.idToken}`;
    const { token } = (await call('POST', '/api/lines/line-test/api-token', undefined, { authorization })).json;
    expect((await send(TEXT, 'order:1:ready', token)).status).toBe(202);
    expect((await send(TEXT, 'order:2:ready')).status).toBe(202);
  },
  'unlinked=400': unlinked(400),
  'unlinked=409': unlinked(409),
  'unlinked=queued': async (world) => {
    await world.line(false);
    expect((await told(world)).status).toBe(202);
    expect([world.sandbox.messages().length, world.onPhone(), world.got]).toEqual([1, 0, []]);
    await world.line(true);
    await world.pass();
    expect(world.onPhone()).toBe(1);
    expect(world.happened.slice(1)).toEqual(['messages.post', 'chats.post', 'status sent', 'status delivered']);
    await world.line(true);
    expect(world.onPhone()).toBe(1);
  },
  'health=503': async ({ health, line }) => {
    expect((await health()).status).toBe(200);
    await line(false);
    const { status, json } = await health();
    expect([status, json.line]).toEqual([503, expect.objectContaining({ sendable: false })]);
  },
  'deliveries=bulk': async (world) => {
    await world.register();
    await world.register('https://agency.example/other');
    for (const text of ['1', '2', '3', '4']) await world.writes(text);
    await world.send();
    await world.pass();
    expect(world.got).toEqual([]);
    expect((await world.call('POST', '/_sandbox/deliveries/release')).json.deliveries).toHaveLength(6);
    await world.pass();
    const events = ['chats.post', 'messages.post', 'statuses.post'];
    expect(world.got.map(({ event }) => event).sort()).toEqual(events.flatMap((event) => [event, event]));
    for (const url of [HOOK, 'https://agency.example/other']) {
      const bodies = world.got.filter((one) => one.url === url);
      const said = bodies.flatMap(({ body }) => (body.messages ?? []) as Item[]).map(({ body }) => body);
      expect([...said].sort()).toEqual(['1', '2', '3', '4', TEXT.body]);
      expect(said).not.toEqual([...said].sort());
    }
    world.got.length = 0;
    await world.writes('5');
    await world.pass(9_999);
    expect(world.got).toEqual([]);
    await world.pass(1);
    expect(world.got).toHaveLength(4);
  },
  'deliveries=repeated': async (world) => {
    await world.register();
    await world.writes();
    expect(world.happened).toEqual(['messages.post', 'chats.post', 'messages.post', 'chats.post']);
    expect(new Set(world.got.map(({ deliveryId }) => deliveryId)).size).toBe(2);
    expect(new Set(world.got.map(({ text }) => text)).size).toBe(2);
    await world.pass(DAY);
    expect(world.got).toHaveLength(4);
  },
  'deliveries=repeated-anew': async (world) => {
    await world.register();
    await world.writes();
    expect([...world.happened].sort()).toEqual(['chats.post', 'chats.post', 'messages.post', 'messages.post']);
    expect(new Set(world.got.map(({ deliveryId }) => deliveryId)).size).toBe(4);
    expect(new Set(world.got.map(({ text }) => text)).size).toBe(2);
  },
  'retries=new-id': async (world) => {
    await world.register(HOOK, { events: ['messages.post'] });
    world.answers.push(500, 202);
    await world.writes();
    await world.pass(1_000);
    await world.pass(2_000);
    await world.pass(DAY);
    expect(world.got).toHaveLength(3);
    expect(new Set(world.got.map(({ deliveryId }) => deliveryId)).size).toBe(3);
    expect(new Set(world.got.map(({ text }) => text)).size).toBe(1);
  },
  'retries=never': async (world) => {
    await world.register(HOOK, { events: ['messages.post'] });
    world.answers.push(500);
    await world.writes();
    await world.pass(DAY);
    expect(world.got).toHaveLength(1);
    expect((await world.call('GET', '/_sandbox/deliveries')).json).toMatchObject([
      { state: 'given up', attempts: [500] },
    ]);
  },
  'proof=signed': async (world) => {
    await world.register();
    await world.writes('Grüße 🙏');
    for (const { headers, text } of world.got) {
      const digest = createHmac('sha256', 'ezw_webhook_secret_demo').update(text).digest('hex');
      expect(headers['x-ezw-signature']).toBe(`sha256=${digest}`);
    }
    expect(world.got).toHaveLength(2);
  },
  'registration=doubles': async (world) => {
    for (let n = 0; n < 2; n += 1) await world.register();
    await world.register('https://agency.example/other');
    await world.writes();
    const urls = world.got.filter(({ event }) => event === 'messages.post').map(({ url }) => url);
    expect(urls.sort()).toEqual([HOOK, HOOK, 'https://agency.example/other']);
    await world.register(HOOK, { enabled: false });
    world.got.length = 0;
    await world.writes();
    expect(new Set(world.got.map(({ url }) => url))).toEqual(new Set(['https://agency.example/other']));
  },
  'registration=replaces': async (world) => {
    await world.register();
    await world.register('https://agency.example/other');
    await world.writes();
    expect(world.got.map(({ url }) => url)).toEqual(Array(2).fill('https://agency.example/other'));
    await world.register('https://agency.example/other', { enabled: false });
    world.got.length = 0;
    await world.writes();
    expect(world.got).toEqual([]);
  },
};

describe('what EZWhatsApp may do, the sandbox does', () => {
  it.each(VARIANTS.map(([name, variant]) => [`${name}=${variant}`, withVariant(name, variant)] as const))(
    '%s',
    async (name, contract) => {
      const check = CHECKS[name];
      expect(check, `${name} has no test here`).toBeDefined();
      await check?.(open(contract));
    },
  );

  it('and each of these tests tells its variant from what is assumed', async () => {
    expect(Object.keys(CHECKS).sort()).toEqual(VARIANTS.map((variant) => variant.join('=')).sort());
    const held: string[] = [];
    for (const [name, check] of Object.entries(CHECKS)) {
      await check(open(ASSUMED)).then(
        () => held.push(name),
        () => undefined,
      );
    }
    expect(held).toEqual([]);
  });
});

describe('as assumed', () => {
  it('a send is told after its answer: itself, then its statuses forwards', async () => {
    const world = open(ASSUMED);
    const { json } = await told(world);
    const echoes = ['messages.post', 'chats.post'];
    expect(world.happened).toEqual(['answer', ...echoes, 'status sent', 'status delivered']);
    expect(first(world.messages())).toMatchObject({
      chat_id: `${DIGITS}@s.whatsapp.net`,
      contactPhoneNumber: PHONE,
      contact_phone_number: PHONE,
      from_me: true,
      text: { body: TEXT.body },
      body: TEXT.body,
    });
    expect(JSON.stringify(world.got)).not.toContain(json.id);
    expect(world.got.every(({ headers }) => !('x-ezw-signature' in headers))).toBe(true);
  });

  it('a key is never forgotten, however long ago it was used', async () => {
    const { send, pass, call, onPhone } = open(ASSUMED);
    const { json } = await send();
    await pass(7 * DAY);
    await call('DELETE', '/_sandbox/keys');
    expect([(await send()).json, onPhone()]).toEqual([json, 1]);
  });

  it('another body under a key, no key and a dead token are refused', async () => {
    const { send, call } = open(ASSUMED);
    await send();
    expect((await send({ ...TEXT, body: 'Another.' })).status).toBe(409);
    expect((await send(TEXT, '')).status).toBe(400);
    const { json } = await call('POST', '/api/auth/login', { email: 'owner@demo.example', password: 'demo-password' });
    const authorization = `Bearer ${json.idToken}`;
    await call('POST', '/api/lines/line-test/api-token', undefined, { authorization });
    expect((await send(TEXT, 'order:2:ready')).status).toBe(401);
  });

  it('the same address registered again changes nothing', async () => {
    const world = open(ASSUMED);
    for (let n = 0; n < 2; n += 1) await world.register();
    await world.writes();
    expect(world.happened).toEqual(['messages.post', 'chats.post']);
  });
});

describe('variants together', () => {
  const both = (text: string) => open(readContract(text) as Contract);

  it('where WhatsApp hides people, the format that EZWhatsApp follows has no number of theirs', async () => {
    for (const people of ['lid', 'lid-empty', 'lid-null', 'lid-repeated']) {
      const world = both(`fields=whapi, people=${people}`);
      await told(world);
      await world.writes();
      await world.call('POST', '/_sandbox/human-messages', { phone: PHONE, text: 'Hi' });
      await world.pass();
      expect(world.messages().map(({ chat_id }) => chat_id)).toEqual(Array(3).fill(`${LID}@lid`));
      expect(first(world.messages().filter(({ from_me }) => from_me === false)).from).toBe(`${LID}@lid`);
      expect(world.statuses().map(({ recipient_id }) => recipient_id)).toEqual(Array(2).fill(`${LID}@lid`));
      expect(JSON.stringify(world.got.map(({ body }) => body))).not.toMatch(/97250|s\.whatsapp\.net/);
    }
  });

  it('and in the format with numbers, ids of the other servers', async () => {
    const world = both('fields=whapi, people=c-us');
    await told(world);
    await world.writes();
    expect(world.messages().map(({ chat_id }) => chat_id)).toEqual(Array(2).fill(`${DIGITS}@c.us`));
    expect(world.messages()[1]?.from).toBe(DIGITS);
  });

  it('a status names an id that nothing else names where the answer has none', async () => {
    const world = both('status-id=answer, answer-id=none');
    await told(world);
    expect(first(world.statuses()).id).not.toBe(first(world.messages()).id);
    const same = both('status-id=echo, echo=none');
    await told(same);
    expect(first(same.statuses()).id).toBe(same.sandbox.phone()[0]?.id);
  });

  it('health under 503 is health, however errors are worded', async () => {
    const { health, line } = both('health=503, errors=html');
    await line(false);
    expect(await health()).toMatchObject({ status: 503, json: { line: { sendable: false } } });
  });

  it('what is told before the answer, all of it', async () => {
    const world = both('echo=before, status-order=before');
    await told(world);
    const echoes = ['messages.post', 'chats.post'];
    expect(world.happened).toEqual([...echoes, 'status sent', 'status delivered', 'answer']);
  });

  it('a webhook that cannot be reached, or is held, keeps no answer waiting', async () => {
    const failing = both('echo=before');
    failing.answers.push(503, 503);
    expect((await told(failing)).status).toBe(202);
    const held = both('echo=before, deliveries=bulk');
    expect((await told(held)).status).toBe(202);
    expect(held.got).toEqual([]);
  });

  it('any of them: nothing fails within, and one key is one message for a day', async () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const contract = anyContract(randomOf(seed));
      const world = open(contract);
      const says = `${seed}: ${describeContract(contract)}`;
      const statuses = [await told(world), await world.send(), await world.send(MEDIA, 'order:2:ready')];
      await world.writes();
      await world.pass(20_000);
      expect(Math.max(...statuses.map(({ status }) => status)), says).toBeLessThan(500);
      expect(world.sandbox.phone().filter(({ key }) => key === 'order:1:ready').length, says).toBe(1);
    }
  });
});

it('what is out of order is never in order, and the same for the same seed', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const mixed = outOfOrder([1, 2, 3], randomOf(seed));
    expect(mixed).not.toEqual([1, 2, 3]);
    expect(outOfOrder([1, 2], randomOf(seed))).toEqual([2, 1]);
    expect(mixed).toEqual(outOfOrder([1, 2, 3], randomOf(seed)));
    expect([...mixed].sort()).toEqual([1, 2, 3]);
  }
});

it('a sandbox that was closed tells nothing more, not even what it held', async () => {
  const world = open(readContract('deliveries=bulk') as Contract);
  await world.register();
  const { close } = await world.sandbox.listen(0);
  await world.writes();
  await close();
  await world.pass(DAY);
  await world.call('POST', '/_sandbox/deliveries/release');
  await world.pass(DAY);
  expect(world.got).toEqual([]);
});

describe('a privacy id', () => {
  it('is one for each phone, has 15 digits, and is nobody’s number in any country', () => {
    const phones = Array.from({ length: 2_000 }, (_, n) => `+97250123${String(n).padStart(4, '0')}`);
    const ids = phones.map(privacyIdOf);
    expect(new Set(ids).size).toBe(phones.length);
    expect(ids).toEqual(phones.map(privacyIdOf));
    for (const id of ids) {
      expect(id).toMatch(/^\d{15}$/);
      for (const number of [`+${id}`, `+${id.slice(1)}`]) expect(isValidPhoneNumber(number), number).toBe(false);
      expect(isPossiblePhoneNumber(`+${id}`)).toBe(false);
    }
  });
});

describe('at run time', () => {
  it('the contract is shown and replaced, by a text or by names', async () => {
    const { call, send } = open(ASSUMED);
    const contract = '/_sandbox/contract';
    expect((await call('GET', contract)).json).toEqual({ contract: 'as assumed', variants: ASSUMED });
    const put = await call('PUT', contract, { contract: 'same-key=409, people=lid' });
    expect(put).toMatchObject({ status: 200, json: { contract: 'same-key=409, people=lid' } });
    await send();
    expect((await send()).status).toBe(409);
    await call('PUT', contract, { contract: { accepted: '201' } });
    expect((await call('GET', contract)).json).toEqual({
      contract: 'accepted=201',
      variants: { ...ASSUMED, accepted: '201' },
    });
    for (const nothing of ['', 'as assumed', {}]) {
      expect((await call('PUT', contract, { contract: nothing })).json.contract).toBe('as assumed');
    }
  });

  it.each<[unknown, RegExp]>([
    ['same-key=418', /same-key is one of 202, 200, .*not "418"/],
    ['same-kee=409', /no "same-kee".*same-key/],
    [{ people: 'name' }, /people is one of/],
    [{ toString: 'x' }, /no "toString"/],
    [7, /must be a text, or variants by name/],
  ])('%j is refused with what is wrong, and changes nothing', async (contract, reason) => {
    const { call } = open(withVariant('echo', 'none'));
    const { status, json } = await call('PUT', '/_sandbox/contract', { contract });
    expect([status, json.error.message]).toEqual([400, expect.stringMatching(reason)]);
    expect((await call('GET', '/_sandbox/contract')).json.contract).toBe('echo=none');
  });

  it('all keys are as old as a day, where that matters', async () => {
    const { call, send, sandbox } = open(withVariant('same-key', 'again-after-24h'));
    await send();
    expect((await call('DELETE', '/_sandbox/keys')).status).toBe(204);
    await send();
    expect(sandbox.phone().map(({ key }) => key)).toEqual(['order:1:ready', 'order:1:ready']);
    expect((await call('GET', '/_sandbox/phone')).json).toEqual(sandbox.phone());
    await call('DELETE', '/_sandbox/messages');
    expect([sandbox.phone(), sandbox.messages()]).toEqual([[], []]);
  });

  it('what comes in bulk comes by itself after the time that was set, and before another contract counts', async () => {
    const world = open(withVariant('deliveries', 'bulk'));
    await world.call('POST', '/_sandbox/webhook-settings', { bulkAfterMs: 500 });
    await world.register();
    await world.writes();
    await world.pass(499);
    expect(world.got).toEqual([]);
    await world.pass(1);
    expect(world.got).toHaveLength(2);
    await world.writes();
    await world.call('PUT', '/_sandbox/contract', { contract: 'fields=whapi' });
    await world.pass();
    expect(world.got).toHaveLength(4);
    expect(world.got.map(({ body }) => typeof body.event)).toEqual(Array(4).fill('string'));
  });

  it('a webhook on this machine is taken from the origins that were allowed, and no others', async () => {
    const { call, register } = open(ASSUMED);
    const probe = 'http://127.0.0.1:4711';
    expect((await register(`${probe}/hook`)).status).toBe(400);
    const allow = (allowOrigins: string[]) => call('POST', '/_sandbox/webhook-settings', { allowOrigins });
    expect((await allow([`${probe}/hook`])).status).toBe(400);
    expect((await allow([probe])).status).toBe(204);
    expect((await register(`${probe}/hook`)).status).toBe(201);
    expect((await register('http://127.0.0.1:4712/hook')).status).toBe(400);
    await allow([]);
    expect((await register(`${probe}/hook`)).status).toBe(400);
  });
});
