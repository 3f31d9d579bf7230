import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { cachedToken, crmApi, fetchToken, namedIfTaken } from '../../api.ts';
import type { Crm, CrmContact } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';
import { entryLines } from '../../entry-text.ts';
import { isUnnamed, isWritten } from '../../phone-forms.ts';
import { found, byKey as foundByKey, record, refusalIn, TAKEN, written } from './answers.ts';

/** Versions 41.0 and later have no end yet: https://developer.salesforce.com/docs/platform/connect-rest-api/guide/intro_api_eol */
const REST_API = 'v62.0';
/** Sessions last as long as the org says; a 401 brings a new one earlier. */
const SESSION_SECONDS = 30 * 60;

const RETURNED = [
  'Contact(Id, Phone, MobilePhone, HomePhone, OtherPhone, CreatedDate ORDER BY CreatedDate LIMIT 50)',
  'Lead(Id, Phone, MobilePhone, CreatedDate WHERE IsConverted = false ORDER BY CreatedDate LIMIT 50)',
].join(', ');

/** For SOSL: its own signs are escaped, within quotes, too. A plus is none of a word. */
const phrases = (forms: readonly string[]): string =>
  [...new Set(forms.map((form) => `"${form.replace('+', '').replaceAll('-', '\\-')}"`))].join(' OR ');

/** By the prefix that ids of Leads have in every org. */
const isLead = (id: string): boolean => id.startsWith('00Q');

const settings = z.strictObject({
  /** `https://{my domain}.my.salesforce.com` */
  api: outsideUrl,
  apiVersion: z._default(z.string().check(z.regex(/^v\d+\.0$/, 'write a version such as v62.0')), REST_API),
});

/**
 * Salesforce. Needs an External Client App with the client-credentials flow (`{clientId, clientSecret}`), on Contact the unique
 * external id `EZW_WA_Id__c` and the checkbox `EZW_Opted_Out__c`, on Task the unique external id `EZW_Message_Id__c`.
 */
export const crm: Crm<typeof settings> = {
  settings,
  apis: [{ what: 'REST API', version: REST_API }],
  example: { api: 'https://agency.my.salesforce.com' },
  connect(settings, secret, tools) {
    const root = withoutSlash(settings.api);
    const token = cachedToken(
      () =>
        fetchToken(
          tools,
          `${root}/services/oauth2/token`,
          {
            grant_type: 'client_credentials',
            client_id: secretText(secret, 'clientId'),
            client_secret: secretText(secret, 'clientSecret'),
          },
          SESSION_SECONDS,
        ),
      tools.now,
    );
    const authorize = async (fresh: boolean) => ({ authorization: `Bearer ${await token(fresh)}` });
    const api = crmApi(`${root}/services/data/${settings.apiVersion}`, tools, authorize, refusalIn);
    const byKey = (key: string) => `/sobjects/Contact/EZW_WA_Id__c/${encodeURIComponent(key)}`;

    const known = async (key: string): Promise<string | undefined> => {
      const { json } = await api({ method: 'GET', path: byKey(key), answer: foundByKey, expect: [404] });
      return json?.Id;
    };
    /** Whoever has this number, however it is written, in one request: a Contact before a Lead, of several who has been there longest. */
    const search = async ({ forms }: CrmContact): Promise<string | undefined> => {
      if (forms.length === 0) return undefined;
      const q = `FIND {${phrases(forms)}} IN PHONE FIELDS RETURNING ${RETURNED}`;
      const { json } = await api({ method: 'GET', path: `/search?${new URLSearchParams({ q })}`, answer: found });
      const theirs = json.searchRecords.filter(({ Phone, MobilePhone, HomePhone, OtherPhone }) =>
        [Phone, MobilePhone, HomePhone, OtherPhone].some((one) => isWritten(one, forms)),
      );
      const [first] = theirs.sort(
        (a, b) =>
          Number(isLead(a.Id)) - Number(isLead(b.Id)) || (a.CreatedDate ?? '').localeCompare(b.CreatedDate ?? ''),
      );
      return first?.Id;
    };

    const pathOf = (id: string) => `/sobjects/${isLead(id) ? 'Lead' : 'Contact'}/${id}`;
    const patch = (id: string, body: object, expect: readonly string[] = []) =>
      api({ method: 'PATCH', path: pathOf(id), body, expect });
    const read = async (id: string) => {
      const path = `${pathOf(id)}?fields=LastName,Phone,MobilePhone`;
      return (await api({ method: 'GET', path, answer: record })).json;
    };
    /** Puts our key on a Contact; false if it stands on another. Of a Lead our table alone knows whose it is: it becomes a Contact one day. */
    const take = async (id: string, key: string): Promise<boolean> =>
      isLead(id) || (await patch(id, { EZW_WA_Id__c: key }, TAKEN)).refusal === undefined;

    return {
      async contactId(contact) {
        const { key, phone } = contact;
        const mine = await known(key);
        if (mine) return mine;
        const theirs = await search(contact);
        if (theirs && (await take(theirs, key))) return theirs;
        return namedIfTaken(contact, async (name = phone ?? key) => {
          const body = { LastName: name, ...(phone && { MobilePhone: phone }) };
          const request = { method: 'PATCH', path: byKey(key), body } as const;
          const { json } = await api({ ...request, answer: written, expect: ['DUPLICATE_VALUE'] });
          const id = json?.id ?? (await known(key));
          if (id) return id;
          throw new Unavailable('sink_gave_no_id', 'The other system has the key, and nobody under it.');
        });
      },
      async learnPhone(id, contact) {
        const other = (await known(contact.key)) ?? (await search(contact));
        const theirs = other ?? id;
        if (!(await take(theirs, contact.key))) return (await known(contact.key)) ?? theirs;
        if (theirs === id) {
          const { Phone, MobilePhone } = await read(id);
          if (!Phone && !MobilePhone) await patch(id, { MobilePhone: contact.phone });
        }
        return theirs;
      },
      async nameContact(id, contact) {
        if (isUnnamed((await read(id)).LastName, contact)) await patch(id, { LastName: contact.name });
      },
      async addEntry(contactId, _, entry) {
        const [Subject, ...rest] = entryLines(entry);
        const body = {
          Subject,
          Description: rest.join('\n'),
          WhoId: contactId,
          Status: 'Completed',
          ActivityDate: entry.day,
        };
        const path = `/sobjects/Task/EZW_Message_Id__c/${encodeURIComponent(entry.key)}`;
        await api({ method: 'PATCH', path, body, answer: written });
      },
      async setOptOut(contactId, _, optedOut) {
        await patch(contactId, { EZW_Opted_Out__c: optedOut });
      },
    };
  },
};
