import * as z from 'zod/mini';
import { formAnswers } from '../../../shared/door/answers.ts';
import { idSchema, instantIn, optionalLink, optionalText } from '../../../shared/door/body-shape.ts';
import type { PhoneCandidate } from '../../../shared/people/phone.ts';
import { log } from '../../../shared/runtime/log.ts';
import type { OrderEvent, OrderKind, Part } from '../../schema.ts';
import { ask, type Question, type Tools } from './admin.ts';
import { bareOrder, idOfGid } from './order.ts';
import { gone, type ParcelReference, stateOf, trackedPart } from './parcel.ts';

const ORDER = `id name createdAt updatedAt cancelledAt displayFinancialStatus test
    statusPageUrl customerLocale phone note customAttributes{ key value }
    currentTotalPriceSet{ presentmentMoney{ amount currencyCode } }
    shippingAddress{ phone firstName countryCodeV2 } billingAddress{ phone firstName countryCodeV2 }
    customer{ firstName defaultPhoneNumber{ phoneNumber } }`;

const PLACE_QUERY = `query($id: ID!){ fulfillmentOrder(id:$id){ id status orderName
  deliveryMethod{ methodType }
  assignedLocation{ name }
  destination{ firstName phone }
  lineItems(first: 50){ nodes{ totalQuantity lineItem{ name } } }
  order{ ${ORDER}
    fulfillmentOrders(first: 20){ nodes{ id status deliveryMethod{ methodType } } } } } }`;

const PARCEL_QUERY = `query($id: ID!){ fulfillment(id:$id){ id status createdAt estimatedDeliveryAt requiresShipping
  trackingInfo(first: 10){ company number url }
  events(first: 20, reverse: true){ nodes{ status happenedAt } }
  fulfillmentLineItems(first: 50){ nodes{ quantity lineItem{ name } } }
  fulfillmentOrders(first: 5){ nodes{ deliveryMethod{ methodType additionalInformation{ phone } } } }
  order{ ${ORDER} sourceName } } }`;

const MONEY_QUERY = 'query($id: ID!){ order(id:$id){ id updatedAt cancelledAt displayFinancialStatus } }';

const maybe = <Schema extends z.ZodMiniType>(schema: Schema) => z.optional(z.nullable(schema));
/** What the message needs none of: of another shape, or kept back, it is left out. */
const nodesOf = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.pipe(
    z.catch(maybe(z.object({ nodes: z.array(schema) })), undefined),
    z.transform((list) => list?.nodes ?? []),
  );

const address = maybe(z.object({ phone: optionalText, firstName: optionalText, countryCodeV2: optionalText }));
const lineItem = maybe(z.object({ name: optionalText }));
const count = z.catch(z.optional(z.number()), undefined);
const method = z.catch(
  maybe(z.object({ methodType: optionalText, additionalInformation: maybe(z.object({ phone: optionalText })) })),
  undefined,
);

const orderFields = {
  id: idSchema,
  name: optionalText,
  createdAt: optionalText,
  updatedAt: optionalText,
  cancelledAt: optionalText,
  displayFinancialStatus: optionalText,
  test: z.optional(z.unknown()),
  sourceName: optionalText,
  statusPageUrl: optionalLink,
  customerLocale: optionalText,
  phone: optionalText,
  note: optionalText,
  customAttributes: z.catch(z.array(z.object({ key: optionalText, value: optionalText })), []),
  currentTotalPriceSet: z.catch(
    maybe(z.object({ presentmentMoney: z.object({ amount: z.string(), currencyCode: z.string() }) })),
    undefined,
  ),
  shippingAddress: address,
  billingAddress: address,
  customer: maybe(
    z.object({ firstName: optionalText, defaultPhoneNumber: maybe(z.object({ phoneNumber: optionalText })) }),
  ),
};
const order = z.object(orderFields);
type Order = z.output<typeof order>;

const place = z.object({
  status: optionalText,
  orderName: optionalText,
  deliveryMethod: method,
  assignedLocation: maybe(z.object({ name: optionalText })),
  destination: maybe(z.object({ firstName: optionalText, phone: optionalText })),
  lineItems: nodesOf(z.object({ totalQuantity: count, lineItem })),
  order: z.object({
    ...orderFields,
    fulfillmentOrders: nodesOf(z.object({ id: idSchema, status: optionalText, deliveryMethod: method })),
  }),
});

const parcel = z.object({
  status: optionalText,
  createdAt: optionalText,
  estimatedDeliveryAt: optionalText,
  requiresShipping: z.optional(z.unknown()),
  trackingInfo: z.catch(z.array(z.object({ company: optionalText, number: optionalText, url: optionalLink })), []),
  events: nodesOf(z.object({ status: optionalText, happenedAt: optionalText })),
  fulfillmentLineItems: nodesOf(z.object({ quantity: count, lineItem })),
  fulfillmentOrders: nodesOf(z.object({ deliveryMethod: method })),
  order,
});

