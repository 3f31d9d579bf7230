import * as z from 'zod/mini';
import { numberForms } from '../../../shared/people/identity.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { crmApi } from '../../api.ts';
import type { Crm, CrmContact } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';
import { entryHtml } from '../../entry-text.ts';
import { isWritten, nationalPart } from '../../phone-forms.ts';
import { contact as contactAnswer, found, merged, refusalIn, TAKEN, written } from './answers.ts';

/** In September: https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when */
const OBJECTS = 'v3';
/** https://developers.hubspot.com/changelog/deprecating-support-for-hubspot-v4-apis */
const ASSOCIATIONS = 'v4';
const CONTACTS = `/crm/${OBJECTS}/objects/contacts`;
const COMMUNICATIONS = `/crm/${OBJECTS}/objects/communications`;

const PHONES = ['phone', 'mobilephone', 'hs_whatsapp_phone_number'];
/** HubSpot's own, of what people wrote into the first two: digits without the country's code. */
const CALCULATED = ['hs_searchable_calculated_phone_number', 'hs_searchable_calculated_mobile_number'];
/** More contacts of one number than anybody has. */
const MAX_FOUND = 50;

const settings = z.strictObject({ api: z._default(outsideUrl, 'https://api.hubapi.com') });

/**
 * HubSpot. Needs a private-app token and on contacts the unique text property `ezw_wa_id` and the checkbox `ezw_opted_out`.
 * Search lags behind writes, so it only finds people whom others made; our own are upserted by the unique property.
 */
export const crm: Crm<typeof settings> = {
  settings,
  apis: [
    { what: 'CRM objects', version: OBJECTS, ends: '2027-09-01' },
    { what: 'associations', version: ASSOCIATIONS, ends: '2027-03-30' },
  ],
  example: {},
  connect(settings, secret, tools) {
    const authorization = `Bearer ${secretText(secret, 'token')}`;
    const api = crmApi(settings.api, tools, async () => ({ authorization }), refusalIn);

    /** Whoever has this number, however it is written, in one request: first who has our key, then who has been there longest. */
    const search = async ({ key, phone, forms }: CrmContact): Promise<string | undefined> => {
      if (phone === undefined) return undefined;
      const national = numberForms(phone).map(nationalPart);
      const filterGroups = [
        ...PHONES.map((propertyName) => [propertyName, forms] as const),
        ...CALCULATED.map((propertyName) => [propertyName, national] as const),
      ].map(([propertyName, values]) => ({ filters: [{ propertyName, operator: 'IN', values }] }));
      const sorts = [{ propertyName: 'createdate', direction: 'ASCENDING' }];
      const body = { filterGroups, sorts, properties: [...PHONES, 'ezw_wa_id'], limit: MAX_FOUND };
      const { json } = await api({ method: 'POST', path: `${CONTACTS}/search`, body, answer: found });
      // Without its country a number may be another's.
      const theirs = json.results.filter(({ properties }) => PHONES.some((name) => isWritten(properties[name], forms)));
      return (theirs.find(({ properties }) => properties.ezw_wa_id === key) ?? theirs[0])?.id;
    };
    const upsert = async ({ key, phone }: CrmContact): Promise<string> => {
      const properties = { ezw_wa_id: key, ...(phone && { phone }) };
      const body = { inputs: [{ idProperty: 'ezw_wa_id', id: key, properties }] };
      const { json } = await api({ method: 'POST', path: `${CONTACTS}/batch/upsert`, body, answer: written });
      return json.results[0].id;
    };

    const patch = (id: string, properties: object, expect: readonly (number | string)[] = []) =>
      api({ method: 'PATCH', path: `${CONTACTS}/${id}`, body: { properties }, expect });
    const get = async (id: string, ...names: string[]) => {
      const path = `${CONTACTS}/${id}?properties=${names.join(',')}`;
      return (await api({ method: 'GET', path, answer: contactAnswer })).json;
    };
    const read = async (id: string, ...names: string[]) => (await get(id, ...names)).properties;
    /** Puts our key on a contact. Stands it on another, made a moment ago, that one is theirs. */
    const take = async (id: string, contact: CrmContact): Promise<string> => {
      const { refusal } = await patch(id, { ezw_wa_id: contact.key }, [TAKEN]);
      return refusal ? upsert(contact) : id;
    };

    return {
      async contactId(contact) {
        const known = await search(contact);
        return known ? take(known, contact) : upsert(contact);
      },
      async learnPhone(id, contact) {
        const theirs = await take((await search(contact)) ?? id, contact);
        if (theirs === id && !(await read(id, 'phone')).phone) await patch(id, { phone: contact.phone });
        return theirs;
      },
      // Both ids lead to the one that is left, which has a third.
      async merge(from, into) {
        const [objectIdToMerge, primaryObjectId] = await Promise.all(
          [from, into].map(async (id) => (await get(id)).id),
        );
        if (objectIdToMerge === primaryObjectId) return into;
        const body = { primaryObjectId, objectIdToMerge };
        return (await api({ method: 'POST', path: `${CONTACTS}/merge`, body, answer: merged })).json.id;
      },
      async nameContact(id, { name }) {
        const { firstname, lastname } = await read(id, 'firstname', 'lastname');
        if (!firstname && !lastname) await patch(id, { firstname: name });
      },
      async addEntry(contactId, _, entry) {
        const properties = {
          hs_communication_channel_type: 'WHATS_APP',
          hs_communication_logged_from: 'CRM',
          hs_communication_body: entryHtml(entry),
          hs_timestamp: entry.at,
        };
        const body = { inputs: [{ idProperty: 'hs_unique_creation_key', id: entry.key, properties }] };
        const { json } = await api({ method: 'POST', path: `${COMMUNICATIONS}/batch/upsert`, body, answer: written });
        const [{ id }] = json.results;
        const path = `/crm/${ASSOCIATIONS}/objects/communications/${id}/associations/default/contacts/${contactId}`;
        await api({ method: 'PUT', path });
      },
      async setOptOut(contactId, _, optedOut) {
        await patch(contactId, { ezw_opted_out: String(optedOut) });
      },
    };
  },
};
