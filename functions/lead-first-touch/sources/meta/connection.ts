import * as z from 'zod/mini';
import {
  type Connection,
  ConnectProblem,
  type ConnectTools,
  callVendor,
  type Subscribed,
} from '../../../shared/door/connection.ts';
import type { HttpRequest, HttpResult } from '../../../shared/runtime/http.ts';
import { jsonIn } from '../../../shared/runtime/json.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import type { MetaSettings } from './settings.ts';
import { verifyTokenOf } from './source.ts';

type Settings = MetaSettings & { readonly origin?: readonly string[] };
type Tools = ConnectTools<Settings>;

const FIELD = 'leadgen';
/** One app has one address, for all pages that it is subscribed to. */
const APP = 'app';
/** The page of the token, where the client file names none. */
const THE_PAGE = 'page';
const pageKey = (id: string): string => `page ${id}`;

/** Rights of the Page token without which an event is of no use. */
const NEEDED = ['pages_manage_metadata', 'leads_retrieval'];
const SOON_MS = 14 * 24 * 3600_000;

const refusal = z.object({ error: z.object({ code: z.number() }) });
/** https://developers.facebook.com/docs/graph-api/guides/error-handling: the code says what is wrong, the status is most often 400. */
const BUSY = new Set([4, 17, 32, 613, 80001]);
const DOWN = new Set([1, 2]);
const LACKS =
  'the token lacks a right, or its person lost their role on the page: pages_manage_metadata, pages_show_list, pages_read_engagement and leads_retrieval are needed';
const HINTS: Readonly<Record<number, string>> = {
  3: LACKS,
  10: LACKS,
  100: 'there is no such page or app, or it is not this token’s: is "origin" in the client file the id of the page',
  190: 'the token is wrong, has ended or was revoked (a password was changed, a role taken away): make a new one, best of a system user',
  2200: 'Meta asked our address and was not answered as it must be: the stack must be deployed, and functions may remember an older secret for five minutes',
};
const APP_HINT = 'app id and app secret do not belong together: the secret is "current" of the stored one';

const codeIn = (body: string): number | undefined => refusal.safeParse(jsonIn(body)).data?.error.code;

const hintOf = (code: number | undefined, isApps: boolean): string | undefined => {
  if (code === undefined) return undefined;
  if (isApps && [15, 101, 190].includes(code)) return APP_HINT;
  return code >= 200 && code <= 299 ? LACKS : HINTS[code];
};

/** Graph's answer under the status that other vendors give. */
const plainly = (result: HttpResult, isApps: boolean): HttpResult => {
  if (result.kind !== 'answer' || result.status < 400) return result;
  const code = codeIn(result.body);
  if (code === undefined) return result;
  const status = BUSY.has(code) ? 429 : DOWN.has(code) ? 503 : code === 190 && !isApps ? 401 : result.status;
  return { ...result, status };
};

interface Call {
  readonly method?: HttpRequest['method'];
  readonly path: string;
  /** In the address for a GET, else in the body: no log of addresses holds it. */
  readonly form?: Readonly<Record<string, string>>;
  /** With the app's own token. */
  readonly isApps?: true;
}

const call = async <Schema extends z.ZodMiniType>(
  tools: Tools,
  { method = 'GET', path, form = {}, isApps }: Call,
  reads: Schema,
): Promise<z.output<Schema>> => {
  const { graphApi, apiVersion } = tools.settings;
  const { appId, pageToken } = tools.login;
  const token = isApps ? `${appId}|${tools.secret.current}` : pageToken;
  const fields = String(new URLSearchParams(form));
  const result = plainly(
    await tools.http({
      method,
      url: `${withoutSlash(graphApi)}/${apiVersion}/${path}${method === 'GET' && fields ? `?${fields}` : ''}`,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method !== 'GET' && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(method !== 'GET' && { body: fields }),
    }),
    isApps === true,
  );
  const hint = result.kind === 'answer' ? hintOf(codeIn(result.body), isApps === true) : undefined;
  const hints = result.kind === 'answer' && hint !== undefined ? { [result.status]: hint } : {};
  const { found } = await callVendor({ ...tools, http: async () => result }, { method, url: '' }, reads, { hints });
  return found as z.output<Schema>;
};

