import * as z from 'zod/mini';
import {
  type Connection,
  type ConnectTools,
  callVendor,
  type Hints,
  randomSecret,
  type Subscribed,
} from '../../../shared/door/connection.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { API, type CalComSettings, WEBHOOK_VERSION } from './source.ts';

type Tools = ConnectTools<CalComSettings>;

/** What is read of bookings; others come unsigned or in another form. */
const TRIGGERS = [
  'BOOKING_CREATED',
  'BOOKING_RESCHEDULED',
  'BOOKING_REQUESTED',
  'BOOKING_CANCELLED',
  'BOOKING_REJECTED',
] as const;

const webhook = z.object({
  id: z.union([z.string(), z.int()]),
  subscriberUrl: z.string(),
  triggers: z.array(z.string()),
  active: z.boolean(),
  // Not shown by every Cal.com; an empty one is none.
  secret: z.optional(z.nullable(z.string())),
  payloadTemplate: z.optional(z.nullable(z.string())),
  version: z.optional(z.nullable(z.string())),
});
const webhooks = z.object({ data: z.array(webhook) });

/** Of each page of the list: with templates of the account's own an answer grows, and is read up to 64 KB. */
const TAKE = 50;
const MAX_PAGES = 20;

const hintsFor = ({ settings: { organization } }: Tools): Hints => ({
  401: 'the API key is wrong, has expired or was revoked: make a new one under Settings › Developer › API keys',
  403:
    organization === undefined
      ? 'the webhook is of somebody else, or the key lacks that right'
      : `the user of the key is no admin of the organization ${organization}`,
  404: 'the API is not there: is apiBase right (it ends before /v2)',
  409: 'there is one for this address already, which it does not list: delete it under Settings › Developer › Webhooks',
});

const requestOf = (
  { settings: { apiBase = 'https://api.cal.com', organization }, login }: Tools,
  method: HttpRequest['method'],
  path = '',
  body?: object,
): HttpRequest => ({
  method,
  url: `${withoutSlash(apiBase)}/v2${organization === undefined ? '' : `/organizations/${organization}`}/webhooks${path}`,
  headers: {
    authorization: `Bearer ${login.apiKey}`,
    'cal-api-version': API,
    ...(body && { 'content-type': 'application/json' }),
  },
  ...(body && { body: JSON.stringify(body) }),
});

const subscribed = (one: z.infer<typeof webhook>): Subscribed => ({
  id: String(one.id),
  key: '',
  address: one.subscriberUrl,
  events: one.triggers,
  state: one.active ? 'on' : 'off',
  ...('secret' in one && { secret: one.secret ?? '' }),
  wrong: [
    ...(one.payloadTemplate ? ['a payload template replaces what is read'] : []),
    ...(one.version && one.version !== WEBHOOK_VERSION
      ? [`its bodies are of the version ${one.version}, not ${WEBHOOK_VERSION}`]
      : []),
  ],
});

/** Of a user, or of a whole organization: those of single event types and teams are not shown by this API. */
export const connection: Connection<CalComSettings> = {
  vendor: 'Cal.com',
  asks: ({ organization }) => [
    {
      field: 'apiKey',
      what: `API key, cal_live_… (Settings › Developer › API keys, of ${organization === undefined ? 'the user whose bookings are told' : `an admin of the organization ${organization}`}; let it never expire)`,
      isSecret: true,
    },
  ],
  newSecret: randomSecret,
  wants: () => [{ key: '', events: TRIGGERS }],
  async list(tools) {
    const all: Subscribed[] = [];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const request = requestOf(tools, 'GET', `?take=${TAKE}&skip=${page * TAKE}`);
      const { found } = await callVendor(tools, request, webhooks, { hints: hintsFor(tools) });
      const data = found?.data ?? [];
      all.push(...data.map(subscribed));
      if (data.length < TAKE) break;
    }
    return all;
  },
  async subscribe(tools, { events }, found) {
    const { address: subscriberUrl, secret } = tools;
    const body = { subscriberUrl, triggers: events, active: true, secret: secret.current, version: WEBHOOK_VERSION };
    const request = found
      ? // Left out it would stay as it is.
        requestOf(tools, 'PATCH', `/${encodeURIComponent(found.id)}`, { ...body, payloadTemplate: '' })
      : requestOf(tools, 'POST', '', body);
    await callVendor(tools, request, z.unknown(), { hints: hintsFor(tools) });
  },
  async unsubscribe(tools, { id }) {
    const request = requestOf(tools, 'DELETE', `/${encodeURIComponent(id)}`);
    await callVendor(tools, request, z.unknown(), { also: [404], hints: hintsFor(tools) });
  },
  checklist: {
    en: [
      'In Cal.com, open Settings › Developer › API keys › New. Let it never expire, and send it to us by a safe way; it is shown once.',
      'The key must be of the person whose bookings are to be reminded. For a whole organization it must be of an admin of it; tell us the number of the organization.',
      'Webhooks of single event types or teams that lead to us are to be deleted, so that each booking is told once.',
      'Let the booking form ask for the phone: Event type › Advanced › Booking questions › Phone, shown and required.',
      'Please do not edit the webhook under Settings › Developer › Webhooks whose address ends in /appointment-reminder/…; above all give it no custom payload template.',
      'When the person who made the key leaves, tell us before: webhook and key go with them.',
    ],
    he: [
      'ב-Cal.com פתחו את Settings › Developer › API keys › New. בחרו שלא יפוג לעולם, ושלחו לנו את המפתח בדרך מאובטחת; הוא מוצג פעם אחת.',
      'המפתח צריך להיות של מי שלפגישות שלו רוצים תזכורות. לארגון שלם הוא צריך להיות של מנהל הארגון; כתבו לנו את מספר הארגון.',
      'מחקו webhooks של סוגי אירועים בודדים או של צוותים שמובילים אלינו, כדי שכל פגישה תדווח פעם אחת.',
      'דאגו שטופס ההזמנה ישאל על הטלפון: Event type › Advanced › Booking questions › Phone, מוצג וחובה.',
      'אנא אל תערכו את ה-webhook שכתובתו מסתיימת ב-/appointment-reminder/… תחת Settings › Developer › Webhooks; בעיקר אל תוסיפו לו custom payload template.',
      'אם מי שיצר את המפתח עוזב, הודיעו לנו לפני כן: ה-webhook והמפתח נמחקים איתו.',
    ],
  },
};
