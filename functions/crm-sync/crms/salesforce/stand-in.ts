import { randomUUID } from 'node:crypto';
import type { CrmRequest, CrmServer, CrmStandIn } from '../../../../local/sandbox/crms/crm.ts';
import { type CrmStand, Refused } from '../../../../local/sandbox/crms/store.ts';
import type { crm } from './crm.ts';

const DATA = '/services/data/:version{v\\d+\\.0}';
/** Text is searched by its words, which punctuation divides. */
const wordsOf = (text: string): string => text.match(/\d+/g)?.join(' ') ?? '';
/** A rule of the client's own for this field. */
const refuseRules = ({ LastName }: Record<string, unknown>): void => {
  if (/🚫/u.test(String(LastName))) throw new Refused('against_rule', 'No signs in names');
};
const error = (errorCode: string, message: string) => [{ errorCode, message }];

const serve = ({ contacts, entries, grants }: CrmStand): CrmServer => {
  const upsert = (store: typeof entries, key: string, required: string[]) => async (req: CrmRequest) => {
    const fields = await req.json<Record<string, unknown>>();
    refuseRules(fields);
    const { record, id, isNew } = store.upsert({ [key]: req.param('value') }, fields, required);
    if (isNew) record.fields.contactId = record.fields.WhoId;
    return [isNew ? 201 : 200, { id, success: true, created: isNew }] satisfies [number, object];
  };
  const writeTask = upsert(entries, 'EZW_Message_Id__c', ['Subject', 'WhoId']);
  const upsertTask = async (req: CrmRequest) => {
    const { WhoId } = await req.json<{ WhoId?: string }>();
    const who = contacts.records.find(({ id }) => id === WhoId);
    if (!who) return [400, error('MALFORMED_ID', 'Name ID: id value of incorrect type')] satisfies [number, object];
    if (who.deletedAt !== undefined)
      return [400, error('ENTITY_IS_DELETED', 'entity is deleted')] satisfies [number, object];
    return writeTask(req);
  };
  return {
    guard: { below: DATA, allows: (req) => grants.valid(req.header('authorization')?.replace('Bearer ', '')) },
    refusals: {
      unauthorized: () => [401, error('INVALID_SESSION_ID', 'Session expired or invalid')],
      absent: () => [404, error('NOT_FOUND', 'The requested resource does not exist')],
      deleted: () => [404, error('ENTITY_IS_DELETED', 'entity is deleted')],
      taken: (field) => [400, error('DUPLICATE_VALUE', `${field} is taken`)],
      incomplete: (field) => [400, error('REQUIRED_FIELD_MISSING', field)],
      against_rule: (why) => [400, error('FIELD_CUSTOM_VALIDATION_EXCEPTION', why)],
      invalid: (why) => [400, error('MALFORMED_SEARCH', why)],
    },
    routes: {
      'POST /services/oauth2/token': async (req) => {
        const form = new URLSearchParams(await req.text());
        if (form.get('grant_type') !== 'client_credentials' || !form.get('client_id') || !form.get('client_secret')) {
          return [400, { error: 'invalid_client' }];
        }
        return { access_token: grants.issue(), token_type: 'Bearer' };
      },
      [`GET ${DATA}/search`]: (req) => {
        const asked = /^FIND \{([^{}]+)\} IN PHONE FIELDS RETURNING Contact\(.+\), Lead\(.+\)$/.exec(
          req.query('q') ?? '',
        )?.[1];
        const phrases = [...(asked ?? '').matchAll(/"((?:[\d ]|\\-)+)"/g)].map(([, one = '']) => wordsOf(one));
        if (phrases.length === 0) throw new Refused('invalid', 'not emulated');
        const found = contacts.search(({ MobilePhone, Phone }) =>
          [MobilePhone, Phone].some((phone) => phrases.includes(wordsOf(String(phone ?? '')))),
        );
        const records = found.map(({ fields: { MobilePhone, Phone, CreatedDate, object }, id }) => ({
          attributes: { type: object ?? 'Contact' },
          Id: id,
          ...(Phone !== undefined && { Phone }),
          ...(MobilePhone !== undefined && { MobilePhone }),
          ...(CreatedDate !== undefined && { CreatedDate }),
        }));
        return { searchRecords: records };
      },
      [`GET ${DATA}/sobjects/Contact/EZW_WA_Id__c/:value`]: (req) => {
        const { id, fields } = contacts.get(contacts.byField('EZW_WA_Id__c', req.param('value'))?.id);
        return { Id: id, ...fields };
      },
      [`PATCH ${DATA}/sobjects/Contact/EZW_WA_Id__c/:value`]: upsert(contacts, 'EZW_WA_Id__c', ['LastName']),
      [`POST ${DATA}/sobjects/Lead`]: async (req) => {
        const lead = contacts.add({ ...(await req.json<object>()), object: 'Lead' }, ['LastName', 'Company']);
        lead.id = `00Q${lead.id}`;
        return [201, { id: lead.id, success: true }];
      },
      [`PATCH ${DATA}/sobjects/Lead/:id`]: async (req) => {
        contacts.update(contacts.get(req.param('id')), await req.json());
        return undefined;
      },
      [`GET ${DATA}/sobjects/:kind{Contact|Lead}/:id`]: (req) => ({ ...contacts.get(req.param('id')).fields }),
      [`PATCH ${DATA}/sobjects/Contact/:id`]: async (req) => {
        const contact = contacts.get(req.param('id'));
        const fields = await req.json<Record<string, unknown>>();
        refuseRules(fields);
        contacts.update(contact, fields, 'EZW_WA_Id__c');
        return undefined;
      },
      [`PATCH ${DATA}/sobjects/Task/EZW_Message_Id__c/:value`]: upsertTask,
    },
  };
};

/** Salesforce: client-credentials tokens, upsert by external id (204 on update in older versions, 200 here), a lagging SOSL search. */
export const standIn: CrmStandIn<typeof crm> = {
  serve,
  connection: (api) => ({ settings: { api }, secret: { clientId: 'id', clientSecret: 'secret' } }),
  async madeByOthers(base, phone) {
    const grant = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret' });
    const token = await fetch(`${base}/services/oauth2/token`, { method: 'POST', body: grant });
    const { access_token } = (await token.json()) as { access_token: string };
    return fetch(`${base}/services/data/v62.0/sobjects/Contact/EZW_WA_Id__c/other-${randomUUID()}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${access_token}` },
      body: JSON.stringify({ LastName: 'Dana', MobilePhone: phone }),
    });
  },
  showsOptOut: (contact) => contact.EZW_Opted_Out__c === true,
  renewsToken: true,
};
