import * as z from 'zod/mini';
import {
  type Connection,
  ConnectProblem,
  type ConnectTools,
  callVendor,
  leaving,
  randomSecret,
  type Subscribed,
  type Wanted,
} from '../../../shared/door/connection.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { type CalendlySettings, idOf } from './source.ts';

type Settings = CalendlySettings & { readonly origin?: readonly string[] };
type Tools = ConnectTools<Settings>;

const EVENTS = ['invitee.created', 'invitee.canceled'];
const SCOPES = ['organization', 'user'] as const;

const me = z.object({ resource: z.object({ uri: z.string(), current_organization: z.string() }) });
const subscription = z.object({
  uri: z.string(),
  callback_url: z.string(),
  state: z.string(),
  events: z.array(z.string()),
  scope: z.string(),
  creator: z.optional(z.nullable(z.string())),
  retry_started_at: z.optional(z.nullable(z.string())),
});
const page = z.object({
  collection: z.array(subscription),
  pagination: z.optional(z.object({ next_page_token: z.optional(z.nullable(z.string())) })),
});

const HINTS = {
  403: 'the plan of the account has no webhooks (Standard or above), the token lacks a scope, or its user may not do that for the whole organization (owners and admins may)',
};

const requestOf = (
  { settings, login }: Tools,
  method: HttpRequest['method'],
  path: string,
  body?: object,
): HttpRequest => ({
  method,
  url: `${withoutSlash(settings.apiBase)}${path}`,
  headers: { authorization: `Bearer ${login.token}`, ...(body && { 'content-type': 'application/json' }) },
  ...(body && { body: JSON.stringify(body) }),
});

/** Whose token it is. */
const ownerOf = async (tools: Tools): Promise<z.infer<typeof me>['resource']> => {
  const { found } = await callVendor(tools, requestOf(tools, 'GET', '/users/me'), me);
  if (!found) throw new ConnectProblem('Calendly does not say whose token this is.', {});
  return found.resource;
};

/** With whose events it tells of. */
interface Found extends Subscribed {
  readonly scope: string;
}

const subscribed = (one: z.infer<typeof subscription>, { scope, origin }: Settings): Found => {
  const isOther = one.creator && origin && !origin.includes(idOf(one.creator));
  const isOtherScope = scope !== undefined && one.scope !== scope;
  return {
    id: idOf(one.uri),
    key: '',
    scope: one.scope,
    address: one.callback_url,
    events: one.events,
    state: one.state === 'active' ? 'on' : 'off',
    says: [
      `${one.state}, of the ${one.scope}`,
      ...(one.retry_started_at ? [`deliveries failed on ${one.retry_started_at}`] : []),
    ].join(', '),
    wrong: [
      ...(isOtherScope ? [`it is of the ${one.scope}, and the client file says ${scope}`] : []),
      ...(isOther
        ? [
            `${idOf(one.creator ?? '')} subscribed it, who is not the origin of the client file: its events are set aside`,
          ]
        : []),
    ],
  };
};

const MAX_PAGES = 20;

/** Page by page; of the organization only owners and admins may ask. */
const listScope = async (
  tools: Tools,
  scope: (typeof SCOPES)[number],
  owner: Awaited<ReturnType<typeof ownerOf>>,
): Promise<Found[]> => {
  const all: Found[] = [];
  let after: string | undefined;
  for (let i = 0; i < MAX_PAGES; i += 1) {
    const query = new URLSearchParams({
      organization: owner.current_organization,
      scope,
      // An answer is read up to 64 KB.
      count: '50',
      ...(scope === 'user' && { user: owner.uri }),
      ...(after && { page_token: after }),
    });
    const also = scope === 'organization' && tools.settings.scope !== scope ? [403] : [];
    const request = requestOf(tools, 'GET', `/webhook_subscriptions?${query}`);
    const { found } = await callVendor(tools, request, page, { hints: HINTS, also });
    all.push(...(found?.collection ?? []).map((one) => subscribed(one, tools.settings)));
    after = found?.pagination?.next_page_token ?? undefined;
    if (after === undefined) break;
  }
  return all;
};

const remove = async (tools: Tools, id: string): Promise<void> => {
  const request = requestOf(tools, 'DELETE', `/webhook_subscriptions/${encodeURIComponent(id)}`);
  await callVendor(tools, request, z.unknown(), { also: [404], hints: HINTS });
};

const ALREADY = 409;

