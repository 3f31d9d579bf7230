import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { notifierFailures } from '../../functions/escalation/notifier-failures.ts';
import { DAYS } from '../../functions/shared/hours/opening-hours.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
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
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver, type NotificationShown, rowOfPerson, worldOf } from './inbound.ts';

/**
 * A client that lets a person wait 3 s and answers by itself, for which its file holds the decision. Its hours begin in two
 * hours: none of its answers waits for them.
 */
const STAND_INS = 'http://127.0.0.1:8788';
let outdir: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;
const clockIn = (hours: number): string => new Date(Date.now() + hours * 3600_000).toISOString().slice(11, 16);

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-rules-'));
  const { contacts, decisions, ezwBaseUrl, lineId, sender, templates } = demo;
  const client = defineClient({
    name: 'rules',
    lineId,
    country: 'IL',
    zone: 'Asia/Jerusalem',
    locale: 'en',
    contacts: { ...contacts, client: { name: 'Noa', email: 'noa@shop.example', locale: 'he' } },
    ezwBaseUrl,
    sender,
    templates,
    crm: { kind: 'webhook', url: `${STAND_INS}/crm/webhook` },
    sendWindow: { zone: 'UTC', hours: [{ days: [...DAYS], from: clockIn(2), to: clockIn(3) }] },
    escalation: {
      notifiers: {
        webhook: { url: `${STAND_INS}/notifier/webhook` },
        email: { from: 'alerts@agency.example', to: ['team@agency.example'] },
      },
      rules: [
        { name: 'unanswered', when: { unanswered: 'PT3S' }, severity: 'warning', notify: ['webhook'] },
        { name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['email', 'webhook'] },
      ],
      autoReply: { texts: { en: 'A person will answer soon.' }, when: 'always' },
    },
    decisions: [
      ...decisions,
      { ask: 'bots', decision: 'one fixed answer', reason: 'asked for', decidedBy: 'The owner', on: '2026-11-01' },
    ],
  });
  await synthesise([client], outdir);
  stack = await startLocalStack({ assembly: outdir, client: 'rules', port: 0, secrets: demoSecrets() });
  world = worldOf(stack);
  await world.register();
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});

const raised = async (phone: string, rule: string) =>
  (await world.notifications()).filter(
    ({ notifier, body }) => notifier === 'webhook' && body.data.phone === phone && body.data.rule === rule,
  );
/** When a person of the team is known to have written last. */
const answeredBy = async (phone: string): Promise<unknown> => (await rowOfPerson(stack, phone, 'rules'))?.teamAt;
const replies = async () => (await sandboxOf(stack).messages()).filter(({ key }) => key.endsWith(':auto-reply'));

