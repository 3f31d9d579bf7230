import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CrmSettings } from '../../functions/crm-sync/config.ts';
import type { CrmConnection, CrmSecret } from '../../functions/crm-sync/crm.ts';
import { crms } from '../../functions/crm-sync/crms.ts';
import { type CrmPlan, plan } from '../../functions/crm-sync/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { startDynamo } from '../emulated/dynamo.ts';

/** Every CRM must pass all of this against a stand-in that lags, conflicts, throttles and expires as the vendor does. */
const files = readdirSync('functions/crm-sync/crms').map((file) => basename(file, '.ts'));
const WHSEC = 'whsec_kX4gv0OUPm7O/0PGVl/uZHN1M0jMwl+CuzoTvhRMqBE=';
const SETUPS: Record<string, (base: string) => { settings: CrmSettings; secret: CrmSecret }> = {
  hubspot: (api) => ({ settings: { kind: 'hubspot', api, text: true }, secret: 'pat-demo' }),
  pipedrive: (api) => ({ settings: { kind: 'pipedrive', api, text: true, optOutField: 'abc' }, secret: 'token' }),
  salesforce: (api) => ({
    settings: { kind: 'salesforce', api, apiVersion: 'v62.0', text: true },
    secret: { clientId: 'id', clientSecret: 'secret' },
  }),
  webhook: (url) => ({ settings: { kind: 'webhook', url, text: true }, secret: WHSEC }),
  zoho: (api) => ({
    settings: { kind: 'zoho', api, accounts: api, text: true },
    secret: { clientId: 'id', clientSecret: 'secret', refreshToken: 'refresh' },
  }),
};

it('every CRM of the folder is registered and walked by this contract', () => {
  expect(Object.keys(crms).sort()).toEqual(files.sort());
  expect(Object.keys(SETUPS).sort()).toEqual(files.sort());
});

interface Shown {
  contacts: Record<string, unknown>[];
  entries: Record<string, unknown>[];
}

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
  phone: '+972501234567',
  name: 'Dana <b>Levi</b>',
  fromMe: false,
  individual: true,
  type: 'text',
  text: 'Hello <script>',
  at: '2026-11-22T10:00:00.000Z',
  ...over,
});

const planned = (item: MessageItem, text = true): CrmPlan => {
  const settings = { lineId: 'line', conversationUrl: 'https://app.example/c', optOut: { stop: ['stop'], start: [] } };
  const found = plan(item, { ...settings, text });
  if (!found) throw new Error('not a message to sync');
  return found;
};

describe.each(files)('%s', (name) => {
  let crm: CrmConnection;
  let prefix: string;
  const control = (method: string, path: string, body?: object) =>
    fetch(`${url}/_sandbox/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  const fault = (fault: object, times = 1) => control('POST', 'faults', { on: 'crm', fault, times });
  const shown = async (): Promise<Shown> =>
    ((await (await control('GET', 'crm')).json()) as Record<string, Shown>)[name] as Shown;
  const contactId = (item: MessageItem, map = newMap(Date.now)) =>
    map.idOf(`${prefix}#${planned(item).contact.key}`, (again) => crm.contactId(planned(item).contact, again));
  const tell = async (item: MessageItem, again = false, text = true): Promise<string> => {
    const id = await contactId(item);
    const { contact, entry } = planned(item, text);
    await crm.addEntry(id, contact, entry, again);
    return id;
  };

  beforeEach(async () => {
    ahead = 0;
    prefix = `crm#${randomUUID()}`;
    await control('DELETE', 'crm');
    await control('DELETE', 'faults');
    const { settings, secret } = (SETUPS[name] as (base: string) => never)(`${url}/crm/${name}`) as ReturnType<
      (typeof SETUPS)[string]
    >;
    crm = crms[name]?.connect(settings, secret, { http, now: Date.now }) as CrmConnection;
  });

  it('keeps every character of a name and a message', async () => {
    const [who, text] = ['Dana 🎂 דנה', `${'x'.repeat(4095)}🎂 👨‍👩‍👧 שָׁלוֹם e\u0301 𠮷`];
    await tell(message({ name: who, text }));
    const { contacts, entries } = await shown();
    expect(JSON.stringify(entries)).toContain(text);
    // HubSpot is not told the name.
    expect(JSON.stringify(contacts)).toContain(name === 'hubspot' ? '+972501234567' : who);
  });

  it('makes a contact and writes one line of the timeline for each message', async () => {
    const [first, second] = [message(), message({ fromMe: true, type: 'image' })];
    const ids = [await tell(first), await tell(second)];
    expect(ids[0]).toBe(ids[1]);
    const { contacts, entries } = await shown();
    expect(contacts).toHaveLength(1);
    expect(JSON.stringify(contacts)).toContain('+972501234567');
    expect(entries).toHaveLength(2);
    for (const entry of entries) {
      const written = JSON.stringify(entry);
      for (const fact of ['conv-1', '+972501234567', '2026-11-22', 'https://app.example/c/conv-1']) {
        expect(written).toContain(fact);
      }
      expect(written).toMatch(/inbound, text|outbound, image|"direction":"(in|out)bound"/);
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
    void map.idOf(pk, async (again) => {
      await crm.contactId(contact, again);
      return new Promise<string>(() => {});
    });
    await expect
      .poll(async () => (await shown()).contacts.length, { timeout: 5000 })
      .toBeGreaterThanOrEqual(name === 'webhook' ? 0 : 1);
    await expect(map.idOf(pk, (again) => crm.contactId(contact, again))).rejects.toMatchObject({ name: 'Unavailable' });
    ahead = 91_000;
    const later = newMap(() => Date.now() + 91_000);
    await later.idOf(pk, (again) => crm.contactId(contact, again));
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
    if (['salesforce', 'zoho'].includes(name)) await tell(item);
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

  it('shows on the contact who has opted out', async () => {
    const item = message({ text: 'STOP' });
    const { contact, entry, optOut } = planned(item);
    expect(optOut).toBe('stop');
    await crm.setOptOut(await tell(item), contact, true, entry);
    expect(JSON.stringify((await shown()).contacts)).toMatch(
      /"(ezw_opted_out|opted_out|EZW_Opted_Out(__c)?)":"?true|opted out/,
    );
  });

  it('finds by its number a contact that others made, and adds no second one', async () => {
    if (name === 'webhook') return;
    const theirs: Record<string, [string, string, object, object]> = {
      hubspot: [
        'POST',
        '/crm/v3/objects/contacts/batch/upsert',
        { authorization: 'Bearer pat-demo' },
        { inputs: [{ idProperty: 'ezw_wa_id', id: 'other', properties: { phone: '+972501234567' } }] },
      ],
      pipedrive: [
        'POST',
        '/api/v2/persons',
        { 'x-api-token': 't' },
        { name: 'Dana', phones: [{ value: '972501234567' }] },
      ],
    };
    const made = theirs[name];
    if (!made) return;
    const [method, path, headers, body] = made;
    await fetch(`${url}/crm/${name}${path}`, { method, headers: { ...headers }, body: JSON.stringify(body) });
    ahead = 10_000;
    await tell(message());
    expect((await shown()).contacts).toHaveLength(1);
  });

  it('is described in the README', () => {
    expect(readFileSync('functions/crm-sync/README.md', 'utf8')).toContain(`\`${name}\``);
  });
});
