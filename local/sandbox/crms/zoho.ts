import { Hono } from 'hono';
import type { SandboxEnv } from '../env.ts';
import type { CrmStand } from './store.ts';

interface Rows {
  data: Record<string, unknown>[];
  duplicate_check_fields?: string[];
}

/** Zoho CRM: access tokens from a refresh token, upsert by duplicate check, notes without one, a lagging search. */
export function zoho({ contacts, entries, grants }: CrmStand): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  app.post('/oauth/v2/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    if (form.get('grant_type') !== 'refresh_token' || !form.get('refresh_token'))
      return c.json({ error: 'invalid_code' });
    return c.json({ access_token: grants.issue(), expires_in: 3600, token_type: 'Bearer' });
  });

  const crm = new Hono<SandboxEnv>();
  crm.use(async (c, next) => {
    if (grants.valid(c.req.header('authorization')?.replace('Zoho-oauthtoken ', ''))) return next();
    return c.json({ code: 'INVALID_TOKEN', message: 'invalid oauth token', status: 'error' }, 401);
  });
  const success = (id: string) => ({ data: [{ code: 'SUCCESS', status: 'success', details: { id } }] });
  crm.get('/Contacts/search', (c) => {
    const phone = c.req.query('phone') ?? '';
    const found = contacts.search(({ Phone, Mobile }) => Phone === phone || Mobile === phone);
    return found.length === 0
      ? c.body(null, 204)
      : c.json({ data: found.map(({ id, fields }) => ({ id, ...fields })) });
  });
  crm.post('/Contacts/upsert', async (c) => {
    const { data, duplicate_check_fields = [] } = (await c.req.json()) as Rows;
    const [row = {}] = data;
    const known = duplicate_check_fields.map((name) => contacts.byField(name, row[name])).find(Boolean);
    if (known) Object.assign(known.fields, row);
    else if (!row.Last_Name) {
      return c.json(
        { data: [{ code: 'MANDATORY_NOT_FOUND', status: 'error', details: { api_name: 'Last_Name' } }] },
        400,
      );
    }
    return c.json(success((known ?? contacts.add({ ...row })).id));
  });
  crm.put('/Contacts/:id', async (c) => {
    const contact = contacts.byId(c.req.param('id'));
    const { data } = (await c.req.json()) as Rows;
    if (!contact) return c.json({ data: [{ code: 'INVALID_DATA', status: 'error' }] }, 400);
    Object.assign(contact.fields, data[0]);
    return c.json(success(contact.id));
  });
  crm.get('/Contacts/:id/Notes', (c) => {
    const found = entries.all().filter(({ fields }) => fields.contactId === c.req.param('id'));
    return found.length === 0
      ? c.body(null, 204)
      : c.json({ data: found.map(({ id, fields }) => ({ id, ...fields })) });
  });
  crm.post('/Contacts/:id/Notes', async (c) => {
    const contact = contacts.byId(c.req.param('id'));
    const { data } = (await c.req.json()) as Rows;
    if (!contact || !data[0]?.Note_Content) return c.json({ data: [{ code: 'INVALID_DATA', status: 'error' }] }, 400);
    return c.json(success(entries.add({ ...data[0], contactId: contact.id }).id), 201);
  });
  app.route('/crm/v8', crm);
  return app;
}