describe('a message that nobody answers', () => {
  it('wakes people when its time is over, once', async () => {
    await world.customer({ phone: '+972501230001', text: 'Hello?' });
    await world.customer({ phone: '+972501230001', text: 'Anybody there?' });
    await expect.poll(() => raised('+972501230001', 'unanswered')).toHaveLength(1);
    await untilIdle(stack);
    const alerts = await raised('+972501230001', 'unanswered');
    expect(alerts).toHaveLength(1);
    for (const { at, body } of alerts) {
      expect(Date.parse(at) - Date.parse(String(body.data.at))).toBeGreaterThanOrEqual(3_000);
    }
  });

  it('wakes people for a second question of the same window, which came after they were told of the first', async () => {
    const phone = '+972501230005';
    for (const [nth, text] of ['Hello?', 'Anybody there?'].entries()) {
      await world.customer({ phone, text });
      await expect.poll(() => raised(phone, 'unanswered')).toHaveLength(nth + 1);
    }
    await untilIdle(stack);
    expect(await raised(phone, 'unanswered')).toHaveLength(2);
  });

  it('wakes nobody for thanks, a sticker or a stop word, and does for "thanks, but when?"', async () => {
    const quiet = ['+972501230061', '+972501230062', '+972501230063'];
    const asks = '+972501230064';
    await world.customer({ phone: quiet[0], text: 'Thanks 🙏' });
    await world.customer({ phone: quiet[1], text: 'STOP' });
    const ids = { chat_id: '972501230063@s.whatsapp.net', from: '972501230063@s.whatsapp.net' };
    const sticker = { type: 'sticker', text: undefined, body: undefined, contactPhoneNumber: quiet[2] };
    await deliver(stack, customerSays('sticker', '', { ...ids, ...sticker, conversationId: 'conv-sticker' }));
    await world.customer({ phone: asks, text: 'Thanks, but when?' });
    await expect.poll(() => raised(asks, 'unanswered')).toHaveLength(1);
    await untilIdle(stack);
    for (const phone of quiet) expect(await raised(phone, 'unanswered')).toEqual([]);
  });

  // The answer is known before the wait can begin: how quick this machine is plays no part.
  it('wakes nobody when a person of the team answered', async () => {
    const phone = '+972501230002';
    await world.team('Hello, how can I help?', phone);
    await expect.poll(() => answeredBy(phone)).toBeDefined();
    await world.customer({ phone, text: 'Hello?', at: new Date(Date.now() - 10_000).toISOString() });
    await expect.poll(() => stack.logs().map(({ line }) => line)).toContainEqual(expect.stringMatching(/"answered"/));
    await untilIdle(stack);
    expect(await raised(phone, 'unanswered')).toEqual([]);
  });

  it('wakes people though our own automatic answer went out, which is no person', async () => {
    const phone = '+972501230003';
    const { deliveries } = await world.customer({ phone, text: 'Hello?' });
    const observed = async () => {
      const records = await Promise.all(deliveries.map((id) => recordOf(stack, `delivery:${id}:auto-reply`)));
      return records.find((record) => record !== undefined)?.observedId;
    };
    await expect.poll(observed).toBeDefined();
    await untilIdle(stack);
    expect(await answeredBy(phone)).toBeUndefined();
    expect(await raised(phone, 'unanswered')).toHaveLength(1);
  });
});

describe('a message that is changed while it may wait for an answer wakes people', () => {
  it.each([
    ['thanks into a question', 2, 'Thanks', 'Thanks, but is it ready?'],
    ['a question into another', 3, 'Is it redy?', 'Is it ready?'],
  ])('once, from %s', async (_, n, first, then) => {
    const [phone, id] = [`+97250123009${n}`, `97250123009${n}@s.whatsapp.net`];
    const conv = { conversationId: `conv-9${n}`, conversation_id: `conv-9${n}` };
    const over = { chat_id: id, from: id, contactPhoneNumber: phone, contact_phone_number: phone, ...conv };
    const seconds = Math.floor(Date.now() / 1000);
    const messages = [
      ...customerSays(`asks-9${n}`, first, { ...over, timestamp: seconds - 1 }).messages,
      ...customerSays(`edit-9${n}`, then, { ...over, timestamp: seconds, editedMessageId: `asks-9${n}` }).messages,
    ];
    await deliver(stack, { event: 'messages.post', messages });
    await untilIdle(stack);
    expect(await raised(phone, 'unanswered')).toHaveLength(1);
  });
});

