import type { CrmRequest, CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import { type CrmStand, type Fields, Refused } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

const LOCATION = 'demoLocation0000001';
const VERSIONS = ['2021-04-15', '2021-07-28', '2023-02-21'];
const CONTACT_FIELDS = [
  'locationId',
  'phone',
  'email',
  'name',
  'firstName',
  'lastName',
  'source',
  'tags',
  'dndSettings',
];
const CHANNELS = ['Call', 'Email', 'SMS', 'WhatsApp', 'GMB', 'FB'];
const UPDATE_FIELDS = CONTACT_FIELDS.filter((name) => name !== 'locationId');

const problem = (statusCode: number, message: string | string[], error?: string) => ({ statusCode, message, error });

const serve = ({ contacts, entries }: CrmStand): CrmServer => {
  const bodyOf = async (req: CrmRequest, known: readonly string[]): Promise<Fields> => {
    const body = await req.json<Fields>();
    const unknown = Object.keys(body).find((name) => !known.includes(name));
    if (unknown) throw new Refused('invalid', `property ${unknown} should not exist`);
    if (known.includes('locationId') && body.locationId !== LOCATION) throw new Refused('taken');
    return body;
  };
  const ofLocation = (req: CrmRequest): void => {
    if (req.query('locationId') !== LOCATION) throw new Refused('taken');
  };
  const one = ({ id, fields }: { id: string; fields: Fields }) => ({ contact: { ...fields, id } });
  const tagsOf = (fields: Fields): string[] => (Array.isArray(fields.tags) ? fields.tags : []);
  const changeTags = (change: (tags: string[], given: string[]) => string[]) => async (req: CrmRequest) => {
    const contact = contacts.get(req.param('id'));
    const { tags } = await req.json<{ tags: string[] }>();
    contact.fields.tags = change(tagsOf(contact.fields), tags);
    return { tags: contact.fields.tags as string[] };
  };
  return {
    guard: {
      allows: (req) =>
        /^Bearer pit-(?!expired)\S+$/.test(req.header('authorization') ?? '') &&
        VERSIONS.includes(req.header('version') ?? ''),
    },
    refusals: {
      unauthorized: () => [401, problem(401, 'Invalid Private Integration token', 'Unauthorized')],
      taken: () => [403, problem(403, 'The token does not have access to this location.', 'Forbidden')],
      absent: () => [400, problem(400, 'contact is deleted', 'Bad Request')],
      invalid: (why) => [422, problem(422, [why], 'Unprocessable Entity')],
    },
    routes: {
      'GET /contacts/search/duplicate': (req) => {
        ofLocation(req);
        const [found] = contacts.search(({ phone }) => phone === req.query('number'));
        return found ? one(found) : { contact: null };
      },
      'POST /contacts/search': async (req) => {
        const { filters = [] } = await req.json<{ filters?: { field: string; operator: string; value: string }[] }>();
        const found = contacts.search((fields) =>
          filters.every(({ field, operator, value }) => operator === 'eq' && fields[field] === value),
        );
        return { contacts: found.map(({ id, fields }) => ({ ...fields, id })), total: found.length };
      },
      // The e-mail goes before the phone, and what then belongs to another contact is left out without a word.
      'POST /contacts/upsert': async (req) => {
        const { email, phone, ...fields } = await bodyOf(req, CONTACT_FIELDS);
        if (!email && !phone) throw new Refused('invalid', 'Pass at least one of number, email');
        const byEmail = email ? contacts.byField('email', email) : undefined;
        const byPhone = phone ? contacts.byField('phone', phone) : undefined;
        const known = byEmail ?? byPhone;
        const keys = {
          ...(email !== undefined && { email }),
          ...(phone !== undefined && !(byEmail && byPhone) && { phone }),
        };
        const record = known ? contacts.update(known, { ...fields, ...keys }) : contacts.add({ ...fields, ...keys });
        return { new: !known, ...one(record), traceId: 'trace' };
      },
      'POST /contacts/': async (req) => [201, one(contacts.add(await bodyOf(req, CONTACT_FIELDS)))],
      'GET /contacts/:id': (req) => one(contacts.get(req.param('id'))),
      'PUT /contacts/:id': async (req) => {
        const contact = contacts.get(req.param('id'));
        const body = await bodyOf(req, UPDATE_FIELDS);
        if (/🚫/u.test(String(body.name))) throw new Refused('invalid', 'name is not valid');
        const unknown = Object.keys(body.dndSettings ?? {}).find((name) => !CHANNELS.includes(name));
        if (unknown) throw new Refused('invalid', `dndSettings.property ${unknown} should not exist`);
        return { succeded: true, ...one(contacts.update(contact, body)) };
      },
      'DELETE /contacts/:id': (req) => {
        contacts.records.splice(contacts.records.indexOf(contacts.get(req.param('id'))), 1);
        return { succeded: true };
      },
      'POST /contacts/:id/tags': changeTags((tags, given) => [
        ...new Set([...tags, ...given.map((tag) => tag.toLowerCase())]),
      ]),
      'DELETE /contacts/:id/tags': changeTags((tags, given) => tags.filter((tag) => !given.includes(tag))),
      'GET /contacts/:id/notes': (req) => {
        const contact = contacts.get(req.param('id'));
        const notes = entries.records.filter(({ fields }) => fields.contactId === contact.id);
        return { notes: notes.toReversed().map(({ id, fields }) => ({ id, ...fields })) };
      },
      'POST /contacts/:id/notes': async (req) => {
        const contact = contacts.get(req.param('id'));
        const { body } = await req.json<{ body?: string }>();
        if (!body) throw new Refused('invalid', 'body should not be empty');
        const { id, fields } = entries.add({ body, contactId: contact.id });
        return [201, { note: { id, ...fields } }];
      },
    },
  };
};

/** HighLevel's contacts: a private integration's token, upsert by phone or e-mail, notes without a key, a lagging search. */
export const standIn: CrmStandIn<typeof crm> = {
  serve,
  connection: (api) => ({ settings: { api, locationId: LOCATION }, secret: 'pit-demo' }),
  findsAnyForm: false,
  madeByOthers: (base, phone) =>
    fetch(`${base}/contacts/upsert`, {
      method: 'POST',
      headers: { authorization: 'Bearer pit-demo', version: '2021-07-28' },
      body: JSON.stringify({ locationId: LOCATION, phone, name: 'Dana' }),
    }),
  showsOptOut: (contact) => (contact.tags as string[] | undefined)?.includes('ezw-opted-out') === true,
};
