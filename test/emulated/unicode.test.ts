import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { leadKey } from '../../functions/lead-first-touch/workflow.ts';
import { orderKey } from '../../functions/order-ready/workflow.ts';
import { cut } from '../../functions/shared/runtime/characters.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { queueable } from '../../functions/shared/runtime/json.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { calCom, calendly, customAppointment, DAY, daysAhead, iso, moveClock, tell } from './appointments.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  type SandboxMessage,
  sandboxOf,
  signed,
  untilIdle,
  untilState,
} from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { type CrmEntryShown, customerSays, deliver, type NotificationShown, webhookUrl, worldOf } from './inbound.ts';
import {
  customLead,
  formLead,
  googleLead,
  metaBody,
  metaUpdate,
  newLeadgenId,
  newPhone,
  person,
  postLead,
  signedLead,
  typeformLead,
  webflowLead,
} from './leads.ts';

const CAKES = '🎂'.repeat(4096);

/** Every class of character: what is sent, what a person's name becomes of it in a message, and what is left of it in a customer's words. */
const TEXTS: Readonly<Record<string, { given: string; inMessage?: string; asSaid?: string }>> = {
  'a thumb': { given: '👍' },
  'characters beyond U+FFFF': { given: 'Dana 🎂 𠮷 𝒟' },
  'emoji of many characters': { given: '👍🏽 👨‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇮🇱' },
  'combining marks': { given: 'Zoe\u0308 שָׁלוֹם n\u0303' },
  'both directions': { given: 'דנה \u2067Dana\u2069 \u200fx', inMessage: 'there' },
  'halves of pairs': { given: 'D\ud83ca\udf82na', inMessage: 'Dana', asSaid: 'Dana' },
  noncharacters: { given: 'D\ufffea\uffffn\ufdd0a\u{1ffff}', inMessage: 'Dana', asSaid: 'Dana' },
  'a lost character': { given: 'Dana \ufffd', inMessage: 'Dana' },
  NUL: { given: 'Da\0na', inMessage: 'Dana', asSaid: 'Dana' },
  'control characters': { given: 'Da\u0001\u0085\u009fna', inMessage: 'there' },
  '4,096 cakes': { given: CAKES, inMessage: '🎂'.repeat(60) },
};
const CASES = Object.entries(TEXTS).map(([name, { given, inMessage = given, asSaid = given }], n) => ({
  name,
  n,
  given,
  inMessage,
  asSaid,
}));
type Case = Pick<(typeof CASES)[number], 'n' | 'given' | 'inMessage'>;

/** For the many doors all classes in one name, and by itself the long one and what makes a name none. */
const alone = ({ given, inMessage }: Case): boolean => given === CAKES || inMessage === 'there';
const [SHORT, ALONE] = [CASES.filter((one) => !alone(one)), CASES.filter(alone)];
const joined = (texts: readonly string[]): string => texts.join(' ');
const NAMES: readonly Case[] = [
  {
    n: 0,
    given: joined(SHORT.map(({ given }) => given)),
    inMessage: cut(joined(SHORT.map(({ inMessage }) => inMessage)), 60).trimEnd(),
  },
  ...ALONE,
];

const START = daysAhead(12);

const put = async (path: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${stack.url}/_sandbox/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
};

/** One event of every source with a name of this class. Gives the status of the answer and the key of the message. */
type Source = (one: Case) => Promise<{ status: number; key: string }>;

const order =
  (source: string, body: (one: Case, id: number) => object, from: number): Source =>
  async (one) => {
    const id = from + one.n;
    const { status } = await post(stack, source, signed(source, body(one, id)));
    return { status, key: orderKey(String(id)) };
  };

const appointment =
  (source: string, body: (one: Case, id: string) => unknown): Source =>
  async (one) => {
    const id = source === 'acuity' ? String(4000 + one.n) : `${source}-${one.n}`;
    const { status } = await tell(stack, source, await body(one, id));
    return { status, key: `appointment:${id}:24h` };
  };

const lead =
  (source: string, body: (who: ReturnType<typeof person>) => unknown, newId?: () => string): Source =>
  async ({ given }) => {
    const who = person({ name: given, ...(newId && { id: newId() }) });
    const { status } = await postLead(stack, source, signedLead(source, await body(who)));
    return { status, key: leadKey(who.id) };
  };

