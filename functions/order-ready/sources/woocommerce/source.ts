import * as z from 'zod/mini';
import { type Answer, formAnswers } from '../../../shared/door/answers.ts';
import { bodyIn, idSchema, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import { siteNames } from '../../../shared/door/origin.ts';
import type { Source } from '../../../shared/door/source.ts';
import { httpsUrl } from '../../../shared/runtime/address-schema.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import type { OrderEvent } from '../../schema.ts';

const settings = z.strictObject({
  /** Statuses, without `wc-`, that mean "ready to collect". */
  statuses: z
    .array(z.string().check(z.regex(/^[a-z0-9_-]+$/, 'write the status slug without wc-')))
    .check(z.minLength(1)),
  /** The shop's address; with it the message links to the order's page. */
  storeUrl: z.optional(httpsUrl),
});

/** What plug-ins add to an order; of another shape it is left out, for the message needs none of it. */
const metaData = z.catch(z.array(z.object({ key: optionalText, value: z.optional(z.unknown()) })), []);

const order = z.object({
  id: idSchema,
  number: optionalText,
  status: z.string(),
  order_key: optionalText,
  customer_note: optionalText,
  meta_data: metaData,
  date_created_gmt: optionalText,
  date_completed_gmt: optionalText,
  date_modified_gmt: optionalText,
  billing: z.optional(z.nullable(z.object({ first_name: optionalText, phone: optionalText, country: optionalText }))),
  shipping: z.optional(z.nullable(z.object({ first_name: optionalText, phone: optionalText, country: optionalText }))),
});

/** WooCommerce's own statuses: none but `completed` means that anything is ready. Every other one is a plug-in's. */
const OWN = new Set([
  'pending',
  'processing',
  'on-hold',
  'completed',
  'cancelled',
  'refunded',
  'failed',
  'checkout-draft',
  'trash',
]);

/** WordPress signs with the secret after turning these back into characters. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#039;': "'",
  '&amp;': '&',
};
const keyOf = (secret: string): string =>
  secret.replace(/&(lt|gt|quot|#039|amp);/g, (entity) => ENTITIES[entity] ?? entity);

/** WordPress hides what begins with an underscore: it is for programs. */
const answersOf = ({ customer_note, meta_data }: z.infer<typeof order>): Answer[] => [
  { names: ['customer_note'], value: customer_note },
  ...meta_data.flatMap(({ key, value }) => (key === undefined || key.startsWith('_') ? [] : [{ names: [key], value }])),
];

/** WooCommerce writes UTC without saying so. */
const instant = (gmt: string | undefined): string | undefined => {
  const at = gmt === undefined ? Number.NaN : Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(gmt) ? gmt : `${gmt}Z`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

const legacy = z.object({ order: z.looseObject({}) });
/** A plug-in may add an `order` of its own. */
const restApi = z.object({ id: idSchema, status: z.string() });

/** What "Legacy API v3" of the webhook's settings sends: other names, and times of the site's own. */
const assertRestApi = (json: unknown): void => {
  if (!legacy.safeParse(json).success || restApi.safeParse(json).success) return;
  throw new Invalid(
    'legacy_api_version',
    'This is the body of the legacy API. Set the webhook\'s API version to "WP REST API Integration v3" in WooCommerce.',
  );
};

/** The page that opens without a login. */
const statusUrl = (storeUrl: string | undefined, id: string, key: string | undefined): string | undefined =>
  storeUrl && key && `${storeUrl.replace(/\/+$/, '')}/checkout/order-received/${id}/?key=${encodeURIComponent(key)}`;

/**
 * Topic `order.updated`, filtered by status. WooCommerce never retries, sends one change several times, and its delivery id is
 * shared by all deliveries of one second, so nothing here relies on it. What a look-alike event (an edit, a refund of an order
 * long collected) differs by is its age, which the workflow checks; what is repeated of a plug-in's status the ledger knows.
 */
export const source: Source<OrderEvent, typeof settings> = {
  settings,
  example: () => ({ statuses: ['completed'], storeUrl: 'https://shop.example' }),
  // WordPress's own address, home_url('/'): of a copy it is the copy's.
  origin: {
    what: 'shop',
    write: 'the address of the shop',
    such: 'shop.example',
    headers: ['x-wc-webhook-source'],
    names: siteNames,
  },
  greet({ raw, headers }) {
    // Sent unsigned when the webhook is saved; anything but 200 keeps it from being saved.
    const ping =
      headers['x-wc-webhook-signature'] === undefined &&
      /^webhook_id=\d+$/.test(Buffer.from(raw).toString('latin1').trim());
    return ping ? 'ok' : undefined;
  },
  ...headerHmac({
    header: 'x-wc-webhook-signature',
    encoding: 'base64',
    key: keyOf,
    sentWith: () => ({ 'x-wc-webhook-topic': 'order.updated' }),
  }),
  parse({ raw, headers, receivedAt }, { statuses, storeUrl }) {
    const topic = headers['x-wc-webhook-topic'] ?? 'order.updated';
    if (!/^order\.(created|updated|restored)$/.test(topic)) return [];
    const json = bodyIn(raw);
    assertRestApi(json);
    const given = shape(order, json);
    const { id, number, order_key, billing, shipping, ...dates } = given;
    const status = given.status.replace(/^wc-/, '');
    if (!statuses.includes(status)) return [];
    const completedAt = status === 'completed' ? instant(dates.date_completed_gmt) : undefined;
    return [
      {
        event: {
          id,
          update: 'ready',
          number: number ?? id,
          name: billing?.first_name ?? shipping?.first_name,
          phones: [
            { raw: billing?.phone, country: billing?.country ?? shipping?.country },
            { raw: shipping?.phone, country: shipping?.country ?? billing?.country },
          ],
          statusUrl: statusUrl(storeUrl, id, order_key),
          ...formAnswers(answersOf(given)),
          happenedAt: completedAt ?? instant(dates.date_modified_gmt) ?? new Date(receivedAt).toISOString(),
          updatedAt: instant(dates.date_modified_gmt),
          placedAt: instant(dates.date_created_gmt),
          // A completed order says when it became so; a plug-in's status is sent with every save and says nothing of the kind.
          ...(completedAt && { exact: true as const }),
          ...(!OWN.has(status) && { repeats: true as const }),
        },
      },
    ];
  },
};
