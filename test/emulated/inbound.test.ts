import { randomBytes, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { customAppointment, DAY, daysAhead, moveClock, tellAndWait } from './appointments.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  recordOf,
  sandboxOf,
  signed,
  startDemo,
  untilIdle,
  untilState,
} from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver, PHONE, rowOfPerson, webhookUrl, worldOf } from './inbound.ts';

let stack: LocalStack;
let world: ReturnType<typeof worldOf>;

beforeAll(async () => {
  stack = await startDemo();
  world = worldOf(stack);
});
afterAll(async () => {
  expectCleanLogs(stack);
  const token = String(demoSecrets().webhookToken);
  expect(stack.logs().filter(({ line }) => line.includes(token) || /conv[-_]/.test(line))).toEqual([]);
  // Nor is a phone number in any table.
  expect(JSON.stringify((await stack.state()).tables)).not.toContain('501234567');
  await stack.stop();
});
beforeEach(async () => {
  // What the test before did not wait for would be taken for this one's.
  await untilIdle(stack);
  await world.forget();
});

/** A conversation in which no rule has rung yet. */
const inOwn = (name: string) => ({ conversationId: `conv-${name}`, conversation_id: `conv-${name}` });

describe('the door answers', () => {
  const body = () => customerSays('answers', 'Hello');

  it('200 to a delivery and to its repetition, which has no second effect', async () => {
    const said = body();
    expect(await deliver(stack, said, { deliveryId: 'twice' })).toEqual({
      status: 200,
      body: { ok: true, queued: 1 },
    });
    expect(await deliver(stack, said, { deliveryId: 'twice' })).toEqual({
      status: 200,
      body: { ok: true, duplicate: true },
    });
    await untilIdle(stack);
    expect((await world.crm()).entries).toHaveLength(1);
  });

  it.each(['x-ezw-delivery-id', 'x-ezw-webhook-event', 'x-ezw-line-id'])('400 without %s', async (header) => {
    const answer = await deliver(stack, body(), { without: [header] });
    expect(answer).toMatchObject({ status: 400, body: { reason: 'missing_header' } });
  });

  it('401 to another token, and says nothing of what the right one is', async () => {
    const answer = await deliver(stack, body(), { token: 'f'.repeat(64) });
    expect(answer).toMatchObject({ status: 401, body: { reason: 'webhook_token' } });
    expect(JSON.stringify(answer)).not.toContain(String(demoSecrets().webhookToken).slice(0, 8));
  });

  it('403 to a delivery for another line', async () => {
    expect(await deliver(stack, body(), { lineId: 'line-other' })).toMatchObject({
      status: 403,
      body: { reason: 'other_line' },
    });
  });

  it('413 to more than 5 MiB', async () => {
    expect((await deliver(stack, { event: 'messages.post', padding: 'x'.repeat(5 * 1024 * 1024) })).status).toBe(413);
  });

  it('200 to ten pictures with their previews, and wakes people for the word beside them', async () => {
    const preview = 'A'.repeat(30 * 1024);
    const picture = (i: number) =>
      customerSays(`picture-${i}`, '', { type: 'image', text: undefined, body: undefined, image: { preview } })
        .messages[0];
    const urgent = customerSays('beside-pictures', 'This is urgent!', inOwn('pictures')).messages[0];
    const messages = [...Array.from({ length: 10 }, (_, i) => picture(i)), urgent];
    expect(await deliver(stack, { event: 'messages.post', messages })).toMatchObject({
      status: 200,
      body: { queued: 11 },
    });
    await untilIdle(stack);
    expect((await world.notifications()).map(({ body }) => body.data.rule)).toContain('urgent');
    expect((await world.crm()).entries).toHaveLength(11);
  });

  it('200 to one item that no queue would take as it is, and to those beside it', async () => {
    const [odd, urgent] = [
      customerSays('odd', 'a\uffff\ud83cb'),
      customerSays('beside-odd', 'This is urgent!', inOwn('odd')),
    ];
    const messages = [...odd.messages, ...urgent.messages];
    expect(await deliver(stack, { event: 'messages.post', messages })).toMatchObject({
      status: 200,
      body: { queued: 2 },
    });
    await untilIdle(stack);
    expect((await world.notifications()).map(({ body }) => body.data.rule)).toContain('urgent');
  });
});

