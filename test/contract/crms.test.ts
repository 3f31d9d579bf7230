import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { Crm, CrmConnection } from '../../functions/crm-sync/crm.ts';
import { Pause } from '../../functions/crm-sync/pause.ts';
import { Sink } from '../../functions/crm-sync/sink.ts';
import { CrmSync } from '../../functions/crm-sync/sync.ts';
import { type CrmPlan, plan, planNote } from '../../functions/crm-sync/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { Unavailable } from '../../functions/shared/runtime/errors.ts';
import { type Http, http } from '../../functions/shared/runtime/http.ts';
import type { CrmStandIn } from '../../local/sandbox/crms/crm.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { PORTS } from '../../scripts/ports.ts';
import { startDynamo } from '../emulated/dynamo.ts';
import { type Extensions, lacks, load, namesOf, strays } from './folders.ts';

/** Every CRM must pass all of this against a stand-in that lags, conflicts, throttles and expires as the vendor does. */
const CRMS: Extensions = { folder: 'functions/crm-sync/crms', main: 'crm' };
const PHONE = '+972501234567';

it('no line of the registry is without a folder', () => {
  expect(strays(CRMS)).toEqual([]);
});

type Calls = Readonly<Record<string, (...given: never[]) => unknown>>;

interface Shown {
  contacts: Record<string, unknown>[];
  entries: Record<string, unknown>[];
}

/** Of the item that is on its way. */
const asked = new AsyncLocalStorage<{ requests: number }>();
const counted: Http = (request) => {
  const item = asked.getStore();
  if (item) item.requests += 1;
  return http(request);
};

let url: string;
let close: () => Promise<void>;
let stop: () => Promise<void>;
let newMap: (now: () => number) => import('../../functions/crm-sync/contacts-map.ts').ContactsMap;
/** Ahead of real time by so much: search indexes catch up without waiting. */
let ahead = 0;

beforeAll(async () => {
  ({ stop } = await startDynamo());
  // The stand-ins are on this machine, as in the local stack.
  process.env.AWS_ENDPOINT_URL_SQS = 'http://127.0.0.1:1';
  const { ContactsMap } = await import('../../functions/crm-sync/contacts-map.ts');
  newMap = (now) => new ContactsMap({ table: 'contacts', now, newOwner: randomUUID });
  const sandbox = createSandbox({ lineToken: 'ezw_line_test_1', lineId: 'line', now: () => Date.now() + ahead });
  ({ url, close } = await sandbox.listen(0));
});
afterAll(async () => {
  await close();
  await stop();
});

const message = (over: Partial<MessageItem> = {}): MessageItem => ({
  kind: 'message',
  id: randomUUID(),
  conversation: 'conv-1',
  conversationId: 'conv-1',
  phone: PHONE,
  name: 'Dana <b>Levi</b>',
  fromMe: false,
  individual: true,
  type: 'text',
  text: 'Hello <script>',
  at: '2026-11-22T10:00:00.000Z',
  ...over,
});

const CONFIG = {
  lineId: 'line',
  keysOf: 'line',
  conversationUrl: 'https://app.example/c',
  zone: 'Asia/Jerusalem',
  callingCode: '972',
  optOut: { stop: ['stop'], start: [] },
};

const planned = (item: MessageItem, text = true): CrmPlan => {
  const found = plan(item, { ...CONFIG, text });
  if (!found) throw new Error('not a message to sync');
  return found;
};