describe('only what a person of the team wrote ends the wait', () => {
  const GREETING = 'Thank you for writing to us. We will be with you soon.';
  const talk = (n: number) => {
    const [phone, id] = [`+97250123007${n}`, `97250123007${n}@s.whatsapp.net`];
    const conv = { conversationId: `conv-7${n}`, conversation_id: `conv-7${n}` };
    return { phone, over: { chat_id: id, from: id, contactPhoneNumber: phone, contact_phone_number: phone, ...conv } };
  };
  const ours = (id: string, text: string, over: Record<string, unknown>) =>
    deliver(stack, customerSays(id, text, { ...over, from: undefined, from_me: true }));

  it('no thumb, call or note of the app, and no greeting that the phone sends to everybody at once', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const [first, second, thumb, call, person] = [talk(1), talk(2), talk(3), talk(4), talk(5)];
    for (const { phone, over } of [first, second, thumb, call, person]) {
      await deliver(stack, customerSays(`asks-${phone}`, 'When is it ready?', { ...over, timestamp: seconds }));
    }
    const at = { timestamp: seconds + 1 };
    await ours('hello-1', GREETING, { ...first.over, ...at });
    await expect.poll(() => answeredBy(first.phone)).toBeDefined();
    await ours('hello-2', GREETING, { ...second.over, ...at });
    await ours('thumb', '👍', { ...thumb.over, ...at, type: 'action', action: { type: 'reaction', emoji: '👍' } });
    await ours('call', '', { ...call.over, ...at, type: 'call' });
    await ours('person', 'In a minute', { ...person.over, ...at });
    await expect.poll(() => answeredBy(person.phone)).toBeDefined();
    await untilIdle(stack);
    for (const { phone } of [second, thumb, call]) {
      expect(await answeredBy(phone)).toBeUndefined();
      expect(await raised(phone, 'unanswered')).toHaveLength(1);
    }
  });

  it.each([
    ['without its conversation', 6, { conversationId: undefined, conversation_id: undefined }],
    [
      'with buttons',
      7,
      {
        type: 'interactive',
        text: undefined,
        body: undefined,
        interactive: { body: { text: 'A person will answer soon.' } },
      },
    ],
  ])('no answer of ours that is seen %s', async (_, n, seen) => {
    const { phone, over } = talk(n);
    await deliver(stack, customerSays(`asks-${phone}`, 'Is it ready?', over), { deliveryId: `dlv-7${n}` });
    await untilState(stack, `delivery:dlv-7${n}:auto-reply`, 'ACCEPTED');
    await ours(`echo-7${n}`, 'A person will answer soon.', { ...over, ...seen });
    await untilIdle(stack);
    expect(await answeredBy(phone)).toBeUndefined();
    expect(await raised(phone, 'unanswered')).toHaveLength(1);
  });
});

describe('the automatic answer', () => {
  it('goes to no conversation of somebody who said stop in another', async () => {
    const [phone, digits] = ['+972501230031', '972501230031@s.whatsapp.net'];
    const own = { chat_id: digits, from: digits, contactPhoneNumber: phone, contact_phone_number: phone };
    await deliver(
      stack,
      customerSays('else-1', 'STOP', { ...own, conversationId: 'conv-a', conversation_id: 'conv-a' }),
    );
    await expect.poll(async () => (await rowOfPerson(stack, phone, 'rules'))?.said).toBe('stop');
    // The next one names the conversation alone; a chat says whose it is.
    const chat = { id: digits, chat_id: digits, conversationId: 'conv-b', type: 'individual', timestamp: 1 };
    await deliver(stack, { event: 'chats.post', chats: [chat] }, { event: 'chats.post' });
    await untilIdle(stack);
    const unnamed = {
      chat_id: 'conv-b',
      from: 'conv-b',
      contactPhoneNumber: undefined,
      contact_phone_number: undefined,
    };
    await deliver(
      stack,
      customerSays('else-2', 'Hello', { ...unnamed, conversationId: 'conv-b', conversation_id: 'conv-b' }),
      { deliveryId: 'dlv-else' },
    );
    await untilIdle(stack);
    expect(await recordOf(stack, 'delivery:dlv-else:auto-reply')).toBeUndefined();
  });

  it('goes out once to a conversation, in its thread, under the contract’s key', async () => {
    const payload = customerSays('reply-1', 'Hello', { conversationId: 'conv-reply', conversation_id: 'conv-reply' });
    await deliver(stack, payload, { deliveryId: 'dlv-1' });
    await expect.poll(async () => (await replies()).map(({ key }) => key)).toContain('delivery:dlv-1:auto-reply');
    for (const n of [2, 3]) {
      const next = customerSays(`reply-${n}`, 'And?', { conversationId: 'conv-reply', conversation_id: 'conv-reply' });
      await deliver(stack, next, { deliveryId: `dlv-${n}` });
    }
    await untilIdle(stack);
    const mine = (await replies()).filter(({ raw }) => JSON.parse(raw).conversationId === 'conv-reply');
    expect(mine.map(({ key, path, raw }) => [key, path, JSON.parse(raw)])).toEqual([
      [
        'delivery:dlv-1:auto-reply',
        '/api/v1/messages/text',
        { conversationId: 'conv-reply', body: 'A person will answer soon.' },
      ],
    ]);
  });

  it('never goes to an old message, a group, our own message, or to who said stop', async () => {
    const conv = (id: string) => ({ conversationId: id, conversation_id: id });
    const old = Math.floor(Date.now() / 1000) - 3600;
    const phone = '+972501230009';
    const from = { contactPhoneNumber: phone, contact_phone_number: phone };
    await deliver(stack, customerSays('old', 'Hello', { ...conv('conv-old'), timestamp: old }));
    await deliver(stack, customerSays('group', 'Hello', { ...conv('conv-group'), chat_id: '120363@g.us' }));
    await deliver(stack, customerSays('own', 'Hello', { ...conv('conv-own'), from_me: true }));
    await deliver(stack, customerSays('stop', 'STOP', { ...conv('conv-stop'), ...from }));
    await untilIdle(stack);
    await deliver(stack, customerSays('after-stop', 'Hello', { ...conv('conv-stop'), ...from }));
    await untilIdle(stack);
    const answered = (await replies()).map(({ raw }) => JSON.parse(raw).conversationId);
    for (const id of ['conv-old', 'conv-group', 'conv-own', 'conv-stop']) expect(answered).not.toContain(id);
  });
});

