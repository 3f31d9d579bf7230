import * as z from 'zod/mini';
import {
  type Connection,
  ConnectProblem,
  type ConnectTools,
  callVendor,
  type Hints,
  leaving,
  type Subscribed,
  type Wanted,
} from '../../../shared/door/connection.ts';
import { plainWords } from '../../../shared/runtime/characters.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import type { OrderReadyConfig } from '../../config.ts';
import { updatesOn } from '../../updates.ts';
import { LOCAL_DELIVERY, type ShopifySettings } from './settings.ts';

type Tools = ConnectTools<ShopifySettings>;
type Told = Pick<OrderReadyConfig, 'texts' | 'updates'>;

/** What `orders/*` stands for: of all that may mean ready, those that say it; every edit is an update. */
const ANY_ORDER = ['orders/updated', 'orders/fulfilled', 'orders/partially_fulfilled'];
const PARCELS = ['fulfillments/create', 'fulfillments/update'];

/** By what the client file tells; each topic of more would be a look-up for nothing. */
const topicsFor = ({ topics, shipmentStatuses }: ShopifySettings, told: Told): readonly string[] => {
  const on = updatesOn(told);
  const ready = on.includes('ready') ? topics.filter((topic) => topic !== LOCAL_DELIVERY) : [];
  const scans = on.includes('delivered') || Object.values(shipmentStatuses).some((update) => on.includes(update));
  return [
    ...new Set([
      ...ready.flatMap((topic) => (topic === 'orders/*' ? ANY_ORDER : [topic])),
      ...(ready.some((topic) => topic.startsWith('fulfillment_orders/')) ? ['fulfillment_orders/cancelled'] : []),
      ...(on.includes('confirmed') ? ['orders/create', 'orders/paid'] : []),
      ...(on.includes('shipped') || scans ? PARCELS : []),
      ...(scans ? ['fulfillment_events/create'] : []),
      // What ends an order takes back what waits; and whoever takes the app off the shop ends everything.
      'orders/cancelled',
      'orders/delete',
      'refunds/create',
      'app/uninstalled',
    ]),
  ];
};

/** `orders/create` is ORDERS_CREATE; the way back is not known of all. */
const enumOf = (topic: string): string => topic.replaceAll('/', '_').toUpperCase();

/** The scope without which a topic cannot be had: https://shopify.dev/docs/api/webhooks */
const scopeFor = (topic: string): string | undefined => {
  if (/^(orders|refunds)\//.test(topic)) return 'read_orders';
  if (/^fulfillment(s|_events)\//.test(topic)) return 'read_fulfillments';
  return topic.startsWith('fulfillment_orders/') ? 'read_merchant_managed_fulfillment_orders' : undefined;
};

const HINTS: Hints = {
  400: 'the app and the shop must be of one organization and the app installed there (shop_not_permitted, app_not_installed), and the secret that of this app',
  401: 'the access token or the client secret is wrong or was replaced, or the app was taken off the shop',
  402: 'the shop is frozen: its owner has to pay Shopify',
  403: 'the app lacks a scope, or access to protected customer data',
  404: 'there is no such shop, or no such version of the API: are adminApi and apiVersion right',
  423: 'the shop is locked',
};

const grant = z.object({ access_token: z.string() });

const accessToken = async (tools: Tools): Promise<string> => {
  const { settings, login, secret } = tools;
  if (login.accessToken) return login.accessToken;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: settings.clientId ?? '',
    client_secret: secret.clientSecret ?? secret.current,
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = `${withoutSlash(settings.adminApi)}/admin/oauth/access_token`;
  const { found } = await callVendor(tools, { method: 'POST', url, headers, body }, grant, {
    hints: HINTS,
    changes: false,
  });
  return found?.access_token ?? '';
};

const errors = z.optional(
  z.nullable(
    z.array(
      z.object({
        message: z.string(),
        extensions: z.optional(
          z.nullable(z.object({ code: z.optional(z.string()), requiredAccess: z.optional(z.nullable(z.string())) })),
        ),
      }),
    ),
  ),
);
const userErrors = z.array(z.object({ message: z.string() }));

const FIELDS = 'id topic uri format filter includeFields updatedAt apiVersion { handle }';
const subscription = z.object({
  id: z.string(),
  topic: z.string(),
  uri: z.string(),
  format: z.string(),
  filter: z.optional(z.nullable(z.string())),
  includeFields: z.optional(z.nullable(z.array(z.string()))),
  apiVersion: z.optional(z.nullable(z.object({ handle: z.string() }))),
});
type Webhook = z.infer<typeof subscription>;

/** GraphQL's word for too many calls, which comes with a 200. */
const THROTTLED = 'THROTTLED';

/**
 * One call of the Admin API; what it refuses stands in a 200.
 * @throws ConnectProblem
 */
const ask = async <Schema extends z.ZodMiniType>(
  tools: Tools,
  token: string,
  query: string,
  variables: object,
  schema: Schema,
): Promise<z.output<Schema>> => {
  const { adminApi, apiVersion } = tools.settings;
  const url = `${withoutSlash(adminApi)}/admin/api/${apiVersion}/graphql.json`;
  const headers = { 'content-type': 'application/json', 'x-shopify-access-token': token };
  const request = { method: 'POST', url, headers, body: JSON.stringify({ query, variables }) } as const;
  const reads = z.object({ data: z.optional(z.unknown()), errors });
  const { found } = await callVendor(tools, request, reads, { hints: HINTS, changes: query.startsWith('mutation') });
  const [failure] = found?.errors ?? [];
  if (failure) {
    if (failure.extensions?.code === THROTTLED) {
      throw new ConnectProblem('Shopify asks to wait (throttled): try again in a minute.', { status: 429 });
    }
    const lacks = failure.extensions?.requiredAccess ? ` Required: ${failure.extensions.requiredAccess}` : '';
    throw new ConnectProblem(`Shopify refused it. It says: ${plainWords(`${failure.message}${lacks}`)}`, {
      status: 403,
    });
  }
  const read = schema.safeParse(found?.data);
  if (read.success) return read.data;
  throw new ConnectProblem('Shopify answered with something that cannot be read.', { status: 200 });
};

const faultsOf = ({ filter, includeFields, format }: Webhook): string[] => [
  ...(filter ? ['it has a filter, so that some events do not come'] : []),
  ...(includeFields && includeFields.length > 0
    ? [`it sends no more than the fields ${plainWords(includeFields.join(', '))}, which is not all that is read`]
    : []),
  ...(format === 'JSON' ? [] : [`it sends ${format}, which is not read`]),
];

const subscribed = (one: Webhook, wanted: readonly Wanted[]): Subscribed => {
  const key = wanted.find((want) => enumOf(want.key) === one.topic)?.key ?? one.topic;
  return {
    id: one.id,
    key,
    events: [key],
    address: one.uri,
    // There is no other: what fails eight times in a row is deleted.
    state: 'on',
    says: one.apiVersion ? `API ${one.apiVersion.handle}` : undefined,
    wrong: faultsOf(one),
  };
};

const PAGE = `query($after: String) { webhookSubscriptions(first: 50, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`;
const page = z.object({
  webhookSubscriptions: z.object({
    nodes: z.array(subscription),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.optional(z.nullable(z.string())) }),
  }),
});
const MAX_PAGES = 20;

