import type { CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import { type CrmStand, Refused } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

const numberOf = ({ id }: { id: string }) => Number(id.replace(/\D/g, ''));
const made = (record: { id: string }) => ({ success: true, data: { id: numberOf(record) } });
const phonesOf = ({ phones = [] }: Record<string, unknown>) =>
  (phones as { value: string }[]).map(({ value }) => value);
/** A rule of the client's own for this field. */
const refuseRules = ({ name }: Record<string, unknown>): void => {
  if (/🚫/u.test(String(name))) throw new Refused('invalid', 'name is not valid');
};
const failed = (error: string) => ({ success: false, error });

const serve = ({ contacts, entries }: CrmStand): CrmServer => ({
  guard: { allows: (req) => /^(?!expired)\S+$/.test(req.header('x-api-token') ?? '') },
  refusals: {
    unauthorized: () => [401, { ...failed('unauthorized access'), errorCode: 401 }],
    absent: () => [404, failed('Person not found')],
    incomplete: (field) => [400, failed(`${field} is required`)],
    invalid: (why) => [400, failed(why)],
  },
  routes: {
    'GET /api/v2/persons/search': (req) => {
      const { term = '', fields } = req.query();
      if (fields !== 'phone' || term.length < 2) throw new Refused('invalid', 'not emulated');
      const found = contacts.search((person) => phonesOf(person).some((value) => value.includes(term)));
      const items = found.map((record) => ({
        item: { id: numberOf(record), type: 'person', phones: phonesOf(record.fields) },
      }));
      return { success: true, data: { items } };
    },
    'POST /api/v2/persons': async (req) => {
      const person = await req.json<Record<string, unknown>>();
      refuseRules(person);
      return [201, made(contacts.add(person, ['name']))];
    },
    'PATCH /api/v2/persons/:id': async (req) => {
      const contact = contacts.get(`pipedrive-contact-${req.param('id')}`);
      const change = await req.json<Record<string, unknown>>();
      refuseRules(change);
      return made(contacts.update(contact, change));
    },
    'GET /api/v2/persons/:id': (req) => {
      const { fields, ...record } = contacts.get(`pipedrive-contact-${req.param('id')}`);
      return { success: true, data: { ...fields, id: numberOf(record), is_deleted: false } };
    },
    'PUT /v1/persons/:id/merge': async (req) => {
      const from = contacts.get(`pipedrive-contact-${req.param('id')}`);
      const { merge_with_id } = await req.json<{ merge_with_id?: unknown }>();
      if (typeof merge_with_id !== 'number') throw new Refused('incomplete', 'merge_with_id');
      const into = contacts.get(`pipedrive-contact-${merge_with_id}`);
      if (into === from) throw new Refused('invalid', 'Cannot merge a person with itself');
      into.fields = { ...from.fields, ...into.fields };
      for (const { fields } of entries.records) {
        if (fields.contactId === from.id) Object.assign(fields, { contactId: into.id, person_id: merge_with_id });
      }
      contacts.remove(from.id);
      return made(into);
    },
    'GET /v1/notes': (req) => {
      const { person_id, limit = '100' } = req.query();
      const found = entries.records.filter(({ fields }) => String(fields.person_id) === person_id);
      const data = found.reverse().slice(0, Number(limit));
      return { success: true, data: data.map((record) => ({ id: numberOf(record), ...record.fields })) };
    },
    'POST /v1/notes': async (req) => {
      const note = await req.json<{ content?: string; person_id?: number }>();
      const contact = contacts.records.find((record) => !record.deletedAt && numberOf(record) === note.person_id);
      if (!note.content || !contact) throw new Refused('invalid', 'Bad request');
      return [201, made(entries.add({ ...note, contactId: contact.id }))];
    },
  },
});

/** Pipedrive: no upsert, no idempotency, phones matched as stored, a lagging search. */
export const standIn: CrmStandIn<typeof crm> = {
  serve,
  connection: (api) => ({ settings: { api, optOutField: 'abc' }, secret: 'token' }),
  madeByOthers: (base, phone) =>
    fetch(`${base}/api/v2/persons`, {
      method: 'POST',
      headers: { 'x-api-token': 'token' },
      body: JSON.stringify({ name: 'Dana', phones: [{ value: phone }] }),
    }),
  showsOptOut: ({ custom_fields }) => (custom_fields as { abc?: string } | undefined)?.abc === 'opted out',
};