describe('a stop', () => {
  const phone = '+972501230031';
  const known = { contactPhoneNumber: phone, contact_phone_number: phone };
  const ids = { chat_id: '46391351543561@lid', from: '46391351543561@lid' };
  const hidden = { ...ids, contactPhoneNumber: undefined, contact_phone_number: undefined };
  const conv = (id: string) => ({ conversationId: id, conversation_id: id });

  it.each([
    ['from a privacy id, before a message that names the number', 'conv-lid-first', hidden, known],
    ['from a number, before a message that names only a privacy id', 'conv-lid-then', known, hidden],
  ])('%s: no automatic answer', async (_, id, stops, writes) => {
    const messages = customerSays(`stop-${id}`, 'STOP', { ...conv(id), ...stops });
    await deliver(stack, messages);
    await untilIdle(stack);
    await deliver(stack, customerSays(`hello-${id}`, 'Hello', { ...conv(id), ...writes }), { deliveryId: id });
    await untilIdle(stack);
    expect((await replies()).map(({ raw }) => JSON.parse(raw).conversationId)).not.toContain(id);
    expect(await recordOf(stack, `delivery:${id}:auto-reply`)).toBeUndefined();
  });

  it('that comes while an answer waits in the queue voids the answer', async () => {
    await sandboxOf(stack).fault('text', { kind: 'status', status: 429, headers: { 'Retry-After': '4' } });
    const ours = { ...conv('conv-queued'), contactPhoneNumber: '+972501230032', contact_phone_number: null };
    await deliver(stack, customerSays('queued-hello', 'Hello', ours), { deliveryId: 'dlv-queued' });
    await untilState(stack, 'delivery:dlv-queued:auto-reply', 'HELD');
    await deliver(stack, customerSays('queued-stop', 'STOP', ours));
    await untilState(stack, 'delivery:dlv-queued:auto-reply', 'SUPPRESSED');
    expect((await replies()).map(({ raw }) => JSON.parse(raw).conversationId)).not.toContain('conv-queued');
  });
});

it('a notifier that is down has a row that says so until it takes an alert', async () => {
  const [{ tables }, client] = [stack.resources(), awsClients(stack).dynamodb];
  const refusals = notifierFailures({
    table: tables.deliveries ?? '',
    client,
    lineId: demo.lineId,
    now: Date.now,
  });
  await sandboxOf(stack).fault('notifier', { kind: 'status', status: 503, headers: { 'Retry-After': '1' } }, 0);
  await world.customer({ phone: '+972501230104', text: 'urgent' });
  try {
    const since = { reason: 'notifier_503', failingSince: expect.any(Number) };
    await expect.poll(() => refusals.failure('webhook')).toMatchObject(since);
    expect((await refusals.failure('webhook'))?.refusedAt).toBeUndefined();
  } finally {
    await sandboxOf(stack).clearFaults();
  }
  const next = (() => {
    let at = 0;
    return async () => {
      at += 1;
      await world.customer({ phone: `+9725012301${10 + at}`, text: 'urgent' });
      return refusals.failure('webhook');
    };
  })();
  await expect.poll(next, { interval: 3_000 }).toBeUndefined();
  await untilIdle(stack);
});

