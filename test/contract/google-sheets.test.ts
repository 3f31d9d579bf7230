import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { CrmConnection, CrmContact, CrmEntry } from '../../functions/crm-sync/crm.ts';
import { crm } from '../../functions/crm-sync/crms/google-sheets/crm.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import type { CrmStandIn } from '../../local/sandbox/crms/crm.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { load } from './folders.ts';

/** What Google Sheets promises beyond what every CRM does. The person at the sheet is this test, by the API. */
const PHONE = '+972501234567';
const contact: CrmContact = { key: PHONE, phone: PHONE, forms: [PHONE], name: 'Dana' };
const entry = (key: string, over: Partial<CrmEntry> = {}): CrmEntry => ({
  key,
  phone: PHONE,
  conversationId: 'conv-1',
  direction: 'inbound',
  type: 'text',
  at: '2026-11-22T10:00:00.000Z',
  day: '2026-11-22',
  text: 'Hello',
  ...over,
});

let url: string;
let close: () => Promise<void>;
let base: string;
let token: string;
let connection: ReturnType<CrmStandIn<typeof crm>['connection']>;
let sheet: CrmConnection;

const connect = (settings: object = {}, secret = connection.secret): CrmConnection =>
  crm.connect(z.parse(crm.settings, { ...connection.settings, ...settings }), secret, { http, now: Date.now });
const add = (key: string, over: Partial<CrmEntry> = {}, again = false, to = sheet) =>
  to.addEntry('in-each-row', contact, entry(key, over), again);

const path = (range: string) =>
  `/v4/spreadsheets/${connection.settings.spreadsheet}/values/${encodeURIComponent(range)}`;
const google = (method: string, rest: string, body?: object) =>
  fetch(`${base}${rest}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  });
const rows = async (): Promise<string[][]> => {
  const answer = await google('GET', path("'WhatsApp'"));
  return ((await answer.json()) as { values?: string[][] }).values ?? [];
};
const person = {
  /** As if all had been moved by hand. */
  async leaves(grid: readonly (readonly string[])[]): Promise<void> {
    await google('POST', `${path("'WhatsApp'")}:clear`, {});
    await google('PUT', `${path("'WhatsApp'!A1")}?valueInputOption=RAW`, { values: grid });
  },
  takesColumnsOff: (startIndex: number, endIndex: number) =>
    google('POST', `/v4/spreadsheets/${connection.settings.spreadsheet}:batchUpdate`, {
      requests: [{ deleteDimension: { range: { startIndex, endIndex } } }],
    }),
};
const column = async (name: string): Promise<(string | undefined)[]> => {
  const [names = [], ...below] = await rows();
  return below.map((cells) => cells[names.indexOf(name)]);
};
const called = async (): Promise<string[]> => {
  const listed = (await (await fetch(`${url}/_sandbox/crm/requests`)).json()) as { method: string; path: string }[];
  return listed.map(({ method, path }) => `${method} ${decodeURIComponent(path).split('/').at(-1)}`);
};
const fault = (fault: object) =>
  fetch(`${url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify({ on: 'crm', fault, times: 1 }) });