const list = async (tools: Tools): Promise<Subscribed[]> => {
  const token = await accessToken(tools);
  const all: Webhook[] = [];
  let after: string | null | undefined = null;
  for (let i = 0; i < MAX_PAGES; i += 1) {
    const { webhookSubscriptions: part }: z.infer<typeof page> = await ask(tools, token, PAGE, { after }, page);
    all.push(...part.nodes);
    after = part.pageInfo.endCursor;
    if (!part.pageInfo.hasNextPage) break;
  }
  return all.map((one) => subscribed(one, tools.wanted));
};

const changed = (name: string) =>
  z.object({ [name]: z.object({ userErrors, webhookSubscription: z.optional(z.nullable(subscription)) }) });

const refusal = (
  topic: string,
  [{ message } = { message: 'no reason' }]: z.infer<typeof userErrors>,
): ConnectProblem => {
  const scope = scopeFor(topic);
  const isProtected = /protected customer data/i.test(message);
  const todo = isProtected
    ? ' Give the app access to protected customer data, level 2, in its Dev Dashboard'
    : scope
      ? ` Does the app have the scope ${scope}, and has the shop approved it`
      : '';
  return new ConnectProblem(
    `Shopify refused ${topic}: ${plainWords(message)}.${todo}${todo && (isProtected ? '.' : '?')}`,
    { status: 403 },
  );
};

const CREATE = `mutation($topic: WebhookSubscriptionTopic!, $input: WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: $topic, webhookSubscription: $input) { webhookSubscription { ${FIELDS} } userErrors { message } } }`;
const UPDATE = `mutation($id: ID!, $input: WebhookSubscriptionInput!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: $input) { webhookSubscription { ${FIELDS} } userErrors { message } } }`;
const DELETE =
  'mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }';
const deleted = z.object({ webhookSubscriptionDelete: z.object({ userErrors }) });

const GONE = /not (exist|found)/i;

const remove = async (tools: Tools, token: string, id: string): Promise<void> => {
  const { webhookSubscriptionDelete: done } = await ask(tools, token, DELETE, { id }, deleted);
  const [failure] = done.userErrors;
  if (failure && !GONE.test(failure.message)) throw refusal(id, done.userErrors);
};

const inputOf = ({ address: uri }: Tools) => ({ uri, format: 'JSON' });

