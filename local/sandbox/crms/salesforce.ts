import { type Context, Hono } from 'hono';
import type { SandboxEnv } from '../env.ts';
import type { CrmStand, RecordStore } from './store.ts';

/** Salesforce: client-credentials tokens, upsert by external id (204 on update in older versions, 200 here), a lagging SOSL search. */
export function salesforce({ contacts, entries, grants }: CrmStand): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  const error = (errorCode: string, message: string) => [{ errorCode, message }];
  app.post('/services/oauth2/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    if (form.get('grant_type') !== 'client_credentials' || !form.get('client_id') || !form.get('client_secret')) {
      return c.json({ error: 'invalid_client' }, 400);
    }
    return c.json({ access_token: grants.issue(), token_type: 'Bearer' });
  });

  const data = new Hono<SandboxEnv>();
  data.use(async (c, next) => {
    if (grants.valid(c.req.header('authorization')?.replace('Bearer ', ''))) return next();
    return c.json(error('INVALID_SESSION_ID', 'Session expired or invalid'), 401);
  });
  data.get('/search', (c) => {
    const digits = /FIND \{(\d+)\} IN PHONE FIELDS RETURNING Contact\(Id\)/.exec(c.req.query('q') ?? '')?.[1];
    if (digits === undefined) return c.json(error('MALFORMED_SEARCH', 'not emulated'), 400);
    const found = contacts.search(({ MobilePhone, Phone }) =>
      [MobilePhone, Phone].some((phone) => String(phone ?? '').replace(/\D/g, '') === digits),
    );
    return c.json({ searchRecords: found.map(({ id }) => ({ Id: id })) });
  });
  data.get('/sobjects/Contact/EZW_WA_Id__c/:value', (c) => {
    const found = contacts.byField('EZW_WA_Id__c', c.req.param('value'));
    return found ? c.json({ Id: found.id, ...found.fields }) : c.json(error('NOT_FOUND', 'no such contact'), 404);
  });
  data.patch('/sobjects/Contact/EZW_WA_Id__c/:value', (c) => upsert(c, contacts, 'EZW_WA_Id__c', ['LastName']));
  data.patch('/sobjects/Contact/:id', async (c) => {
    const contact = contacts.byId(c.req.param('id'));
    if (!contact) return c.json(error('NOT_FOUND', 'no such contact'), 404);
    const fields = (await c.req.json()) as Record<string, unknown>;
    const other = contacts.byField('EZW_WA_Id__c', fields.EZW_WA_Id__c);
    if (fields.EZW_WA_Id__c !== undefined && other && other !== contact) {
      return c.json(error('DUPLICATE_VALUE', 'EZW_WA_Id__c is taken'), 400);
    }
    Object.assign(contact.fields, fields);
    return c.body(null, 204);
  });
  data.patch('/sobjects/Task/EZW_Message_Id__c/:value', (c) =>
    upsert(c, entries, 'EZW_Message_Id__c', ['Subject', 'WhoId']),
  );
  app.route('/services/data/:version{v\\d+\\.0}', data);
  return app;

  async function upsert(
    c: Context<SandboxEnv>,
    store: RecordStore,
    key: string,
    required: string[],
  ): Promise<Response> {
    const value = c.req.param('value');
    const fields = (await c.req.json()) as Record<string, unknown>;
    const known = store.byField(key, value);
    const missing = known ? undefined : required.find((name) => !fields[name]);
    if (missing) return c.json(error('REQUIRED_FIELD_MISSING', missing), 400);
    if (known) {
      Object.assign(known.fields, fields);
      return c.json({ id: known.id, success: true, created: false });
    }
    const added = store.add({ ...fields, [key]: value, contactId: fields.WhoId });
    return c.json({ id: added.id, success: true, created: true }, 201);
  }
}