describe('the door that is asked in another way', () => {
  const text = JSON.stringify(customerSays('zipped', 'Hello'));

  it('reads a gzip body', async () => {
    const answer = await deliver(stack, gzipSync(text), { encoding: 'gzip' });
    expect(answer).toEqual({ status: 200, body: { ok: true, queued: 1 } });
    await untilIdle(stack);
    expect((await world.crm()).entries).toMatchObject([{ message: { id: 'line-demo:zipped' } }]);
  });

  it('names a coding that it does not know and notes nothing, so that the next try counts, and answers 413 to a bomb', async () => {
    const zstd = await deliver(stack, gzipSync(text), { encoding: 'zstd', deliveryId: 'zstd-1' });
    expect(zstd).toMatchObject({ status: 415, body: { reason: 'unsupported_encoding' } });
    const broken = await deliver(stack, gzipSync(text).subarray(0, -9), { encoding: 'gzip', deliveryId: 'zstd-1' });
    expect(broken.status).toBe(415);
    const whole = await deliver(stack, text, { encoding: 'gzip', deliveryId: 'zstd-1' });
    expect(whole).toMatchObject({ status: 200, body: { ok: true, queued: 1 } });
    expect((await deliver(stack, gzipSync('x'.repeat(5121 * 1024)), { encoding: 'gzip' })).status).toBe(413);
  });

  it.each(['GET', 'HEAD', 'PUT'])('answers 405 to %s, which wakes nobody', async (method) => {
    const response = await fetch(webhookUrl(stack), { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    const lines = stack.logs().filter(({ line }) => line.includes('method_not_allowed'));
    expect(lines.every(({ line }) => line.includes('"level":"info"'))).toBe(true);
  });

  it('takes its address with a slash at the end, and no other token there', async () => {
    const given = { token: `${demoSecrets().webhookToken}/`, deliveryId: 'slash-1' };
    expect(await deliver(stack, text, given)).toMatchObject({ status: 200 });
    expect(await deliver(stack, text, { token: `${'f'.repeat(64)}/` })).toMatchObject({ status: 401 });
    expect(await deliver(stack, text, { token: `${demoSecrets().webhookToken}/x` })).toMatchObject({ status: 401 });
  });
});

describe('the webhook at the sandbox', () => {
  it('is refused with a private target, except the local stack itself, and with an unknown field', async () => {
    for (const targetUrl of [
      'http://127.0.0.1:9/x',
      'http://localhost/x',
      'https://10.1.2.3/x',
      'http://169.254.169.254/',
    ]) {
      expect(await world.register({ targetUrl })).toBe(400);
    }
    expect(await world.register({ secret: 'x' })).toBe(400);
    expect(await world.register({ events: ['calls.post'] })).toBe(400);
    expect(await world.register()).toBe(201);
  });
});

describe('a message of a customer', () => {
  beforeAll(() => world.register());

  it('is one contact and one line of the timeline, with conversation, phone, direction, type and time, without its words', async () => {
    const { id } = await world.customer({ text: 'What are your opening hours?' });
    await expect.poll(async () => (await world.crm()).entries.length).toBe(1);
    const { contacts, entries } = await world.crm();
    expect(contacts).toEqual([expect.objectContaining({ id: PHONE, phone: PHONE })]);
    expect(entries[0]).toMatchObject({ type: 'message.inbound', contactId: PHONE });
    expect(entries[0]?.message).toEqual({
      id: `line-demo:${id}`,
      conversation_id: expect.stringMatching(/^conv_/),
      phone: PHONE,
      direction: 'inbound',
      type: 'text',
      at: expect.any(String),
      delivery_id: expect.any(String),
      url: expect.stringMatching(/^https:\/\/app\.ezw\.solutions\/conversations\/conv_/),
    });
    expect(await world.notifications()).toEqual([]);
  });

  it('that the line could not open at first is told as any other when it comes under the same id, and its stop counts', async () => {
    const phone = '+972501230071';
    const chat = `${phone.slice(1)}@s.whatsapp.net`;
    const conv = {
      ...inOwn('sealed'),
      chat_id: chat,
      from: chat,
      contactPhoneNumber: phone,
      contact_phone_number: phone,
      // Of two words in one second "stop" stands.
      timestamp: Math.floor(Date.now() / 1000) - 60,
    };
    const sealed = customerSays('sealed-1', '', { ...conv, type: 'ciphertext', text: undefined, body: '' });
    expect((await deliver(stack, sealed)).status).toBe(200);
    await untilIdle(stack);
    expect((await world.crm()).entries).toEqual([]);
    expect((await deliver(stack, customerSays('sealed-1', 'STOP', conv))).status).toBe(200);
    await untilIdle(stack);
    const { entries, contacts } = await world.crm();
    const told = entries.filter(({ type }) => type === 'message.inbound').map(({ message }) => message);
    expect(told).toMatchObject([{ id: 'line-demo:sealed-1', type: 'text' }]);
    expect(told[0]).not.toHaveProperty('changed');
    expect(contacts).toMatchObject([{ opted_out: true }]);
    const { timestamp: _, ...now } = conv;
    await deliver(stack, customerSays('sealed-2', 'START', now));
    await untilIdle(stack);
  });

  it('wakes people once per conversation, rule and window, with a link to the conversation', async () => {
    await world.customer({ text: 'זה דחוף!' });
    await world.customer({ text: 'URGENT please' });
    await untilIdle(stack);
    await expect.poll(async () => (await world.notifications()).length).toBe(1);
    const [notification] = await world.notifications();
    expect(notification?.headers).toMatchObject({ 'webhook-signature': expect.stringMatching(/^v1,/) });
    expect(notification?.body).toMatchObject({
      type: 'escalation.raised',
      data: {
        rule: 'urgent',
        severity: 'critical',
        phone: PHONE,
        url: expect.stringContaining('/conversations/conv_'),
      },
    });
  });

  it('that says stop and nothing else puts the number on the suppression list and tells the CRM; start takes it off', async () => {
    // WhatsApp's times are whole seconds, and of two words in one second "stop" stands.
    await world.customer({ text: 'הסר', at: new Date(Date.now() - 60_000).toISOString() });
    await expect.poll(() => rows('stop')).toMatchObject([{ reason: 'said_stop' }]);
    expect(JSON.stringify(await rows('stop'))).not.toContain('501234567');
    await expect.poll(async () => (await world.crm()).contacts).toMatchObject([{ id: PHONE, opted_out: true }]);
    await world.customer({ text: 'please stop by the shop' });
    await world.customer({ text: 'START' });
    await expect.poll(() => rows('stop')).toEqual([]);
    await expect.poll(async () => (await world.crm()).contacts).toMatchObject([{ id: PHONE, opted_out: false }]);
  });
});

/** Rows of people whose last word was this; each conversation in which they said so has one beside theirs. */
const rows = async (said: 'stop' | 'start') =>
  ((await stack.state()).tables.contacts ?? []).filter(
    (row) =>
      String(row.pk).startsWith('suppressed#') &&
      row.said === said &&
      row.at !== undefined &&
      !String(row.reason).endsWith('_in_conversation'),
  );

describe('words about being written to', () => {
  const people = (prefix: string): string[] =>
    Array.from({ length: 20 }, (_, i) => `+97250123${prefix}${String(i).padStart(2, '0')}`);
  const told = async () =>
    Object.fromEntries((await world.crm()).contacts.map(({ id, opted_out }) => [id, opted_out])) as object;
  const saying = (phone: string, text: string, over: Record<string, unknown>) =>
    customerSays(`${phone.slice(1)}-${text}`, text, {
      conversationId: `conv-${phone.slice(1)}`,
      conversation_id: undefined,
      chat_id: `${phone.slice(1)}@s.whatsapp.net`,
      from: `${phone.slice(1)}@s.whatsapp.net`,
      contactPhoneNumber: undefined,
      contact_phone_number: undefined,
      ...over,
    }).messages;

  it.each([
    ['stop', 'START', 'STOP', '81'],
    ['start', 'STOP', 'START', '82'],
  ] as const)(
    'of one delivery, a number known by its WhatsApp id alone: %s was said last, and it ends so in the list and in the CRM',
    async (last, first, second, prefix) => {
      const before = (await rows(last)).length;
      const now = Math.floor(Date.now() / 1000);
      const messages = people(prefix).flatMap((phone) => [
        ...saying(phone, first, { timestamp: now - 10 }),
        ...saying(phone, second, { timestamp: now }),
      ]);
      expect((await deliver(stack, { event: 'messages.post', messages })).status).toBe(200);
      await untilIdle(stack);
      expect(await rows(last)).toHaveLength(before + 20);
      expect(await told()).toEqual(Object.fromEntries(people(prefix).map((phone) => [phone, last === 'stop'])));
    },
    90_000,
  );

  it('dated ahead are as late as they arrived, so a start cannot outlast a stop that follows it', async () => {
    const phone = '+972501238399';
    const ahead = Math.floor(Date.now() / 1000) + 3 * 3600;
    await deliver(stack, { event: 'messages.post', messages: saying(phone, 'START', { timestamp: ahead }) });
    await untilIdle(stack);
    const now = Math.floor(Date.now() / 1000) + 1;
    await deliver(stack, { event: 'messages.post', messages: saying(phone, 'STOP', { timestamp: now }) });
    await untilIdle(stack);
    expect(await told()).toEqual({ [phone]: true });
  });

  it('that are perhaps a stop silence nobody, and people are told once', async () => {
    const phone = '+972501238398';
    const before = (await rows('stop')).length;
    await deliver(stack, { event: 'messages.post', messages: saying(phone, 'STOP START', {}) });
    await deliver(stack, { event: 'messages.post', messages: saying(phone, 'no stop it already please guys', {}) });
    await untilIdle(stack);
    expect(await rows('stop')).toHaveLength(before);
    expect((await world.notifications()).map(({ body }) => [body.data.rule, body.data.severity])).toEqual([
      ['perhaps-stop', 'warning'],
    ]);
  });

  const LID = '4639135154356';

  it('of a privacy id are kept by the conversation, make no contact of its digits, and people are told', async () => {
    const ids = { chat_id: `${LID}@lid`, from: `${LID}@lid`, contactPhoneNumber: `+${LID}` };
    const said = customerSays('lid-stop', 'Please stop', {
      ...ids,
      contact_phone_number: LID,
      conversationId: 'conv-lid',
      conversation_id: 'conv-lid',
    });
    await deliver(stack, said);
    await untilIdle(stack);
    expect(await rows('stop')).toContainEqual(expect.objectContaining({ reason: 'said_stop_no_number' }));
    expect((await world.crm()).contacts).toEqual([
      { id: 'line-demo:conv-lid', also: [expect.stringMatching(/^line-demo:h_\w+$/)], opted_out: true },
    ]);
    const [alert] = await world.notifications();
    expect(alert?.body.data).toMatchObject({ rule: 'stop-without-number', severity: 'error' });
    expect(alert?.body.data.url).toMatch(/\/conversations\/conv-lid$/);
    expect(JSON.stringify(await stack.state())).not.toContain(LID);
  });

  it('of a conversation without a number silence the number that a chat has named, and wake nobody', async () => {
    const phone = '+972501238397';
    const [lid, conversation] = [{ chat_id: '4639135154357@lid', from: '4639135154357@lid' }, 'conv-known'];
    const id = `${phone.slice(1)}@s.whatsapp.net`;
    const chat = { id, chat_id: id, conversationId: conversation, type: 'individual', timestamp: 1 };
    await deliver(stack, { event: 'chats.post', chats: [chat] }, { event: 'chats.post' });
    await untilIdle(stack);
    const nobody = { contactPhoneNumber: undefined, contact_phone_number: undefined };
    const own = { ...lid, ...nobody, conversationId: conversation, conversation_id: conversation };
    await deliver(stack, customerSays('known-stop', 'STOP', own));
    await expect.poll(() => rowOfPerson(stack, phone)).toMatchObject({ said: 'stop', reason: 'said_stop' });
    await untilIdle(stack);
    expect(await world.notifications()).toEqual([]);
    const order = { customer: { name: 'Dana', phone } };
    await post(stack, 'custom', signed('custom', customOrder('SO-known', order)));
    await untilState(stack, 'order:SO-known:ready', 'SUPPRESSED');
  });

  it('as WhatsApp writes a number hold for the number as the shop writes it', async () => {
    const [whatsApp, shop] = ['+551187654321', '+5511987654321'];
    await deliver(stack, { event: 'messages.post', messages: saying(whatsApp, 'STOP', {}) });
    await expect.poll(() => rowOfPerson(stack, shop)).toMatchObject({ said: 'stop' });
    const order = { customer: { name: 'Dana', phone: shop } };
    await post(stack, 'custom', signed('custom', customOrder('SO-brazil', order)));
    await untilState(stack, 'order:SO-brazil:ready', 'SUPPRESSED');
    expect((await world.crm()).contacts).toMatchObject([{ id: shop }]);
  });

  it('that mean "cancel" are an answer for people, and nobody is silenced', async () => {
    const before = (await rows('stop')).length;
    const words = ['cancel', 'ביטול', 'الغاء', 'cancelar', "don't stop"];
    const messages = words.flatMap((text, i) => saying(`+97250123830${i}`, text, {}));
    await deliver(stack, { event: 'messages.post', messages });
    await untilIdle(stack);
    expect((await world.crm()).entries).toHaveLength(words.length);
    expect(await rows('stop')).toHaveLength(before);
  });
});

describe('an accepted send', () => {
  it('is told apart from a delivered one: the ledger learns sent, delivered and read through the echo', async () => {
    await world.register();
    expect((await post(stack, 'custom', signed('custom', customOrder('delivered')))).status).toBe(200);
    await untilState(stack, 'order:delivered:ready', 'ACCEPTED');
    const delivery = async () => (await recordOf(stack, 'order:delivered:ready'))?.delivery?.status;
    await expect.poll(delivery).toBe('delivered');
    await world.status({ key: 'order:delivered:ready', status: 'read' });
    await expect.poll(delivery).toBe('read');
    await world.status({ key: 'order:delivered:ready', status: 'sent' });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await delivery()).toBe('read');
    expect(await recordOf(stack, 'order:delivered:ready')).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
    const [entry] = (await world.crm()).entries.filter(({ type }) => type === 'message.outbound');
    expect(entry?.message).toMatchObject({ direction: 'outbound', phone: PHONE });
  });

  it('and what is told of it leave a sign each, by which it is known that the webhook still comes', async () => {
    const signs = async () => {
      const { sends = [], deliveries = [] } = (await stack.state()).tables;
      return [...sends, ...deliveries].filter(({ pk }) => ['line-demo#accepted', 'heard#line-demo'].includes(`${pk}`));
    };
    await expect.poll(signs).toEqual([
      { pk: 'line-demo#accepted', at: expect.any(Number) },
      { pk: 'heard#line-demo', at: expect.any(Number) },
    ]);
  });

  it('whose statuses name the id of the answer is found by that', async () => {
    await world.settings({ echoes: false });
    await post(stack, 'custom', signed('custom', customOrder('by-answer')));
    const record = await untilState(stack, 'order:by-answer:ready', 'ACCEPTED');
    await world.status({ id: record.response?.id, status: 'failed' });
    await expect.poll(async () => (await recordOf(stack, 'order:by-answer:ready'))?.delivery?.status).toBe('failed');
    await world.settings({ echoes: true });
    const told = async () => (await world.notifications()).map(({ body }) => body.data.rule);
    await expect.poll(told).toEqual(['send_failed']);
  });
});

it('the same delivery a hundred times at once has one effect per consumer', async () => {
  const payload = customerSays('hundred', 'urgent', {
    conversationId: 'conv-hundred',
    conversation_id: 'conv-hundred',
  });
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => deliver(stack, payload, { deliveryId: 'hundred' })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await untilIdle(stack);
  const { entries } = await world.crm();
  expect(entries.filter(({ message }) => message?.id === 'line-demo:hundred')).toHaveLength(1);
  expect(await world.notifications()).toHaveLength(1);
});

it('the token of a rotation is accepted beside the one it replaces', async () => {
  const [current, next] = ['a'.repeat(64), 'b'.repeat(64)];
  const rotating = await startDemo({ secrets: { ...demoSecrets(), webhookToken: { current, next } } });
  try {
    const statuses = [];
    for (const token of [current, next, 'c'.repeat(64)]) {
      statuses.push(
        (await deliver(rotating, { event: 'chats.post', chats: [] }, { event: 'chats.post', token })).status,
      );
    }
    expect(statuses).toEqual([200, 200, 401]);
  } finally {
    await rotating.stop();
  }
});

it('messages from the page and the API arrive with the address of the webhook nowhere in the sandbox’s answers', async () => {
  const listed = await (await fetch(`${stack.url}/_sandbox/webhooks`)).text();
  expect(listed).not.toContain(webhookUrl(stack).slice(-20));
  expect((await sandboxOf(stack).messages()).length).toBeGreaterThan(0);
});

interface Letter {
  readonly deliveryId: string;
  readonly raw?: string;
}

const unreadUrl = () => stack.resources().queues['webhook-dlq'];

/** Takes them out of their queue. */
const letters = async (): Promise<Letter[]> => {
  const { sqs } = awsClients(stack);
  const QueueUrl = unreadUrl();
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ Body = '{}' }) => JSON.parse(Body) as Letter);
};
const putLetter = async (letter: object) => {
  const MessageBody = JSON.stringify(letter);
  await awsClients(stack).sqs.send(new SendMessageCommand({ QueueUrl: unreadUrl(), MessageBody }));
};

