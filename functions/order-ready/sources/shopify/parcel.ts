import * as z from 'zod/mini';
import { idSchema, instantIn, optionalId, optionalLink, optionalText } from '../../../shared/door/body-shape.ts';
import type { Parsed } from '../../../shared/door/source.ts';
import type { OrderEvent, Part } from '../../schema.ts';
import { bareOrder, exactId, idOfGid } from './order.ts';
import type { ShopifySettings } from './settings.ts';

/** A parcel, of which the body says neither whose it is nor whether it is one. */
export interface ParcelReference {
  readonly fulfillmentId: string;
  /** Which update of the client file tells it. */
  readonly update: string;
  /** The `shipment_status` that means so; none for a parcel that is on its way. */
  readonly status?: string | undefined;
  /** What the body says of it; the number is asked for where the body has none. */
  readonly part?: Part;
  readonly eta?: string | undefined;
  readonly happenedAt: string;
  /** The body says that it happened then. */
  readonly exact?: true;
  readonly updatedAt?: string | undefined;
}

/** The body of `fulfillments/*`, of which a subscription may leave out any field. */
export const fulfillmentBody = z.object({
  id: z.optional(idSchema),
  admin_graphql_api_id: optionalId,
  order_id: optionalId,
  status: optionalText,
  shipment_status: optionalText,
  created_at: optionalText,
  updated_at: optionalText,
  tracking_company: optionalText,
  tracking_number: optionalText,
  tracking_numbers: z.catch(z.array(optionalText), []),
  tracking_url: optionalLink,
  tracking_urls: z.catch(z.array(optionalLink), []),
  line_items: z.catch(z.array(z.object({ requires_shipping: z.optional(z.unknown()) })), []),
});

/** The body of `fulfillment_events/create`. */
export const fulfillmentEventBody = z.object({
  fulfillment_id: idSchema,
  status: optionalText,
  happened_at: optionalText,
  created_at: optionalText,
  updated_at: optionalText,
  estimated_delivery_at: optionalText,
});

interface Tracking {
  readonly company: string | undefined;
  readonly numbers: readonly (string | undefined)[];
  readonly urls: readonly (string | undefined)[];
}

/** Several cartons are one parcel to Shopify, of one carrier. Of a carrier that it does not know it guesses the address by the number. */
export const trackedPart = (id: string, { company, numbers, urls }: Tracking): Part => {
  const carrier = company?.toLowerCase() === 'other' ? undefined : company;
  const known = [...new Set(numbers.filter((number) => number !== undefined))];
  return {
    id,
    carrier,
    number: known.length > 0 ? known.join(', ') : undefined,
    url: carrier === undefined ? undefined : urls.find((url) => url !== undefined),
  };
};

const GONE = new Set(['cancelled', 'error', 'failure']);

/** What that status of a fulfilment means, in lower case: what was handed over, what is none any more, and what is none yet. */
export const stateOf = (status: string): 'sent' | 'gone' | 'none' => {
  if (status === 'success') return 'sent';
  return GONE.has(status) ? 'gone' : 'none';
};

/** Nobody is told of a parcel that is none any more. */
export const gone = (orderId: string, part: Pick<Part, 'id' | 'isFirst'>, happenedAt: string): OrderEvent => ({
  ...bareOrder(orderId, happenedAt),
  parts: [{ ...part, isVoid: true }],
});

/** Which update tells a `shipment_status`. There is no end to what carriers say, and most of it is no news. */
const updateOf = (status: string | undefined, { shipmentStatuses }: ShopifySettings): string | undefined => {
  if (status === undefined) return undefined;
  if (Object.hasOwn(shipmentStatuses, status)) return shipmentStatuses[status];
  return status === 'delivered' ? status : undefined;
};

type Item = Parsed<OrderEvent, ParcelReference>;

const toLookUp = (reference: ParcelReference): Item => ({
  reference,
  id: `f-${reference.fulfillmentId}`,
  occurredAt: reference.happenedAt,
});

/** Not in the future: a message of it would never grow old. */
const notAhead = (given: unknown, receivedAt: number): string | undefined => {
  const at = instantIn(given);
  return at && new Date(Math.min(Date.parse(at), receivedAt)).toISOString();
};

/** @param triggeredAt when Shopify says that it happened, for a body that does not */
export const parcelOfBody = (
  body: z.infer<typeof fulfillmentBody>,
  settings: ShopifySettings,
  triggeredAt: string,
  receivedAt: number,
): Item[] => {
  const fulfillmentId = exactId(body);
  const updatedAt = notAhead(body.updated_at, receivedAt) ?? triggeredAt;
  const state = stateOf(body.status?.toLowerCase() ?? 'success');
  if (state === 'gone' && body.order_id) return [{ event: gone(body.order_id, { id: fulfillmentId }, updatedAt) }];
  if (state === 'none') return [];
  // Gift cards and downloads are fulfilled too.
  const { line_items: lines } = body;
  if (lines.length > 0 && lines.every(({ requires_shipping }) => requires_shipping === false)) return [];
  const status = body.shipment_status?.toLowerCase();
  const step = updateOf(status, settings);
  const createdAt = notAhead(body.created_at, receivedAt);
  const part = trackedPart(fulfillmentId, {
    company: body.tracking_company,
    numbers: [body.tracking_number, ...body.tracking_numbers],
    urls: [body.tracking_url, ...body.tracking_urls],
  });
  const when = step
    ? { update: step, status, happenedAt: updatedAt }
    : { update: 'shipped', happenedAt: createdAt ?? updatedAt, ...(createdAt && { exact: true as const }) };
  return [toLookUp({ fulfillmentId, part, ...when, updatedAt })];
};

/** A carrier's scan; most mean nothing here. */
export const scanOfBody = (
  body: z.infer<typeof fulfillmentEventBody>,
  settings: ShopifySettings,
  triggeredAt: string,
  receivedAt: number,
): Item[] => {
  const status = body.status?.toLowerCase();
  const update = updateOf(status, settings);
  if (update === undefined) return [];
  const [happenedAt = triggeredAt] = [body.happened_at, body.created_at].flatMap(
    (at) => notAhead(at, receivedAt) ?? [],
  );
  const { estimated_delivery_at: eta, updated_at } = body;
  const updatedAt = notAhead(updated_at, receivedAt);
  const fulfillmentId = idOfGid(body.fulfillment_id);
  return [toLookUp({ fulfillmentId, update, status, eta, happenedAt, exact: true, updatedAt })];
};