beforeEach(async () => {
  const sandbox = createSandbox({ lineToken: 'ezw_line_test_1', lineId: 'line' });
  ({ url, close } = await sandbox.listen(0));
  base = `${url}/crm/google-sheets`;
  connection = standIn.connection(base);
  sheet = connect();
  // Nothing is proven of other accounts, so that is how the person signs in.
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
  const claims = {
    iss: 'person',
    scope: 'https://www.googleapis.com/auth/spreadsheets',
    aud: '/token',
    iat: 0,
    exp: 60,
  };
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${part({ alg: 'RS256' })}.${part(claims)}.`,
  });
  const answer = await fetch(`${base}/token`, { method: 'POST', body });
  token = ((await answer.json()) as { access_token: string }).access_token;
  return close;
});

let standIn: CrmStandIn<typeof crm>;
beforeAll(async () => {
  const folder = { folder: 'functions/crm-sync/crms', main: 'crm' } as const;
  ({ standIn } = await load<{ standIn: CrmStandIn<typeof crm> }>(folder, 'google-sheets', 'stand-in.ts'));
});

describe('rows', () => {
  it('the names of the columns are written once, and then a row for each message', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => add(`line:m${i}`)));
    const [names, ...below] = await rows();
    expect(names).toEqual([
      'Time',
      'Direction',
      'Type',
      'Phone',
      'Name',
      'Text',
      'Form',
      'Conversation',
      'Link',
      'Opted out',
      'EZW key',
    ]);
    expect(below).toHaveLength(10);
    expect((await column('EZW key')).toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => `line:m${i}`));
  });

  it('no message at once with another is written over it', async () => {
    await add('line:first');
    await Promise.all(Array.from({ length: 20 }, (_, i) => add(`line:m${i}`)));
    expect(new Set(await column('EZW key')).size).toBe(21);
  });

  it('a phone stays a text and what a customer writes is no formula', async () => {
    await add('line:m1', { text: '=HYPERLINK("https://evil.example","click")' });
    expect(await column('Phone')).toEqual([PHONE]);
    expect(await column('Text')).toEqual(['=HYPERLINK("https://evil.example","click")']);
  });

  it('a cell holds no more than Google takes, and ends on a whole character', async () => {
    const answers = [{ question: 'Q', value: `${'x'.repeat(49_996)}👨‍👩‍👧 and more` }];
    await add('line:form', { answers });
    const [form = ''] = await column('Form');
    expect(form).toBe(`Q: ${'x'.repeat(49_996)}`);
  });

  it('a message costs one read and one write', async () => {
    await add('line:m1');
    const before = (await called()).length;
    await add('line:m2');
    expect((await called()).slice(before)).toEqual(["GET 'WhatsApp'!1:1", "POST 'WhatsApp'!A1:append"]);
  });

  it('an answer that was lost brings no second row, among thousands of others', async () => {
    const [names = []] = await add('line:m0').then(rows);
    const many = Array.from({ length: 6000 }, (_, i) => [...names.slice(0, -1), `line:${'k'.repeat(40)}${i}`]);
    await person.leaves([names, ...many]);
    await fault({ kind: 'reset', after: true });
    const lost = add('line:lost').catch((error: unknown) => error);
    expect(await lost).toMatchObject({ name: 'Unavailable' });
    await add('line:lost', {}, true);
    await add('line:lost', {}, true);
    expect((await column('EZW key')).filter((key) => key === 'line:lost')).toHaveLength(1);
    expect(await rows()).toHaveLength(6002);
  });

  it('keys that cannot be read are not taken for none: nothing is written twice', async () => {
    await add('line:m1');
    await fault({ kind: 'slow', ms: 1 });
    await fault({ kind: 'garbage' });
    expect(await add('line:m1', {}, true).catch((error: unknown) => error)).toMatchObject({
      name: 'Unavailable',
      reason: 'sink_unreadable',
    });
    expect(await column('EZW key')).toEqual(['line:m1']);
  });

  it('what a person said of being written to is a row of its own, once for each word', async () => {
    await add('line:stop');
    await sheet.setOptOut('in-each-row', contact, true, entry('line:stop', { text: 'STOP' }));
    await sheet.setOptOut('in-each-row', contact, true, entry('line:stop', { text: 'STOP' }));
    await sheet.setOptOut('in-each-row', contact, false, entry('line:stop', { text: 'STOP' }));
    expect(await column('Opted out')).toEqual([undefined, 'yes', 'no'].map((said) => said ?? ''));
    expect(await column('Type')).toEqual(['text', 'opt-out', 'opt-in']);
    // The words are in the message's own row, if anywhere.
    expect(await column('Text')).toEqual(['Hello', '', '']);
  });
});

describe('people at the sheet', () => {
  const [FIRST, SECOND] = ['line:m1', 'line:m2'];

  it('may sort it, and filter, and leave rows blank: every row is found and none is written over', async () => {
    await add(FIRST);
    await add(SECOND);
    const [names = [], one = [], two = []] = await rows();
    await person.leaves([names, two, [], ['a note of theirs'], one]);
    await add(FIRST, {}, true);
    await add('line:m3');
    const after = await rows();
    expect(after).toHaveLength(6);
    expect(after).toContainEqual(['a note of theirs']);
    expect((await column('EZW key')).filter(Boolean).toSorted()).toEqual([FIRST, SECOND, 'line:m3']);
  });

  it('may move columns and add their own: each value stands below its name', async () => {
    await add(FIRST);
    const [names = [], cells = []] = await rows();
    await person.leaves([
      ['Status', ...names.toReversed(), 'Notes'],
      ['done', ...cells.toReversed(), 'called back'],
    ]);
    await add(FIRST, {}, true);
    await add(SECOND, { text: 'Second' });
    expect(await column('EZW key')).toEqual([FIRST, SECOND]);
    expect(await column('Text')).toEqual(['Hello', 'Second']);
    expect((await column('Phone'))[1]).toBe(PHONE);
    expect((await column('Status'))[1]).toBe('');
  });

  it('may take a column away that they have no use for', async () => {
    await add(FIRST);
    const [names = []] = await rows();
    const at = names.indexOf('Link');
    await person.takesColumnsOff(at, at + 1);
    await add(SECOND, { link: 'https://app.example/c/conv-1' });
    expect(await column('EZW key')).toEqual([FIRST, SECOND]);
    expect(JSON.stringify(await rows())).not.toContain('https://');
  });

  it('rename the column of keys: nothing is written until it is named again, and it is said how', async () => {
    await add(FIRST);
    const [names = [], ...below] = await rows();
    await person.leaves([[...names.slice(0, -1), 'id'], ...below]);
    const refused = await add(SECOND).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'Permanent', reason: 'sheet_key_column_gone' });
    expect((refused as Error).message).toMatch(/"EZW key" in row 1: write that above the keys again/);
    await person.leaves([names, ...below]);
    await add(SECOND, {}, true);
    expect(await column('EZW key')).toEqual([FIRST, SECOND]);
  });

  it('insert a first column without a name: nothing is written beside its place', async () => {
    await add(FIRST);
    await person.leaves((await rows()).map((cells) => ['', ...cells]));
    await expect(add(SECOND)).rejects.toMatchObject({ name: 'Permanent', reason: 'sheet_first_column_unnamed' });
    expect(await rows()).toHaveLength(2);
  });

  it('have rows of their own in the tab: no names are written over or above them', async () => {
    for (const theirs of [
      [
        ['Customer', 'Phone'],
        ['Noa', '050'],
      ],
      [[], [], ['a note']],
    ]) {
      await person.leaves(theirs);
      await expect(add(FIRST)).rejects.toMatchObject({ name: 'Permanent', reason: 'sheet_key_column_gone' });
      expect(await rows()).toEqual(theirs);
    }
  });
});

describe('refusals say what to do', () => {
  it.each([
    [
      'not shared with the account',
      { spreadsheet: 'demo-spreadsheet-not-shared-with-us' },
      'Unavailable',
      'sheet_not_shared',
      /Share the spreadsheet/,
    ],
    [
      'no such spreadsheet',
      { spreadsheet: 'some-spreadsheet-that-is-not-there' },
      'Permanent',
      'sheet_not_found',
      /id/,
    ],
    ['no such tab', { tab: "Dana's" }, 'Permanent', 'sheet_tab_not_found', /no tab Dana's: make it/],
  ])('%s', async (_, settings, name, reason, message) => {
    const refused = await add('line:m1', {}, false, connect(settings)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name, reason });
    expect((refused as Error).message).toMatch(message);
  });

  it.each([
    [
      'sheet_full',
      'This action would increase the number of cells in the workbook above the limit of 10000000 cells.',
      'Permanent',
    ],
    ['sheet_protected', 'You are trying to edit a protected cell or object.', 'Unavailable'],
  ])('%s', async (reason, message, name) => {
    await add('line:m1');
    const body = { error: { code: 400, message, status: 'INVALID_ARGUMENT' } };
    await fault({ kind: 'status', status: 400, body });
    await expect(add('line:m2')).rejects.toMatchObject({ name, reason });
  });

  it('a tab with too few columns', async () => {
    await person.takesColumnsOff(5, 26);
    await expect(add('line:m1')).rejects.toMatchObject({ name: 'Permanent', reason: 'sheet_too_narrow' });
    expect(await rows()).toEqual([]);
  });

  it('a quota of Google that is used up waits as long as Google says, or as the queue does', async () => {
    await add('line:m1');
    const body = { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } };
    await fault({ kind: 'status', status: 429, body, headers: { 'Retry-After': '60' } });
    await expect(add('line:m2')).rejects.toMatchObject({ name: 'Unavailable', retryAfterSeconds: 60 });
    await fault({ kind: 'status', status: 429, body });
    const refused = await add('line:m2', {}, true).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'Unavailable', reason: 'sink_429', retryAfterSeconds: undefined });
  });
});

describe('the key of the account', () => {
  const secretOf = (private_key: string) => ({ ...(connection.secret as object), private_key });

  it('that was copied out of its JSON by hand works as well', async () => {
    const { private_key = '' } = connection.secret as { private_key?: string };
    await add('line:m1', {}, false, connect({}, secretOf(private_key.replaceAll('\n', '\\n'))));
    expect(await rows()).toHaveLength(2);
  });

  it.each([
    [
      'that Google knows no more',
      () =>
        generateKeyPairSync('rsa', { modulusLength: 2048 })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      'crm_key_refused',
    ],
    ['that is none', () => 'no key', 'crm_secret_no_key'],
  ])('%s: messages wait until another is stored', async (_, key, reason) => {
    const refused = await add('line:m1', {}, false, connect({}, secretOf(key()))).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'Unavailable', reason });
    expect((refused as Error).message).not.toContain('BEGIN');
  });
});