const SOURCES: Readonly<Record<string, Source>> = {
  'order-ready/custom': order(
    'custom',
    ({ given: name }, id) => customOrder(String(id), { customer: { name, phone: '+972501234567' } }),
    1000,
  ),
  'order-ready/woocommerce': order(
    'woocommerce',
    ({ given }, id) => ({
      id,
      number: String(id),
      status: 'ready-pickup',
      date_created_gmt: iso(Date.now()),
      billing: { first_name: given, phone: '050-123-4567', country: 'IL' },
    }),
    2000,
  ),
  'order-ready/shopify, looked up': async ({ n, given }) => {
    const gid = `gid://shopify/FulfillmentOrder/${3000 + n}`;
    await put('shopify/fulfillment-orders', {
      id: gid,
      orderName: `#${n}`,
      assignedLocation: { name: given },
      order: {
        id: `gid://shopify/Order/${3000 + n}`,
        name: `#${n}`,
        createdAt: iso(Date.now()),
        customerLocale: 'en',
        billingAddress: { phone: '050-123-4567', firstName: given, countryCodeV2: 'IL' },
      },
    });
    const { status } = await post(stack, 'shopify', signed('shopify', { fulfillment_order: { id: gid } }));
    return { status, key: orderKey(String(3000 + n)) };
  },
  'appointment-reminder/custom': appointment('custom', ({ given: name }, id) =>
    customAppointment('booked', id, START, { name, service: name }),
  ),
  'appointment-reminder/cal-com': appointment('cal-com', ({ given: name }, id) =>
    calCom('BOOKING_CREATED', id, START, { attendees: [{ name, phoneNumber: '+972501234567' }], responses: {} }),
  ),
  'appointment-reminder/calendly, looked up': appointment('calendly', async ({ given: name }, id) => {
    const uri = `https://api.calendly.com/scheduled_events/EV-${id}`;
    await put('bookings/calendly', { uri, name, start_time: iso(START), location: null });
    return calendly('invitee.created', id, START, { name, first_name: name, scheduled_event: null, event: uri });
  }),
  'appointment-reminder/acuity, looked up': appointment('acuity', async ({ given: firstName }, id) => {
    const datetime = iso(START).replace(/\.\d+Z$/, '+0000');
    const phone = '050-123-4567';
    await put('bookings/acuity', { id: Number(id), firstName, phone, type: firstName, datetime, canceled: false });
    return `action=scheduled&id=${id}`;
  }),
  'lead-first-touch/custom': lead('custom', customLead),
  'lead-first-touch/form': async ({ given: name }) => {
    const who = person({ name });
    return { status: await postForm('application/json', JSON.stringify(formLead(who))), key: leadKey(who.id) };
  },
  'lead-first-touch/google-ads': lead('google-ads', googleLead),
  'lead-first-touch/typeform': lead('typeform', typeformLead),
  'lead-first-touch/webflow': lead('webflow', webflowLead),
  'lead-first-touch/meta, looked up': lead(
    'meta',
    async ({ id, name, phone }) => {
      const field_data = [
        { name: 'full_name', values: [name] },
        { name: 'phone_number', values: [phone] },
      ];
      await put('graph/leads', { id, field_data });
      return metaBody(metaUpdate(id));
    },
    newLeadgenId,
  ),
};

let outdir: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;

const FORM_SECRET = 'demo-🔐-form-secret';

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-unicode-'));
  const texts = (body: string) => ({ texts: { en: { body, ifMissing: { name: 'there' } } } });
  const { 'order-ready': orders, 'lead-first-touch': leads, 'appointment-reminder': reminders } = demo.templates;
  if (!orders || !leads || !reminders) throw new Error('the demo has no templates');
  const client = defineClient({
    ...demo,
    crm: { kind: 'webhook', url: 'http://127.0.0.1:8788/crm/webhook', text: true },
    escalation: {
      notifiers: { webhook: { url: 'http://127.0.0.1:8788/notifier/webhook' } },
      rules: [{ name: 'all', when: { types: ['text'] }, severity: 'info', notify: ['webhook'] }],
      text: true,
      autoReply: { texts: { en: 'We are on it 👍🏽.' }, when: 'always' },
    },
    decisions: [
      ...demo.decisions,
      { ask: 'bots', decision: 'one answer 👍', reason: 'a test', decidedBy: 'דנה', on: '2026-11-01' },
    ],
    templates: {
      'order-ready': { ...orders, ...texts('🛍 Hi {name}! {order}') },
      'lead-first-touch': { ...leads, ...texts('🛍 Hi {name}!') },
      'appointment-reminder': { ...reminders, stages: { '24h': texts('🛍 Hi {name}!') } },
    },
  });
  await synthesise([client], outdir);
  const secrets = demoSecrets();
  const sources = { ...secrets.sources, form: FORM_SECRET };
  stack = await startLocalStack({ assembly: outdir, client: 'demo', port: 0, secrets: { ...secrets, sources } });
  world = worldOf(stack);
  await world.register();
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});