it('one notifier that is down is tried again without doubling the other', async () => {
  await world.forget();
  await sandboxOf(stack).fault('notifier', { kind: 'status', status: 503, headers: { 'Retry-After': '1' } }, 1);
  await world.customer({ phone: '+972501230004', text: 'urgent' });
  // Others still wait for an answer, and wake people in between.
  const urgent = async () =>
    (await world.notifications()).filter(({ body }) => JSON.stringify(body).includes('urgent') || !body.data);
  await expect.poll(async () => (await urgent()).map(({ notifier }) => notifier).sort()).toEqual(['ses', 'webhook']);
});

describe('a line that must be linked again', () => {
  const notice = async (id: string, code = 'line_unlinked') => {
    const item = {
      kind: 'notice',
      id,
      code,
      says: 'Link it again.',
      source: 'sender',
      severity: 'critical',
      at: new Date(),
    };
    const QueueUrl = stack.resources().queues.escalation;
    await awsClients(stack).sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ item }) }));
  };
  const told = async () => {
    const all = (await world.notifications()).map(({ notifier, body }) => {
      const mail = body as unknown as { Destination?: { ToAddresses: string[] } };
      return notifier === 'ses' ? `mail to ${mail.Destination?.ToAddresses}` : `webhook ${body.data.rule}`;
    });
    // The customers of other tests still wait for an answer.
    return all.filter((one) => one !== 'webhook unanswered');
  };
  const TEAM = ['mail to team@agency.example', 'webhook line_unlinked'];

  it('is told, when the sender finds it so, to the team and, with the steps, to the client’s own contact in their language', async () => {
    await world.forget();
    await sandboxOf(stack).line(false);
    // The sender asks how the line is after whatever it refused, and at the latest a minute after it was well.
    await sandboxOf(stack).fault('text', { kind: 'status', status: 429, headers: { 'Retry-After': '1' } });
    const ours = { conversationId: 'conv-unlinked', conversation_id: 'conv-unlinked' };
    await deliver(stack, customerSays('unlinked', 'Hello', ours), { deliveryId: 'dlv-unlinked' });
    await expect.poll(told).toHaveLength(3);
    await sandboxOf(stack).line(true);
    await untilState(stack, 'delivery:dlv-unlinked:auto-reply', 'ACCEPTED');
    expect((await told()).sort()).toEqual(['mail to noa@shop.example', ...TEAM]);
    const [mail] = (await world.notifications()).filter(({ body }) =>
      JSON.stringify(body).includes('noa@shop.example'),
    );
    const { ReplyToAddresses, Content } = (mail as NotificationShown).body as unknown as {
      ReplyToAddresses: string[];
      Content: { Simple: { Subject: { Data: string }; Body: { Text: { Data: string } } } };
    };
    expect(ReplyToAddresses).toEqual(['dana@agency.example']);
    expect(Content.Simple.Subject.Data).toBe('rules: צריך לקשר מחדש את קו הוואטסאפ');
    expect(Content.Simple.Body.Text.Data).toMatch(
      /^שלום Noa,\n[\s\S]*מכשירים מקושרים[\s\S]*Dana Levi, dana@agency\.example\n/,
    );
  });

  it('and is lost once more within the hour, is told to the team once, and to the contact not again', async () => {
    await world.forget();
    for (let i = 0; i < 3; i += 1) await notice('unlinked-again');
    await expect.poll(told).toHaveLength(2);
    await untilIdle(stack);
    expect((await told()).sort()).toEqual(TEAM);
  });

  it('whose letter SES refuses is told to the team all the same, with its text to hand on', async () => {
    await world.forget();
    // The first mail of the two is refused, whichever it is: the team's is tried again.
    await sandboxOf(stack).fault('mail', { kind: 'status', status: 400 }, 2);
    await notice('banned-1', 'line_banned');
    const handedOn = async () =>
      (await world.notifications()).filter(({ body }) => /letter_refused/.test(JSON.stringify(body.data ?? {})));
    await expect.poll(handedOn).toHaveLength(1);
    const [alert] = await handedOn();
    expect(alert?.body.data).toMatchObject({ severity: 'critical', client: 'rules' });
    expect(String(alert?.body.data.hand_on)).toMatch(/^Hand this on to Noa, noa@shop\.example:\nrules: [\s\S]*QR/);
    await expect.poll(told).toEqual(expect.arrayContaining(['webhook line_banned']));
    expect(await told()).not.toContain('mail to noa@shop.example');
  });
});

