import type { CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import { type CrmStand, Refused } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

interface Rows {
  data: Record<string, unknown>[];
}

const success = ({ id }: { id: string }) => ({ data: [{ code: 'SUCCESS', status: 'success', details: { id } }] });
const failed = (code: string, message: string, details: object = {}) => ({
  data: [{ code, status: 'error', message, details }],
});
const duplicate = ({ id }: { id: string }) => failed('DUPLICATE_DATA', 'duplicate data', { api_name: 'EZW_WA_Id', id });
/** A rule of the client's own for this field. */
const refuseRules = ({ Last_Name }: Record<string, unknown>): void => {
  if (/🚫/u.test(String(Last_Name))) throw new Refused('invalid', 'invalid data');
};
/** Nothing found is no content. */
const listed = (found: { id: string; fields: object }[]) =>
  found.length === 0 ? undefined : { data: found.map(({ id, fields }) => ({ id, ...fields })) };

const serve = ({ contacts, entries, grants }: CrmStand): CrmServer => ({
  guard: {
    below: '/crm/v8',
    allows: (req) => grants.valid(req.header('authorization')?.replace('Zoho-oauthtoken ', '')),
  },
  refusals: {
    unauthorized: () => [401, { code: 'INVALID_TOKEN', message: 'invalid oauth token', status: 'error' }],
    // Of a note's contact it says so under a 202.
    absent: (what) => [
      what === 'related' ? 202 : 400,
      failed('INVALID_DATA', `the ${what === 'related' ? 'related id' : 'id'} given seems to be invalid`),
    ],
    incomplete: (field) => [202, failed('MANDATORY_NOT_FOUND', 'required field not found', { api_name: field })],
    invalid: (why) => [202, failed('INVALID_DATA', why)],
  },
  routes: {
    'POST /oauth/v2/token': async (req) => {
      const form = new URLSearchParams(await req.text());
      const good = form.get('grant_type') === 'refresh_token' && form.get('refresh_token');
      if (!good) return { error: 'invalid_code' };
      return { access_token: grants.issue(), expires_in: 3600, token_type: 'Bearer' };
    },
    'GET /crm/v8/Contacts/search': (req) => {
      const asked = [...(req.query('criteria') ?? '').matchAll(/\((Phone|Mobile):equals:([^()]+)\)/g)];
      if (asked.length === 0 || asked.length > 10) throw new Refused('invalid', 'invalid query formed');
      return listed(contacts.search((fields) => asked.some(([, name = '', value]) => fields[name] === value)));
    },
    'POST /crm/v8/Contacts': async (req) => {
      const [row = {}] = (await req.json<Rows>()).data;
      const there = row.EZW_WA_Id === undefined ? undefined : contacts.byField('EZW_WA_Id', row.EZW_WA_Id);
      if (there) return [202, duplicate(there)];
      refuseRules(row);
      return [201, success(contacts.add(row, ['Last_Name']))];
    },
    'GET /crm/v8/Contacts/:id': (req) => listed([contacts.get(req.param('id'))]),
    'PUT /crm/v8/Contacts/:id': async (req) => {
      const [row = {}] = (await req.json<Rows>()).data;
      const contact = contacts.get(req.param('id'));
      const there = row.EZW_WA_Id === undefined ? undefined : contacts.byField('EZW_WA_Id', row.EZW_WA_Id);
      if (there && there !== contact) return [202, duplicate(there)];
      refuseRules(row);
      return success(contacts.update(contact, row));
    },
    // One merge at once, of up to two children, which are deleted.
    'POST /crm/v8/Contacts/:id/actions/merge': async (req) => {
      const into = contacts.get(req.param('id'));
      const { merge } = await req.json<{ merge?: { data?: { id?: string }[] }[] }>();
      const children = merge?.[0]?.data ?? [];
      if (merge?.length !== 1 || children.length < 1 || children.length > 2)
        throw new Refused('invalid', 'invalid data');
      for (const { id } of children) {
        const from = contacts.get(id);
        if (from === into) throw new Refused('invalid', 'the master is no child');
        for (const { fields } of entries.records) if (fields.contactId === from.id) fields.contactId = into.id;
        contacts.remove(from.id);
      }
      return { merge: [{ code: 'SUCCESS', status: 'success', message: 'merged', details: { id: into.id } }] };
    },
    'GET /crm/v8/Contacts/:id/Notes': (req) =>
      listed(entries.records.filter(({ fields }) => fields.contactId === req.param('id'))),
    'POST /crm/v8/Contacts/:id/Notes': async (req) => {
      const { data } = await req.json<Rows>();
      const contact = contacts.get(req.param('id'), 'related');
      if (!data[0]?.Note_Content) throw new Refused('invalid', 'invalid data');
      return [201, success(entries.add({ ...data[0], contactId: contact.id }))];
    },
  },
});

/** Zoho CRM: access tokens from a refresh token, upsert by duplicate check, notes without one, a lagging search. */
export const standIn: CrmStandIn<typeof crm> = {
  serve,
  connection: (api) => ({
    settings: { api, accounts: api },
    secret: { clientId: 'id', clientSecret: 'secret', refreshToken: 'refresh' },
  }),
  async madeByOthers(base, phone) {
    const grant = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'refresh' });
    const token = await fetch(`${base}/oauth/v2/token`, { method: 'POST', body: grant });
    const { access_token } = (await token.json()) as { access_token: string };
    return fetch(`${base}/crm/v8/Contacts`, {
      method: 'POST',
      headers: { authorization: `Zoho-oauthtoken ${access_token}` },
      body: JSON.stringify({ data: [{ Last_Name: 'Dana', Phone: phone }] }),
    });
  },
  showsOptOut: (contact) => contact.EZW_Opted_Out === true,
  renewsToken: true,
};