const messageOf = async (key: string): Promise<{ to: string; body: string }> => {
  await untilState(stack, key, 'ACCEPTED');
  const found = (await sandboxOf(stack).messages()).filter((message) => message.key === key);
  expect(found).toHaveLength(1);
  return JSON.parse(found[0]?.raw ?? '') as { to: string; body: string };
};

describe('a name of every class of character', () => {
  const keys = new Map<string, string[]>();
  let messages: readonly SandboxMessage[] = [];

  it.each(Object.entries(SOURCES))('is taken by %s', async (source, send) => {
    const sent = await Promise.all(NAMES.map(send));
    expect(sent.map(({ status }) => status)).toEqual(NAMES.map(() => 200));
    keys.set(
      source,
      sent.map(({ key }) => key),
    );
  });

  it('stands in the messages, which go out', async () => {
    await untilIdle(stack);
    await moveClock(stack, START - DAY);
    messages = await sandboxOf(stack).messages();
    expect(messages).toHaveLength(NAMES.length * Object.keys(SOURCES).length);
  });

  it.each(Object.keys(SOURCES))('from %s is the same to the customer', async (source) => {
    const bodies = (keys.get(source) ?? []).map((key) => {
      const found = messages.filter((message) => message.key === key);
      return found.length === 1 ? (JSON.parse(found[0]?.raw ?? '') as { body: string }).body : key;
    });
    expect(bodies.map((body) => body.split('!')[0])).toEqual(NAMES.map(({ inMessage }) => `🛍 Hi ${inMessage}`));
  });

  it('is the same again in the CRM, which hears of every message that went out', async () => {
    const heard = (await world.crm()).entries.map(({ message }) => message.text);
    for (const { raw } of messages) expect(heard).toContain((JSON.parse(raw) as { body: string }).body);
    // What goes out from here on need not come back, which takes time.
    await world.settings({ echoes: false });
  });
});

describe('what a customer writes', () => {
  const conversation = ({ n }: Case) => ({ conversationId: `conv-${n}`, conversation_id: `conv-${n}` });
  const phoneOf = ({ n }: Case) => `+97250123${4000 + n}`;
  let entries: CrmEntryShown[] = [];
  let alerts: NotificationShown[] = [];

  it('is taken', async () => {
    const statuses = await Promise.all(
      CASES.map(async (one) => {
        const phone = { contactPhoneNumber: phoneOf(one), contact_phone_number: phoneOf(one) };
        const over = { ...conversation(one), ...phone, from_name: one.given };
        return (await deliver(stack, customerSays(`said-${one.n}`, one.given, over))).status;
      }),
    );
    expect(statuses).toEqual(CASES.map(() => 200));
    await untilIdle(stack);
    entries = (await world.crm()).entries;
    alerts = await world.notifications();
  });

  it.each(CASES)('holds $name in the CRM and in the alert as it was said', ({ n, asSaid }) => {
    const [entry, ...twins] = entries.filter(({ message }) => message.id === `line-demo:said-${n}`);
    expect(twins).toEqual([]);
    expect(entry?.message.text).toBe(asSaid);
    const told = alerts.filter(({ body }) => body.data.conversation_id === `conv-${n}`);
    expect(told.map(({ body }) => body.data.text)).toEqual([asSaid]);
    expect(asSaid.startsWith(String(told[0]?.body.data.name))).toBe(true);
  });

  it('is answered by an automatic text with an emoji in it', async () => {
    const answers = (await sandboxOf(stack).messages()).filter(({ key }) => key.endsWith(':auto-reply'));
    expect(answers.length).toBeGreaterThanOrEqual(CASES.length);
    for (const { raw } of answers) expect((JSON.parse(raw) as { body: string }).body).toBe('We are on it 👍🏽.');
  });

  it('reaches the CRM and people though both answered with every class of character first', async () => {
    const body = { error: CASES.map(({ given }) => given).join('\n') };
    const fault = { kind: 'status', status: 503, headers: { 'retry-after': '1' }, body };
    await Promise.all([sandboxOf(stack).fault('crm', fault), sandboxOf(stack).fault('notifier', fault)]);
    const over = { conversationId: 'conv-odd', conversation_id: 'conv-odd' };
    await deliver(stack, customerSays('said-odd', 'דחוף 🆘', over));
    const told = async () => {
      const all = [...(await world.crm()).entries.map(({ message }) => message), ...(await noted())];
      return all.filter((one) => one.conversation_id === 'conv-odd').map((one) => one.text);
    };
    const noted = async () => (await world.notifications()).map(({ body: { data } }) => data);
    await expect.poll(told).toEqual(['דחוף 🆘', 'דחוף 🆘']);
  });
});

