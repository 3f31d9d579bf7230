import * as z from 'zod/mini';
import { type Answer, formAnswers, isLike } from '../../../shared/door/answers.ts';
import { idSchema, optionalId, optionalLink, optionalText } from '../../../shared/door/body-shape.ts';
import type { Skipped } from '../../../shared/door/source.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import type { OrderEvent, OrderKind } from '../../schema.ts';
import { meaningsIn, type Settings } from './settings.ts';
import { ENDS, isOwn, slugOf } from './statuses.ts';
import { type Meta, type Parcels, parcelsIn, textIn } from './tracking.ts';

/** What plug-ins have a hand in: of another shape it is left out, for the message needs none of it. */
const listOf = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.pipe(
    z.catch(z.array(z.unknown()), []),
    z.transform((list) =>
      list.flatMap((one): z.infer<Schema>[] => {
        const result = schema.safeParse(one);
        return result.success ? [result.data] : [];
      }),
    ),
  );

const metaData = listOf(z.object({ key: optionalText, value: z.optional(z.unknown()) }));
const address = z.optional(
  z.nullable(z.object({ first_name: optionalText, phone: optionalText, country: optionalText })),
);

/** The body of an order, as the REST API v3 has it. */
export const orderBody = z.object({
  id: idSchema,
  parent_id: optionalId,
  number: optionalText,
  status: z.pipe(z.string(), z.transform(slugOf)),
  created_via: optionalText,
  order_key: optionalText,
  total: optionalText,
  currency: optionalText,
  needs_processing: z.optional(z.unknown()),
  customer_note: optionalText,
  meta_data: metaData,
  line_items: listOf(z.object({ name: optionalText, quantity: z.optional(z.unknown()), meta_data: metaData })),
  shipping_lines: listOf(z.object({ method_id: optionalText, method_title: optionalText, meta_data: metaData })),
  date_created_gmt: optionalText,
  date_paid_gmt: optionalText,
  date_completed_gmt: optionalText,
  date_modified_gmt: optionalText,
  billing: address,
  shipping: address,
});

type Order = z.infer<typeof orderBody>;
type Lines = Order['line_items'];

/** WordPress hides what begins with an underscore: it is for programs. A consent often stands there; it comes first, for answers have a limit. */
const answersOf = ({ customer_note, meta_data }: Order, { consent }: Settings): Answer[] => {
  const isAsked = (key: string): boolean => consent?.fields.some((field) => isLike(key, field)) === true;
  const all = meta_data.flatMap(({ key, value }) => (key === undefined ? [] : [{ names: [key], value, key }]));
  return [
    ...all.filter(({ key }) => isAsked(key)),
    { names: ['customer_note'], value: customer_note },
    ...all.filter(({ key }) => !key.startsWith('_') && !isAsked(key)),
  ];
};

const metaIn = (meta: readonly Meta[], ...keys: readonly string[]): unknown =>
  meta.find(({ key, value }) => key !== undefined && keys.includes(key) && value !== undefined && value !== '')?.value;

const textOf = (meta: readonly Meta[], ...keys: readonly string[]): string | undefined => textIn(metaIn(meta, ...keys));

/** WordPress keeps `yes`, `1` and true as it likes. */
const isYes = (value: unknown): boolean => value === true || /^(1|yes|true|on)$/i.test(String(textIn(value)));