/** Phones that are not the order's own stand after that of the shipping address. */
const phonesOf = (
  { shippingAddress: shipping, billingAddress: billing, phone, customer }: Order,
  beside: readonly (string | undefined)[],
): readonly PhoneCandidate[] => {
  const country = shipping?.countryCodeV2 ?? billing?.countryCodeV2;
  return [
    { raw: shipping?.phone, country: shipping?.countryCodeV2 },
    ...beside.map((raw) => ({ raw, country })),
    { raw: phone, country },
    { raw: customer?.defaultPhoneNumber?.phoneNumber, country },
    { raw: billing?.phone, country: billing?.countryCodeV2 },
  ];
};
const isSome = (phones: readonly PhoneCandidate[]): boolean => phones.some(({ raw }) => raw !== undefined);

const phonesOfPlace = ({ order: whose, destination }: z.output<typeof place>) => phonesOf(whose, [destination?.phone]);
const phonesOfParcel = ({ order: whose, fulfillmentOrders }: z.output<typeof parcel>) =>
  phonesOf(
    whose,
    fulfillmentOrders.flatMap(({ deliveryMethod }) => deliveryMethod?.additionalInformation?.phone ?? []),
  );

const PLACE: Question<typeof place> = {
  root: 'fulfillmentOrder',
  query: PLACE_QUERY,
  schema: place,
  isEnough: (found) => isSome(phonesOfPlace(found)),
};
const PARCEL: Question<typeof parcel> = {
  root: 'fulfillment',
  query: PARCEL_QUERY,
  schema: parcel,
  isEnough: (found) => isSome(phonesOfParcel(found)),
};
const MONEY: Question<typeof order> = {
  root: 'order',
  query: MONEY_QUERY,
  schema: order,
  isEnough: ({ displayFinancialStatus }) => displayFinancialStatus !== undefined,
};

const gidOf = (type: string, id: string): string => (id.startsWith('gid://') ? id : `gid://shopify/${type}/${id}`);

/** What the order's own fields say of it, whatever is told. */
const orderOf = (found: Order): Omit<OrderEvent, 'phones' | 'happenedAt'> => {
  const { shippingAddress: shipping, billingAddress: billing, customer, currentTotalPriceSet: total } = found;
  const id = idOfGid(found.id);
  return {
    id,
    number: found.name ?? id,
    name: shipping?.firstName ?? customer?.firstName ?? billing?.firstName,
    locale: found.customerLocale,
    statusUrl: found.statusPageUrl,
    total: total ? { amount: total.presentmentMoney.amount, currency: total.presentmentMoney.currencyCode } : undefined,
    ...formAnswers([
      { names: ['note'], value: found.note },
      ...found.customAttributes.map(({ key = '', value }) => ({ names: [key], value })),
    ]),
    placedAt: Number.isNaN(Date.parse(found.createdAt ?? '')) ? undefined : found.createdAt,
  };
};

const itemsOf = (lines: readonly { lineItem?: z.output<typeof lineItem>; quantity?: number | undefined }[]) => {
  const items = lines.flatMap(({ lineItem: item, quantity }) =>
    item?.name === undefined || quantity === 0 ? [] : [{ name: item.name, quantity }],
  );
  return items.length > 0 ? items : undefined;
};

const kindsOf = (kinds: readonly (OrderKind | false)[]) => {
  const found = kinds.filter((kind) => kind !== false);
  return found.length > 0 ? { kinds: found } : {};
};

/** How an order ended, if it did: nothing else is true of it any more. */
const endOf = ({ cancelledAt, displayFinancialStatus, updatedAt }: Order, now: string) => {
  if (cancelledAt !== undefined) {
    const happenedAt = instantIn(cancelledAt) ?? now;
    return { update: 'cancelled', ends: 'order_cancelled', isFinal: true, happenedAt, exact: true } as const;
  }
  if (displayFinancialStatus !== 'REFUNDED') return undefined;
  return { ends: 'order_refunded', isFinal: true, happenedAt: instantIn(updatedAt) ?? now } as const;
};

const notTold = (reason: string): undefined => {
  log('info', { event: 'look-up', template: 'order-ready', source: 'shopify', reason, outcome: 'not_told' });
};

/** Why nobody may come for it. */
const whyNotReady = ({ status, deliveryMethod, order: whose }: z.output<typeof place>): string | undefined => {
  const type = deliveryMethod?.methodType;
  if (type !== undefined && type !== 'PICK_UP') return 'not_for_pickup';
  if (status === 'ON_HOLD') return 'on_hold';
  return whose.displayFinancialStatus === 'VOIDED' ? 'payment_voided' : undefined;
};

const isBefore = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : one.length < other.length;

/**
 * Of the places at which an order waits the one that keeps the order's own key: that of the lowest number, whichever is ready first,
 * and even if it was cancelled, for whose key it is must not change. What was made ready by mistake is told once more when it is ready.
 */
const isFirst = (id: string, { fulfillmentOrders }: z.output<typeof place>['order']): boolean =>
  !fulfillmentOrders.some((other) => other.deliveryMethod?.methodType === 'PICK_UP' && isBefore(idOfGid(other.id), id));

