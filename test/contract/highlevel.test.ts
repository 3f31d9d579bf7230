import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { isContactGone } from '../../functions/crm-sync/api.ts';
import type { CrmConnection, CrmContact, CrmEntry } from '../../functions/crm-sync/crm.ts';
import { crm } from '../../functions/crm-sync/crms/highlevel/crm.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import type { CrmStandIn } from '../../local/sandbox/crms/crm.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { load } from './folders.ts';

/** What HighLevel promises beyond what every CRM does. The people who work there are this test, by the API. */
const [PHONE, OTHER] = ['+972501234567', '+972501234568'];
const contact: CrmContact = { key: PHONE, phone: PHONE, forms: [PHONE], name: 'Dana 🌸' };
const entry = (key: string, over: Partial<CrmEntry> = {}): CrmEntry => ({
  key,
  phone: PHONE,
  conversationId: 'conv-1',
  direction: 'inbound',
  type: 'text',
  at: '2026-11-22T10:00:00.000Z',
  day: '2026-11-22',
  ...over,
});

let url: string;
let close: () => Promise<void>;
let base: string;
let ahead = 0;
let connection: ReturnType<CrmStandIn<typeof crm>['connection']>;
let highlevel: CrmConnection;
let standIn: CrmStandIn<typeof crm>;

beforeAll(async () => {
  const folder = { folder: 'functions/crm-sync/crms', main: 'crm' } as const;
  ({ standIn } = await load<{ standIn: CrmStandIn<typeof crm> }>(folder, 'highlevel', 'stand-in.ts'));
});
beforeEach(async () => {
  ahead = 0;
  const sandbox = createSandbox({ lineToken: 'ezw_line_test_1', lineId: 'line', now: () => Date.now() + ahead });
  ({ url, close } = await sandbox.listen(0));
  base = `${url}/crm/highlevel`;
  connection = standIn.connection(base);
  highlevel = connect();
  return close;
});

const connect = (settings: object = {}): CrmConnection =>
  crm.connect(z.parse(crm.settings, { ...connection.settings, ...settings }), connection.secret, {
    http,
    now: Date.now,
  });
const person = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
  const headers = { authorization: 'Bearer pit-demo', version: '2021-07-28' };
  const answer = await fetch(`${base}/contacts${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, unknown>;
};
const made = async (fields: object): Promise<string> => {
  const { contact } = await person('POST', '/', { locationId: connection.settings.locationId, ...fields });
  ahead += 10_000;
  return (contact as { id: string }).id;
};
interface Shown {
  contacts: { id: string; [field: string]: unknown }[];
  entries: { body: string }[];
}
const shown = async (): Promise<Shown> =>
  ((await (await fetch(`${url}/_sandbox/crm`)).json()) as { highlevel: Shown }).highlevel;
const called = async (): Promise<string[]> => {
  const listed = (await (await fetch(`${url}/_sandbox/crm/requests`)).json()) as { method: string; path: string }[];
  return listed.map(({ method, path }) => `${method} ${path.split('/contacts').at(-1)?.split('?')[0]}`);
};
const fault = (fault: object, times = 1) =>
  fetch(`${url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify({ on: 'crm', fault, times }) });
const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('contacts', () => {
  it('a contact is made by its phone alone, and then given the name', async () => {
    await highlevel.nameContact?.(await highlevel.contactId(contact, false), contact);
    const own = expect.stringMatching(/^GET \/[\w-]+$/);
    expect(await called()).toEqual(['GET /search/duplicate', 'POST /upsert', own, expect.stringMatching(/^PUT /)]);
    expect((await shown()).contacts).toMatchObject([{ phone: PHONE, name: 'Dana 🌸' }]);
  });

  it('the name of a person who works there is never written over', async () => {
    const id = await made({ phone: PHONE, firstName: 'Mrs. Levi' });
    expect(await highlevel.contactId(contact, false)).toBe(id);
    await highlevel.nameContact?.(id, contact);
    expect((await shown()).contacts).toMatchObject([{ firstName: 'Mrs. Levi' }]);
    expect(JSON.stringify(await shown())).not.toContain('🌸');
  });

  it('a contact without a name gets it, also when others made the contact', async () => {
    const id = await made({ phone: PHONE });
    expect(await highlevel.contactId(contact, false)).toBe(id);
    await highlevel.nameContact?.(id, contact);
    expect((await shown()).contacts).toMatchObject([{ id, name: 'Dana 🌸' }]);
  });

  it('a contact of another number is never written to, whatever HighLevel answers', async () => {
    const other = { contact: { id: 'somebody-else', phone: OTHER } };
    await fault({ kind: 'status', status: 200, body: other }, 2);
    expect(await failure(highlevel.contactId(contact, false))).toMatchObject({
      name: 'Permanent',
      reason: 'sink_other_contact',
    });
    // The look-up alone may be wrong: then there is nobody of that number yet.
    await fault({ kind: 'status', status: 200, body: other });
    expect(await highlevel.contactId(contact, false)).not.toBe('somebody-else');
  });

  it('a number among the further ones of a contact is theirs', async () => {
    const theirs = {
      contact: { id: 'known', phone: OTHER, additionalPhones: [{ phone: '+972 50-123-4567' }], name: 'Noa' },
    };
    await fault({ kind: 'status', status: 200, body: theirs });
    expect(await highlevel.contactId(contact, false)).toBe('known');
  });

  it('somebody whose phone is not known is not made twice after a lost answer', async () => {
    const nobody = { key: 'line:conv-9', forms: [] };
    await fault({ kind: 'reset', after: true });
    expect(await failure(highlevel.contactId(nobody, false))).toMatchObject({ name: 'Unavailable' });
    ahead = 10_000;
    await highlevel.contactId(nobody, true);
    expect((await shown()).contacts).toHaveLength(1);
  });

  it.each([
    ['a deleted one, as the stand-in says it', undefined],
    ['not found', { status: 400, body: { statusCode: 400, message: 'Contact not found' } }],
    ['no id of theirs', { status: 422, body: { statusCode: 422, message: ['contact id is not a valid firebase id'] } }],
    ['404', { status: 404, body: { statusCode: 404, message: 'Not Found' } }],
  ])('a contact that is gone, deleted or merged, is found anew: %s', async (_, answer) => {
    const id = await highlevel.contactId(contact, false);
    if (answer) await fault({ kind: 'status', ...answer });
    else await person('DELETE', `/${id}`);
    expect(isContactGone(await failure(highlevel.addEntry(id, contact, entry('line:m1'), false)))).toBe(true);
  });

  it('another refusal is no contact that is gone', async () => {
    const id = await highlevel.contactId(contact, false);
    await fault({ kind: 'status', status: 400, body: { statusCode: 400, message: 'body must be a string' } });
    const refused = await failure(highlevel.addEntry(id, contact, entry('line:m1'), false));
    expect(refused).toMatchObject({ name: 'Permanent', reason: 'sink_400' });
  });
});

