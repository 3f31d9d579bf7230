import * as z from 'zod/mini';
import {
  type Connection,
  ConnectProblem,
  type ConnectTools,
  callVendor,
  randomSecret,
  type Subscribed,
} from '../../../shared/door/connection.ts';
import { sha256 } from '../../../shared/runtime/hashes.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import type { TypeformSettings } from './source.ts';

type Tools = ConnectTools<TypeformSettings>;

const EVENT = 'form_response';

const webhook = z.object({
  tag: z.string(),
  url: z.string(),
  enabled: z.boolean(),
  secret: z.optional(z.nullable(z.string())),
  // Not among the fields of webhooks that were made before there were partial responses.
  event_types: z.optional(z.nullable(z.record(z.string(), z.boolean()))),
  updated_at: z.optional(z.nullable(z.string())),
});
const webhooks = z.object({ items: z.array(webhook) });

/** One of its own for each address: what is put under a tag that there is takes its place. */
const tagFor = (address: string): string => `ezw-${sha256(address).slice(0, 12)}`;

const requestOf = (
  { settings, login }: Tools,
  method: HttpRequest['method'],
  form: string,
  tag = '',
  body?: object,
): HttpRequest => ({
  method,
  url: `${withoutSlash(settings.apiBase)}/forms/${encodeURIComponent(form)}/webhooks${tag && `/${encodeURIComponent(tag)}`}`,
  headers: { authorization: `Bearer ${login.token}`, ...(body && { 'content-type': 'application/json' }) },
  ...(body && { body: JSON.stringify(body) }),
});

const hintsFor = (form: string) => ({
  403: 'the token lacks the scope webhooks:read or webhooks:write, or its user may not edit the form',
  404: `this login knows no form ${form}: is it the id of the form, as in its address behind /to/, and is apiBase that of the account's data centre`,
});

const subscribed = (form: string, one: z.infer<typeof webhook>): Subscribed => ({
  id: one.tag,
  key: form,
  address: one.url,
  events: Object.entries(one.event_types ?? { [EVENT]: true }).flatMap(([event, on]) => (on ? [event] : [])),
  state: one.enabled ? 'on' : 'off',
  secret: one.secret ?? undefined,
  says: one.updated_at ? `last changed ${one.updated_at}` : undefined,
});

/** A webhook is of one form. */
export const connection: Connection<TypeformSettings & { readonly origin?: readonly string[] }> = {
  vendor: 'Typeform',
  asks: () => [
    {
      field: 'token',
      what: 'personal access token with the scopes webhooks:read and webhooks:write (Account › Personal tokens)',
      isSecret: true,
    },
  ],
  newSecret: randomSecret,
  wants({ forms, origin }) {
    const ids = forms ?? origin;
    if (ids) return ids.map((key) => ({ key, events: [EVENT] }));
    throw new ConnectProblem(
      'A webhook of Typeform is of one form: write the ids of the forms as "forms" (or "origin") in the client file.',
      { isInput: true },
    );
  },
  async list(tools) {
    const all: Subscribed[] = [];
    for (const { key } of tools.wanted) {
      const { found } = await callVendor(tools, requestOf(tools, 'GET', key), webhooks, { hints: hintsFor(key) });
      all.push(...(found?.items ?? []).map((one) => subscribed(key, one)));
    }
    return all;
  },
  async subscribe(tools, { key }, found) {
    const { address: url, secret } = tools;
    const body = { url, enabled: true, secret: secret.current, verify_ssl: true, event_types: { [EVENT]: true } };
    const tag = found?.id ?? tagFor(url);
    await callVendor(tools, requestOf(tools, 'PUT', key, tag, body), z.unknown(), { hints: hintsFor(key) });
    return tag;
  },
  async unsubscribe(tools, { key, id }) {
    await callVendor(tools, requestOf(tools, 'DELETE', key, id), z.unknown(), { also: [404], hints: hintsFor(key) });
  },
  checklist: {
    en: [
      'In Typeform, open your account menu › Personal tokens › Generate a new token. Give it the scopes "Webhooks: read" and "Webhooks: write", and send it to us by a safe way (it is shown once).',
      'Make sure that the form asks for the phone number, and has a question by which the person agrees to WhatsApp messages.',
      'Tell us the address of each form that is to count; other forms are left alone.',
      'Publish the form anew if you changed it.',
      'Please do not delete or switch off the webhook whose address ends in /lead-first-touch/… under Connect › Webhooks.',
      'When the person who made the token leaves the company, tell us before: the token goes with them.',
    ],
    he: [
      'ב-Typeform פתחו את תפריט החשבון › Personal tokens › Generate a new token. סמנו את ההרשאות "Webhooks: read" ו-"Webhooks: write", ושלחו לנו אותו בדרך מאובטחת (הוא מוצג פעם אחת).',
      'ודאו שהטופס שואל על מספר הטלפון, ושיש בו שאלה שבה האדם מסכים לקבל הודעות WhatsApp.',
      'כתבו לנו את הכתובת של כל טופס שצריך להיכלל; בשאר הטפסים לא ניגע.',
      'אם שיניתם את הטופס, פרסמו אותו מחדש.',
      'אנא אל תמחקו ואל תכבו את ה-webhook שכתובתו מסתיימת ב-/lead-first-touch/… תחת Connect › Webhooks.',
      'אם מי שיצר את הטוקן עוזב את החברה, הודיעו לנו לפני כן: הטוקן נמחק איתו.',
    ],
  },
};