const done = z.object({ success: z.unknown() });
const ofApp = z.object({
  data: z.array(
    z.object({
      object: z.string(),
      callback_url: z.string(),
      active: z.optional(z.boolean()),
      // Names alone before v2.10.
      fields: z.optional(z.array(z.union([z.string(), z.object({ name: z.string() })]))),
    }),
  ),
});
const ofPage = z.object({
  data: z.array(z.object({ id: z.string(), subscribed_fields: z.optional(z.array(z.string())) })),
});
const ownPage = z.object({ id: z.string() });
const itsToken = z.object({ access_token: z.string() });
const token = z.object({
  data: z.object({
    app_id: z.optional(z.string()),
    type: z.optional(z.string()),
    profile_id: z.optional(z.string()),
    is_valid: z.boolean(),
    expires_at: z.optional(z.number()),
    data_access_expires_at: z.optional(z.number()),
    scopes: z.optional(z.array(z.string())),
  }),
});
type Token = z.infer<typeof token>['data'];
const access = z.object({
  has_lead_access: z.object({
    can_access_lead: z.boolean(),
    failure_reason: z.optional(z.string()),
    failure_resolution: z.optional(z.string()),
  }),
});

const callbackOf = async (tools: Tools): Promise<Subscribed | undefined> => {
  const path = `${encodeURIComponent(tools.login.appId ?? '')}/subscriptions`;
  const { data } = await call(tools, { path, isApps: true }, ofApp);
  const found = data.find(({ object }) => object === 'page');
  if (!found) return undefined;
  return {
    id: tools.login.appId ?? '',
    key: APP,
    address: found.callback_url,
    events: (found.fields ?? []).map((one) => (typeof one === 'string' ? one : one.name)),
    state: found.active === false ? 'off' : 'on',
  };
};

/** @throws ConnectProblem where it is another app's, for that one would be subscribed */
const tokenOf = async (tools: Tools): Promise<Token> => {
  const { appId, pageToken = '' } = tools.login;
  const { data } = await call(tools, { path: 'debug_token', form: { input_token: pageToken }, isApps: true }, token);
  if (!data.is_valid) throw new ConnectProblem(`Meta: ${HINTS[190]}.`, { status: 401 });
  if (data.app_id === undefined || data.app_id === appId) return data;
  throw new ConnectProblem(
    `The Page token is of the app ${data.app_id}, not of ${appId}: it would subscribe that one.`,
    {
      isInput: true,
    },
  );
};

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** When it ends, the sooner of both: the token itself, and what it may read. */
const endOf = ({ expires_at: end, data_access_expires_at: reading }: Token): number | undefined => {
  const [first] = [end, reading].filter((one): one is number => one !== undefined && one > 0).sort((a, b) => a - b);
  return first;
};

/** Why leads of a page cannot be read although they are told: https://developers.facebook.com/docs/graph-api/reference/has-lead-access. */
const lackOfAccess = async (tools: Tools, page: string): Promise<string | undefined> => {
  const read = call(tools, { path: page, form: { fields: 'has_lead_access' } }, access);
  // Not every token may ask this; that it may not says nothing.
  const lead = await read.then(({ has_lead_access: one }) => one).catch(() => undefined);
  if (lead === undefined || lead.can_access_lead) return undefined;
  const why = [lead.failure_reason, lead.failure_resolution].filter(Boolean).join(' ');
  return `its leads cannot be read (Business settings › Integrations › Leads access)${why && `: ${why}`}`;
};

