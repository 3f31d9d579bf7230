import { Hono } from 'hono';
import type { SandboxEnv } from '../env.ts';
import type { CrmStand } from './store.ts';

type Properties = Record<string, unknown>;
interface Upsert {
  inputs: { idProperty: string; id: string; properties: Properties }[];
}
interface Search {
  filterGroups: { filters: { propertyName: string; operator: string; value: string }[] }[];
}

const CONTACT_PROPERTIES = new Set([
  'ezw_wa_id',
  'ezw_opted_out',
  'phone',
  'mobilephone',
  'hs_whatsapp_phone_number',
  'firstname',
  'lastname',
]);

/** HubSpot's CRM API: a private-app token, unique properties, a lagging search. */
export function hubspot({ contacts, entries }: CrmStand): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  const problem = (category: string, message: string) => ({ status: 'error', category, message });
  app.use(async (c, next) => {
    if (/^Bearer pat-(?!expired)\S+$/.test(c.req.header('authorization') ?? '')) return next();
    return c.json(problem('EXPIRED_AUTHENTICATION', 'the token is missing, wrong or expired'), 401);
  });

  app.post('/crm/v3/objects/contacts/search', async (c) => {
    const { filterGroups } = (await c.req.json()) as Search;
    if (filterGroups.length > 5) return c.json(problem('VALIDATION_ERROR', 'at most 5 filterGroups'), 400);
    const found = contacts.search((fields) =>
      filterGroups.some(({ filters }) =>
        filters.every(({ propertyName, operator, value }) => operator === 'EQ' && fields[propertyName] === value),
      ),
    );
    return c.json({ total: found.length, results: found.map(({ id, fields }) => ({ id, properties: fields })) });
  });
  app.post('/crm/v3/objects/contacts/batch/upsert', async (c) => {
    const { inputs } = (await c.req.json()) as Upsert;
    for (const { idProperty, properties } of inputs) {
      if (idProperty !== 'ezw_wa_id') return c.json(problem('VALIDATION_ERROR', `${idProperty} is not unique`), 400);
      const unknown = Object.keys(properties).find((name) => !CONTACT_PROPERTIES.has(name));
      if (unknown) return c.json(problem('VALIDATION_ERROR', `Property "${unknown}" does not exist`), 400);
    }
    const results = inputs.map(({ id, properties }) => {
      const known = contacts.byField('ezw_wa_id', id);
      if (known) Object.assign(known.fields, properties);
      return { id: (known ?? contacts.add({ ...properties, ezw_wa_id: id })).id, new: known === undefined };
    });
    return c.json({ status: 'COMPLETE', results });
  });
  app.patch('/crm/v3/objects/contacts/:id', async (c) => {
    const contact = contacts.byId(c.req.param('id'));
    if (!contact) return c.json(problem('OBJECT_NOT_FOUND', 'no such contact'), 404);
    const { properties } = (await c.req.json()) as { properties: Properties };
    const other = contacts.byField('ezw_wa_id', properties.ezw_wa_id);
    if (properties.ezw_wa_id !== undefined && other && other !== contact) {
      return c.json(problem('CONFLICT', 'ezw_wa_id is taken by another contact'), 409);
    }
    Object.assign(contact.fields, properties);
    return c.json({ id: contact.id, properties: contact.fields });
  });
  app.post('/crm/v3/objects/communications/batch/upsert', async (c) => {
    const { inputs } = (await c.req.json()) as Upsert;
    const results = inputs.map(({ id, properties }) => {
      const known = entries.byField('key', id);
      if (known) Object.assign(known.fields, properties);
      return { id: (known ?? entries.add({ ...properties, key: id })).id };
    });
    const wrong = inputs.some(
      ({ idProperty, properties }) =>
        idProperty !== 'hs_unique_creation_key' ||
        properties.hs_communication_channel_type !== 'WHATS_APP' ||
        properties.hs_communication_logged_from !== 'CRM',
    );
    return wrong ? c.json(problem('VALIDATION_ERROR', 'not a loggable communication'), 400) : c.json({ results });
  });
  app.put('/crm/v4/objects/communications/:entry/associations/default/contacts/:contact', (c) => {
    const entry = entries.byId(c.req.param('entry'));
    const contact = contacts.byId(c.req.param('contact'));
    if (!entry || !contact) return c.json(problem('OBJECT_NOT_FOUND', 'no such record'), 404);
    entry.fields.contactId = contact.id;
    return c.json({ status: 'COMPLETE' });
  });
  return app;
}
