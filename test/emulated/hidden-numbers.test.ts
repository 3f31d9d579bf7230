import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
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
import { type CrmShown, customerSays, deliver, worldOf } from './inbound.ts';

/** Linked devices hand over WhatsApp's privacy ids in place of numbers: a person stays one person, under whichever of them they come. */
const STAND_INS = 'http://127.0.0.1:8788';
const OURS = '972501230099';
/** The line's own, as the client file names it. */
const LINE = '+972501230098';
let outdir: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-hidden-'));
  const { contacts, decisions, ezwBaseUrl, lineId, sender, templates } = demo;
  const client = defineClient({
    name: 'hidden',
    lineId,
    linePhone: LINE,
    country: 'IL',
    zone: 'Asia/Jerusalem',
    locale: 'en',
    contacts,
    ezwBaseUrl,
    sender,
    templates,
    crm: [
      { kind: 'hubspot', api: `${STAND_INS}/crm/hubspot` },
      { kind: 'salesforce', api: `${STAND_INS}/crm/salesforce` },
    ],
    escalation: {
      notifiers: { webhook: { url: `${STAND_INS}/notifier/webhook` } },
      rules: [
        { name: 'unanswered', when: { unanswered: 'PT3S' }, severity: 'warning', notify: ['webhook'] },
        { name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['webhook'] },
      ],
      autoReply: { texts: { en: 'A person will answer soon.' }, when: 'always' },
    },
    decisions: [
      ...decisions,
      { ask: 'bots', decision: 'one fixed answer', reason: 'asked for', decidedBy: 'The owner', on: '2026-11-01' },
    ],
  });
  await synthesise([client], outdir);
  stack = await startLocalStack({
    assembly: outdir,
    client: 'hidden',
    port: 0,
    secrets: {
      ...demoSecrets(),
      crm: { byName: { hubspot: 'pat-demo', salesforce: { clientId: 'id', clientSecret: 'secret' } } },
    },
  });
  world = worldOf(stack);
});
beforeEach(() => world.forget());
afterAll(async () => {
  expectCleanLogs(stack);
  for (const { line } of stack.logs()) expect(line).not.toMatch(/463913515\d{4}/);
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});

/** Somebody nobody knows yet: a number, a privacy id and a conversation. */
let nth = 0;
const newPerson = () => {
  nth += 1;
  const no = String(nth).padStart(4, '0');
  return {
    no,
    phone: `+97250123${no}`,
    jid: `97250123${no}@s.whatsapp.net`,
    lid: `463913515${no}@lid`,
    conv: `conv-${no}`,
  };
};
type Person = ReturnType<typeof newPerson>;
const NO_PHONE = { contactPhoneNumber: undefined, contact_phone_number: undefined };
const inConv = (id: string | undefined) => ({ conversationId: id, conversation_id: id });
const byLid = ({ lid }: Person, over: object = {}) => ({
  chat_id: lid,
  from: lid,
  ...NO_PHONE,
  ...inConv(undefined),
  ...over,
});
const byPhone = ({ jid, phone }: Person, over: object = {}) => ({
  chat_id: jid,
  from: jid,
  contactPhoneNumber: phone,
  contact_phone_number: phone,
  ...inConv(undefined),
  ...over,
});
let messages = 0;
const says = async (text: string, over: object) => {
  messages += 1;
  const id = `hid-${messages}`;
  const answer = await deliver(stack, customerSays(id, text, { from_name: 'Maya', ...over }), { deliveryId: id });
  expect(answer.status).toBe(200);
  return id;
};
const orders = async (phone: string): Promise<string> => {
  messages += 1;
  const id = `hid-order-${messages}`;
  const order = customOrder(id, { customer: { name: 'Maya', phone } });
  expect((await post(stack, 'custom', signed('custom', order))).status).toBe(200);
  return `order:${id}:ready`;
};
const alerts = async (rule: string) =>
  (await world.notifications()).filter(({ body }) => body.data.rule === rule).map(({ body }) => body.data);