/** WooCommerce writes UTC without saying so. */
const instant = (gmt: string | undefined): string | undefined => {
  const at = gmt === undefined ? Number.NaN : Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(gmt) ? gmt : `${gmt}Z`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** The page that opens without a login. */
const statusUrl = ({ storeUrl }: Settings, { id, order_key: key }: Order): string | undefined =>
  storeUrl && key && `${withoutSlash(storeUrl)}/checkout/order-received/${id}/?key=${encodeURIComponent(key)}`;

/** Each brings its pieces as lines of their own. */
const CONTAINED = ['_bundled_by', '_composite_parent', '_mnm_container', '_woosb_parent_id'];

const itemsOf = (lines: Lines): OrderEvent['items'] => {
  const items = lines
    .filter(({ meta_data }) => metaIn(meta_data, ...CONTAINED) === undefined)
    .flatMap(({ name, quantity }) =>
      name === undefined ? [] : [{ name, quantity: Number(textIn(quantity)) || undefined }],
    );
  return items.length > 0 ? items : undefined;
};

/** A payment of a part of an order, which deposits' plug-ins make an order of its own. */
const isPayment = ({ meta_data }: Order): boolean =>
  metaIn(meta_data, '_wc_deposits_payment_type', '_awcdp_deposits_payment_type') !== undefined;

const DEPOSITS = ['_wc_deposits', '_awcdp_deposits'];
/** Something is still to be paid. What is made or sent all the same is told of like any other. */
const isDeposit = ({ created_via, meta_data, status }: Order, update: string | undefined): boolean =>
  created_via === 'wc_deposits' ||
  (update === 'confirmed' &&
    (/^(partially-paid|partial-payment)$/.test(status) ||
      DEPOSITS.some(
        (name) =>
          isYes(metaIn(meta_data, `${name}_order_has_deposit`)) &&
          !isYes(metaIn(meta_data, `${name}_second_payment_paid`)),
      )));

const GIFT_CARD = /^(pw_gift_card|_ywgc)_/;
const isGiftCard = ({ meta_data }: Lines[number]): boolean => meta_data.some(({ key }) => GIFT_CARD.test(key ?? ''));

/**
 * `needs_processing` is false where every product is virtual and can be downloaded; also where its products are deleted by now, or
 * there were none.
 */
const isDownload = ({ needs_processing, line_items, shipping_lines }: Order): boolean =>
  needs_processing === false && line_items.length > 0 && shipping_lines.length === 0;

const POINT_OF_SALE = /^square|(^|[-_ ])(pos|point[-_ ]of[-_ ]sale)([-_ ]|$)/i;

const kindsOf = (order: Order, update: string | undefined): readonly OrderKind[] => {
  const { created_via = '', meta_data, line_items } = order;
  const kinds: Readonly<Partial<Record<OrderKind, boolean>>> = {
    test: textOf(meta_data, '_wcpay_mode') === 'test',
    renewal: created_via === 'subscription' || metaIn(meta_data, '_subscription_renewal') !== undefined,
    'point-of-sale': POINT_OF_SALE.test(created_via),
    deposit: isDeposit(order, update),
    'gift-card': line_items.length > 0 && line_items.every(isGiftCard),
    download: isDownload(order),
  };
  return (Object.keys(kinds) as OrderKind[]).filter((kind) => kinds[kind]);
};

type ShippingLines = Order['shipping_lines'];

/** `local_pickup:6` is a rate of the method `local_pickup`. */
const methodOf = (id = ''): string => id.split(':')[0]?.trim().toLowerCase() ?? '';

/** The lines by which an order is collected; undefined where it is not. */
const pickupLines = (lines: ShippingLines, pickup: Settings['pickup']): ShippingLines | undefined => {
  if (pickup === undefined || pickup === 'any') return lines;
  const { methods = [], titles = [] } = pickup;
  const found = lines.filter(
    ({ method_id, method_title }) =>
      methods.some((method) => methodOf(method) === methodOf(method_id)) ||
      titles.some((title) => method_title !== undefined && isLike(method_title, title)),
  );
  return found.length > 0 ? found : undefined;
};

const locationOf = (lines: ShippingLines): string | undefined => {
  const names = lines.flatMap(({ meta_data }) => textOf(meta_data, 'pickup_location', '_pickup_location_name') ?? []);
  return names.length > 0 ? [...new Set(names)].join(', ') : undefined;
};

type Times = Pick<OrderEvent, 'happenedAt' | 'exact' | 'repeats'>;

/** Of several instants, ISO 8601, the last that is not after the limit. */
const latest = (instant: string, parcels: Parcels, limit: string): string =>
  new Date(Math.max(Date.parse(instant), Math.min(parcels.latest ?? 0, Date.parse(limit)))).toISOString();

/**
 * When it happened. A completed order says when it became so, and a parcel when it went, which may be later; it was confirmed when it
 * was paid, or placed. Plug-ins' statuses are sent with every save and say nothing of the kind.
 */
const timesOf = (order: Order, update: string | undefined, parcels: Parcels, receivedAt: number): Times => {
  const { status } = order;
  const saved = instant(order.date_modified_gmt) ?? new Date(receivedAt).toISOString();
  const completed = status === 'completed' ? instant(order.date_completed_gmt) : undefined;
  if (completed) return { happenedAt: latest(completed, parcels, saved), exact: true };
  if (!isOwn(status)) return { happenedAt: saved, repeats: true };
  const confirmed =
    update === 'confirmed' ? (instant(order.date_paid_gmt) ?? instant(order.date_created_gmt)) : undefined;
  return confirmed ? { happenedAt: confirmed, exact: true } : { happenedAt: saved };
};

/** Of the whole order, or not of what is sent. */
const WITHOUT_PARCELS = new Set(['confirmed', 'ready']);
const NO_PARCELS: Parcels = { parts: [], isAll: false, latest: undefined };

/** What a status means; undefined for nothing. */
const meaningOf = (status: string, { statuses }: Settings): Pick<OrderEvent, 'update' | 'ends'> | undefined => {
  const mapped = meaningsIn(statuses).find(([one]) => slugOf(one) === status)?.[1];
  const ends = Object.hasOwn(ENDS, status) ? ENDS[status] : undefined;
  const update = mapped ?? (status === 'cancelled' ? 'cancelled' : undefined);
  return update || ends ? { update, ends } : undefined;
};

/**
 * One of several orders that a marketplace makes of a purchase, told of as a part of it: under the number that the customer knows, and
 * its end is none of the whole.
 */
const asPart = (event: OrderEvent, { id }: Order, parentId: string, parcels: Parcels): OrderEvent => {
  // The other parts stand as they stand, whatever this one's status says.
  const { ends, isState: _, isAllParts: __, isWhole: ___, ...own } = event;
  const part = { ...own, id: parentId, number: parentId };
  if (ends) {
    const ids = [id, ...parcels.parts.map((one) => one.id)];
    // Heeded however long ago the order was placed.
    return { ...part, update: undefined, exact: true, parts: ids.map((one) => ({ id: one, isVoid: true })) };
  }
  // Its first parcel goes by its own id: it is the same one before and after its number is known.
  const [first, ...others] = parcels.parts;
  return { ...part, parts: [{ location: event.location, ...first, id }, ...others] };
};

const eventOf = (
  order: Order,
  meaning: Pick<OrderEvent, 'update' | 'ends'>,
  settings: Settings,
  parcels: Parcels,
  receivedAt: number,
): OrderEvent => {
  const { id, number, total, currency, billing, shipping, line_items, meta_data } = order;
  const kinds = kindsOf(order, meaning.update);
  const { parts, isAll } = parcels;
  return {
    id,
    ...meaning,
    ...((parts.length > 0 || isAll) && { parts }),
    // An order has one status: delivered is all of it.
    ...(meaning.update === 'delivered' && { isWhole: true as const }),
    ...(isAll && { isAllParts: true as const }),
    isState: true,
    number: number ?? id,
    name: billing?.first_name ?? shipping?.first_name,
    phones: [
      { raw: billing?.phone, country: billing?.country ?? shipping?.country },
      { raw: shipping?.phone, country: shipping?.country ?? billing?.country },
    ],
    statusUrl: statusUrl(settings, order),
    location: locationOf(pickupLines(order.shipping_lines, settings.pickup) ?? []),
    total: total !== undefined && currency !== undefined ? { amount: total, currency } : undefined,
    items: itemsOf(line_items),
    documentUrl:
      settings.documentKey === undefined
        ? undefined
        : optionalLink.safeParse(metaIn(meta_data, settings.documentKey)).data,
    ...formAnswers(answersOf(order, settings)),
    ...(kinds.length > 0 && { kinds }),
    ...timesOf(order, meaning.update, parcels, receivedAt),
    updatedAt: instant(order.date_modified_gmt),
    placedAt: instant(order.date_created_gmt),
  };
};

/** What an order that was saved means: an event, why there is none, or nothing. */
export const told = (
  order: Order,
  settings: Settings,
  receivedAt: number,
): readonly ({ readonly event: OrderEvent } | Skipped)[] => {
  const meaning = meaningOf(order.status, settings);
  if (!meaning) return [];
  const { update, ends } = meaning;
  if (isPayment(order)) return [{ skipped: 'payment_of_a_deposit' }];
  if (update === 'ready' && !pickupLines(order.shipping_lines, settings.pickup)) return [{ skipped: 'not_for_pickup' }];
  const parentId = order.parent_id === '0' ? undefined : order.parent_id;
  const isOfMany = isYes(metaIn(order.meta_data, 'has_sub_order'));
  // What becomes of all of it the whole tells, and its parts what becomes of them.
  if (parentId !== undefined && update === 'confirmed') return [{ skipped: 'told_of_the_whole_order' }];
  if (isOfMany && !ends && update !== 'confirmed') return [{ skipped: 'told_of_its_parts' }];
  const parcels = (ends ? parentId === undefined : WITHOUT_PARCELS.has(update ?? ''))
    ? NO_PARCELS
    : parcelsIn(order, settings.tracking);
  const event = eventOf(order, meaning, settings, parcels, receivedAt);
  if (parentId !== undefined) return [{ event: asPart(event, order, parentId, parcels) }];
  const { isState: _, ...ofMany } = event;
  return [{ event: isOfMany ? ofMany : event }];
};

/** An order that was put into the trash: the body is its id. */
export const deleted = (id: string, receivedAt: number): OrderEvent => ({
  id,
  ends: 'order_cancelled',
  number: id,
  phones: [],
  happenedAt: new Date(receivedAt).toISOString(),
});
