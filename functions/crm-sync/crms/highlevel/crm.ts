import * as z from 'zod/mini';
import { isOneOf, numberForms } from '../../../shared/people/identity.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { Permanent, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Http } from '../../../shared/runtime/http.ts';
import { retryAfter } from '../../../shared/runtime/retry-after.ts';
import { type ApiRequest, contactGone, crmApi, idIn } from '../../api.ts';
import type { Crm, CrmContact, CrmTools } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';
import { entryLines, marker } from '../../entry-text.ts';

/** To be determined, says https://marketplace.gohighlevel.com/docs/2023-02-21/Versioning of its end. */
const API = '2021-07-28';
const OPTED_OUT = 'ezw-opted-out';
/** By these words the do-not-disturb that we set is told from the one that people set. */
const OUR_DND = 'Opted out by WhatsApp (EZWhatsApp)';
/** Channels that an update takes; it is not said whether those that it leaves out stay as they are. */
const CHANNELS = ['Call', 'Email', 'SMS', 'WhatsApp', 'GMB', 'FB'];
/** All notes of a contact come in one answer. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const HOUR_SECONDS = 3600;

/** How single and bulk calls say, with 400 and 422 too, that a contact was deleted, or merged into another. */
const GONE = /contact[^.]*(?:deleted|not found|does not exist|does not belong)|not a valid firebase id/i;

const settings = z.strictObject({
  /** Of the sub-account; it stands in its address: `/v2/location/{locationId}`. */
  locationId: z
    .string()
    .check(z.regex(/^\w{10,}$/, 'write the id that stands behind /location/ in the address of the sub-account')),
  api: z._default(outsideUrl, 'https://services.leadconnectorhq.com'),
});

const field = (value: unknown, name: string): unknown => (value as Record<string, unknown> | null | undefined)?.[name];
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whether a contact of theirs has a number: as its own, or among the further ones. */
const hasNumber = (contact: unknown, phone: string): boolean => {
  const others = list(field(contact, 'additionalPhones')).map((one) => text(field(one, 'phone')) || text(one));
  return isOneOf(
    phone,
    [text(field(contact, 'phone')), ...others].map((one) => one.replace(/[^+\d]/g, '')),
  );
};
/** One of theirs: not the key that stands in for a name where none was known. */
const hasName = (contact: unknown, { key, names = [], also = [] }: CrmContact): boolean => {
  const standIns = ['', key, ...names, ...also].map((one) => one.toLowerCase());
  return ['name', 'firstName', 'lastName'].some((name) => !standIns.includes(text(field(contact, name)).toLowerCase()));
};

/** A note is ours by its last line, which may be followed by what their editor makes of a text, and by no further character of the key. */
const isNoteOf = (body: string, line: string): boolean => {
  const at = body.indexOf(line);
  return at >= 0 && !/^[\w:-]/.test(body.slice(at + line.length));
};

/** A day's allowance that is used up is waited for longer than a burst. */
const patient =
  ({ http, now }: CrmTools): Http =>
  async (request) => {
    const result = await http({ ...request, maxAnswerBytes: MAX_ANSWER_BYTES });
    if (result.kind !== 'answer' || result.status !== 429) return result;
    if (result.headers['x-ratelimit-daily-remaining'] !== '0') return result;
    const seconds = retryAfter(result.headers, now()) ?? HOUR_SECONDS;
    throw new Unavailable('sink_429', "HighLevel's allowance of the day is used up.", seconds);
  };

/**
 * HighLevel (LeadConnector). Needs the token of a private integration. A note has no key of its own: one that may have been written
 * before is looked for by its last line.
 */