/** It is made, whatever the answer looks like. */
const idIn = (made: unknown): string | undefined => {
  const { data } = z.object({ resource: z.object({ uri: z.string() }) }).safeParse(made);
  return data && idOf(data.resource.uri);
};

/** Tried twice where it may pass: the one before it is gone. What the first try made after all is there already at the second. */
const make = async (tools: Tools, body: object): Promise<string | undefined> => {
  const request = requestOf(tools, 'POST', '/webhook_subscriptions', body);
  const asked = (also: readonly number[]) => callVendor(tools, request, z.unknown(), { hints: HINTS, also });
  try {
    return idIn((await asked([])).found);
  } catch (error) {
    if (!(error instanceof ConnectProblem) || !error.isPassing) throw error;
    return idIn((await asked([ALREADY])).found);
  }
};

/**
 * One cannot be changed, nor turned on again: it is removed and made anew, for no two of one user have one address.
 * https://developer.calendly.com/docs/webhooks/overview
 */
const subscribe = async (tools: Tools, { events }: Wanted, found: Found | undefined): Promise<string | undefined> => {
  const { settings, address: url, secret } = tools;
  const owner = await ownerOf(tools);
  const { origin } = settings;
  if (origin && !origin.includes(idOf(owner.uri))) {
    throw new ConnectProblem(
      `This token is of the user ${idOf(owner.uri)}, and "origin" in the client file names ${origin.join(', ')}: take the token of that user, or write this one.`,
      { isInput: true },
    );
  }
  // Without a word of the client file it stays as wide as it was.
  const scope = settings.scope ?? found?.scope ?? 'user';
  const { uri: user, current_organization: organization } = owner;
  const whose = { scope, organization, ...(scope === 'user' && { user }) };
  const made = { url, events, ...whose, signing_key: secret.current };
  if (!found) return make(tools, made);
  await remove(tools, found.id);
  const gone = 'The one before it is removed: no event comes until this command succeeds.';
  return leaving(make(tools, made), gone);
};

export const connection: Connection<Settings> = {
  vendor: 'Calendly',
  refusesTwo: true,
  asks: () => [
    {
      field: 'token',
      what: 'personal access token (Integrations › API & webhooks) with the scopes users:read, scheduled_events:read, webhooks:read, webhooks:write',
      isSecret: true,
    },
  ],
  newSecret: randomSecret,
  wants: () => [{ key: '', events: EVENTS }],
  async list(tools) {
    const owner = await ownerOf(tools);
    const lists: Found[] = [];
    for (const scope of SCOPES) lists.push(...(await listScope(tools, scope, owner)));
    return [...new Map(lists.map((one) => [one.id, one])).values()];
  },
  subscribe,
  unsubscribe: (tools, { id }) => remove(tools, id),
  checklist: {
    en: [
      'Check that your Calendly plan is Standard, Teams or Enterprise: on the Free plan there are no webhooks. If the plan ends, the reminders end too.',
      'In Calendly open Integrations & apps › API & webhooks › Personal access tokens › Generate new token, and send it to us by a safe way (it is shown once). It must be made by the person whose bookings count; for the bookings of the whole team by an owner or admin.',
      'In each event type ask for the phone number: turn on the SMS reminder question, or add a question for it, required, with the same words everywhere.',
      'Tell us when the person who made the token leaves the team or changes the password: the connection may end with them.',
      'Turn off reminders that Calendly itself or another tool sends by SMS or WhatsApp for the same meetings, or people hear of them twice.',
    ],
    he: [
      'ודאו שהמסלול שלכם ב-Calendly הוא Standard, Teams או Enterprise: במסלול החינמי אין webhooks. אם המסלול יסתיים, גם התזכורות ייפסקו.',
      'ב-Calendly פתחו Integrations & apps › API & webhooks › Personal access tokens › Generate new token ושלחו לנו את הטוקן בדרך מאובטחת (הוא מוצג פעם אחת). עליו להיווצר בידי מי שהפגישות שלו נכללות; לפגישות של כל הצוות – בידי owner או admin.',
      'בכל סוג אירוע בקשו את מספר הטלפון: הפעילו את שאלת התזכורת ב-SMS, או הוסיפו שאלה, חובה, באותן מילים בכל מקום.',
      'הודיעו לנו כשמי שיצר את הטוקן עוזב את הצוות או מחליף סיסמה: החיבור עלול להסתיים איתו.',
      'כבו תזכורות ש-Calendly עצמה או כלי אחר שולחים ב-SMS או ב-WhatsApp לאותן פגישות, אחרת אנשים יקבלו אותן פעמיים.',
    ],
  },
};
