import { Hono } from 'hono';
import type { SandboxEnv } from '../env.ts';
import type { CrmStand } from './store.ts';

interface Person {
  name?: string;
  phones?: { value: string }[];
}

/** Pipedrive: no upsert, no idempotency, phones matched as stored, a lagging search. */
export function pipedrive({ contacts, entries }: CrmStand): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  app.use(async (c, next) => {
    if (/^(?!expired)\S+$/.test(c.req.header('x-api-token') ?? '')) return next();
    return c.json({ success: false, error: 'unauthorized access', errorCode: 401 }, 401);
  });
  const numberOf = (id: string) => Number(id.replace(/\D/g, ''));

  app.get('/api/v2/persons/search', (c) => {
    const { term = '', fields, exact_match } = c.req.query();
    if (fields !== 'phone' || exact_match !== 'true') return c.json({ success: false, error: 'not emulated' }, 400);
    const found = contacts.search(
      ({ phones }) => (phones as Person['phones'])?.some(({ value }) => value === term) ?? false,
    );
    return c.json({
      success: true,
      data: { items: found.map(({ id }) => ({ item: { id: numberOf(id), type: 'person' } })) },
    });
  });
  app.post('/api/v2/persons', async (c) => {
    const person = (await c.req.json()) as Person;
    if (!person.name) return c.json({ success: false, error: 'name is required' }, 400);
    return c.json({ success: true, data: { id: numberOf(contacts.add({ ...person }).id) } }, 201);
  });
  app.patch('/api/v2/persons/:id', async (c) => {
    const contact = contacts.all().find(({ id }) => numberOf(id) === Number(c.req.param('id')));
    if (!contact) return c.json({ success: false, error: 'Person not found' }, 404);
    Object.assign(contact.fields, await c.req.json());
    return c.json({ success: true, data: { id: numberOf(contact.id) } });
  });
  app.get('/v1/notes', (c) => {
    const { person_id, limit = '100' } = c.req.query();
    const found = entries.all().filter(({ fields }) => String(fields.person_id) === person_id);
    const data = found.reverse().slice(0, Number(limit));
    return c.json({ success: true, data: data.map(({ id, fields }) => ({ id: numberOf(id), ...fields })) });
  });
  app.post('/v1/notes', async (c) => {
    const note = (await c.req.json()) as { content?: string; person_id?: number };
    const contact = contacts.all().find(({ id }) => numberOf(id) === note.person_id);
    if (!note.content || !contact) return c.json({ success: false, error: 'content and person_id are required' }, 400);
    const entry = entries.add({ ...note, contactId: contact.id });
    return c.json({ success: true, data: { id: numberOf(entry.id) } }, 201);
  });
  return app;
}
