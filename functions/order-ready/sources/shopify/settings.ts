import * as z from 'zod/mini';
import { consentSchema } from '../../../shared/door/consent-schema.ts';
import type { Warning } from '../../../shared/door/source.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { AGEING_MS } from '../../../shared/runtime/vendor-api.ts';

/** https://shopify.dev/docs/api/usage/versioning */
export const ADMIN_API = '2026-07';

export const settings = z.strictObject({
  /** `https://{shop}.myshopify.com` */
  adminApi: outsideUrl,
  /**
   * Client id of the app in the shop's own Dev Dashboard; its secret is stored, never written here. None where the secret holds the
   * access token of an app that was made in the shop's admin.
   */
  clientId: z.optional(z.string().check(z.minLength(1))),
  /** The box at the cart that an order must have: a note attribute. Without it all are told. */
  consent: z.optional(consentSchema),
  apiVersion: z._default(z.string().check(z.regex(/^\d{4}-\d{2}$/, 'write a version such as 2026-07')), ADMIN_API),
  /**
   * Topics that mean "ready to collect". `orders/*` topics bring the whole order; which of them means ready differs from shop to
   * shop, so none is on by default. `orders/*` stands for all but created, paid, edited, cancelled and deleted.
   */
  topics: z._default(
    z.array(z.string().check(z.regex(/^[a-z_]+\/([a-z_]+|\*)$/, 'write a topic such as orders/fulfilled'))),
    ['fulfillment_orders/line_items_prepared_for_pickup'],
  ),
  /** Which update of the client file tells a parcel's `shipment_status`, such as `{ out_for_delivery: 'out-for-delivery' }`. */
  shipmentStatuses: z._default(
    z.record(
      z.string().check(z.regex(/^[a-z_]+$/, 'write a status such as out_for_delivery')),
      z.string().check(z.regex(/^[a-z][a-z0-9-]{0,19}$/, 'write the name of an update')),
    ),
    {},
  ),
});

export type ShopifySettings = z.infer<typeof settings>;

/** Prepared for the shop's own driver: nobody may come for it. */
export const LOCAL_DELIVERY = 'fulfillment_orders/line_items_prepared_for_local_delivery';

/** A version is there for twelve months from its month on; then Shopify answers as the oldest one does that still is. */
export const endOf = (version: string): string => {
  const [year = 0, month = 1] = version.split('-').map(Number);
  return new Date(Date.UTC(year + 1, month - 1, 1)).toISOString().slice(0, 10);
};

const versionWarnings = ({ apiVersion }: Pick<ShopifySettings, 'apiVersion'>, now: number): Warning[] => {
  const day = endOf(apiVersion);
  if (now < Date.parse(day) - AGEING_MS) return [];
  const when =
    now < Date.parse(day) ? `ends on ${day}` : `has ended on ${day}: Shopify answers as a later version does`;
  return [{ path: ['apiVersion'], message: `${apiVersion} ${when}. Write a later version, and try a look-up` }];
};

const topicWarnings = ({ topics }: Pick<ShopifySettings, 'topics'>): Warning[] =>
  topics.flatMap((topic, i) =>
    topic === LOCAL_DELIVERY
      ? [{ path: ['topics', i], message: `${topic} means nothing here: what is delivered is not to be collected` }]
      : [],
  );

export const warnings = (written: ShopifySettings, now: number): Warning[] => [
  ...versionWarnings(written, now),
  ...topicWarnings(written),
];