/** A message of a type that nobody knows, in which nobody finds words. */
const oddMessage = (id: string, type = 'hologram', over: object = {}) =>
  customerSays(id, '', { type, text: undefined, body: undefined, ...over });

/** The letter as if a release read it now. */
const mended = ({ raw, ...letter }: Letter) => {
  const read = Buffer.from(String(raw), 'base64')
    .toString()
    .replace(/"hologram2?"/, '"text","body":"Hi"');
  return { ...letter, raw: Buffer.from(read).toString('base64') };
};

/** What "dlq list" shows of deliveries that could not be read. */
const unreadLetters = async (): Promise<{ about: string; sentAt: number; messageId: string }[]> => {
  const { stdout } = await ezw(['dlq', 'list', 'demo', '--local', stack.url, '--json']);
  const { queues } = JSON.parse(stdout) as { queues: { queue: string; letters: [] }[] };
  return queues.find(({ queue }) => queue === 'webhook-dlq')?.letters ?? [];
};
const unread = async (): Promise<string[]> => (await unreadLetters()).map(({ about }) => about);

describe('what cannot be read', () => {
  it.each([
    ['an unknown event', 'not-known', { event: 'calls.post' }, 'calls.post', 'unknown_event'],
    ['a body that is no JSON', 'not-json', '{"messages":', 'messages.post', 'not_json'],
    ['a list under another name', 'no-list', { data: [] }, 'messages.post', 'no_list'],
    ['an entry that is none', 'no-item', { messages: ['m1'] }, 'messages.post', 'unreadable_item'],
    ['a message that names nothing', 'nothing', { messages: [{}] }, 'messages.post', 'unreadable_item'],
    ['a type that nobody knows', 'new-type', oddMessage('new-type'), 'messages.post', 'unknown_type'],
    [
      'words of whom it does not say',
      'no-author',
      customerSays('no-author', 'urgent', { type: 'chat', from_me: undefined }),
      'messages.post',
      'no_author',
    ],
  ])('is answered 200 and kept as it came: %s', async (_, id, body, event, why) => {
    const answer = await deliver(stack, body, { event, deliveryId: `unread-${id}` });
    expect(answer).toEqual({ status: 200, body: { ok: true, queued: 0, unread: why } });
    const note = ((await stack.state()).tables.deliveries ?? []).find(
      ({ pk }) => pk === `delivery#line-demo#unread-${id}`,
    );
    expect(note).toMatchObject({ event, outcome: why, items: 0 });
    expect(await unread()).toContain(`delivery unread-${id} (${why})`);
  });

  it.each<[string, object]>([
    ['in an envelope', { message: { ephemeralMessage: { message: { conversation: 'This is urgent!' } } } }],
    ['under another name', { text: { message: 'This is urgent!' } }],
    ['of a type that nobody knows', { type: 'conversation', text: { body: 'This is urgent!' } }],
    ['of a type called unknown', { type: 'unknown', text: { body: 'This is urgent!' } }],
  ])('are no words of a customer that can be found: they stand in the CRM and wake people, %s', async (_, over) => {
    const id = randomUUID();
    const bare = { type: undefined, text: undefined, body: undefined };
    const answer = await deliver(stack, customerSays(id, '', { ...inOwn(id), ...bare, ...over }));
    expect(answer).toEqual({ status: 200, body: { ok: true, queued: 1 } });
    await untilIdle(stack);
    expect((await world.crm()).entries.map(({ message }) => [message.id, message.type])).toEqual([
      [`line-demo:${id}`, 'text'],
    ]);
    expect((await world.notifications()).map(({ body }) => body.data.rule)).toContain('urgent');
  });

  it('is kept alone of a bulk that no queue takes as a whole, and what stands beside it goes its way', async () => {
    const preview = () => randomBytes(30 * 1024).toString('base64');
    const pictures = Array.from({ length: 50 }, (_, i) => {
      const picture = { type: 'image', text: undefined, body: undefined, image: { preview: preview() } };
      return customerSays(`bulk-${i}`, '', { ...inOwn('bulk'), ...picture }).messages[0];
    });
    const odd = oddMessage('bulk-odd').messages[0];
    const stop = customerSays('bulk-stop', 'This is urgent!', inOwn('bulk')).messages[0];
    const answer = await deliver(stack, { messages: [...pictures, odd, stop] }, { deliveryId: 'unread-bulk' });
    expect(answer).toMatchObject({ status: 200, body: { queued: 51, unread: 'unknown_type' } });
    const [letter] = (await unreadLetters()).filter(({ about }) => about === 'delivery unread-bulk (unknown_type)');
    expect(letter).toBeDefined();
    await untilIdle(stack);
    const { entries } = await world.crm();
    expect(entries.map(({ message }) => message?.id)).toContain('line-demo:bulk-stop');
  });

  it('is kept where it is large, too, and what stands beside it goes its way', async () => {
    const [odd, read] = [
      oddMessage('large-odd', 'hologram', { padding: 'a'.repeat(900_000) }).messages[0],
      customerSays('large-read', 'Hello').messages[0],
    ];
    const answer = await deliver(stack, { messages: [odd, read] }, { deliveryId: 'unread-large' });
    expect(answer).toMatchObject({ status: 200, body: { queued: 1, unread: 'unknown_type' } });
    expect(await unread()).toContain('delivery unread-large (unknown_type)');
  });

  it('is told to people once a day, and is shown by doctor', async () => {
    await untilIdle(stack);
    const told = (await world.notifications()).filter(({ body }) => body.data.rule === 'webhook_unread');
    expect(new Set(told.map(({ notifier }) => notifier)).size).toBe(told.length);
    const { stdout } = await ezw(['doctor', 'demo', '--local', stack.url]);
    expect(stdout).toMatch(/✗ webhook-dlq: \d+\n {4}→ npx ezw dlq list demo/);
  });

  it('is taken up by "replay" once it can be read, once; what still cannot stays', async () => {
    const id = 'unread-replay';
    // Of two items one is read at once, and the other after a fix, which here stands in the letter.
    const [read, odd] = [customerSays('replay-read', 'Hello').messages[0], oddMessage('replay-odd').messages[0]];
    await deliver(stack, { messages: [read, odd] }, { deliveryId: id });
    const replay = () => ezw(['replay', id, '--client', 'demo', '--local', stack.url]);
    const ofThis = async () => (await unreadLetters()).filter(({ about }) => about === `delivery ${id} (unknown_type)`);
    const before = await ofThis();
    expect(before).toHaveLength(1);
    const { code, stdout } = await replay();
    expect(stdout).toContain(`It stayed, delivery ${id} (unknown_type): still cannot be read: unknown_type.`);
    expect(stdout).not.toContain('back where they came from');
    expect(code).toBe(1);
    expect(await ofThis()).toEqual(before);
    const letter = (await letters()).find(({ deliveryId }) => deliveryId === id);
    if (!letter) throw new Error('no letter');
    await putLetter(mended(letter));
    expect((await replay()).code).toBe(0);
    await untilIdle(stack);
    const ids = (await world.crm()).entries.map(({ message }) => message.id);
    expect(ids.filter((one) => String(one).includes('replay-')).sort()).toEqual([
      'line-demo:replay-odd',
      'line-demo:replay-read',
    ]);
  });
});