describe('an id', () => {
  it('of an order may be any text, and gives its message once', async () => {
    const ids = ['🎂', 'הזמנה 7', 'e\u0301', '\uffff', 'a\0b'];
    for (const [n, id] of ids.entries()) {
      const body = customOrder(id, { order_number: `${n}-🎂`, status_url: null });
      for (const _ of [1, 2]) expect((await post(stack, 'custom', signed('custom', body))).status).toBe(200);
    }
    for (const [n, id] of ids.entries()) {
      expect((await messageOf(`order:${keyPart(id)}:ready`)).body).toBe(`🛍 Hi Dana! ${n}-🎂`);
    }
  });

  it.each(['a\ud83c', 'Gr\ufffd\ufffde-1'])('of which a part was lost, %j, is refused by its name', async (id) => {
    const answer = await post(stack, 'custom', signed('custom', customOrder(id)));
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('data.order_id') } });
  });

  it('of an appointment stands in its alarm', async () => {
    const start = START + 5 * DAY;
    expect((await tell(stack, 'custom', customAppointment('booked', '🎂', start))).status).toBe(200);
    await untilIdle(stack);
    await moveClock(stack, start - DAY);
    expect((await messageOf(`appointment:${keyPart('🎂')}:24h`)).body).toBe('🛍 Hi Dana!');
  });

  it('of a message and a conversation is kept apart from every other', async () => {
    const ids = ['🎂', '🍰', 'm\ud83c', 'm\ud83d', 'm'.repeat(300), `${'m'.repeat(300)}1`, `${'m'.repeat(300)}2`];
    for (const [n, id] of ids.entries()) {
      const said = customerSays(id, `id ${n}`, { conversationId: `c${id}`, conversation_id: `c${id}` });
      expect((await deliver(stack, said)).status).toBe(200);
    }
    await untilIdle(stack);
    const { entries } = await world.crm();
    const told = entries.filter(({ message }) => /^id \d$/.test(String(message.text)));
    expect(new Set(told.map(({ message }) => message.id)).size).toBe(ids.length);
    const [cake] = told.filter(({ message }) => message.text === 'id 0');
    expect(String(cake?.message.url)).toMatch(/\/c%F0%9F%8E%82$/);
  });

  it('of a delivery may be an emoji in a header', async () => {
    // One body: it says the second of its message, and with another one it is another delivery.
    const body = JSON.stringify(customerSays('raw-header', 'Hello'));
    const twice = [await deliverRaw('dlv-🎂', body), await deliverRaw('dlv-🎂', body)];
    expect(twice).toEqual(['{"ok":true,"queued":1}', '{"ok":true,"duplicate":true}']);
  });
});

/** As some senders write headers: bytes of UTF-8. */
const deliverRaw = (deliveryId: string, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'x-ezw-delivery-id': Buffer.from(deliveryId).toString('latin1'),
      'x-ezw-webhook-event': 'messages.post',
      'x-ezw-line-id': stack.lineId,
    };
    const request = httpRequest(webhookUrl(stack), { method: 'POST', headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve(Buffer.concat(chunks).toString());
    });
    request.on('error', reject);
    request.end(body);
  });

