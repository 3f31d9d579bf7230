import { describe, expect, it } from 'vitest';
import type { Crm, CrmConnection, CrmContact, CrmEntry } from '../../functions/crm-sync/crm.ts';
import * as crms from '../../functions/crm-sync/crms.ts';
import type { Http, HttpRequest } from '../../functions/shared/runtime/http.ts';

/** What a vendor answers, by what was asked; a token end always gives a token. */
type Answers = (request: HttpRequest) => [status: number, body?: unknown];

const SECRET = { token: 't', clientId: 'id', clientSecret: 's', refreshToken: 'r' };
const contact: CrmContact = {
  key: '+972501234567',
  phone: '+972501234567',
  forms: ['+972501234567'],
  name: 'Dana Levi',
};
const entry: CrmEntry = {
  day: '2026-11-22',
  key: 'line:m1',
  direction: 'inbound',
  type: 'text',
  at: '2026-11-22T10:00:00.000Z',
  text: 'hi',
};

const connected = (kind: string, answers: Answers) => {
  const asked: HttpRequest[] = [];
  const http: Http = async (request) => {
    asked.push(request);
    const isToken = /oauth/.test(request.url);
    const [status, body] = isToken ? [200, { access_token: 'a', expires_in: 3600 }] : answers(request);
    return { kind: 'answer', status, headers: {}, body: body === undefined ? '' : JSON.stringify(body) };
  };
  const crm = (crms as unknown as Readonly<Record<string, Crm>>)[kind];
  const settings = {
    api: 'https://crm.example',
    accounts: 'https://crm.example',
    apiVersion: 'v62.0',
    optOutField: 'abc',
  };
  const connection = crm?.connect(settings, SECRET, { http, now: () => 0 }) as CrmConnection;
  return { connection, asked };
};

const failing = (kind: string, answers: Answers) => {
  const { connection } = connected(kind, answers);
  return {
    line: () => connection.addEntry('1', contact, entry, false),
    stop: () => connection.setOptOut('1', contact, true, entry),
  };
};

const zoho = (code: string, message: string) => ({ data: [{ code, status: 'error', message, details: {} }] });
const hubspot = (category: string, message: string) => ({ status: 'error', category, message });

describe('a no is told as one, whatever its status, with the words of the vendor', () => {
  it.each<[kind: string, what: 'line' | 'stop', status: number, body: unknown, words: string]>([
    [
      'zoho',
      'line',
      200,
      zoho('MANDATORY_NOT_FOUND', 'required field not found'),
      'MANDATORY_NOT_FOUND: required field',
    ],
    ['zoho', 'line', 202, zoho('INVALID_DATA', 'invalid data'), 'INVALID_DATA: invalid data'],
    ['zoho', 'stop', 207, zoho('INVALID_DATA', 'invalid data'), 'INVALID_DATA: invalid data'],
    ['zoho', 'stop', 400, { code: 'INVALID_MODULE', status: 'error', message: 'no such module' }, 'no such module'],
    ['pipedrive', 'stop', 200, { success: false, error: 'Field abc is unknown' }, 'Field abc is unknown'],
    ['pipedrive', 'stop', 400, { success: false, error: 'Field abc is unknown' }, 'Field abc is unknown'],
    ['hubspot', 'stop', 400, hubspot('VALIDATION_ERROR', 'Property "ezw_opted_out" does not exist'), 'does not exist'],
    [
      'hubspot',
      'line',
      207,
      { status: 'COMPLETE', results: [], numErrors: 1, errors: [hubspot('VALIDATION_ERROR', 'no such channel')] },
      'VALIDATION_ERROR: no such channel',
    ],
    ['salesforce', 'line', 400, [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Say why' }], 'Say why'],
    ['salesforce', 'stop', 400, [{ errorCode: 'INVALID_FIELD', message: 'No such column' }], 'No such column'],
  ])('%s: %s, %i', async (kind, what, status, body, words) => {
    await expect(failing(kind, () => [status, body])[what]()).rejects.toMatchObject({
      name: 'Permanent',
      reason: `sink_${status}`,
      message: expect.stringContaining(words),
    });
  });
});

it('the refusal of an association is told, too', async () => {
  const written = { results: [{ id: '7' }] };
  const { line } = failing('hubspot', ({ method }) =>
    method === 'PUT' ? [400, hubspot('VALIDATION_ERROR', 'no such label')] : [200, written],
  );
  await expect(line()).rejects.toMatchObject({ name: 'Permanent', message: expect.stringContaining('no such label') });
});

it.each([
  ['zoho', 202, zoho('RECORD_LOCKED', 'locked')],
  ['zoho', 401, { code: 'OAUTH_SCOPE_MISMATCH', status: 'error', message: 'invalid oauth scope' }],
  ['hubspot', 207, { status: 'COMPLETE', results: [], errors: [hubspot('RATE_LIMITS', 'wait')] }],
  ['salesforce', 400, [{ errorCode: 'UNABLE_TO_LOCK_ROW', message: 'busy' }]],
  ['salesforce', 403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'too many' }]],
  ['pipedrive', 402, { success: false, error: 'Company account is not open' }],
  ['pipedrive', 200, { welcome: 'to a page of ours' }],
  ['webhook', 404, undefined],
])('%s, %i: what passes, or an operator can mend, comes back', async (kind, status, body) => {
  await expect(failing(kind, () => [status, body]).line()).rejects.toMatchObject({ name: 'Unavailable' });
});