describe('"dlq redrive" of what could not be read', () => {
  const redrive = () => ezw(['dlq', 'redrive', 'demo', 'webhook-dlq', '--local', stack.url]);
  const said = (id: string) => {
    const raw = Buffer.from(JSON.stringify(customerSays(id, 'Hi'))).toString('base64');
    return { deliveryId: id, event: 'messages.post', reason: 'unknown_type', raw, bytes: 1, sha256: 'x' };
  };

  it('leaves what the door refuses where it is and says why; the others go on', async () => {
    await letters();
    // What the door can never take; what is broken; what has no bytes.
    const { raw, ...hollow } = said('kept-hollow');
    await putLetter({ ...said('kept-refused'), deliveryId: ' ', raw });
    await putLetter({ ...said('kept-broken'), raw: undefined, gzip: 'AAAA' });
    await putLetter(hollow);
    await putLetter(said('kept-good'));
    const { code, stdout } = await redrive();
    expect(code).toBe(1);
    expect(stdout).toContain('1 moved from webhook-dlq to the door.');
    expect(stdout).toContain('3 stayed:');
    expect(stdout).toMatch(/the door answered 400 missing_header/);
    expect(stdout).toMatch(/delivery kept-broken \(unknown_type\) +what was kept of it is broken/);
    expect(stdout).toMatch(/delivery kept-hollow \(unknown_type\) +its bytes were too many to be kept/);
    await untilIdle(stack);
    expect((await world.crm()).entries.map(({ message }) => message.id)).toEqual(['line-demo:kept-good']);
    expect(await letters()).toHaveLength(3);
    expect(await redrive()).toMatchObject({ code: 0 });
  });

  it('leaves what still cannot be read as it is, once and with its first date, and says so', async () => {
    await letters();
    for (const n of [1, 2]) await deliver(stack, oddMessage(`still-${n}`), { deliveryId: `still-${n}` });
    const before = await unreadLetters();
    expect(before).toHaveLength(2);
    const { code, stdout } = await redrive();
    expect(code).toBe(1);
    expect(stdout).toContain('0 moved from webhook-dlq to the door.');
    expect(stdout).toMatch(/2 stayed:\n.*still-\d \(unknown_type\) +still cannot be read: unknown_type/);
    const after = await unreadLetters();
    const byId = (one: { messageId: string }, other: { messageId: string }) =>
      one.messageId < other.messageId ? -1 : 1;
    expect([...after].sort(byId)).toEqual([...before].sort(byId));
    expect(await letters()).toHaveLength(2);
  });

  it.each([
    ['as long as may be, used twice', 'i'.repeat(250)],
    ['too long', 'j'.repeat(400)],
  ])('takes up a delivery whose id is %s', async (_, deliveryId) => {
    await letters();
    for (const type of ['hologram', 'hologram2']) {
      const body = oddMessage(`long-${deliveryId.length}-${type}`, type);
      expect(await deliver(stack, body, { deliveryId })).toMatchObject({
        status: 200,
        body: { unread: 'unknown_type' },
      });
      expect(await deliver(stack, body, { deliveryId })).toMatchObject({ body: { duplicate: true } });
    }
    const kept = await letters();
    expect(kept).toHaveLength(2);
    for (const letter of kept) await putLetter(mended(letter));
    expect(await redrive()).toMatchObject({ code: 0, stdout: expect.stringContaining('2 moved') });
    await untilIdle(stack);
    expect((await world.crm()).entries).toHaveLength(2);
  });
});