describe.each(namesOf(CRMS))('%s', (name) => {
  it('has all that belongs to it', () => {
    expect(lacks(CRMS, name)).toEqual([]);
  });
  // What is begun keeps its promises when it is finished; until then the list above is what there is to do.
  if (lacks(CRMS, name).length > 0) return;

  let own: Crm;
  let standIn: CrmStandIn;
  let crm: CrmConnection;
  /** Requests of any one item. */
  let most = 0;
  let prefix: string;
  const control = (method: string, path: string, body?: object) =>
    fetch(`${url}/_sandbox/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  const fault = (fault: object, times = 1) => control('POST', 'faults', { on: 'crm', fault, times });
  const shown = async (): Promise<Shown> =>
    ((await (await control('GET', 'crm')).json()) as Record<string, Shown>)[name] as Shown;
  const contactId = (item: MessageItem, map = newMap(Date.now)) =>
    map
      .contactOf(`${prefix}#${planned(item).contact.key}`, (again) => crm.contactId(planned(item).contact, again))
      .then(({ id }) => id);
  const tell = async (item: MessageItem, again = false, text = true): Promise<string> => {
    const id = await contactId(item);
    const { contact, entry } = planned(item, text);
    await crm.addEntry(id, contact, entry, again);
    return id;
  };

  /** Whose number is known by whatever names a message with it had, as the table of people knows. */
  let numbers: Map<string, string>;
  let silent: boolean;
  const meet = async (_: string, { phone, conversation, privacyId }: MessageItem) => {
    const names = [conversation, ...(privacyId === undefined ? [] : [privacyId])];
    const known = phone ?? names.map((one) => numbers.get(one)).find((one) => one !== undefined);
    if (known !== undefined) for (const one of names) numbers.set(one, known);
    return { person: known && `suppressed#${known}`, names, older: [] };
  };

  /** The whole way of an item, but for its queue and its claim. */
  const sync = async (item: object): Promise<void> => {
    const made = { requests: 0 };
    await asked.run(made, () => syncOne(item)).finally(() => (most = Math.max(most, made.requests)));
  };
  const syncOne = (item: object): Promise<void> =>
    new CrmSync({
      config: CONFIG,
      deliveries: {
        once: (_: string, effect: (attempt: number) => Promise<void>) => effect(1).then(() => true),
        onceForWords: (_: string, __: unknown, effect: (attempt: number, change: false) => Promise<void>) =>
          effect(1, false).then(() => true),
      },
      observed: { observe: async () => undefined, withFingerprint: async () => [], noteStatus: async () => 'joined' },
      people: { meet, latest: async () => ({}) },
      sinks: [sink()],
      enqueue: async () => undefined,
      markHidesNumbers: async () => undefined,
      tellOfFailed: async () => undefined,
      log: () => undefined,
      now: Date.now,
    } as never).handle(JSON.stringify({ deliveryId: 'd1', index: 0, item }));
  const sink = () =>
    new Sink({
      name: prefix.slice('crm#'.length),
      text: true,
      takesStatuses: own.statuses === true,
      config: CONFIG,
      contacts: newMap(() => Date.now() + ahead),
      people: {
        meet,
        hear: async () => true,
        isSilent: async () => silent,
        saidLast: async () => (silent ? { word: 'stop', at: '2026-01-01T00:00:00.000Z' } : undefined),
      },
      contactPk: async (_: string, key: string) => `${prefix}#${key}`,
      connect: async () => crm,
      refresh: async () => false,
      pause: new Pause(Date.now),
      failures: { failed: async () => undefined, taken: async () => undefined },
      tell: async () => undefined,
      log: () => undefined,
      now: Date.now,
    });
  const removeAll = async () => {
    for (const { id } of (await shown()).contacts) await control('DELETE', `crm/${name}/contacts/${id}`);
  };

  beforeAll(async () => {
    ({ crm: own } = await load<{ crm: Crm }>(CRMS, name, 'crm.ts'));
    ({ standIn } = await load<{ standIn: CrmStandIn }>(CRMS, name, 'stand-in.ts'));
  });
  beforeEach(async () => {
    ahead = 0;
    numbers = new Map();
    silent = false;
    prefix = `crm#${randomUUID()}`;
    await control('DELETE', 'crm');
    await control('DELETE', 'faults');
    const { settings, secret } = standIn.connection(`${url}/crm/${name}`);
    crm = own.connect(z.parse(own.settings, settings), secret, { http: counted, now: Date.now });
  });

  it('says that it is told how far messages got where it takes that', () => {
    expect(own.statuses === true).toBe(crm.onStatus !== undefined);
  });

  it('takes the settings that it gives as an example, and no others', () => {
    expect(z.safeParse(own.settings, own.example).error).toBeUndefined();
    expect(z.safeParse(own.settings, { ...own.example, misspelt: 1 }).success).toBe(false);
    // `kind`, `name` and `text` are every CRM's, and are added to its own.
    expect(Object.keys(own.settings.shape)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(kind|name|text)$/)]),
    );
  });

  it('keeps every character of a name and a message', async () => {
    const [who, text] = ['Dana 🎂 דנה', `${'x'.repeat(4095)}🎂 👨‍👩‍👧 שָׁלוֹם e\u0301 𠮷`];
    await sync(message({ name: who, text }));
    const { contacts, entries } = await shown();
    expect(JSON.stringify(entries)).toContain(text);
    expect(JSON.stringify(contacts)).toContain(who);
  });

  it('makes a contact and writes one line of the timeline for each message', async () => {
    const [first, second] = [message(), message({ fromMe: true, type: 'image' })];
    const ids = [await tell(first), await tell(second)];
    expect(ids[0]).toBe(ids[1]);
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(JSON.stringify(contacts)).toContain(PHONE);
    expect(entries).toHaveLength(2);
    for (const entry of entries) {
      const written = JSON.stringify(entry);
      for (const fact of ['conv-1', PHONE, '2026-11-22', 'https://app.example/c/conv-1']) {
        expect(written).toContain(fact);
      }
      expect(written).toMatch(/inbound, text|outbound, image|"direction":"(in|out)bound"/i);
    }
  });

  it('leaves the words of messages out unless the client file asks for them', async () => {
    await tell(message({ text: 'a very private word' }), false, false);
    expect(JSON.stringify(await shown())).not.toContain('a very private word');
    await tell(message({ text: 'a very private word' }), false, true);
    expect(JSON.stringify(await shown())).toContain('a very private word');
  });

  it('a message told again, with the answer of the first time lost, makes nothing twice', async () => {
    const item = message();
    await tell(item);
    await tell(item, true);
    await fault({ kind: 'reset', after: true });
    const next = message();
    await expect(tell(next)).rejects.toMatchObject({ name: 'Unavailable' });
    await tell(next, true);
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(entries).toHaveLength(2);
  });

  it('concurrent first messages of one person make one contact', async () => {
    const items = Array.from({ length: 12 }, () => message());
    let waiting = items;
    while (waiting.length > 0) {
      const results = await Promise.allSettled(waiting.map((item) => tell(item)));
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'contact_in_progress' });
      }
      waiting = waiting.filter((_, i) => results[i]?.status === 'rejected');
    }
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(entries).toHaveLength(12);
  });

  it('an owner that vanished after making the contact leaves no second one behind', async () => {
    const { contact } = planned(message());
    const map = newMap(() => Date.now());
    const pk = `${prefix}#${contact.key}`;
    // It hangs for ever between the CRM and our own table.
    void map.contactOf(pk, async (again) => {
      await crm.contactId(contact, again);
      return new Promise<string>(() => {});
    });
    const made = standIn.keepsContacts === false ? 0 : 1;
    await expect.poll(async () => (await shown()).contacts.length, { timeout: 5000 }).toBe(made);
    await expect(map.contactOf(pk, (again) => crm.contactId(contact, again))).rejects.toMatchObject({
      name: 'Unavailable',
    });
    ahead = 91_000;
    const later = newMap(() => Date.now() + 91_000);
    await later.contactOf(pk, (again) => crm.contactId(contact, again));
    expect((await shown()).contacts.length).toBeLessThanOrEqual(1);
  });

  it.each([409, 429, 500, 503])('%i is tried again, as late as Retry-After says', async (status) => {
    await contactId(message());
    await fault({ kind: 'status', status, headers: { 'Retry-After': '7' } }, 2);
    const item = message();
    const failure = await tell(item).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'Unavailable', retryAfterSeconds: 7 });
    await control('DELETE', 'faults');
    await tell(item, true);
    expect((await shown()).entries).toHaveLength(1);
  });

  it('an expired token is renewed, or waited for, and nothing is lost', async () => {
    const item = message();
    await contactId(item);
    await control('POST', 'crm/expire-tokens');
    if (standIn.renewsToken) await tell(item);
    else {
      await fault({ kind: 'status', status: 401 }, 2);
      await expect(tell(item)).rejects.toMatchObject({ name: 'Unavailable', reason: 'sink_401' });
      await control('DELETE', 'faults');
      await tell(item, true);
    }
    expect((await shown()).entries).toHaveLength(1);
  });

  it('what can never be taken is told apart from what may pass', async () => {
    const item = message();
    await contactId(item);
    await fault({ kind: 'status', status: 422 }, 1);
    await expect(tell(item)).rejects.toMatchObject({ name: 'Permanent' });
  });

  it('a contact that was deleted or merged away is found or made anew, and the line is written there', async () => {
    if (standIn.keepsContacts === false) return;
    await sync(message());
    ahead = 10_000;
    await removeAll();
    ahead = 20_000;
    const item = message();
    await sync(item);
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(entries.filter((one) => one.contactId === contacts[0]?.id)).toHaveLength(1);
  });

  it('a contact that is gone, and found again by a search that lags behind, is told after one try', async () => {
    if (standIn.keepsContacts === false || !standIn.madeByOthers) return;
    await standIn.madeByOthers(`${url}/crm/${name}`, PHONE);
    ahead = 10_000;
    await sync(message());
    await removeAll();
    await expect(sync(message())).rejects.toMatchObject({ name: 'Permanent', reason: 'contact_gone_again' });
    ahead = 20_000;
    await sync(message());
    expect((await shown()).contacts).toHaveLength(1);
  });

  /** A message that does not say from which number it came. */
  const numberless = (over: Partial<MessageItem> = {}): MessageItem => {
    const { phone: _, ...rest } = message(over);
    return rest;
  };
  /** All of them, as a queue would have it: what is held up by another comes again. */
  const syncAll = async (items: readonly MessageItem[]) => {
    for (let waiting = items; waiting.length > 0; ) {
      const results = await Promise.allSettled(waiting.map(sync));
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'contact_in_progress' });
      }
      waiting = waiting.filter((_, i) => results[i]?.status === 'rejected');
    }
  };

  it.each([
    ['first without its number, then with it', [numberless, message, numberless]],
    ['first with its number, then without it', [message, numberless, message]],
  ])('a person who writes %s is one contact, with the number', async (_, kinds) => {
    if (standIn.keepsContacts === false || !standIn.madeByOthers) return;
    for (const kind of kinds) await sync(kind());
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(JSON.stringify(contacts)).toContain(PHONE);
    expect(entries.map(({ contactId }) => contactId)).toEqual(Array(3).fill(contacts[0]?.id));
  });

  it('twenty first messages of one person at once, some of them without the number, make one contact', async () => {
    if (standIn.keepsContacts === false || !standIn.madeByOthers) return;
    await syncAll(Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? numberless() : message())));
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(JSON.stringify(contacts)).toContain(PHONE);
    expect(entries).toHaveLength(20);
  });

  it('a number that turns out to be a contact’s own takes the conversation there', async () => {
    if (!standIn.madeByOthers) return;
    await standIn.madeByOthers(`${url}/crm/${name}`, standIn.findsAnyForm === false ? PHONE : '050-123-4567');
    ahead = 10_000;
    for (const kind of [numberless, message, numberless]) await sync(kind());
    const { contacts, entries } = await shown();
    const lines = entries.map(({ contactId }) => contactId);
    if (crm.merge) {
      expect(contacts).toMatchObject([{}]);
      return expect(lines).toEqual(Array(3).fill(contacts[0]?.id));
    }
    const [theirs, met] = contacts;
    // Between them one line on each tells of the other.
    expect(lines).toEqual([met?.id, met?.id, theirs?.id, theirs?.id, theirs?.id]);
    expect(JSON.stringify(entries[1])).toContain(`the same person as contact ${theirs?.id}`);
    expect(JSON.stringify(entries[2])).toContain(`the same person as contact ${met?.id}`);
  });

  /** The same connection, each of whose calls goes by `around`. */
  const withEach = (plain: CrmConnection, around: (call: () => Promise<unknown>) => Promise<unknown>): CrmConnection =>
    Object.fromEntries(
      Object.entries(plain).map(([method]) => [
        method,
        (...given: never[]) => around(() => (plain as unknown as Calls)[method]?.(...given) as Promise<unknown>),
      ]),
    ) as unknown as CrmConnection;

  describe('of a person whose number WhatsApp hides', () => {
    const LID = '4639135154355';
    const hidden = (over: Partial<MessageItem> = {}) =>
      numberless({ conversation: `${LID}@lid`, privacyId: LID, ...over });
    const hasContacts = () => standIn.keepsContacts !== false && standIn.madeByOthers !== undefined;
    /** One contact of the privacy id, one of the number, and nobody knows yet that they are one person. */
    const two = async () => {
      await sync(hidden({ conversation: 'conv-1', name: 'Dana' }));
      await sync(message({ conversation: 'conv-2', conversationId: 'conv-2', name: 'Dana' }));
    };
    const tie = (over: Partial<MessageItem> = {}) =>
      message({ conversation: 'conv-2', conversationId: 'conv-2', privacyId: LID, ...over });
    const about = (entries: Record<string, unknown>[]) =>
      entries.filter((one) => JSON.stringify(one).includes('the same person as contact'));

    it('each line says so, and none has WhatsApp’s own id', async () => {
      await sync(hidden({ conversationId: 'conv-1' }));
      await sync(hidden({ text: 'STOP', conversationId: `${LID}@lid` }));
      const { contacts, entries } = await shown();
      for (const entry of entries.slice(0, 1))
        expect(JSON.stringify(entry)).toMatch(/number hidden by WhatsApp|number_hidden/);
      expect(JSON.stringify(contacts)).not.toContain(LID);
      expect(JSON.stringify(entries.map(({ contactId: _, ...entry }) => entry))).not.toMatch(
        new RegExp(`(?<!%40|/)${LID}(?!%40lid)`),
      );
    });

    it('one that names only the privacy id reaches the contact of the number that others told of it', async () => {
      if (!hasContacts()) return;
      await sync(message({ privacyId: LID }));
      await sync(hidden());
      await sync(hidden({ conversation: 'conv-9', conversationId: 'conv-9' }));
      const { contacts, entries } = await shown();
      expect(contacts).toHaveLength(1);
      expect(entries.map(({ contactId }) => contactId)).toEqual(Array(3).fill(contacts[0]?.id));
    });

    it('one reaches the contact of a number that a chat alone told', async () => {
      if (!hasContacts()) return;
      await sync(message({ conversation: 'conv-2' }));
      numbers.set('conv-3', PHONE);
      await sync(hidden({ conversation: 'conv-3' }));
      await sync(message({ conversation: 'conv-4' }));
      expect((await shown()).contacts).toHaveLength(1);
    });

    it('a contact that was made without it learns a number that comes from another conversation, once a chat told whose it is', async () => {
      if (!hasContacts()) return;
      await sync(hidden({ conversation: 'conv-1' }));
      numbers.set('conv-1', PHONE);
      await sync(hidden({ conversation: 'conv-1' }));
      await sync(message({ conversation: 'conv-2' }));
      const { contacts } = await shown();
      expect(contacts).toHaveLength(1);
      expect(JSON.stringify(contacts)).toContain(PHONE);
    });

    it('one conversation after another of a privacy id is one contact', async () => {
      if (!hasContacts()) return;
      for (const conversation of ['conv-1', 'conv-2', `${LID}@lid`]) await sync(hidden({ conversation }));
      expect((await shown()).contacts).toHaveLength(1);
    });

    it.each([
      ['a message with both', tie],
      ['a message without the number, whose person is known by then', () => hidden({ conversation: 'conv-2' })],
    ])('two contacts become one, or each names the other, once: %s', async (_, told) => {
      if (!hasContacts()) return;
      await two();
      expect((await shown()).contacts).toHaveLength(2);
      for (let i = 0; i < 3; i += 1) await sync(told());
      const { contacts, entries } = await shown();
      expect(contacts).toHaveLength(crm.merge ? 1 : 2);
      expect(about(entries)).toHaveLength(crm.merge ? 0 : 2);
      const theirs = contacts.find((one) => JSON.stringify(one).includes(PHONE));
      expect(entries.filter(({ contactId }) => contactId === theirs?.id)).toHaveLength(crm.merge ? 5 : 5);
    });

    it('what was lost of the answer to a merge, or between it and what follows, has no second effect', async () => {
      if (!hasContacts()) return;
      await two();
      const [item, whole] = [tie(), crm];
      // Every call on the way loses its answer once, after it took effect, and whoever made it is gone.
      let calls = 0;
      for (let tries = 1; tries < 12; tries += 1) {
        calls = 0;
        crm = withEach(whole, async (call) => {
          calls += 1;
          const answer = await call();
          if (calls === tries) throw new Unavailable('lost', 'No answer.');
          return answer;
        });
        await sync(item).catch(() => undefined);
        ahead += 91_000;
      }
      await sync(tie());
      const { contacts, entries } = await shown();
      expect(contacts).toHaveLength(crm.merge ? 1 : 2);
      expect(about(entries)).toHaveLength(crm.merge ? 0 : 2);
    });

    it('what the vendor will not merge keeps a line on each', async () => {
      if (!hasContacts() || !crm.merge) return;
      await two();
      crm = {
        ...crm,
        merge: () => Promise.reject(Object.assign(new Error('no'), { name: 'Permanent', reason: 'sink_400' })),
      };
      await sync(tie());
      await sync(tie());
      const { contacts, entries } = await shown();
      expect(contacts).toHaveLength(2);
      expect(about(entries)).toHaveLength(2);
    });

    it('a stop that was shown on the one stands on what is left', async () => {
      if (!hasContacts()) return;
      await two();
      silent = true;
      await sync(hidden({ conversation: 'conv-1', text: 'STOP' }));
      await sync(tie());
      const theirs = (await shown()).contacts.find((one) => JSON.stringify(one).includes(PHONE));
      expect(standIn.showsOptOut(theirs ?? {})).toBe(true);
    });

    it('ten at once, some with both, make two contacts one, once', async () => {
      if (!hasContacts()) return;
      await two();
      await syncAll(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? tie() : hidden({ conversation: 'conv-1' }))));
      const { contacts, entries } = await shown();
      expect(contacts).toHaveLength(crm.merge ? 1 : 2);
      expect(about(entries)).toHaveLength(crm.merge ? 0 : 2);
    });

    it('a conversation that another number writes in takes nobody’s contact along', async () => {
      if (!hasContacts()) return;
      await sync(message());
      await sync(message({ phone: '+972501230002' }));
      const { contacts } = await shown();
      expect(contacts).toHaveLength(2);
    });
  });

  it('a name is written where there is none, once it is known', async () => {
    if (standIn.keepsContacts === false || !standIn.madeByOthers) return;
    await tell(message({ fromMe: true, name: 'The shop' }));
    await sync(message({ name: 'Noa Bar' }));
    const contacts = JSON.stringify((await shown()).contacts);
    expect(contacts).toContain('Noa Bar');
    expect(contacts).not.toContain('The shop');
  });

  it('a name that a person gave is never written over', async () => {
    if (!standIn.madeByOthers) return;
    await standIn.madeByOthers(`${url}/crm/${name}`, PHONE);
    ahead = 10_000;
    await sync(message({ name: 'Noa Bar' }));
    const contacts = JSON.stringify((await shown()).contacts);
    expect(contacts).toContain('Dana');
    expect(contacts).not.toContain('Noa Bar');
  });

  it('a name that a rule of the client refuses loses no message', async () => {
    if (standIn.keepsContacts === false || !standIn.madeByOthers) return;
    await sync(message({ name: 'Noa 🚫' }));
    await sync(message({ name: 'Noa 🚫' }));
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(entries).toHaveLength(2);
    expect(JSON.stringify(contacts)).not.toContain('🚫');
  });

  it('shows on the contact who has opted out', async () => {
    const item = message({ text: 'STOP' });
    const { contact, entry, optOut } = planned(item);
    expect(optOut).toBe('stop');
    await crm.setOptOut(await tell(item), contact, true, entry);
    expect((await shown()).contacts.map((one) => standIn.showsOptOut(one))).toEqual([true]);
    await crm.setOptOut(await tell(item), contact, false, entry);
    expect((await shown()).contacts.map((one) => standIn.showsOptOut(one))).toEqual([false]);
  });

  it('finds by its number a contact that others made, and adds no second one', async () => {
    if (standIn.keepsContacts === false) return;
    if (!standIn.madeByOthers)
      throw new Error(`${CRMS.folder}/${name}/stand-in.ts: write madeByOthers or keepsContacts: false`);
    await standIn.madeByOthers(`${url}/crm/${name}`, PHONE);
    expect((await shown()).contacts).toHaveLength(1);
    ahead = 10_000;
    await tell(message());
    expect((await shown()).contacts).toHaveLength(1);
  });

  it.each([
    '972501234567',
    '0501234567',
    '501234567',
    '050-123-4567',
    '050-1234567',
    '050 123 4567',
    '+972 50-123-4567',
    '+972 50 123 4567',
    '+972-50-123-4567',
    '00972501234567',
  ])('finds a contact whose number people wrote as %s', async (written) => {
    if (!standIn.madeByOthers || standIn.findsAnyForm === false) return;
    await standIn.madeByOthers(`${url}/crm/${name}`, written);
    ahead = 10_000;
    await sync(message());
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(entries).toHaveLength(1);
  });

  it('looks a number up in as few requests as the vendor takes', async () => {
    if (!standIn.madeByOthers) return;
    await sync(message());
    const asked = (await (await control('GET', 'crm/requests')).json()) as { path: string }[];
    const searches = asked.filter(({ path }) => path.includes('search'));
    // Where one request takes all forms of a number, or a few at a time, or one.
    expect(searches.length).toBeLessThanOrEqual({ hubspot: 1, salesforce: 1, zoho: 3, pipedrive: 4 }[name] ?? 4);
  });

  it('does not take the same digits of another country for the person', async () => {
    if (!standIn.madeByOthers) return;
    await standIn.madeByOthers(`${url}/crm/${name}`, '050-123-4567');
    ahead = 10_000;
    await sync(message({ phone: '+971501234567' }));
    expect((await shown()).contacts).toHaveLength(2);
  });

  it('of two contacts with one number takes the older, and makes no third', async () => {
    if (!standIn.madeByOthers) return;
    await standIn.madeByOthers(`${url}/crm/${name}`, PHONE);
    ahead = 1000;
    await standIn.madeByOthers(`${url}/crm/${name}`, '050-123-4567');
    ahead = 10_000;
    await sync(message());
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(2);
    expect(entries).toMatchObject([{ contactId: contacts[0]?.id }]);
  });

  it('finds a contact that others made with the number as they write it, where WhatsApp writes it otherwise', async () => {
    if (!standIn.madeByOthers) return;
    await standIn.madeByOthers(`${url}/crm/${name}`, '+5511987654321');
    ahead = 10_000;
    await tell(message({ phone: '+551187654321' }));
    expect((await shown()).contacts).toHaveLength(1);
  });

  it('writes what a form says as one line of the timeline, with question and answer', async () => {
    const answers = [{ question: 'What are you <looking> for?', value: 'Roses, trees' }];
    const note = {
      kind: 'note' as const,
      key: 'lead:1:first-touch',
      template: 'lead-first-touch',
      phone: PHONE,
      from: 'typeform, roses',
      answers,
    };
    const { contact, entry } = planNote({ ...note, name: 'Dana', at: '2026-11-22T10:00:00.000Z' }, CONFIG);
    const map = newMap(() => Date.now());
    const { id } = await map.contactOf(`${prefix}#form`, (again) => crm.contactId(contact, again));
    await crm.addEntry(id, contact, entry, false);
    await crm.addEntry(id, contact, entry, true);
    const { entries } = await shown();
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries)).toMatch(/looking[\s\S]*Roses, trees/);
    expect(JSON.stringify(entries)).toContain('typeform, roses');
  });

  it('made no more requests for one item, in all of this, than the table of budgets says', () => {
    const port = PORTS.find(({ modules }) => modules.includes(`crm-sync/crms/${name}/crm.ts`));
    // A new one is asked for by the table's own test.
    expect(most).toBeLessThanOrEqual(port?.calls ?? most);
  });
});