const make = async (tools: Tools, token: string, topic: string): Promise<void> => {
  const name = 'webhookSubscriptionCreate';
  const variables = { topic: enumOf(topic), input: inputOf(tools) };
  const { [name]: done } = await ask(tools, token, CREATE, variables, changed(name));
  if (done && done.userErrors.length > 0) throw refusal(topic, done.userErrors);
};

/** Changed in its place, where that takes the faults away, for so none is missed; else made anew. */
const subscribe = async (tools: Tools, { key: topic }: Wanted, found: Subscribed | undefined): Promise<undefined> => {
  const token = await accessToken(tools);
  if (found) {
    const name = 'webhookSubscriptionUpdate';
    const variables = { id: found.id, input: { ...inputOf(tools), filter: null, includeFields: [] } };
    const { [name]: done } = await ask(tools, token, UPDATE, variables, changed(name));
    const now = done?.webhookSubscription;
    // What may not be changed may not be made either: better what there is than nothing.
    const [failure] = done?.userErrors ?? [];
    if (failure && !GONE.test(failure.message)) throw refusal(topic, [failure]);
    if (now && faultsOf(now).length === 0) return;
    await remove(tools, token, found.id);
  }
  const made = make(tools, token, topic);
  await (found ? leaving(made, 'There is none now: no event comes until this command succeeds.') : made);
};

export const connection: Connection<ShopifySettings, Told> = {
  vendor: 'Shopify',
  refusesTwo: true,
  // The client secret, which is stored, buys a token.
  asks: ({ clientId }) =>
    clientId
      ? []
      : [
          {
            field: 'accessToken',
            what: 'Admin API access token of the app (shpat_…), or write clientId in the client file',
            isSecret: true,
          },
        ],
  unlisted: 'Shopify does not list the subscriptions of an app’s own configuration (shopify.app.toml)',
  wants: (settings, told) => topicsFor(settings, told).map((key) => ({ key, events: [key] })),
  list,
  subscribe,
  unsubscribe: async (tools, { id }) => remove(tools, await accessToken(tools), id),
  checklist: {
    en: [
      'Open dev.shopify.com › Dev Dashboard with the account of the shop’s own organization, and make an app there. An app of ours cannot get into your shop this way.',
      'Give the app’s version these access scopes: read_orders, read_customers, read_merchant_managed_fulfillment_orders, read_fulfillments; read_third_party_fulfillment_orders if a fulfilment service sends for you; read_all_orders if orders wait longer than 60 days. Release the version.',
      'Under "API access" › protected customer data ask for level 2 with name, phone and address. Without it names and phone numbers come empty, and the topics of orders are refused.',
      'Install the app on the shop and approve what it asks for; again after each change of its scopes.',
      'Send us the client ID, and by a safe way the client secret (Settings of the app). When you rotate the secret, tell us the same hour.',
      'Write your address as the emergency contact of the organization: Shopify tells nobody else that a webhook is failing.',
      'Turn off Shopify’s own notifications, mail and SMS, for the steps that are told by WhatsApp, or people hear of them twice.',
      'Do not take the app off the shop, and do not use "Send test notification": it is signed with another secret.',
    ],
    he: [
      'פתחו את dev.shopify.com › Dev Dashboard עם החשבון של הארגון של החנות עצמה, וצרו שם אפליקציה. אפליקציה שלנו לא יכולה להיכנס כך לחנות שלכם.',
      'תנו לגרסה של האפליקציה את ההרשאות read_orders, read_customers, read_merchant_managed_fulfillment_orders, read_fulfillments; גם read_third_party_fulfillment_orders אם שירות חיצוני שולח עבורכם; וגם read_all_orders אם הזמנות ממתינות יותר מ-60 יום. שחררו (Release) את הגרסה.',
      'תחת "API access" › protected customer data בקשו רמה 2 עם שם, טלפון וכתובת. בלעדיה השמות והטלפונים מגיעים ריקים, ונושאי ההזמנות נדחים.',
      'התקינו את האפליקציה בחנות ואשרו את מה שהיא מבקשת; שוב אחרי כל שינוי בהרשאות.',
      'שלחו לנו את ה-client ID, ובדרך מאובטחת את ה-client secret (תחת Settings של האפליקציה). אם תחליפו את הסוד, הודיעו לנו באותה שעה.',
      'רשמו את כתובת המייל שלכם כאיש הקשר לחירום של הארגון: Shopify לא מודיעה לאף אחד אחר ש-webhook נכשל.',
      'כבו את ההודעות של Shopify עצמה, מייל ו-SMS, לשלבים שנשלחים ב-WhatsApp, אחרת אנשים יקבלו אותן פעמיים.',
      'אל תסירו את האפליקציה מהחנות, ואל תשתמשו ב-"Send test notification": היא נחתמת בסוד אחר.',
    ],
  },
};
