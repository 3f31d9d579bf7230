import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { byAnyForm, cachedToken, crmApi, fetchToken } from '../../api.ts';
import type { Crm } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';
import { entryLines, marker } from '../../entry-text.ts';
import { contacts, notes, refusalIn, written } from './answers.ts';

const HOUR_SECONDS = 3600;

const settings = z.strictObject({
  /** Of the account's data centre: `https://www.zohoapis.eu`, say. */
  api: z._default(outsideUrl, 'https://www.zohoapis.com'),
  /** Of the same data centre: `https://accounts.zoho.eu`, say. */
  accounts: z._default(outsideUrl, 'https://accounts.zoho.com'),
});

/**
 * Zoho CRM. Needs a self client's `{clientId, clientSecret, refreshToken}`, and on Contacts the unique field `EZW_WA_Id` and the
 * checkbox `EZW_Opted_Out`. Notes have no unique field: one that may have been written before is looked for by its title.
 */
export const crm: Crm<typeof settings> = {
  settings,
  example: { api: 'https://www.zohoapis.eu', accounts: 'https://accounts.zoho.eu' },
  connect(settings, secret, tools) {
    const token = cachedToken(
      () =>
        fetchToken(
          tools,
          `${settings.accounts.replace(/\/+$/, '')}/oauth/v2/token`,
          {
            grant_type: 'refresh_token',
            client_id: secretText(secret, 'clientId'),
            client_secret: secretText(secret, 'clientSecret'),
            refresh_token: secretText(secret, 'refreshToken'),
          },
          HOUR_SECONDS,
        ),
      tools.now,
    );
    const authorize = async (fresh: boolean) => ({ authorization: `Zoho-oauthtoken ${await token(fresh)}` });
    const api = crmApi(`${settings.api.replace(/\/+$/, '')}/crm/v8`, tools, authorize, refusalIn);
    const update = (id: string, row: object) =>
      api({ method: 'PUT', path: `/Contacts/${id}`, body: { data: [row] }, answer: written });

    const search = async (phone: string): Promise<string | undefined> => {
      const path = `/Contacts/search?${new URLSearchParams({ phone })}`;
      const { json } = await api({ method: 'GET', path, answer: contacts });
      return json[0]?.id;
    };

    return {
      async contactId({ key, phone, name }) {
        const known = await byAnyForm(phone, search);
        if (known) {
          await update(known, { EZW_WA_Id: key });
          return known;
        }
        const row = { Last_Name: name ?? phone ?? key, EZW_WA_Id: key, ...(phone && { Phone: phone }) };
        const body = { data: [row], duplicate_check_fields: ['EZW_WA_Id'] };
        const { json } = await api({ method: 'POST', path: '/Contacts/upsert', body, answer: written });
        return json.data[0].details.id;
      },
      async addEntry(contactId, _, entry, again) {
        const path = `/Contacts/${contactId}/Notes`;
        if (again) {
          const { json } = await api({ method: 'GET', path: `${path}?fields=Note_Title&per_page=200`, answer: notes });
          if (json.some(({ Note_Title }) => Note_Title === marker(entry))) return;
        }
        const row = { Note_Title: marker(entry), Note_Content: entryLines(entry).join('\n') };
        await api({ method: 'POST', path, body: { data: [row] }, answer: written });
      },
      async setOptOut(contactId, _, optedOut) {
        await update(contactId, { EZW_Opted_Out: optedOut });
      },
    };
  },
};