describe('notes', () => {
  it('a message costs one request', async () => {
    const id = await highlevel.contactId(contact, false);
    const before = (await called()).length;
    await highlevel.addEntry(id, contact, entry('line:m1'), false);
    expect((await called()).slice(before)).toEqual([`POST /${id}/notes`]);
  });

  it('one that may have been written is found among many, and not taken for one whose key begins alike', async () => {
    const id = await highlevel.contactId(contact, false);
    await highlevel.addEntry(id, contact, entry('line:m1'), false);
    for (let i = 0; i < 40; i += 1) await person('POST', `/${id}/notes`, { body: 'x'.repeat(4000) });
    await highlevel.addEntry(id, contact, entry('line:m12'), true);
    await highlevel.addEntry(id, contact, entry('line:m1'), true);
    await highlevel.addEntry(id, contact, entry('line:m'), true);
    const ours = (await shown()).entries.flatMap(({ body }) => (/EZWhatsApp (\S+)$/.exec(body) ?? []).slice(1));
    expect(ours.toSorted()).toEqual(['line:m', 'line:m1', 'line:m12']);
  });

  it('notes that cannot be read are not taken for none: nothing is written twice', async () => {
    const id = await highlevel.contactId(contact, false);
    await highlevel.addEntry(id, contact, entry('line:m1'), false);
    await fault({ kind: 'garbage' });
    const refused = await failure(highlevel.addEntry(id, contact, entry('line:m1'), true));
    expect(refused).toMatchObject({ name: 'Unavailable', reason: 'sink_unreadable' });
    expect((await shown()).entries).toHaveLength(1);
  });

  it('one that their editor made HTML of is found too', async () => {
    const id = await highlevel.contactId(contact, false);
    await person('POST', `/${id}/notes`, { body: '<p>WhatsApp, inbound, text<br>EZWhatsApp line:m1</p>' });
    await highlevel.addEntry(id, contact, entry('line:m1'), true);
    expect((await shown()).entries).toHaveLength(1);
  });
});

describe('stop and start', () => {
  const said = (id: string, optedOut: boolean) => highlevel.setOptOut(id, contact, optedOut, entry('line:m1'));
  const dnd = async (): Promise<unknown> => (await shown()).contacts[0]?.dndSettings;
  const SMS = { status: 'active', message: 'asked by phone' };

  it('a stop is a tag beside theirs, and do-not-disturb for WhatsApp alone; a start takes both back', async () => {
    const id = await made({ phone: PHONE, tags: ['vip'], dndSettings: { SMS, RCS: { status: 'inactive' } } });
    await said(id, true);
    await said(id, true);
    expect((await shown()).contacts).toMatchObject([{ tags: ['vip', 'ezw-opted-out'] }]);
    expect(await dnd()).toMatchObject({ SMS, WhatsApp: { status: 'active' } });
    await said(id, false);
    expect((await shown()).contacts).toMatchObject([{ tags: ['vip'] }]);
    expect(await dnd()).toMatchObject({ SMS, WhatsApp: { status: 'inactive' } });
  });

  it.each(['active', 'Permanent'])(
    'do-not-disturb that people set (%s) is neither set anew nor lifted',
    async (status) => {
      const WhatsApp = { status, message: 'asked by phone' };
      const id = await made({ phone: PHONE, dndSettings: { WhatsApp } });
      await said(id, true);
      expect(await dnd()).toEqual({ WhatsApp });
      await said(id, false);
      expect(await dnd()).toEqual({ WhatsApp });
    },
  );
});

describe('limits and access', () => {
  const throttled = (headers: object) => ({ kind: 'status', status: 429, body: { statusCode: 429 }, headers });

  it.each([
    [
      'a burst waits as long as the queue says',
      { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Daily-Remaining': '150000' },
      undefined,
    ],
    ['a day that is used up waits an hour', { 'X-RateLimit-Daily-Remaining': '0' }, 3600],
    ['what HighLevel says goes before', { 'X-RateLimit-Daily-Remaining': '0', 'Retry-After': '9' }, 9],
  ])('%s', async (_, headers, retryAfterSeconds) => {
    await fault(throttled(headers));
    const refused = await failure(highlevel.contactId(contact, false));
    expect(refused).toMatchObject({ name: 'Unavailable', reason: 'sink_429', retryAfterSeconds });
  });

  it('a token of another sub-account waits for a person', async () => {
    const other = connect({ locationId: 'anotherLocation1' });
    expect(await failure(other.contactId(contact, false))).toMatchObject({ name: 'Unavailable', reason: 'sink_403' });
  });
});
