import { randomUUID } from 'node:crypto';
import type { CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import { type CrmStand, Refused } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

type Properties = Record<string, unknown>;
interface Upsert {
  inputs: { idProperty: string; id: string; properties: Properties }[];
}
interface Search {
  filterGroups: { filters: { propertyName: string; operator: string; values: string[] }[] }[];
}

const CONTACT_PROPERTIES =
  'ezw_wa_id ezw_opted_out phone mobilephone hs_whatsapp_phone_number firstname lastname'.split(' ');

const problem = (category: string, message: string) => ({ status: 'error', category, message });

/** HubSpot keeps of each number its digits without the country's code, to be searched by. */
const calculated = (name: string, fields: Properties): unknown => {
  const of = /^hs_searchable_calculated_(phone|mobile)_number$/.exec(name)?.[1];
  const digits = String(fields[of === 'mobile' ? 'mobilephone' : 'phone'] ?? '').replace(/\D/g, '');
  return of ? digits.replace(/^(00)?(972|55)|^0/, '') : fields[name];
};

const serve = ({ contacts, entries }: CrmStand): CrmServer => {
  /** Ids of contacts that were merged, and of what is left of them. */
  const into = new Map<string, string>();
  const contactOf = (id: string | undefined, what?: string): ReturnType<typeof contacts.get> => {
    const left = into.get(id ?? '');
    return left === undefined ? contacts.get(id, what) : contactOf(left, what);
  };
  return {
    guard: { allows: (req) => /^Bearer pat-(?!expired)\S+$/.test(req.header('authorization') ?? '') },
    refusals: {
      unauthorized: () => [401, problem('EXPIRED_AUTHENTICATION', 'the token is missing, wrong or expired')],
      absent: (what) => [404, problem('OBJECT_NOT_FOUND', `no such ${what}`)],
      taken: (field) => [409, problem('CONFLICT', `${field} is taken by another contact`)],
      invalid: (why) => [400, problem('VALIDATION_ERROR', why)],
    },
    routes: {
      'POST /crm/v3/objects/contacts/search': async (req) => {
        const { filterGroups } = await req.json<Search>();
        if (filterGroups.length > 5) throw new Refused('invalid', 'at most 5 filterGroups');
        const found = contacts.search((fields) =>
          filterGroups.some(({ filters }) =>
            filters.every(
              ({ propertyName, operator, values }) =>
                operator === 'IN' && values.includes(String(calculated(propertyName, fields) ?? '')),
            ),
          ),
        );
        return { total: found.length, results: found.map(({ id, fields }) => ({ id, properties: fields })) };
      },
      'POST /crm/v3/objects/contacts/batch/upsert': async (req) => {
        const { inputs } = await req.json<Upsert>();
        for (const { idProperty, properties } of inputs) {
          if (idProperty !== 'ezw_wa_id') throw new Refused('invalid', `${idProperty} is not unique`);
          const unknown = Object.keys(properties).find((name) => !CONTACT_PROPERTIES.includes(name));
          if (unknown) throw new Refused('invalid', `Property "${unknown}" does not exist`);
        }
        const written = inputs.map(({ id, properties }) => contacts.upsert({ ezw_wa_id: id }, properties));
        return { status: 'COMPLETE', results: written.map(({ id, isNew }) => ({ id, new: isNew })) };
      },
      // A new record is made of the two, with the values of the first; both ids lead to it.
      'POST /crm/v3/objects/contacts/merge': async (req) => {
        const { primaryObjectId, objectIdToMerge } = await req.json<Record<string, unknown>>();
        if (typeof primaryObjectId !== 'string' || typeof objectIdToMerge !== 'string')
          throw new Refused('invalid', 'primaryObjectId and objectIdToMerge are required');
        const [primary, other] = [contactOf(primaryObjectId), contactOf(objectIdToMerge)];
        if (primary === other) throw new Refused('invalid', 'cannot merge an object into itself');
        const { id, fields } = contacts.add({ ...other.fields, ...primary.fields });
        for (const old of [primary, other]) {
          into.set(old.id, id);
          contacts.records.splice(contacts.records.indexOf(old), 1);
          for (const entry of entries.records) if (entry.fields.contactId === old.id) entry.fields.contactId = id;
        }
        return { id, properties: fields, archived: false };
      },
      'GET /crm/v3/objects/contacts/:id': (req) => {
        const { id, fields } = contactOf(req.param('id'));
        const names = (req.query('properties') ?? '').split(',');
        return { id, properties: Object.fromEntries(names.map((name) => [name, fields[name] ?? null])) };
      },
      'PATCH /crm/v3/objects/contacts/:id': async (req) => {
        const contact = contactOf(req.param('id'));
        const { properties } = await req.json<{ properties: Properties }>();
        // A rule of the client's own for this property.
        if (/🚫/u.test(String(properties.firstname))) throw new Refused('invalid', 'Property values were not valid');
        const { id, fields } = contacts.update(contact, properties, 'ezw_wa_id');
        return { id, properties: fields };
      },
      'POST /crm/v3/objects/communications/batch/upsert': async (req) => {
        const { inputs } = await req.json<Upsert>();
        const results = inputs.map(({ id, properties }) => ({ id: entries.upsert({ key: id }, properties).id }));
        const wrong = inputs.some(
          ({ idProperty, properties }) =>
            idProperty !== 'hs_unique_creation_key' ||
            properties.hs_communication_channel_type !== 'WHATS_APP' ||
            properties.hs_communication_logged_from !== 'CRM',
        );
        if (wrong) throw new Refused('invalid', 'not a loggable communication');
        return { results };
      },
      'PUT /crm/v4/objects/communications/:entry/associations/default/contacts/:contact': (req) => {
        const entry = entries.get(req.param('entry'), 'record');
        entry.fields.contactId = contactOf(req.param('contact'), 'record').id;
        return { status: 'COMPLETE' };
      },
    },
  };
};

/** HubSpot's CRM API: a private-app token, unique properties, a lagging search. */
export const standIn: CrmStandIn<typeof crm> = {
  serve,
  connection: (api) => ({ settings: { api }, secret: 'pat-demo' }),
  madeByOthers: (base, phone) =>
    fetch(`${base}/crm/v3/objects/contacts/batch/upsert`, {
      method: 'POST',
      headers: { authorization: 'Bearer pat-demo' },
      body: JSON.stringify({
        inputs: [{ idProperty: 'ezw_wa_id', id: `other-${randomUUID()}`, properties: { phone, firstname: 'Dana' } }],
      }),
    }),
  showsOptOut: (contact) => contact.ezw_opted_out === 'true',
};
