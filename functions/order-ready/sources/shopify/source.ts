import * as z from 'zod/mini';
import { bodyIn, idSchema, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import type { ForPeople, Origin, Parsed, Source } from '../../../shared/door/source.ts';
import type { OrderEvent } from '../../schema.ts';
import { fulfillmentOrder } from './admin.ts';
import { idOfGid, orderBody, orderOfBody } from './order.ts';
import { type ShopifySettings, settings, versionWarnings } from './settings.ts';

/** A fulfilment order that is ready; the body brings neither the customer nor the order. */
export interface ShopifyReference {
  readonly fulfillmentOrderId: string;
  readonly happenedAt: string;
  /** The topic itself means that it became ready just then. */
  readonly exact?: true;
}

const prepared = z.object({ fulfillment_order: z.object({ id: idSchema }) });
const orderState = z.object({ cancelled_at: optionalText });

/** Never "ready", whatever the client file says with `orders/*`. */
const NEVER = new Set(['orders/create', 'orders/edited', 'orders/cancelled', 'orders/delete']);

/** Something became ready or went out just then, whatever the order's age; all others come of any edit too. */
const EXACT = /^(fulfillment_orders\/line_items_prepared_for_\w+|orders\/(partially_)?fulfilled)$/;

const wanted = (topic: string, topics: readonly string[]): boolean =>
  topics.includes(topic) || (topic.startsWith('orders/') && topics.includes('orders/*') && !NEVER.has(topic));

/** Shopify repeats the first attempt's body for hours; only this header says when the thing happened. */
const triggerTime = (triggeredAt: string | undefined, receivedAt: number): string => {
  const at = Date.parse(triggeredAt ?? '');
  return new Date(Number.isNaN(at) || at > receivedAt ? receivedAt : at).toISOString();
};

/** Whoever takes the app off the shop ends its events too, and nobody would notice the silence. */
const uninstalled = (at: string): ForPeople => ({
  forPeople: {
    id: `app_uninstalled#${at}`,
    code: 'app_uninstalled',
    says: 'The app was taken off the shop: no order is announced any more until it is installed again.',
    severity: 'critical',
    at,
  },
});

const header = (headers: Readonly<Record<string, string | undefined>>, name: string): string | undefined =>
  headers[`x-shopify-${name}`] ?? headers[`shopify-${name}`];

const DOMAIN = '.myshopify.com';

/** The domain that a shop keeps whatever others it has: `shop`, `shop.myshopify.com` and its address are one. */
const origin: Origin<ShopifySettings> = {
  what: 'shop',
  write: "the shop's own domain",
  such: `shop${DOMAIN}`,
  headers: ['x-shopify-shop-domain', 'shopify-shop-domain'],
  names(text) {
    const host = text.toLowerCase().replace(/^https?:\/\/|\/.*$/g, '');
    const name = host.endsWith(DOMAIN) ? host.slice(0, -DOMAIN.length) : host;
    return /^[a-z0-9][a-z0-9-]*$/.test(name) ? [name + DOMAIN] : [];
  },
  usual: ({ adminApi }) => (new URL(adminApi).hostname.endsWith(DOMAIN) ? new URL(adminApi).hostname : undefined),
};

export const source: Source<OrderEvent, typeof settings, ShopifyReference> = {
  settings,
  example: (standIn = 'https://SHOP.myshopify.com') => ({ adminApi: standIn, clientId: 'client-id-of-your-app' }),
  origin,
  warnings: versionWarnings,
  ...headerHmac({
    header: 'x-shopify-hmac-sha256',
    alias: 'shopify-hmac-sha256',
    encoding: 'base64',
    sentWith: (body, at) => ({
      'x-shopify-topic': body.includes('"fulfillment_order"')
        ? 'fulfillment_orders/line_items_prepared_for_pickup'
        : 'orders/fulfilled',
      'x-shopify-triggered-at': at.toISOString(),
    }),
  }),
  parse({ headers, raw, receivedAt }, { topics }): readonly (Parsed<OrderEvent, ShopifyReference> | ForPeople)[] {
    const json = bodyIn(raw);
    const topic = header(headers, 'topic') ?? '';
    const happenedAt = triggerTime(header(headers, 'triggered-at'), receivedAt);
    if (topic === 'app/uninstalled') return [uninstalled(happenedAt)];
    if (!wanted(topic, topics)) return [];
    const exact = EXACT.test(topic) && { exact: true as const };
    if (topic.startsWith('orders/')) {
      if (shape(orderState, json).cancelled_at) return [];
      return [{ event: { ...orderOfBody(shape(orderBody, json), happenedAt), ...exact } }];
    }
    const fulfillmentOrderId = shape(prepared, json).fulfillment_order.id;
    return [
      {
        reference: { fulfillmentOrderId, happenedAt, ...exact },
        id: `fo-${idOfGid(fulfillmentOrderId)}`,
        occurredAt: happenedAt,
      },
    ];
  },
  lookUp: async ({ fulfillmentOrderId, happenedAt, exact }, tools) => ({
    ...(await fulfillmentOrder(fulfillmentOrderId, happenedAt, tools)),
    ...(exact && { exact }),
  }),
};
