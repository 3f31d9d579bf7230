import * as z from 'zod/mini';
import {
  type Connection,
  ConnectProblem,
  type ConnectTools,
  callVendor,
  type Hints,
  leaving,
  randomSecret,
  type Subscribed,
  type Wanted,
} from '../../../shared/door/connection.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { meaningsIn, REST_API, type Settings } from './settings.ts';

type Tools = ConnectTools<Settings>;

const webhooks = z.array(
  z.object({
    id: z.int(),
    status: z.string(),
    topic: z.string(),
    delivery_url: z.string(),
    date_modified_gmt: z.optional(z.nullable(z.string())),
  }),
);
type Webhook = z.infer<typeof webhooks>[number];

/** The most that one page of the list holds; of each no more than is read, for an answer is read up to 64 KB. */
const PER_PAGE = 100;
const FIELDS = 'id,status,topic,delivery_url,date_modified_gmt';
const MAX_PAGES = 20;

const HINTS: Hints = {
  401: 'the key is wrong, was revoked or is for reading only, its user is gone, or the server of the shop takes the header Authorization away (the README says what then)',
  403: 'the user of the key may not manage the shop, or a firewall of the shop does not let this through',
  404: 'no REST API of WooCommerce is there: is the address right, are permalinks anything but "Plain", is WooCommerce on',
  501: 'it does not delete webhooks',
};

