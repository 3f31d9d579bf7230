import { Hono } from 'hono';
import { refuse } from '../answers.ts';
import type { SandboxEnv } from '../env.ts';
import type { CrmStand } from './store.ts';

interface Event {
  type: string;
  timestamp: string;
  data: { contact?: { id: string; phone?: string; opted_out?: boolean }; [field: string]: unknown };
}

/** A system of the client's own behind Standard Webhooks: it keeps each `webhook-id` once, as the specification asks. */
export function webhook({ contacts, entries }: CrmStand): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  app.post('/', async (c) => {
    const id = c.req.header('webhook-id');
    if (!id || !c.req.header('webhook-signature')?.startsWith('v1,') || !c.req.header('webhook-timestamp')) {
      return refuse(c, 401, 'not_signed', 'the Standard Webhooks headers are missing');
    }
    const { type, timestamp, data } = (await c.req.json()) as Event;
    if (entries.byField('webhookId', id)) return c.json({ ok: true, duplicate: true });
    const { contact } = data;
    if (contact) {
      const known = contacts.byField('id', contact.id);
      if (known) Object.assign(known.fields, contact);
      else contacts.add({ ...contact });
    }
    entries.add({ webhookId: id, contactId: contact?.id, type, timestamp, ...data });
    return c.json({ ok: true });
  });
  return app;
}
