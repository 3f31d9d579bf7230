import * as z from 'zod/mini';
import { bodyIn, idSchema, instantIn, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import type { ForPeople, Origin, Parsed, Source } from '../../../shared/door/source.ts';
import { jsonIn, onlyOne } from '../../../shared/runtime/json.ts';
import type { OrderEvent } from '../../schema.ts';
import { lookUpParcel, lookUpPlace, lookUpRefund } from './look-up.ts';
import { bareOrder, confirmedOfBody, endOfBody, idOfGid, orderBody, orderOfBody } from './order.ts';
import { fulfillmentBody, fulfillmentEventBody, type ParcelReference, parcelOfBody, scanOfBody } from './parcel.ts';
import { ADMIN_API, endOf, LOCAL_DELIVERY, type ShopifySettings, settings, warnings } from './settings.ts';

/** What waits at a place; the body brings neither the customer nor the order. */
interface PlaceReference {
  readonly fulfillmentOrderId: string;
  readonly happenedAt: string;
  /** The topic itself means that it became ready just then. */
  readonly exact?: true;
  /** It was said to wait there, and does not. */
  readonly isOver?: true;
  readonly update?: typeof NO_UPDATE;
}

interface RefundReference {
  readonly refundedOrderId: string;
  readonly happenedAt: string;
  readonly update: typeof NO_UPDATE;
}

/** What waited in the queue while the function was replaced: the release before called the time otherwise. */
const ofEarlierRelease = (reference: PlaceReference & { readonly readyAt?: string }): PlaceReference =>
  reference.readyAt === undefined ? reference : { ...reference, happenedAt: reference.readyAt };

export type ShopifyReference = PlaceReference | ParcelReference | RefundReference;

type Item = Parsed<OrderEvent, ShopifyReference>;

/** No client file can call one so: what only ends something leaves no record behind if the shop never answers. */
const NO_UPDATE = '' as const;

const prepared = z.object({ fulfillment_order: z.object({ id: idSchema }) });
const deleted = z.object({ id: idSchema });
const refund = z.object({ order_id: idSchema, processed_at: z.optional(z.unknown()) });

const CONFIRMED = new Set(['orders/create', 'orders/paid']);
/** Never "ready", whatever the client file says with `orders/*`. */
const NEVER = new Set([...CONFIRMED, 'orders/edited', 'orders/cancelled', 'orders/delete']);

/** Something became ready or went out just then, whatever the order's age; all others come of any edit too. */
const EXACT = /^(fulfillment_orders\/line_items_prepared_for_pickup|orders\/(partially_)?fulfilled)$/;

const meansReady = (topic: string, topics: readonly string[]): boolean =>
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

/** What an `orders/*` topic tells: that the order ended, whichever it is; that it is ready; that it was placed. */
const ofOrder = (topic: string, json: unknown, { topics }: ShopifySettings, happenedAt: string): Item[] => {
  if (topic === 'orders/delete') {
    return [{ event: { ...bareOrder(shape(deleted, json).id, happenedAt), ends: 'order_cancelled', isFinal: true } }];
  }
  const isReady = meansReady(topic, topics);
  // An edit of an order brings the edit alone.
  if (topic === 'orders/edited' && !isReady) return [];
  const body = shape(orderBody, json);
  const end = endOfBody(body, happenedAt);
  if (end) return [{ event: end }];
  if (body.financial_status === 'voided') return [];
  const exact = EXACT.test(topic) && { exact: true as const };
  if (isReady) return [{ event: { ...orderOfBody(body, 'ready', happenedAt), ...exact } }];
  return CONFIRMED.has(topic) ? [{ event: confirmedOfBody(body, topic, happenedAt) }] : [];
};

/** What a `fulfillment_orders/*` topic tells of what waits at a place. */
const ofPlace = (topic: string, json: unknown, { topics }: ShopifySettings, happenedAt: string): Item[] => {
  const isOver = topic === 'fulfillment_orders/cancelled';
  if (!isOver && (topic === LOCAL_DELIVERY || !topics.includes(topic))) return [];
  const fulfillmentOrderId = shape(prepared, json).fulfillment_order.id;
  const exact = EXACT.test(topic) && { exact: true as const };
  const over = isOver && ({ isOver: true, update: NO_UPDATE } as const);
  return [
    {
      reference: { fulfillmentOrderId, happenedAt, ...exact, ...over },
      id: `fo-${idOfGid(fulfillmentOrderId)}`,
      occurredAt: happenedAt,
    },
  ];
};

const ofRefund = (json: unknown, triggeredAt: string): Item[] => {
  const { order_id: refundedOrderId, processed_at } = shape(refund, json);
  const happenedAt = instantIn(processed_at) ?? triggeredAt;
  const reference = { refundedOrderId, happenedAt, update: NO_UPDATE } as const;
  return [{ reference, id: `refund-${refundedOrderId}`, occurredAt: triggeredAt }];
};

/** The topic that brings such a body, for whoever has the body alone. */
const topicOf = (body: string): string => {
  const fields = Object(onlyOne(jsonIn(body.replace(/^\ufeff+/, '')))) as Readonly<Record<string, unknown>>;
  const has = (name: string): boolean => Object.hasOwn(fields, name);
  if (has('replacement_fulfillment_order')) return 'fulfillment_orders/cancelled';
  if (has('fulfillment_order')) return 'fulfillment_orders/line_items_prepared_for_pickup';
  if (has('fulfillment_id')) return 'fulfillment_events/create';
  if (has('refund_line_items')) return 'refunds/create';
  if (has('tracking_company')) return 'fulfillments/update';
  if (fields.cancelled_at) return 'orders/cancelled';
  return fields.fulfillment_status === null ? 'orders/create' : 'orders/fulfilled';
};

export const source: Source<OrderEvent, typeof settings, ShopifyReference> = {
  settings,
  example: (standIn = 'https://SHOP.myshopify.com') => ({ adminApi: standIn, clientId: 'client-id-of-your-app' }),
  origin,
  warnings,
  apis: [{ what: 'Admin API', version: ADMIN_API, ends: endOf(ADMIN_API) }],
  ...headerHmac({
    header: 'x-shopify-hmac-sha256',
    alias: 'shopify-hmac-sha256',
    encoding: 'base64',
    sentWith: (body, at) => ({ 'x-shopify-topic': topicOf(body), 'x-shopify-triggered-at': at.toISOString() }),
  }),
  parse({ headers, raw, receivedAt }, own): readonly (Item | ForPeople)[] {
    const json = bodyIn(raw);
    const topic = header(headers, 'topic') ?? '';
    const happenedAt = triggerTime(header(headers, 'triggered-at'), receivedAt);
    switch (topic.split('/')[0]) {
      case 'app':
        return topic === 'app/uninstalled' ? [uninstalled(happenedAt)] : [];
      case 'orders':
        return ofOrder(topic, json, own, happenedAt);
      case 'fulfillment_orders':
        return ofPlace(topic, json, own, happenedAt);
      case 'fulfillments':
        return parcelOfBody(shape(fulfillmentBody, json), own, happenedAt, receivedAt);
      case 'fulfillment_events':
        return scanOfBody(shape(fulfillmentEventBody, json), own, happenedAt, receivedAt);
      case 'refunds':
        return ofRefund(json, happenedAt);
      default:
        return [];
    }
  },
  lookUp: (reference, tools) => {
    if ('refundedOrderId' in reference) return lookUpRefund(reference.refundedOrderId, reference.happenedAt, tools);
    if ('fulfillmentId' in reference) return lookUpParcel(reference, tools);
    return lookUpPlace(reference.fulfillmentOrderId, ofEarlierRelease(reference), tools);
  },
};
