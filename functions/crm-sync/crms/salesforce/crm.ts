import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import { byAnyForm, cachedToken, crmApi, fetchToken } from '../../api.ts';
import type { Crm } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';
import { entryLines } from '../../entry-text.ts';
import { found, byKey as foundByKey, refusalIn, TAKEN, written } from './answers.ts';

/** Sessions last as long as the org says; a 401 brings a new one earlier. */
const SESSION_SECONDS = 30 * 60;

const settings = z.strictObject({
  /** `https://{my domain}.my.salesforce.com` */
  api: outsideUrl,
  apiVersion: z._default(z.string().check(z.regex(/^v\d+\.0$/, 'write a version such as v62.0')), 'v62.0'),
});

/**
 * Salesforce. Needs an External Client App with the client-credentials flow (`{clientId, clientSecret}`), on Contact the unique
 * external id `EZW_WA_Id__c` and the checkbox `EZW_Opted_Out__c`, on Task the unique external id `EZW_Message_Id__c`.
 */
export const crm: Crm<typeof settings> = {
  settings,
  example: { api: 'https://agency.my.salesforce.com' },
  connect(settings, secret, tools) {
    const root = settings.api.replace(/\/+$/, '');
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
    /** A contact that somebody else made; only if it is the one with this number. */
    const search = async (phone: string): Promise<string | undefined> => {
      const q = `FIND {${phone.replace('+', '')}} IN PHONE FIELDS RETURNING Contact(Id)`;
      const { json } = await api({ method: 'GET', path: `/search?${new URLSearchParams({ q })}`, answer: found });
      return json.searchRecords.length === 1 ? json.searchRecords[0]?.Id : undefined;
    };

    return {
      async contactId({ key, phone, name }) {
        const mine = await known(key);
        if (mine) return mine;
        const theirs = await byAnyForm(phone, search);
        if (theirs) {
          const body = { EZW_WA_Id__c: key };
          const path = `/sobjects/Contact/${theirs}`;
          const { refusal } = await api({ method: 'PATCH', path, body, expect: TAKEN });
          if (!refusal) return theirs;
        }
        const body = { LastName: name ?? phone ?? key, ...(phone && { MobilePhone: phone }) };
        const { json } = await api({
          method: 'PATCH',
          path: byKey(key),
          body,
          answer: written,
          expect: ['DUPLICATE_VALUE'],
        });
        const id = json?.id ?? (await known(key));
        if (id) return id;
        throw new Unavailable('sink_gave_no_id', 'The other system has the key, and nobody under it.');
      },
      async addEntry(contactId, _, entry) {
        const [Subject, ...rest] = entryLines(entry);
        const body = {
          Subject,
          Description: rest.join('\n'),
          WhoId: contactId,
          Status: 'Completed',
          ActivityDate: entry.at.slice(0, 10),
        };
        const path = `/sobjects/Task/EZW_Message_Id__c/${encodeURIComponent(entry.key)}`;
        await api({ method: 'PATCH', path, body, answer: written });
      },
      async setOptOut(contactId, _, optedOut) {
        await api({ method: 'PATCH', path: `/sobjects/Contact/${contactId}`, body: { EZW_Opted_Out__c: optedOut } });
      },
    };
  },
};