describe('no id decides alone', () => {
  it('what says something else under a known delivery id is taken, known from then on, and logged', async () => {
    const deliveryId = 'used-twice';
    await deliver(stack, customerSays('first', 'Hello'), { deliveryId });
    const other = customerSays('second', 'This is urgent!', inOwn('second'));
    expect(await deliver(stack, other, { deliveryId })).toMatchObject({ body: { queued: 1 } });
    expect(await deliver(stack, other, { deliveryId })).toMatchObject({ body: { duplicate: true } });
    await untilIdle(stack);
    expect((await world.crm()).entries.map(({ message }) => message.id).sort()).toEqual([
      'line-demo:first',
      'line-demo:second',
    ]);
    expect(
      stack.logs().filter(({ line }) => line.includes('"outcome":"other"') && line.includes('"level":"warn"')),
    ).toHaveLength(1);
  });

  it('a repeat in which only the envelope differs has no second effect', async () => {
    const said = customerSays('enveloped', 'This is urgent!', inOwn('enveloped'));
    for (const sent_at of [1, 2]) await deliver(stack, { ...said, sent_at }, { deliveryId: 'enveloped' });
    await untilIdle(stack);
    expect((await world.crm()).entries).toHaveLength(1);
    expect((await world.notifications()).filter(({ body }) => body.data.rule === 'urgent')).toHaveLength(1);
  });

  it.each([[['c.us', 'lid']], [['lid', 'c.us']]])(
    'one message told under two forms of a chat is one entry and one alert: %j',
    async (forms) => {
      const name = forms.join('-').replace('.', '');
      // A person of each case's own: windows are theirs.
      const end = forms[0] === 'lid' ? '71' : '72';
      const phone = `+9725012300${end}`;
      const chats: Record<string, string> = { 'c.us': `${phone.slice(1)}@c.us`, lid: `46391351543${end}@lid` };
      for (const form of forms) {
        const chat = chats[form];
        const over = {
          ...inOwn(name),
          chat_id: chat,
          from: chat,
          message_id: undefined,
          ...(form === 'lid'
            ? { contactPhoneNumber: undefined, contact_phone_number: undefined }
            : { contactPhoneNumber: phone, contact_phone_number: phone }),
        };
        await deliver(stack, customerSays(`false_${chat}_${name}`, 'This is urgent!', over));
        await untilIdle(stack);
      }
      expect((await world.crm()).entries).toHaveLength(1);
      expect((await world.notifications()).filter(({ body }) => body.data.rule === 'urgent')).toHaveLength(1);
    },
  );
});

