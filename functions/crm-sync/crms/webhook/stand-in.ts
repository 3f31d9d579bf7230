import type { CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import type { CrmStand } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

interface Event {
  type: string;
  timestamp: string;
  data: { contact?: Contact; [field: string]: unknown };
}

interface Contact {
  id: string;
  phone?: string;
  also?: readonly string[];
  opted_out?: boolean;
}

const idsOf = ({ id, also = [] }: Contact): readonly string[] => [id, ...also];

/** Keeps a contact as the README asks: what shares an id is one person, under their number once that is known. @returns the id kept */
const keep = ({ contacts, entries }: CrmStand, contact: Contact): string => {
  const known = contacts.records.filter(
    ({ fields, deletedAt }) =>
      deletedAt === undefined && idsOf(fields as unknown as Contact).some((id) => idsOf(contact).includes(id)),
  );
  const all = [...known.map(({ fields }) => fields as unknown as Contact), contact];
  const { id } = all.find(({ phone }) => phone !== undefined) ?? (all[0] as Contact);
  const also = [...new Set(all.flatMap(idsOf))].filter((one) => one !== id);
  const [first, ...others] = known;
  for (const other of others) contacts.remove(other.id);
  for (const { fields } of entries.records) if (also.includes(String(fields.contactId))) fields.contactId = id;
  const fields = { ...contact, id, ...(also.length > 0 && { also }) };
  if (first) contacts.update(first, fields);
  else contacts.add(fields);
  return id;
};

const serve = (stand: CrmStand): CrmServer => ({
  routes: {
    'POST /': async (req) => {
      const id = req.header('webhook-id');
      if (!id || !req.header('webhook-signature')?.startsWith('v1,') || !req.header('webhook-timestamp')) {
        return [401, { error: { code: 'not_signed', message: 'the Standard Webhooks headers are missing' } }];
      }
      const { entries } = stand;
      const { type, timestamp, data } = await req.json<Event>();
      if (entries.byField('webhookId', id)) return { ok: true, duplicate: true };
      const { contact } = data;
      const contactId = contact && keep(stand, contact);
      entries.add({ webhookId: id, contactId, type, timestamp, ...data });
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
