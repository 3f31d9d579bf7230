import type { CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import type { CrmStand } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

interface Event {
  type: string;
  timestamp: string;
  data: { contact?: { id: string; phone?: string; opted_out?: boolean }; [field: string]: unknown };
}

const serve = ({ contacts, entries }: CrmStand): CrmServer => ({
  routes: {
    'POST /': async (req) => {
      const id = req.header('webhook-id');
      if (!id || !req.header('webhook-signature')?.startsWith('v1,') || !req.header('webhook-timestamp')) {
        return [401, { error: { code: 'not_signed', message: 'the Standard Webhooks headers are missing' } }];
      }
      const { type, timestamp, data } = await req.json<Event>();
      if (entries.byField('webhookId', id)) return { ok: true, duplicate: true };
      const { contact } = data;
      if (contact) contacts.upsert({ id: contact.id }, contact);
      entries.add({ webhookId: id, contactId: contact?.id, type, timestamp, ...data });
      return { ok: true };
    },
  },
});

/** A system of the client's own behind Standard Webhooks: it keeps each `webhook-id` once, as the specification asks. */
export const standIn: CrmStandIn<typeof crm> = {
  serve,
  connection: (url) => ({ settings: { url }, secret: 'whsec_kX4gv0OUPm7O/0PGVl/uZHN1M0jMwl+CuzoTvhRMqBE=' }),
  showsOptOut: (contact) => contact.opted_out === true,
  keepsContacts: false,
};