describe('a message is not final', () => {
  const at = () => Math.floor(Date.now() / 1000);
  /** Somebody of whom nothing is known, in a conversation of their own. */
  const somebody = (digit: number, block = 8) => {
    const phone = `+9725012345${block}${digit}`;
    const chat = `${phone.slice(1)}@s.whatsapp.net`;
    return {
      ...inOwn(`edits-${block}${digit}`),
      contactPhoneNumber: phone,
      contact_phone_number: phone,
      chat_id: chat,
      from: chat,
    };
  };
  const edit = (id: string, target: string, words: string, over: object) =>
    customerSays(id, '', {
      type: 'action',
      text: undefined,
      body: undefined,
      action: { type: 'edit', target, edited_type: 'text', edited_content: { body: words } },
      ...over,
    });
  const isStopped = async (who: { readonly contactPhoneNumber: string }) =>
    (await rowOfPerson(stack, who.contactPhoneNumber))?.said === 'stop';

  type Changed = (id: string, who: object, at: number) => object;
  const byId: Changed = (id, who, timestamp) =>
    customerSays(`${id}-edit`, 'STOP', { ...who, message_id: undefined, editedMessageId: id, timestamp });
  const byAction: Changed = (id, who, timestamp) => edit(`${id}-edit`, id, 'STOP', { ...who, timestamp });
  const byEnvelope: Changed = (id, who, timestamp) => {
    const protocolMessage = { key: { id }, type: 'MESSAGE_EDIT', editedMessage: { conversation: 'STOP' } };
    const message = { editedMessage: { message: { protocolMessage } } };
    return customerSays(`${id}-edit`, '', { ...who, timestamp, type: 'protocol', text: undefined, message });
  };
  it.each<[string, number, number, Changed]>([
    [
      'under its own id, with the first time',
      1,
      0,
      (id, who, timestamp) => customerSays(id, 'STOP', { ...who, timestamp }),
    ],
    [
      'under its own id, with its own time',
      8,
      60,
      (id, who, timestamp) => customerSays(id, 'STOP', { ...who, timestamp }),
    ],
    ['as an action, with its own time', 2, 60, byAction],
    ['as an action, with the first time', 0, 0, byAction],
    ['as an action, dated before the first words', 4, -1, byAction],
    ['by an id beside the words, with the first time', 9, 0, byId],
    ['in WhatsApp’s own envelope, with the first time', 5, 0, byEnvelope],
  ])('edited into STOP it is heard, also behind a START that came between: %s', async (_, digit, after, changed) => {
    const [id, who, first] = [`edited-${digit}`, somebody(digit), at() - 60];
    await deliver(stack, customerSays(id, 'yes', { ...who, timestamp: first }));
    await untilIdle(stack);
    await deliver(stack, customerSays(`${id}-start`, 'START', { ...who, timestamp: first + 30 }));
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(false);
    await deliver(stack, changed(id, who, first + after));
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(true);
    const entries = (await world.crm()).entries.filter(({ message }) => message?.changed);
    expect(entries.map(({ message }) => message.id)).toEqual([expect.stringMatching(`^line-demo:(h_|${id}~)`)]);
  });

  it('dated after the first words and before a START, an edit into STOP is older than that', async () => {
    const [id, who, first] = ['edited-then-start', somebody(0, 7), at() - 60];
    await deliver(stack, customerSays(id, 'yes', { ...who, timestamp: first }));
    await deliver(stack, customerSays(`${id}-start`, 'START', { ...who, timestamp: first + 30 }));
    await untilIdle(stack);
    await deliver(stack, edit(`${id}-edit`, id, 'STOP', { ...who, timestamp: first + 10 }));
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(false);
  });

  it.each<[string, number, (first: number) => number | undefined]>([
    ['in milliseconds', 5, (first) => first * 1000 + 900],
    ['without a time', 6, () => undefined],
    ['dated ahead', 7, (first) => first + 3600],
    ['a second later than the edit', 2, (first) => first + 1],
  ])(
    'edited into an urgent word it rings and is a line of the CRM, whatever time the first words bear: %s',
    async (_, digit, timestampOf) => {
      const [id, who, first] = [`time-of-${digit}`, somebody(digit, 7), at() - 60];
      await deliver(stack, customerSays(id, 'yes', { ...who, timestamp: timestampOf(first) }));
      await untilIdle(stack);
      await deliver(stack, edit(`${id}-edit`, id, 'This is urgent!', { ...who, timestamp: first }));
      await untilIdle(stack);
      expect((await world.notifications()).map(({ body }) => body.data.rule)).toContain('urgent');
      expect((await world.crm()).entries.filter(({ message }) => message?.changed)).toHaveLength(1);
    },
  );

  it('edited into STOP it is heard at its arrival where it comes before the first words, and they change nothing', async () => {
    const [id, who, first] = ['edit-first', somebody(8, 7), at() - 60];
    await deliver(stack, customerSays(`${id}-start`, 'START', { ...who, timestamp: first + 30 }));
    await untilIdle(stack);
    await deliver(stack, edit(`${id}-edit`, id, 'STOP', { ...who, timestamp: first }));
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(true);
    await deliver(stack, customerSays(id, 'START', { ...who, timestamp: first + 1 }));
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(true);
    expect((await world.crm()).entries.map(({ message }) => message?.id)).not.toContain(`line-demo:${id}`);
  });

  it('two bodies under one delivery id at the same moment are both heard', async () => {
    const who = somebody(6);
    await deliver(stack, customerSays('at-once', 'hi', { ...who, timestamp: at() - 60 }));
    await untilIdle(stack);
    const said = (words: string) => customerSays('at-once', words, { ...who, timestamp: at() - 60 });
    await Promise.all(
      ['STOP', 'hi and more'].map((words) => deliver(stack, said(words), { deliveryId: 'at-once-twice' })),
    );
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(true);
  });

  it('a STOP whose copy brings the number is of that number', async () => {
    const who = somebody(7);
    const lid = '4639135154377@lid';
    const numberless = { chat_id: lid, from: lid, contactPhoneNumber: undefined, contact_phone_number: undefined };
    await deliver(
      stack,
      customerSays(`false_${lid}_3EBTWIN`, 'STOP', { ...inOwn('twin-lid'), ...numberless, message_id: undefined }),
    );
    await untilIdle(stack);
    const id = `false_${who.contactPhoneNumber.slice(1)}@c.us_3EBTWIN`;
    await deliver(stack, customerSays(id, 'STOP', { ...who, message_id: undefined }));
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(true);
  });

  it('a picture that a history tells without its caption was not changed: nobody is told, and no second line stands', async () => {
    const who = { ...somebody(4, 7), type: 'image', text: undefined, body: undefined };
    await deliver(stack, customerSays('thinner', '', { ...who, image: { caption: 'our kitchen' } }));
    await untilIdle(stack);
    await deliver(stack, customerSays('thinner', '', { ...who, image: { id: 'x' } }));
    await untilIdle(stack);
    expect((await world.crm()).entries).toHaveLength(1);
    expect((await world.notifications()).map(({ body }) => body.data.rule)).not.toContain('unreadable-change');
  });

  it('one message is one under its bare id and under that with its chat before it, and a change of either is of both', async () => {
    // A copy bears the time of the first one, whenever it comes.
    const who = { ...somebody(6, 6), timestamp: at() };
    const whole = (name: string) => `false_${who.contactPhoneNumber.slice(1)}@c.us_${name}`;
    const say = (id: string, words: string, over: object = {}) =>
      deliver(stack, customerSays(id, words, { ...who, message_id: undefined, ...over }));
    await say(whole('3EBWHOLE'), 'yes');
    await untilIdle(stack);
    await say('3EBWHOLE', 'yes');
    await untilIdle(stack);
    expect((await world.crm()).entries).toHaveLength(1);
    await say(whole('3EBEDIT'), 'STOP', { editedMessageId: '3EBWHOLE' });
    await untilIdle(stack);
    await say('3EBWHOLE', 'yes');
    await untilIdle(stack);
    const lines = (await world.crm()).entries.filter(({ message }) => message);
    expect(lines.map(({ message }) => message?.changed === true)).toEqual([false, true]);
    expect(await isStopped(who)).toBe(true);
  });

  it('a STOP that is edited away is no START', async () => {
    const who = somebody(3);
    await deliver(stack, customerSays('edited-away', 'STOP', who));
    await untilIdle(stack);
    await deliver(stack, edit('edited-away-2', 'edited-away', 'hello', who));
    await untilIdle(stack);
    expect(await isStopped(who)).toBe(true);
  });

  it('edited into an urgent word it rings, and an edit of ours silences nobody', async () => {
    const who = somebody(9, 7);
    await deliver(stack, customerSays('calm', 'hello', who));
    await untilIdle(stack);
    await deliver(stack, edit('calm-2', 'calm', 'This is urgent!', who));
    await deliver(stack, edit('ours-2', 'ours', 'STOP', { ...who, from_me: true }));
    await untilIdle(stack);
    expect((await world.notifications()).map(({ body }) => body.data.rule)).toContain('urgent');
    expect(await isStopped(who)).toBe(false);
  });

  it('changed into what nobody here can read, people are told once, and no empty line stands in the CRM', async () => {
    const secretEncryptedMessage = { targetMessageKey: { id: 'calm' }, encPayload: 'kulu' };
    const over = {
      ...somebody(1, 7),
      type: 'unknown',
      text: undefined,
      body: undefined,
      message: { secretEncryptedMessage },
    };
    for (let i = 0; i < 3; i += 1) await deliver(stack, customerSays(`sealed-${i}`, '', over));
    await untilIdle(stack);
    expect((await world.notifications()).filter(({ body }) => body.data.rule === 'unreadable-change')).toHaveLength(1);
    expect((await world.crm()).entries).toEqual([]);
  });
});