export const crm: Crm<typeof settings> = {
  settings,
  apis: [{ what: 'API', version: API }],
  example: { locationId: 've9EPM428h8vShlRW1KT' },
  connect({ locationId, api: base }, secret, tools) {
    const headers = { authorization: `Bearer ${secretText(secret, 'token')}`, version: API };
    const api = crmApi(base, { ...tools, http: patient(tools) }, async () => headers);

    const call = async (method: ApiRequest<unknown>['method'], path: string, body?: object): Promise<unknown> => {
      const { status, json } = await api({ method, path: `/contacts${path}`, body, expect: [400, 422] });
      if (status >= 400) {
        const said = [field(json, 'message')].flat().join(' ');
        if (GONE.test(said)) throw contactGone();
        throw new Permanent(`sink_${status}`, 'HighLevel can never take this.');
      }
      if (json === undefined) throw new Unavailable('sink_unreadable', 'HighLevel answered with what is no JSON.');
      return json;
    };

    const search = async (phone: string): Promise<unknown> => {
      for (const number of numberForms(phone)) {
        const contact = field(
          await call('GET', `/search/duplicate?${new URLSearchParams({ locationId, number })}`),
          'contact',
        );
        if (hasNumber(contact, phone)) return contact;
      }
      return undefined;
    };
    /** By the phone alone: of two keys that belong to two contacts one would be dropped, and nothing said. */
    const upsert = async (phone: string): Promise<unknown> => {
      const contact = field(await call('POST', '/upsert', { locationId, phone }), 'contact');
      if (hasNumber(contact, phone)) return contact;
      throw new Permanent(
        'sink_other_contact',
        'HighLevel answered with a contact of another number: nothing is written there.',
      );
    };
    /** Nobody's phone is known: what was made before is found by its source, where the search has it by now. */
    const made = async ({ key }: CrmContact, again: boolean): Promise<unknown> => {
      const source = `EZWhatsApp ${key}`;
      const filters = [{ field: 'source', operator: 'eq', value: source }];
      const body = { locationId, page: 1, pageLimit: 1, filters };
      const [before] = again ? list(field(await call('POST', '/search', body), 'contacts')) : [];
      return before ?? field(await call('POST', '/', { locationId, name: key, source }), 'contact');
    };

    return {
      async contactId(contact, again) {
        const { phone } = contact;
        const found =
          phone === undefined ? await made(contact, again) : ((await search(phone)) ?? (await upsert(phone)));
        return idIn(field(found, 'id'));
      },
      async learnPhone(id, { phone }) {
        if (phone === undefined) return id;
        const theirs = await search(phone);
        if (theirs) return idIn(field(theirs, 'id'));
        await call('PUT', `/${id}`, { phone });
        return id;
      },
      async nameContact(id, contact) {
        const known = field(await call('GET', `/${id}`), 'contact');
        if (!hasName(known, contact)) await call('PUT', `/${id}`, { name: contact.name });
      },
      async addEntry(contactId, _, entry, again) {
        const path = `/${contactId}/notes`;
        if (again) {
          const notes = list(field(await call('GET', path), 'notes'));
          if (notes.some((note) => isNoteOf(text(field(note, 'body')), marker(entry)))) return;
        }
        await call('POST', path, { body: entryLines(entry).join('\n') });
      },
      async setOptOut(contactId, _, optedOut) {
        await call(optedOut ? 'POST' : 'DELETE', `/${contactId}/tags`, { tags: [OPTED_OUT] });
        const dndSettings = field(field(await call('GET', `/${contactId}`), 'contact'), 'dndSettings');
        const set = field(dndSettings, 'WhatsApp');
        const isSet = /^(?:active|permanent)$/i.test(text(field(set, 'status')));
        // What people set there is theirs: it is neither set anew nor lifted.
        if (optedOut ? isSet : !isSet || field(set, 'message') !== OUR_DND) return;
        const WhatsApp = { status: optedOut ? 'active' : 'inactive', message: OUR_DND };
        const theirs = CHANNELS.flatMap((channel) => {
          const setting = field(dndSettings, channel);
          return setting ? [[channel, setting]] : [];
        });
        await call('PUT', `/${contactId}`, { dndSettings: { ...Object.fromEntries(theirs), WhatsApp } });
      },
    };
  },
};