const crms = async () => (await (await fetch(`${stack.url}/_sandbox/crm`)).json()) as Record<string, CrmShown>;

describe('a stop counts for the person', () => {
  it.each<[string, (one: Person) => object]>([
    [
      'WhatsApp’s other id',
      (one) => byLid(one, { key: { remoteJid: one.lid, remoteJidAlt: one.jid.replace('@', ':3@') } }),
    ],
    ['the sender’s number', (one) => byLid(one, { senderPn: one.jid })],
    ['the privacy id beside the number', (one) => byPhone(one, { senderLid: one.lid })],
  ])('said under a privacy id, and tied to the number afterwards by %s; so does a later start', async (_, tied) => {
    const one = newPerson();
    await says('STOP', byLid(one));
    await untilIdle(stack);
    // Nobody knows whose it is: people are told.
    expect(await alerts('stop-without-number')).toHaveLength(1);
    await says('Hello', tied(one));
    await untilIdle(stack);
    await untilState(stack, await orders(one.phone), 'SUPPRESSED');
    await says('START', byLid(one, { timestamp: Math.floor(Date.now() / 1000) + 1 }));
    await untilIdle(stack);
    await untilState(stack, await orders(one.phone), 'ACCEPTED');
  });

  it('said under a privacy id that a message with the number named before', async () => {
    const one = newPerson();
    await says('Hello', byPhone(one, { senderLid: one.lid }));
    await untilIdle(stack);
    await says('STOP', byLid(one));
    await untilIdle(stack);
    expect(await alerts('stop-without-number')).toEqual([]);
    await untilState(stack, await orders(one.phone), 'SUPPRESSED');
  });

  it.each<[string, (one: Person) => Promise<unknown>]>([
    [
      'first with the privacy id',
      (one) => says('Hi', byLid(one, inConv(one.conv))).then(() => says('Hi', byPhone(one, inConv(one.conv)))),
    ],
    [
      'first with the number',
      (one) => says('Hi', byPhone(one, inConv(one.conv))).then(() => says('Hi', byLid(one, inConv(one.conv)))),
    ],
    [
      'as a chat tells',
      (one) =>
        says('Hi', byPhone(one, inConv(one.conv))).then(() =>
          deliver(stack, { chats: [{ id: one.lid, conversationId: one.conv }] }, { event: 'chats.post' }),
        ),
    ],
  ])('where only a conversation ties both, %s, and then is another', async (_, tie) => {
    const one = newPerson();
    await tie(one);
    await untilIdle(stack);
    await says('STOP', byLid(one, inConv(`${one.conv}-new`)));
    await untilIdle(stack);
    await untilState(stack, await orders(one.phone), 'SUPPRESSED');
  });
});

describe('the line’s own number that stands in everybody’s messages', () => {
  it('names nobody in a chat with a number, where the client file names it: a stop is that one’s, and our echo is known', async () => {
    const one = newPerson();
    const own = { contactPhoneNumber: LINE, contact_phone_number: LINE };
    const key = await orders(one.phone);
    await untilState(stack, key, 'ACCEPTED');
    const sent = (await sandboxOf(stack).messages()).find((message) => message.key === key);
    const { body } = JSON.parse(sent?.raw ?? '{}') as { body: string };
    const echo = await says(body, byPhone(one, { ...own, from_me: true }));
    await says('STOP', byPhone(one, own));
    await untilIdle(stack);
    expect(await recordOf(stack, key)).toMatchObject({ observedId: echo });
    await untilState(stack, await orders(one.phone), 'SUPPRESSED');
    await untilState(stack, await orders(LINE), 'ACCEPTED');
    expect((await crms()).hubspot?.contacts.map(({ phone }) => phone)).toEqual([one.phone]);
  });

  it('of the second privacy id on is nobody’s: each has alerts and a contact of their own, and a stop is told to people', async () => {
    const [one, other, line] = [newPerson(), newPerson(), newPerson()];
    const own = { contactPhoneNumber: line.phone, contact_phone_number: line.phone };
    for (const person of [one, other]) {
      await says('This is urgent', byLid(person, { ...own, ...inConv(person.conv) }));
      await untilIdle(stack);
    }
    expect(await alerts('urgent')).toMatchObject([
      { conversation_id: one.conv },
      { conversation_id: other.conv, number_hidden: true },
    ]);
    await says('STOP', byLid(other, { ...own, ...inConv(other.conv) }));
    await untilIdle(stack);
    expect(await alerts('stop-without-number')).toMatchObject([{ conversation_id: other.conv }]);
    const { hubspot } = await crms();
    expect(hubspot?.contacts.map((each) => [each.phone, each.ezw_opted_out ?? 'false'])).toEqual([
      [line.phone, 'false'],
      [undefined, 'true'],
    ]);
    expect(new Set(hubspot?.entries.map(({ contactId }) => contactId)).size).toBe(2);
  });
});