/** @throws ConnectProblem where the address is none that a key may be sent to */
const apiOf = ({ settings: { restApi, storeUrl }, login }: Tools): string => {
  const shop = storeUrl ?? (/^https:\/\//.test(login.shop ?? '') ? login.shop : undefined);
  const base = restApi ?? (shop && `${withoutSlash(shop)}/wp-json`);
  if (base) return `${withoutSlash(base)}/${REST_API}/webhooks`;
  throw new ConnectProblem(
    'The address of the shop begins with https://, for WooCommerce takes keys over nothing else.',
    {
      isInput: true,
    },
  );
};

const requestOf = (tools: Tools, method: HttpRequest['method'], path: string, body?: object): HttpRequest => {
  const { consumerKey, consumerSecret } = tools.login;
  const key = Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64');
  return {
    method,
    url: `${apiOf(tools)}${path}`,
    // Caches of shops hold answers of the API too.
    headers: {
      authorization: `Basic ${key}`,
      'cache-control': 'no-cache',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
};

/** It is made, whatever the answer looks like. */
const idIn = (made: unknown): string | undefined => {
  const { data } = z.object({ id: z.int() }).safeParse(made);
  return data && String(data.id);
};

const OFF: Readonly<Record<string, string>> = {
  disabled: 'WooCommerce disabled it: more than five deliveries in a row failed',
  paused: 'it was paused by hand',
};

const subscribed = ({ id, status, topic, delivery_url, date_modified_gmt: at }: Webhook): Subscribed => ({
  id: String(id),
  key: topic,
  address: delivery_url,
  events: [topic],
  state: status === 'active' ? 'on' : 'off',
  says: OFF[status] ?? (at ? `last changed ${at}Z` : undefined),
});

const remove = async (tools: Tools, { id }: Subscribed): Promise<void> => {
  await callVendor(tools, requestOf(tools, 'DELETE', `/${id}?force=true`), z.unknown(), { also: [404], hints: HINTS });
};

/** A webhook is of one topic. Facts of the code of WooCommerce, which the README names. */
export const connection: Connection<Settings> = {
  vendor: 'WooCommerce',
  asks: ({ restApi, storeUrl }) => [
    ...(restApi || storeUrl
      ? []
      : [
          {
            field: 'shop',
            what: 'address of the shop, https://… (or write storeUrl in the client file)',
            isSecret: false,
          },
        ]),
    {
      field: 'consumerKey',
      what: 'consumer key, ck_… (WooCommerce › Settings › Advanced › REST API › Add key: Read/Write, of a user who may manage the shop and stays)',
      isSecret: true,
    },
    { field: 'consumerSecret', what: 'consumer secret, cs_… of the same key', isSecret: true },
  ],
  newSecret: randomSecret,
  wants({ statuses }) {
    // An order may be made with a status that is told, and what ends in the trash is not told as changed.
    const isConfirmed = meaningsIn(statuses).some(([, update]) => update === 'confirmed');
    const topics = ['order.updated', 'order.deleted', ...(isConfirmed ? ['order.created'] : [])];
    return topics.map((key): Wanted => ({ key, events: [key] }));
  },
  async list(tools) {
    const all: Subscribed[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const path = `?per_page=${PER_PAGE}&page=${page}&_fields=${FIELDS}`;
      const { found = [] } = await callVendor(tools, requestOf(tools, 'GET', path), webhooks, { hints: HINTS });
      all.push(...found.map(subscribed));
      if (found.length < PER_PAGE) break;
    }
    return all;
  },
  /**
   * One that is wrong is not changed but replaced: switched on again it keeps its count of failures, and the next one that fails
   * switches it off; its API version and its user, by whose rights its body is made, are neither shown nor can be changed.
   */
  async subscribe(tools, { key }, found) {
    const { address, secret } = tools;
    const body = {
      name: `EZWhatsApp ${key}`,
      status: 'active',
      topic: key,
      delivery_url: address,
      secret: secret.current,
    };
    const { found: made } = await callVendor(tools, requestOf(tools, 'POST', '', body), z.unknown(), { hints: HINTS });
    const both = 'The new one is made, the old one stands beside it: run it again.';
    if (found) await leaving(remove(tools, found), both);
    return idIn(made);
  },
  unsubscribe: remove,
  checklist: {
    en: [
      'In WordPress, open WooCommerce › Settings › Advanced › REST API and choose Add key. Description: "EZWhatsApp". User: an administrator or shop manager who will stay; when that user is deleted, messages stop. Permissions: Read/Write.',
      'Send us the consumer key (ck_…) and the consumer secret (cs_…) by a safe way. They are shown once. After the set-up you may revoke the key; with it we would see it when WooCommerce switches the webhooks off.',
      'Tell us what each order status of your shop means (for instance "completed is set when the parcel leaves"), and which shipping methods are collected in the shop.',
      `If a security plug-in or firewall (Wordfence, Cloudflare, the host) guards the shop: let the REST API under /wp-json/${REST_API}/ through for us, and let the shop call out to our address.`,
      'Please do not edit, pause or delete the webhooks named "EZWhatsApp …" under WooCommerce › Settings › Advanced › Webhooks.',
      'Scheduled tasks must run, for they deliver the webhooks: under WooCommerce › Status › Scheduled Actions nothing named woocommerce_deliver_webhook_async should be pending for long.',
      'When you make a copy of the shop for trials, delete the webhooks in the copy.',
    ],
    he: [
      'ב-WordPress פתחו את WooCommerce › Settings › Advanced › REST API ובחרו Add key. תיאור: "EZWhatsApp". משתמש: מנהל אתר או מנהל חנות שיישאר; אם המשתמש יימחק, ההודעות ייפסקו. הרשאות: Read/Write.',
      'שלחו לנו את ה-consumer key (ck_…) ואת ה-consumer secret (cs_…) בדרך מאובטחת. הם מוצגים פעם אחת. אחרי ההקמה אפשר לבטל את המפתח; אם הוא נשאר, נראה מיד אם WooCommerce כיבתה את ה-webhooks.',
      'כתבו לנו מה פירוש כל סטטוס הזמנה בחנות שלכם (למשל "הושלם מסומן כשהחבילה יוצאת"), ואילו שיטות משלוח הן איסוף מהחנות.',
      `אם תוסף אבטחה או חומת אש (Wordfence, Cloudflare, חברת האחסון) מגנים על החנות: אפשרו לנו גישה ל-REST API תחת /wp-json/${REST_API}/, ואפשרו לחנות לפנות החוצה לכתובת שלנו.`,
      'אנא אל תערכו, אל תשהו ואל תמחקו את ה-webhooks ששמם מתחיל ב-"EZWhatsApp" תחת WooCommerce › Settings › Advanced › Webhooks.',
      'משימות מתוזמנות צריכות לרוץ, כי הן שולחות את ה-webhooks: תחת WooCommerce › Status › Scheduled Actions לא אמור להמתין זמן רב דבר בשם woocommerce_deliver_webhook_async.',
      'אם תעשו עותק של החנות לניסיונות, מחקו את ה-webhooks בעותק.',
    ],
  },
};