const postForm = async (contentType: string, body: string | Uint8Array) => {
  const url = `${stack.url}/lead-first-touch/form/${encodeURIComponent(FORM_SECRET)}`;
  return (await fetch(url, { method: 'POST', headers: { 'content-type': contentType }, body })).status;
};
const FORM = 'application/x-www-form-urlencoded';
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.concat([latin('\xff\xfe'), Buffer.from(text, 'utf16le')]);

type Made = (id: string, phone: string) => string | Uint8Array;
const encoded =
  (name: string): Made =>
  (id, phone) =>
    `submission_id=${id}&consent=yes&phone=${phone}&name=${name}`;
const json =
  (name: string): Made =>
  (id, phone) =>
    JSON.stringify({ submission_id: id, consent: { whatsapp: true }, phone, name });
const bytes =
  (made: Made, encode: (text: string) => Uint8Array): Made =>
  (id, phone) =>
    encode(String(made(id, phone)));
const parts =
  (name: string, type = ''): Made =>
  (id, phone) => {
    const part = (field: string, value: string, more = '') =>
      `--b\r\nContent-Disposition: form-data; name="${field}"\r\n${more}\r\n${value}\r\n`;
    const first = part('submission_id', id) + part('consent', 'yes') + part('phone', phone);
    return latin(`${first}${part('name', name, type)}--b--\r\n`);
  };
const MULTIPART = 'multipart/form-data; boundary=b';

/** What a form's body is in, its content type, the body, and the name that the message greets. */
const FORMS: readonly (readonly [string, string, Made, string])[] = [
  ['in Latin-1', `${FORM}; charset=iso-8859-1`, encoded('Jos%E9'), 'José'],
  ['with the quotes of Windows', `${FORM}; charset="windows-1252"`, encoded('O%92Brien'), 'O’Brien'],
  ['in the Hebrew of Windows', `${FORM};charset=windows-1255`, encoded('%E3%F0%E4'), 'דנה'],
  ['that names its charset in a field', FORM, encoded('Jos%E9&_charset_=iso-8859-1'), 'José'],
  ['in UTF-8 under another label', `${FORM}; charset=iso-8859-1`, encoded('Jos%C3%A9+%F0%9F%8E%82'), 'José 🎂'],
  ['under a label that nobody knows', `${FORM}; charset=utf_8_mb4`, encoded('Jos%C3%A9'), 'José'],
  ['with a lost character', FORM, encoded('Jos%E9'), 'Jos'],
  ['in parts, one in Latin-1', MULTIPART, parts('Jos\xe9', 'Content-Type: text/plain; charset=latin1\r\n'), 'José'],
  ['in parts of UTF-8', MULTIPART, parts(Buffer.from('José 🎂').toString('latin1')), 'José 🎂'],
  ['of JSON in Latin-1', 'application/json; charset=iso-8859-1', bytes(json('José'), latin), 'José'],
  ['of JSON in UTF-16', 'application/json', bytes(json('José 🎂'), utf16), 'José 🎂'],
  ['of JSON with a mark', 'application/json', bytes(json('José'), (text) => Buffer.from(`\ufeff${text}`)), 'José'],
  ['with tags', 'application/json', json('<b>Dana</b> &amp; Co'), 'Dana & Co'],
  ['with entities', 'application/json', json('D&eacute;d&#233; &#x1F382; &#55356;&#57218;'), 'Dédé 🎂 🎂'],
  ['with quotes of WordPress', 'application/json', json('O&#039;Brien &ndash; O&#146;Brien'), "O'Brien – O’Brien"],
  ['with doubled entities', 'application/json', json('&amp;lt;3'), '&lt3'],
  ['with hidden tags', 'application/json', json('&lt;i&gt;Dana&lt;/i&gt;<br/>Levi<script>x()</script>'), 'Dana Levi'],
  ['with signs that are no tags', 'application/json', json('Dana < 3 > 2'), 'Dana 3 2'],
  ['with an address', 'application/json', json('AT&T; <dana@shop.example>'), 'there'],
];