describe('our own message that is seen under a privacy id is a message that tells both names', () => {
  const sent = async (phone: string) => {
    const key = await orders(phone);
    const { providerId } = await untilState(stack, key, 'ACCEPTED');
    const { raw = '{}' } = (await sandboxOf(stack).messages()).find((message) => message.key === key) ?? {};
    return { key, id: providerId, body: (JSON.parse(raw) as { body: string }).body };
  };
  const ours = (one: Person, over: object = {}) => byLid(one, { from: one.lid, from_me: true, ...over });

  it.each(['id', 'words'] as const)(
    'known by its %s: a stop counts for the number, and the CRM has one contact',
    async (by) => {
      const [one, stranger] = [newPerson(), newPerson()];
      await says('Hello', byLid(stranger));
      await untilIdle(stack);
      await world.forget();
      const { id, body } = await sent(one.phone);
      await says(by === 'id' ? 'Other words' : body, ours(one, { ...inConv(one.conv), ...(by === 'id' && { id }) }));
      await untilIdle(stack);
      // The very same that somebody wrote by hand.
      await says(body, ours(stranger));
      await untilIdle(stack);
      await says('STOP', byLid(one));
      await untilIdle(stack);
      expect(await alerts('stop-without-number')).toEqual([]);
      await untilState(stack, await orders(one.phone), 'SUPPRESSED');
      await says('Hello', byPhone(one));
      await untilIdle(stack);
      const { hubspot } = await crms();
      const theirs = hubspot?.contacts.filter(({ phone }) => phone === one.phone);
      expect(theirs).toMatchObject([{ ezw_opted_out: 'true' }]);
      // The other is the stranger's.
      expect(hubspot?.contacts).toHaveLength(2);
    },
  );

  it('told only after their stop: it counts from then on', async () => {
    const one = newPerson();
    const { id } = await sent(one.phone);
    await says('STOP', byLid(one));
    await untilIdle(stack);
    await says('Other words', ours(one, { id }));
    await untilIdle(stack);
    await untilState(stack, await orders(one.phone), 'SUPPRESSED');
  });
});