/** One page, and the tools that speak for it: a Page token for itself alone, one of a system user for each page that it is given. */
const asPage = async (
  tools: Tools,
  key: string,
  given: Token,
): Promise<{ readonly id: string; readonly tools: Tools }> => {
  const isPages = (given.type ?? 'PAGE') === 'PAGE';
  const named = key === THE_PAGE ? undefined : key.slice(pageKey('').length);
  if (isPages) {
    const id = named ?? given.profile_id ?? (await call(tools, { path: 'me', form: { fields: 'id' } }, ownPage)).id;
    if (given.profile_id === undefined || given.profile_id === id) return { id, tools };
    throw new ConnectProblem(
      `The Page token is of the page ${given.profile_id}, and "origin" in the client file names ${id}: several pages take the token of a system user.`,
      { isInput: true },
    );
  }
  if (named === undefined) {
    const says = 'This token may be of several pages: write the id of the page as "origin" in the client file.';
    throw new ConnectProblem(says, { isInput: true });
  }
  const path = encodeURIComponent(named);
  const { access_token: pageToken } = await call(tools, { path, form: { fields: 'access_token' } }, itsToken);
  return { id: named, tools: { ...tools, login: { ...tools.login, pageToken } } };
};

/** What a page tells the app of; undefined where it is not subscribed to it. */
const fieldsOf = async (tools: Tools, page: string): Promise<readonly string[] | undefined> => {
  const { data } = await call(tools, { path: `${encodeURIComponent(page)}/subscribed_apps` }, ofPage);
  const found = data.find((one) => one.id === tools.login.appId);
  return found && (found.subscribed_fields ?? []);
};

/** @param address to which the app tells of its pages */
const pageOf = async (all: Tools, key: string, given: Token, address: string): Promise<Subscribed[]> => {
  const { id, tools } = await asPage(all, key, given);
  const events = await fieldsOf(tools, id);
  if (!events) return [];
  const lacks = NEEDED.filter((one) => given.scopes !== undefined && !given.scopes.includes(one));
  const end = endOf(given);
  const isSoon = end !== undefined && end * 1000 - tools.now() < SOON_MS;
  const noAccess = await lackOfAccess(tools, id);
  const isStored = tools.secret.pageToken !== undefined;
  return [
    {
      id,
      key,
      // The page is subscribed to the app, and so to wherever the app tells of it: another stack's is not ours.
      address,
      events,
      state: 'on',
      says: end === undefined ? 'its token has no end' : `its token ends on ${dayOf(end)}`,
      warns: isSoon
        ? [
            `leads cannot be looked up after ${dayOf(end)}, when the Page token ends: make a new one, best of a system user`,
          ]
        : [],
      wrong: [
        ...(lacks.length > 0 ? [`the Page token lacks ${lacks.join(', ')}`] : []),
        ...(isStored ? [] : ['no Page token is stored, with which leads are looked up: --keep stores it']),
        ...(noAccess === undefined ? [] : [noAccess]),
      ],
    },
  ];
};

const withLeads = (events: readonly string[] = []): string => [...new Set([...events, FIELD])].join(',');
const withoutLeads = ({ events }: Subscribed): string => events.filter((one) => one !== FIELD).join(',');