/** What waits at a place, or `isOver`: that what was said to wait there does not. */
export const lookUpPlace = async (
  fulfillmentOrderId: string,
  { happenedAt, exact, isOver }: { readonly happenedAt: string; readonly exact?: true; readonly isOver?: true },
  tools: Tools,
): Promise<OrderEvent | undefined> => {
  const found = await ask(PLACE, gidOf('FulfillmentOrder', fulfillmentOrderId), tools);
  const { order: whose, destination, orderName, assignedLocation, lineItems } = found;
  const id = idOfGid(fulfillmentOrderId);
  const known = orderOf(whose);
  const asIs = {
    ...known,
    number: whose.name ?? orderName ?? known.id,
    name: whose.shippingAddress?.firstName ?? destination?.firstName ?? known.name,
    phones: phonesOfPlace(found),
    ...kindsOf([whose.test === true && 'test']),
  };
  const end = endOf(whose, happenedAt);
  if (end) return { ...asIs, ...end };
  const first = isFirst(id, whose) && { isFirst: true as const };
  if (isOver || found.status === 'CANCELLED') return gone(known.id, { id, ...first }, happenedAt);
  const why = whyNotReady(found);
  if (why) return notTold(why);
  const part: Part = {
    id,
    location: assignedLocation?.name,
    ...first,
  };
  return {
    ...asIs,
    update: 'ready',
    parts: [part],
    location: assignedLocation?.name,
    items: itemsOf(lineItems.map(({ lineItem: item, totalQuantity: quantity }) => ({ lineItem: item, quantity }))),
    happenedAt,
    ...(exact && { exact }),
  };
};

const NO_PARCEL = new Set(['PICK_UP', 'RETAIL', 'NONE']);

const whyNoParcel = (found: z.output<typeof parcel>, methods: readonly string[]): string | undefined => {
  if (stateOf((found.status ?? 'success').toLowerCase()) === 'none') return 'not_sent_yet';
  const isHandedOver = methods.length > 0 && methods.every((type) => NO_PARCEL.has(type));
  return isHandedOver || found.requiresShipping === false ? 'no_parcel' : undefined;
};

/** When it happened, exact unless nobody but the body says so, of which any edit may say the same. */
const timeOf = (
  { status, happenedAt, exact }: ParcelReference,
  { createdAt, events }: z.output<typeof parcel>,
): Pick<OrderEvent, 'happenedAt' | 'exact' | 'repeats'> => {
  if (exact) return { happenedAt, exact };
  const same = events.find((event) => event.status?.toLowerCase() === status);
  const at = instantIn(status === undefined ? createdAt : same?.happenedAt);
  return at ? { happenedAt: at, exact: true } : { happenedAt, repeats: true };
};

/** Whose parcel it is, and whether it is one. */
export const lookUpParcel = async (reference: ParcelReference, tools: Tools): Promise<OrderEvent | undefined> => {
  const { fulfillmentId, update, part, eta, happenedAt, updatedAt } = reference;
  const found = await ask(PARCEL, gidOf('Fulfillment', fulfillmentId), tools);
  const { order: whose, trackingInfo: tracking } = found;
  const methods = found.fulfillmentOrders.flatMap(({ deliveryMethod }) => deliveryMethod?.methodType ?? []);
  const isCounterSale = methods.length === 0 && whose.sourceName === 'pos';
  const asIs = {
    ...orderOf(whose),
    phones: phonesOfParcel(found),
    ...kindsOf([whose.test === true && 'test', isCounterSale && 'point-of-sale']),
  };
  const end = endOf(whose, updatedAt ?? happenedAt);
  if (end) return { ...asIs, ...end };
  if (stateOf((found.status ?? '').toLowerCase()) === 'gone') {
    return gone(asIs.id, { id: fulfillmentId }, updatedAt ?? happenedAt);
  }
  const why = whyNoParcel(found, methods);
  if (why) return notTold(why);
  const asked = trackedPart(fulfillmentId, {
    company: tracking[0]?.company,
    numbers: tracking.map(({ number }) => number),
    urls: tracking.map(({ url }) => url),
  });
  return {
    ...asIs,
    update,
    parts: [part?.number === undefined ? asked : part],
    items: itemsOf(found.fulfillmentLineItems),
    eta: eta ?? found.estimatedDeliveryAt,
    ...timeOf(reference, found),
    updatedAt,
  };
};

/** A refund may be of a part: whether the order ended, only the shop knows. */
export const lookUpRefund = async (
  orderId: string,
  happenedAt: string,
  tools: Tools,
): Promise<OrderEvent | undefined> => {
  const found = await ask(MONEY, gidOf('Order', orderId), tools);
  const end = endOf(found, happenedAt);
  if (!end) return undefined;
  // The topic of a cancelled order brings whom to tell.
  return { ...bareOrder(idOfGid(found.id), end.happenedAt), ends: end.ends, isFinal: true };
};