it('one delivery can be followed by its id: logs, CRM entry, alerts, also those that waited, and the automatic answer', async () => {
  const phone = '+972501230091';
  const own = { contactPhoneNumber: phone, contact_phone_number: phone, conversationId: 'conv-followed' };
  const deliveryId = 'dlv-followed';
  await deliver(stack, customerSays('followed', 'urgent, please', own), { deliveryId });
  await untilState(stack, `delivery:${deliveryId}:auto-reply`, 'ACCEPTED');
  const alerts = async () =>
    (await world.notifications())
      .filter(({ notifier, body }) => notifier === 'webhook' && body.data.phone === phone)
      .map(({ body }) => [body.data.rule, body.data.delivery_id]);
  await expect.poll(alerts).toEqual(
    expect.arrayContaining([
      ['urgent', deliveryId],
      ['unanswered', deliveryId],
    ]),
  );
  const inCrm = async () => (await world.crm()).entries.find(({ message }) => message?.id === 'line-demo:followed');
  await expect.poll(inCrm).toMatchObject({ message: { delivery_id: deliveryId } });
  const logged = () =>
    new Set(
      stack.logs().flatMap(({ function: name, line }) => (line.includes(`"delivery":"${deliveryId}"`) ? [name] : [])),
    );
  await expect.poll(logged).toEqual(new Set(['webhook-receiver', 'crm-sync', 'escalation']));
});

it('a CRM that is down delays and loses nothing, and a poison item holds back no other', async () => {
  await world.forget();
  // Longer than one delivery of each item: all come back by themselves when it is up again.
  await sandboxOf(stack).fault('crm', { kind: 'status', status: 503, headers: { 'Retry-After': '1' } }, 60);
  const ids = Array.from({ length: 20 }, (_, i) => `outage-${i}`);
  const many = ids.map((id) => customerSays(id, 'Hello').messages[0]);
  expect((await deliver(stack, { event: 'messages.post', messages: [null, ...many, 'x'] })).status).toBe(200);
  // Statuses of earlier messages come in between.
  const told = async () =>
    (await world.crm()).entries.map(({ message }) => message?.id).filter((id) => /outage/.test(`${id}`));
  await expect
    .poll(async () => (await told()).sort(), { timeout: 120_000 })
    .toEqual(ids.map((id) => `line-demo:${id}`).sort());
});

// The last one: its order waits in the queue for two hours.
it('an order that waits for the client’s hours holds no answer back', async () => {
  await post(stack, 'custom', signed('custom', customOrder('night')));
  await untilState(stack, 'order:night:ready', 'HELD');
  await deliver(stack, customerSays('night', 'Is it ready?', { conversationId: 'conv-night', conversation_id: null }), {
    deliveryId: 'dlv-night',
  });
  await untilState(stack, 'delivery:dlv-night:auto-reply', 'ACCEPTED');
  expect(await recordOf(stack, 'order:night:ready')).toMatchObject({ state: 'HELD', reason: 'outside_send_window' });
});

it('what the CRM refuses for good is a dead letter after one try, and the queue is empty', async () => {
  await sandboxOf(stack).fault('crm', { kind: 'status', status: 422 }, 1);
  await deliver(stack, customerSays('refused-for-good', 'Hello'));
  await expect
    .poll(async () => (await stack.state()).dlqs['crm-sync-dlq'])
    .toMatchObject({
      ready: 1,
    });
  expect((await stack.state()).queues['crm-sync']).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
});