describe('who waits is one person', () => {
  it('an alert within the window is told once, though the id changed, and names nobody’s digits', async () => {
    const one = newPerson();
    await says('urgent', byLid(one, inConv(one.conv)));
    await untilIdle(stack);
    await says('urgent', byPhone(one, { ...inConv(`${one.conv}-b`), senderLid: one.lid }));
    await says('urgent', byLid(one, inConv(`${one.conv}-c`)));
    await untilIdle(stack);
    const told = await alerts('urgent');
    expect(told).toMatchObject([{ name: 'Maya', number_hidden: true, conversation_id: one.conv }]);
    expect(told[0]).not.toHaveProperty('phone');
    expect(told[0]?.url).toMatch(new RegExp(`/${one.conv}$`));
    expect(JSON.stringify(told)).not.toContain(one.lid.slice(0, -4));
  });

  /** Told after what followed it: whatever was to end the wait stands by then. */
  const asked = (one: Person) =>
    says('Anybody there?', byLid(one, { ...inConv(one.conv), timestamp: Math.floor(Date.now() / 1000) - 30 }));

  it('an answer of the team under the number ends a wait that began under the privacy id', async () => {
    const [one, other] = [newPerson(), newPerson()];
    await says('Thanks', byPhone(one, { senderLid: one.lid }));
    await says('Yes!', { ...byPhone(one), from: `${OURS}@s.whatsapp.net`, from_me: true });
    await untilIdle(stack);
    await world.forget();
    await asked(one);
    await asked(other);
    await untilIdle(stack);
    expect(await alerts('unanswered')).toMatchObject([{ conversation_id: other.conv }]);
  });

  it('our own message that is seen under a privacy id of which nothing is known is nobody’s answer', async () => {
    const one = newPerson();
    const key = await orders(one.phone);
    await untilState(stack, key, 'ACCEPTED');
    const sent = (await sandboxOf(stack).messages()).find((message) => message.key === key);
    const { body } = JSON.parse(sent?.raw ?? '{}') as { body: string };
    const echo = await says(body, {
      ...byLid(one, inConv(one.conv)),
      from: `${OURS}@s.whatsapp.net`,
      from_me: true,
    });
    await untilIdle(stack);
    await asked(one);
    await untilIdle(stack);
    expect(await alerts('unanswered')).toMatchObject([{ conversation_id: one.conv }]);
    expect(await recordOf(stack, key)).toMatchObject({ observedId: echo });
  });
});

describe('an automatic answer to a number that is hidden', () => {
  const keyOf = (id: string) => `delivery:${id}:auto-reply`;

  it('goes into the conversation, and to no digits', async () => {
    const one = newPerson();
    const id = await says(
      'Hello',
      byLid(one, { ...inConv(one.conv), contactPhoneNumber: one.lid.replace('@lid', '') }),
    );
    await untilState(stack, keyOf(id), 'ACCEPTED');
    const { raw = '' } = (await sandboxOf(stack).messages()).find(({ key }) => key === keyOf(id)) ?? {};
    expect(JSON.parse(raw)).toEqual({ conversationId: one.conv, body: 'A person will answer soon.' });
  });

  it.each([400, 404, 422])(
    'where EZWhatsApp refuses that with %i: ends so, holds nothing back, and people are told',
    async (status) => {
      const [one, other] = [newPerson(), newPerson()];
      await sandboxOf(stack).fault('text', { kind: 'status', status });
      const id = await says('Hello', byLid(one, inConv(one.conv)));
      const record = await untilState(stack, keyOf(id), 'REJECTED');
      expect(record).toMatchObject({ reason: 'conversation_refused', attempts: 1 });
      await untilState(stack, await orders(other.phone), 'ACCEPTED', 5000);
      // Once a day.
      if (status === 400) {
        await untilIdle(stack);
        expect(await alerts('conversation_refused')).toMatchObject([{ conversation_id: one.conv }]);
      }
    },
  );
});