/** The app tells of its pages, and each page of itself: both must be subscribed, or there is silence. */
export const connection: Connection<Settings> = {
  vendor: 'Meta',
  asks: () => [
    { field: 'appId', what: 'id of the app, digits (App Dashboard › App settings › Basic)', isSecret: false },
    {
      field: 'pageToken',
      what: 'long-lived Page token, best of a system user, with pages_manage_metadata, pages_show_list, pages_read_engagement, leads_retrieval and ads_management; --keep stores it for looking up leads',
      isSecret: true,
    },
  ],
  wants: ({ origin }) => {
    const pages = origin?.map(pageKey) ?? [THE_PAGE];
    return [APP, ...pages].map((key) => ({ key, events: [FIELD] }));
  },
  async list(tools) {
    const app = await callbackOf(tools);
    const given = await tokenOf(tools);
    const pages: Subscribed[] = [];
    for (const { key } of tools.wanted) {
      if (key !== APP) pages.push(...(await pageOf(tools, key, given, app?.address ?? '')));
    }
    // A page whose app tells nobody is nobody's.
    return app ? [app, ...pages] : [];
  },
  /** What the app and the page are subscribed to besides stays as it is: each call says the whole. */
  async subscribe(tools, { key }, found) {
    if (key !== APP) {
      const page = await asPage(tools, key, await tokenOf(tools));
      const form = { subscribed_fields: withLeads(await fieldsOf(page.tools, page.id)) };
      await call(page.tools, { method: 'POST', path: `${encodeURIComponent(page.id)}/subscribed_apps`, form }, done);
      return;
    }
    const { appId = '' } = tools.login;
    const other = found ? undefined : await callbackOf(tools);
    if (other) {
      const { host } = new URL(other.address);
      throw new ConnectProblem(
        `The app ${appId} tells ${host} of its pages, and an app has one address for them all: use an app of its own for this client, or, if nobody needs that address, unsubscribe the object Page in the App Dashboard › Webhooks first.`,
        { status: 409 },
      );
    }
    const form = {
      object: 'page',
      callback_url: tools.address,
      fields: withLeads(found?.events),
      verify_token: verifyTokenOf(tools.secret),
      include_values: 'true',
    };
    await call(tools, { method: 'POST', path: `${encodeURIComponent(appId)}/subscriptions`, form, isApps: true }, done);
  },
  async unsubscribe(tools, found) {
    const rest = withoutLeads(found);
    const id = encodeURIComponent(found.id);
    if (found.key === APP) {
      const form = { object: 'page', ...(rest !== '' && { fields: FIELD }) };
      await call(tools, { method: 'DELETE', path: `${id}/subscriptions`, form, isApps: true }, done);
      return;
    }
    const path = `${id}/subscribed_apps`;
    const page = await asPage(tools, found.key, await tokenOf(tools));
    if (rest === '') await call(page.tools, { method: 'DELETE', path }, done);
    else await call(page.tools, { method: 'POST', path, form: { subscribed_fields: rest } }, done);
  },
  checklist: {
    en: [
      'In Meta Business Suite › Settings › Business settings, give our business access to the Page as a partner, with everything under "Leads" and full control, and to the ad account that runs the lead ads. The person who does this must be an admin of the business.',
      'Under Business settings › Integrations › Leads access: if access to leads was customised, assign our app under CRMs and our business under Partners. Without it leads are told of and cannot be read, and nobody is told why.',
      'In the lead form, ask for the phone number, and add the box by which people agree to WhatsApp messages (Custom disclaimer › Consents), not ticked beforehand. Tell us its name.',
      'Accept the Lead Ads terms for the Page (facebook.com/ads/leadgen/tos).',
      'If a CRM or another tool gets the same leads, tell us: each may write to them.',
      'Tell us before people who gave us access leave, change their password or lose their role on the Page: tokens that hang on a person end then. A system user does not.',
      'When all is set up, send one lead with developers.facebook.com/tools/lead-ads-testing (delete the last test lead first) and tell us the time.',
    ],
    he: [
      'ב-Meta Business Suite › Settings › Business settings תנו לעסק שלנו גישה לדף כשותף, עם כל ההרשאות תחת "Leads" ושליטה מלאה, וגם לחשבון המודעות שמריץ את מודעות הלידים. מי שעושה זאת חייב להיות מנהל של העסק.',
      'תחת Business settings › Integrations › Leads access: אם הגישה ללידים הותאמה אישית, הוסיפו את האפליקציה שלנו תחת CRMs ואת העסק שלנו תחת Partners. בלי זה מודיעים לנו על לידים שאי אפשר לקרוא, ואיש אינו מקבל הסבר.',
      'בטופס הלידים שאלו על מספר הטלפון, והוסיפו את התיבה שבה אנשים מסכימים להודעות WhatsApp (Custom disclaimer › Consents), לא מסומנת מראש. כתבו לנו את שמה.',
      'אשרו את תנאי Lead Ads עבור הדף (facebook.com/ads/leadgen/tos).',
      'אם CRM או כלי אחר מקבל את אותם לידים, ספרו לנו: כל אחד מהם עלול לכתוב להם.',
      'הודיעו לנו לפני שמי שנתן לנו גישה עוזב, מחליף סיסמה או מאבד את תפקידו בדף: טוקנים שתלויים באדם מתבטלים אז. משתמש מערכת (system user) אינו תלוי באדם.',
      'כשהכול מוכן, שלחו ליד אחד מ-developers.facebook.com/tools/lead-ads-testing (מחקו קודם את ליד הבדיקה האחרון) וכתבו לנו מתי.',
    ],
  },
};