it.each([
  ['zoho', 400, zoho('INVALID_DATA', 'the id given seems to be invalid')],
  ['zoho', 202, zoho('INVALID_DATA', 'the related id given seems to be invalid')],
  ['hubspot', 404, hubspot('OBJECT_NOT_FOUND', 'Object not found')],
  ['hubspot', 207, { status: 'COMPLETE', results: [], errors: [hubspot('OBJECT_NOT_FOUND', 'not found')] }],
  ['salesforce', 400, [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' }]],
  ['salesforce', 400, [{ errorCode: 'MALFORMED_ID', message: 'Name ID: id value of incorrect type' }]],
  ['pipedrive', 404, { success: false, error: 'Person not found' }],
  ['pipedrive', 410, { success: false, error: 'Person is deleted' }],
])('%s, %i: a contact that is gone is known by the words of the vendor', async (kind, status, body) => {
  await expect(failing(kind, () => [status, body]).line()).rejects.toMatchObject({ reason: 'sink_contact_gone' });
});

it('nothing of a person, and no token, is in the words that are told', async () => {
  const message = `Dana Levi, hi there, +972 50-123-4567, dana@shop.example, pat-eu1-0a1b2c3d4e5f60718293a4b5 are wrong in ezw_wa_id`;
  const { connection } = connected('salesforce', () => [400, [{ errorCode: 'STRING_TOO_LONG', message }]]);
  const said = { ...entry, text: 'hi there', phone: '+972 50-123-4567' };
  const error = await connection.addEntry('1', contact, said, false).catch((thrown: Error) => thrown);
  expect(String(error)).toContain('STRING_TOO_LONG');
  expect(String(error)).toContain('ezw_wa_id');
  expect(String(error)).not.toMatch(/50|1234|dana@|pat-eu1|hi there/);
});

it('a missing scope, a 401 to every message, asks for one new token a minute and no more', async () => {
  const { connection, asked } = connected('zoho', () => [401, { code: 'OAUTH_SCOPE_MISMATCH', status: 'error' }]);
  const tries = Array.from({ length: 20 }, () => connection.addEntry('1', contact, entry, false));
  await Promise.allSettled(tries);
  expect(asked.filter(({ url }) => /oauth/.test(url)).length).toBeLessThanOrEqual(2);
});

describe('salesforce', () => {
  const person = { ...contact, forms: ['+972501234567', '050-123-4567'] };
  /** Nobody has our key; the search finds these; whatever is written is answered so. */
  const answering = (found: object[], written: [status: number, body?: unknown]) =>
    connected('salesforce', ({ method, url }) => {
      if (url.includes('/search?')) return [200, { searchRecords: found }];
      return method === 'GET' ? [404, [{ errorCode: 'NOT_FOUND', message: 'no such contact' }]] : written;
    });
  const lead = { Id: '00Q1', MobilePhone: '050-123-4567', CreatedDate: '2020-01-01T00:00:00.000+0000' };
  const made = { Id: '0031', Phone: '(050) 123-4567', CreatedDate: '2024-01-01T00:00:00.000+0000' };

  it('a rule of the client that refuses the key is told with its words, and makes no second contact', async () => {
    const rule = [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'A source is required' }];
    const { connection, asked } = answering([made], [400, rule]);
    await expect(connection.contactId(person, false)).rejects.toMatchObject({
      name: 'Permanent',
      message: expect.stringContaining('A source is required'),
    });
    expect(asked.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it('finds Leads, too, and takes a Contact where there is one', async () => {
    expect(await answering([lead], [204]).connection.contactId(person, false)).toBe('00Q1');
    expect(await answering([lead, made], [204]).connection.contactId(person, false)).toBe('0031');
  });

  it('a Task is of the client’s own day', async () => {
    const { connection, asked } = answering([], [204]);
    await connection.addEntry('0031', person, { ...entry, at: '2026-11-22T22:30:00.000Z', day: '2026-11-23' }, false);
    expect(JSON.parse(asked.at(-1)?.body ?? '')).toMatchObject({ ActivityDate: '2026-11-23' });
  });

  it('an opt-out is shown on the Lead', async () => {
    const { connection, asked } = answering([], [204]);
    await connection.setOptOut('00Q1', person, true, entry);
    expect(asked.at(-1)?.url).toMatch(/sobjects\/Lead\/00Q1$/);
  });
});