describe('in the CRM a person is one contact', () => {
  it('two that were made before anybody knew are merged, or name each other, and a stop stands on what is left', async () => {
    const one = newPerson();
    await says('Hello', byLid(one, inConv(one.conv)));
    await untilIdle(stack);
    await says('Hello', byPhone(one, inConv(`${one.conv}-b`)));
    await untilIdle(stack);
    expect(Object.values(await crms()).map(({ contacts }) => contacts.length)).toEqual(expect.arrayContaining([2, 2]));
    await says('STOP', byLid(one, inConv(one.conv)));
    await untilIdle(stack);
    await says('Hello again', byPhone(one, { ...inConv(`${one.conv}-b`), senderLid: one.lid }));
    await untilIdle(stack);
    await says('And again', byLid(one, inConv(`${one.conv}-c`)));
    await untilIdle(stack);
    const { hubspot, salesforce } = await crms();
    expect(hubspot?.contacts).toMatchObject([{ phone: one.phone, ezw_opted_out: 'true' }]);
    expect(new Set(hubspot?.entries.map(({ contactId }) => contactId)).size).toBe(1);
    expect(hubspot?.entries).toHaveLength(5);
    const theirs = salesforce?.contacts.find(({ MobilePhone }) => MobilePhone === one.phone);
    expect(salesforce?.contacts).toHaveLength(2);
    expect(theirs).toMatchObject({ EZW_Opted_Out__c: true });
    const pairs = (salesforce?.entries ?? []).filter((entry) =>
      JSON.stringify(entry).includes('the same person as contact'),
    );
    expect(pairs).toHaveLength(2);
    for (const crm of [hubspot, salesforce]) {
      expect(JSON.stringify(crm?.entries)).toContain('number hidden by WhatsApp');
      expect(JSON.stringify(crm)).not.toContain(one.lid.slice(0, -4));
    }
  });

  it('a stop that a chat makes theirs stands on the contact of the number with their next message, and a start undoes it', async () => {
    const one = newPerson();
    await says('Hello', byPhone(one, inConv(one.conv)));
    // What was said within a minute its own message shows.
    await says('STOP', byLid(one, { timestamp: Math.floor(Date.now() / 1000) - 120 }));
    await untilIdle(stack);
    await deliver(
      stack,
      { chats: [{ id: one.lid, type: 'contact', contactPhoneNumber: one.phone }] },
      { event: 'chats.post' },
    );
    await untilIdle(stack);
    const theirs = async () => (await crms()).hubspot?.contacts.find(({ phone }) => phone === one.phone);
    await says('Hello again', byPhone(one, inConv(one.conv)));
    await untilIdle(stack);
    expect(await theirs()).toMatchObject({ ezw_opted_out: 'true' });
    await says('START', byPhone(one, { ...inConv(one.conv), timestamp: Math.floor(Date.now() / 1000) + 1 }));
    await untilIdle(stack);
    expect(await theirs()).toMatchObject({ ezw_opted_out: 'false' });
  });

  it('a number that was told of two privacy ids merges nobody: it may be the line’s own', async () => {
    const [one, other] = [newPerson(), newPerson()];
    for (const person of [one, other]) await says('Hello', byLid(person, inConv(person.conv)));
    await untilIdle(stack);
    for (const { lid, conv } of [one, other]) {
      await says('Hi', byLid({ ...one, lid }, { ...inConv(conv), from_me: true, contactPhoneNumber: one.phone }));
      await untilIdle(stack);
    }
    await says('STOP', byLid(one));
    await untilIdle(stack);
    const optedOut = () => crms().then(({ hubspot }) => hubspot?.contacts.map((each) => each.ezw_opted_out ?? 'false'));
    expect(await optedOut()).toEqual(['true', 'false']);
    await says('Hello', byLid(other, { contactPhoneNumber: one.phone }));
    await untilIdle(stack);
    expect(await optedOut()).toHaveLength(2);
  });

  it('one that names the digits alone, where a number should stand, reaches the contact of whoever they are known to be', async () => {
    const one = newPerson();
    // A number of that length may be a mobile in Brazil.
    const lid = `5511${one.no}99${one.no.slice(1)}`;
    await says('Hello', byPhone(one, { ...inConv(one.conv), senderLid: `${lid}@lid` }));
    await untilIdle(stack);
    await says('STOP', {
      ...NO_PHONE,
      chat_id: undefined,
      from: undefined,
      ...inConv(undefined),
      contactPhoneNumber: `+${lid}`,
    });
    await untilIdle(stack);
    const { hubspot } = await crms();
    expect(hubspot?.contacts).toMatchObject([{ phone: one.phone, ezw_opted_out: 'true' }]);
    expect(JSON.stringify(await crms())).not.toContain(lid);
    await untilState(stack, await orders(one.phone), 'SUPPRESSED');
  });
});
