import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { isPermanent } from '../../../shared/runtime/errors.ts';
import { contactGone, crmApi, namedIfTaken } from '../../api.ts';
import type { Crm, CrmContact } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';
import { entryHtml, marker } from '../../entry-text.ts';
import { isUnnamed, isWritten, searchTerms } from '../../phone-forms.ts';
import { found, notes, person, refusalIn, written } from './answers.ts';

/** https://pipedrive.readme.io/docs/pipedrive-api-v2 */
const PERSONS = 'v2';
/** Of notes and of merging, which the second version does not have. */
const FIRST = 'v1';
const LAST_NOTES = 100;

const settings = z.strictObject({
  api: z._default(outsideUrl, 'https://api.pipedrive.com'),
  /** The API key of a custom person field that shows who has opted out. */
  optOutField: z.optional(z.string().check(z.minLength(1))),
});

/**
 * Pipedrive. Needs an API token. It has neither upsert nor idempotency: the person's id is kept on our side, and a note that may
 * have been written before is looked for by its last line.
 */
export const crm: Crm<typeof settings> = {
  settings,
  apis: [
    { what: 'persons', version: PERSONS },
    { what: 'notes, merging', version: FIRST },
  ],
  example: { optOutField: '9f2a7c0d51' },
  connect(settings, secret, tools) {
    const headers = { 'x-api-token': secretText(secret, 'token') };
    const api = crmApi(settings.api, tools, async () => headers, refusalIn);

    /** Whoever has this number, however it is written; of several who has been there longest. A term is found anywhere in a phone. */
    const search = async ({ phone, forms }: CrmContact): Promise<string | undefined> => {
      for (const term of phone === undefined ? [] : searchTerms(phone)) {
        const query = new URLSearchParams({ term, fields: 'phone', limit: '100' });
        const { json } = await api({
          method: 'GET',
          path: `/api/${PERSONS}/persons/search?${query}`,
          answer: found,
        });
        const theirs = json.data.items.filter(({ item }) => item.phones.some((one) => isWritten(one, forms)));
        const [oldest] = theirs.map(({ item }) => item.id).sort((a, b) => Number(a) - Number(b));
        if (oldest !== undefined) return oldest;
      }
      return undefined;
    };

    /** A note says in no certain words that its person was deleted or merged into another: they are looked at. */
    const read = async (id: string) => {
      const { json } = await api({ method: 'GET', path: `/api/${PERSONS}/persons/${id}`, answer: person });
      if (json.data.is_deleted || json.data.active_flag === false) throw contactGone();
      return json.data;
    };
    const patch = (id: string, body: object) =>
      api({ method: 'PATCH', path: `/api/${PERSONS}/persons/${id}`, body, answer: written });
    const phonesOf = (phone: string) => [{ value: phone, primary: true, label: 'mobile' }];

    return {
      async contactId(contact) {
        const { key, phone } = contact;
        const known = await search(contact);
        if (known) return known;
        return namedIfTaken(contact, async (name = phone ?? key) => {
          const body = { name, phones: phone ? phonesOf(phone) : [] };
          const { json } = await api({
            method: 'POST',
            path: `/api/${PERSONS}/persons`,
            body,
            answer: written,
          });
          return json.data.id;
        });
      },
      async learnPhone(id, contact) {
        const other = await search(contact);
        if (other !== undefined && other !== id) return other;
        const { phones } = await read(id);
        const hasPhone = phones?.some(({ value }) => value);
        if (!hasPhone && contact.phone) await patch(id, { phones: phonesOf(contact.phone) });
        return id;
      },
      // Conflicts are settled for the one that stays; who was merged before is gone.
      async merge(from, into) {
        await read(from);
        const body = { merge_with_id: Number(into) };
        await api({ method: 'PUT', path: `/${FIRST}/persons/${from}/merge`, body, answer: written });
        return into;
      },
      async nameContact(id, contact) {
        if (isUnnamed((await read(id)).name, contact)) await patch(id, { name: contact.name });
      },
      async addEntry(contactId, _, entry, again) {
        if (again) {
          const query = new URLSearchParams({ person_id: contactId, limit: String(LAST_NOTES), sort: 'add_time DESC' });
          const { json } = await api({ method: 'GET', path: `/${FIRST}/notes?${query}`, answer: notes });
          if (json.data?.some(({ content }) => content?.includes(marker(entry)))) return;
        }
        const body = { content: entryHtml(entry), person_id: Number(contactId) };
        try {
          await api({ method: 'POST', path: `/${FIRST}/notes`, body, answer: written });
        } catch (error) {
          if (isPermanent(error)) await read(contactId);
          throw error;
        }
      },
      async setOptOut(contactId, _, optedOut) {
        if (!settings.optOutField) return;
        await patch(contactId, { custom_fields: { [settings.optOutField]: optedOut ? 'opted out' : '' } });
      },
    };
  },
};
