import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { Permanent } from '../../../shared/runtime/errors.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { cachedToken, contactGone, crmApi, fetchToken, namedIfTaken } from '../../api.ts';
import type { Crm, CrmContact } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';
import { entryLines, marker } from '../../entry-text.ts';
import { isUnnamed, isWritten } from '../../phone-forms.ts';
import { contacts, merging, notes, refusalIn, written } from './answers.ts';

/** https://www.zoho.com/crm/developer/docs/api/v8/ names no end of it. */
const API = 'v8';
const HOUR_SECONDS = 3600;
/** A search takes ten conditions, and a number stands in one of two fields. */
const FORMS_AT_ONCE = 5;
const FIELDS = 'Phone,Mobile,EZW_WA_Id,Last_Name,Created_Time';

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
  apis: [{ what: 'API', version: API }],
  example: { api: 'https://www.zohoapis.eu', accounts: 'https://accounts.zoho.eu' },
  connect(settings, secret, tools) {
    const token = cachedToken(
      () =>
        fetchToken(
          tools,
          `${withoutSlash(settings.accounts)}/oauth/v2/token`,
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
    const api = crmApi(`${withoutSlash(settings.api)}/crm/${API}`, tools, authorize, refusalIn);
    const update = (id: string, row: object) =>
      api({ method: 'PUT', path: `/Contacts/${id}`, body: { data: [row] }, answer: written });

    /** Whoever has this number, however it is written: first who has our key, then who has been there longest. */
    const search = async ({ key, forms }: CrmContact): Promise<string | undefined> => {
      for (let at = 0; at < forms.length; at += FORMS_AT_ONCE) {
        const some = forms.slice(at, at + FORMS_AT_ONCE);
        const criteria = some.flatMap((form) => ['Phone', 'Mobile'].map((field) => `(${field}:equals:${form})`));
        const query = new URLSearchParams({ criteria: `(${criteria.join('or')})`, fields: FIELDS });
        const { json } = await api({ method: 'GET', path: `/Contacts/search?${query}`, answer: contacts });
        const theirs = json.filter(({ Phone, Mobile }) => isWritten(Phone, forms) || isWritten(Mobile, forms));
        const oldest = theirs.sort((a, b) => (a.Created_Time ?? '').localeCompare(b.Created_Time ?? ''))[0];
        const found = theirs.find(({ EZW_WA_Id }) => EZW_WA_Id === key) ?? oldest;
        if (found) return found.id;
      }
      return undefined;
    };

    /** Never over what is there: a contact that has the key already is told by its id. */
    const insert = async ({ key, phone }: CrmContact, name = phone ?? key): Promise<string> => {
      const row = { Last_Name: name, EZW_WA_Id: key, ...(phone && { Phone: phone }) };
      const request = { method: 'POST', path: '/Contacts', body: { data: [row] } } as const;
      const { json, refusal } = await api({ ...request, answer: written, expect: ['DUPLICATE_DATA'] });
      if (!refusal) return json.data[0].details.id;
      if (refusal.id) return refusal.id;
      throw new Permanent('sink_duplicate', 'A field that must be unique stands on another contact.');
    };
    const read = async (id: string) => {
      const { json } = await api({ method: 'GET', path: `/Contacts/${id}?fields=${FIELDS}`, answer: contacts });
      if (!json[0]) throw contactGone();
      return json[0];
    };
    /** Puts our key on a contact. Stands it on another, made a moment ago, that one is theirs. */
    const take = async (id: string, { key }: CrmContact): Promise<string> => {
      const request = { method: 'PUT', path: `/Contacts/${id}`, body: { data: [{ EZW_WA_Id: key }] } } as const;
      const { refusal } = await api({ ...request, answer: written, expect: ['DUPLICATE_DATA'] });
      return refusal?.id ?? id;
    };

    return {
      async contactId(contact) {
        const known = await search(contact);
        return known ? take(known, contact) : namedIfTaken(contact, (name) => insert(contact, name));
      },
      async learnPhone(id, contact) {
        const theirs = await take((await search(contact)) ?? id, contact);
        if (theirs === id) {
          const { Phone, Mobile } = await read(id);
          if (!Phone && !Mobile) await update(id, { Phone: contact.phone });
        }
        return theirs;
      },
      // It may be done a little later; who was merged before is gone.
      async merge(from, into) {
        await read(from);
        const body = { merge: [{ data: [{ id: from }] }] };
        await api({ method: 'POST', path: `/Contacts/${into}/actions/merge`, body, answer: merging });
        return into;
      },
      async nameContact(id, contact) {
        if (isUnnamed((await read(id)).Last_Name, contact)) await update(id, { Last_Name: contact.name });
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