describe('a form', () => {
  it('in any charset and with any markup is taken', async () => {
    const statuses = await Promise.all(
      FORMS.map(([, contentType, made], n) => postForm(contentType, made(`form-${n}`, newPhone()))),
    );
    expect(statuses).toEqual(FORMS.map(() => 200));
    await untilIdle(stack);
  });

  it.each(FORMS.map(([what, , , name], n) => [what, name, n] as const))('%s greets %j', async (_, name, n) => {
    expect((await messageOf(leadKey(`form-${n}`))).body).toBe(`🛍 Hi ${name}!`);
  });

  it('that forgot to encode the plus of a number reaches that number', async () => {
    const to = '+442079460018';
    expect(await postForm(FORM, encoded('Dana')('form-plus', to))).toBe(200);
    expect((await messageOf(leadKey('form-plus'))).to).toBe(to);
  });
});

it('a text that is longer than is kept ends on a whole character', async () => {
  const letters = 'x'.repeat(4095);
  const family = '👨‍👩‍👧';
  const texts = [`${letters}🎂`, `${letters}🎂🎂`, `${letters}${family}`, `${letters}e\u0301`];
  for (const [n, text] of texts.entries()) await deliver(stack, customerSays(`long-${n}`, text));
  const key = leadKey('long-name');
  const who = { ...person({ id: 'long-name', name: `${'x'.repeat(59)}${family}` }) };
  await postLead(stack, 'custom', signedLead('custom', customLead(who)));
  await untilIdle(stack);
  const { entries } = await world.crm();
  const kept = entries.filter(({ message }) => String(message.id).startsWith('line-demo:long-'));
  expect(kept.map(({ message }) => message.text).sort()).toEqual(
    [`${letters}🎂`, `${letters}🎂`, letters, letters].sort(),
  );
  expect((await messageOf(key)).body).toBe(`🛍 Hi ${'x'.repeat(59)}!`);
});

describe('the operator’s command', () => {
  const run = (args: string[], input?: string) =>
    ezw([...args, '--local', stack.url], input === undefined ? {} : { input });

  it('signs, sends again and gives a reason with every class of character', async () => {
    const files = { utf8: join(outdir, 'order.json'), utf16: join(outdir, 'message.json') };
    const name = CASES.map(({ given }) => given.slice(0, 40)).join(' ');
    const order = JSON.stringify(customOrder('cli-🎂', { customer: { name, phone: '+972501234567' } }));
    const body = '🎂 דנה 👨‍👩‍👧';
    await writeFile(files.utf8, order);
    // As PowerShell writes it.
    await writeFile(files.utf16, utf16(JSON.stringify({ to: '+972501234567', body })));
    const printed = await run(['sign', 'order-ready', 'custom', files.utf8, '--client', 'demo', '--json']);
    expect([printed.code, printed.stderr]).toEqual([0, '']);
    const request = JSON.parse(printed.stdout) as { url: string; headers: Record<string, string>; body: string };
    expect((await fetch(request.url, { method: 'POST', ...request })).status).toBe(200);
    const key = orderKey('cli-🎂');
    await untilState(stack, key, 'ACCEPTED');
    const reason = 'הלקוחה ביקשה 👍🏽';
    const again = await run(['sends', 'resend', 'demo', key, '--body', files.utf16, '--reason', reason, '--yes']);
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect((await messageOf(`${key}:resend:1`)).body).toBe(body);
    expect(await untilState(stack, key, 'ACCEPTED')).toMatchObject({ resent: { reason } });
  });

  it('sends again nothing in which a character was lost', async () => {
    const message = '{"to":"+972501234567","body":"a\\ud83c"}';
    const refused = await run(['sends', 'resend', 'demo', 'k', '--body', '-', '--reason', 'x', '--yes'], message);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('body: ') });
  });

  it('puts a dead letter with an emoji back into its queue', async () => {
    const event = {
      id: 'dead-🎂',
      number: '🎂',
      name: '🎂',
      phones: [{ raw: '+972501234567' }],
      update: 'ready',
      happenedAt: iso(Date.now()),
    };
    const resources = (await (await fetch(`${stack.url}/_local/resources`)).json()) as {
      queues: Record<string, string>;
    };
    const QueueUrl = resources.queues['order-ready-dlq'];
    const MessageBody = queueable(JSON.stringify({ source: 'custom', event }));
    await awsClients(stack).sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const moved = await run(['dlq', 'redrive', 'demo', 'order-ready-dlq', '--json']);
    expect(JSON.parse(moved.stdout)).toMatchObject({ moved: 1 });
    expect((await messageOf(orderKey('dead-🎂'))).body).toBe('🛍 Hi 🎂! 🎂');
  });
});