// The last one: the scheduler's clock is ahead of the functions' own afterwards.
it('"cancel" in answer to a reminder is told, with the appointment that it is about', async () => {
  const [id, phone, start] = ['cancels', '+972501230088', daysAhead(3)];
  await tellAndWait(stack, 'custom', customAppointment('booked', id, start, { phone }));
  const from = { chat_id: '972501230088@s.whatsapp.net', from: '972501230088@s.whatsapp.net' };
  const theirs = { ...from, contactPhoneNumber: phone, contact_phone_number: phone, conversationId: 'conv-cancels' };
  await deliver(stack, customerSays('cancels-1', 'cancel', theirs));
  await untilIdle(stack);
  expect(await world.notifications()).toEqual([]);
  await moveClock(stack, start - DAY);
  await untilState(stack, `appointment:${id}:24h`, 'ACCEPTED');
  await deliver(stack, customerSays('cancels-2', 'Please cancel, thanks', theirs));
  await expect.poll(world.notifications).toHaveLength(1);
  const [told] = await world.notifications();
  expect(told?.body.data).toMatchObject({
    rule: 'answer-to-reminder',
    severity: 'warning',
    phone,
    title: 'demo: an answer to a reminder: cancel or move',
    about: expect.stringMatching(/^We sent: appointment-reminder cancels, /),
  });
});
