import * as z from 'zod/mini';
import { formAnswers } from '../../../shared/door/answers.ts';
import { idSchema, instantIn, optionalId, optionalLink, optionalText } from '../../../shared/door/body-shape.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import type { OrderEvent, OrderKind } from '../../schema.ts';

const address = z.optional(
  z.nullable(
    z.object({ first_name: optionalText, phone: optionalText, country_code: optionalText, country: optionalText }),
  ),
);

/** What the message needs none of: of another shape it is left out. */
const listOf = <Schema extends z.ZodMiniType>(schema: Schema) => z.catch(z.array(schema), []);
const anything = z.optional(z.unknown());

const money = z.catch(
  z.optional(
    z.nullable(z.object({ presentment_money: z.object({ amount: optionalText, currency_code: optionalText }) })),
  ),
  undefined,
);

/** The body of an `orders/*` topic. */
export const orderBody = z.object({
  id: z.optional(idSchema),
  admin_graphql_api_id: optionalId,
  name: optionalText,
  order_number: optionalText,
  order_status_url: optionalLink,
  customer_locale: optionalText,
  created_at: optionalText,
  processed_at: optionalText,
  updated_at: optionalText,
  cancelled_at: optionalText,
  financial_status: optionalText,
  source_name: optionalText,
  test: anything,
  phone: optionalText,
  note: optionalText,
  note_attributes: listOf(z.object({ name: optionalText, value: anything })),
  customer: z.optional(
    z.nullable(z.object({ first_name: optionalText, phone: optionalText, default_address: address })),
  ),
  shipping_address: address,
  billing_address: address,
  shipping_lines: listOf(z.object({ phone: optionalText, is_removed: anything })),
  current_total_price_set: money,
  total_price: optionalText,
  currency: optionalText,
  line_items: listOf(
    z.object({
      name: optionalText,
      quantity: anything,
      current_quantity: anything,
      requires_shipping: anything,
      gift_card: anything,
    }),
  ),
});

type Body = z.infer<typeof orderBody>;

/** `gid://shopify/Order/123` → `123`; anything else stays as it is. */
export const idOfGid = (gid: string): string => /^gid:\/\/shopify\/\w+\/(\d+)/.exec(gid)?.[1] ?? gid;

/** Shopify's numbers may pass 2^53; the GraphQL id is text and always exact. */
export const exactId = ({ id, admin_graphql_api_id: gid }: Pick<Body, 'id' | 'admin_graphql_api_id'>): string => {
  const exact = gid ? idOfGid(gid) : id;
  if (!exact) throw new Invalid('wrong_shape', 'id is missing.');
  return exact;
};

/** The code is null where the shop only knows the name. */
const countryIn = (given: z.infer<typeof address>): string | undefined => given?.country_code ?? given?.country;

/** Candidates in the order shipping, order, customer, billing: a pickup order rarely has a shipping address. */
const phonesOf = (body: Body): OrderEvent['phones'] => {
  const { customer, shipping_address: shipping, billing_address: billing } = body;
  const own = customer?.default_address;
  const country = countryIn(shipping) ?? countryIn(billing);
  return [
    { raw: shipping?.phone, country: countryIn(shipping) },
    // Local delivery asks for one of its own.
    ...body.shipping_lines.flatMap(({ phone, is_removed }) =>
      phone && is_removed !== true ? [{ raw: phone, country }] : [],
    ),
    { raw: body.phone, country },
    { raw: customer?.phone, country },
    { raw: own?.phone, country: countryIn(own) },
    { raw: billing?.phone, country: countryIn(billing) },
  ];
};

/** In the customer's money, after edits and refunds. */
const totalOf = ({ current_total_price_set: set, total_price, currency }: Body): OrderEvent['total'] => {
  const { amount = total_price, currency_code = currency } = set?.presentment_money ?? {};
  return amount !== undefined && currency_code !== undefined ? { amount, currency: currency_code } : undefined;
};

const isCount = (value: unknown): value is number => typeof value === 'number';

/** `quantity` still counts what was removed. */
const itemsOf = ({ line_items: lines }: Body): OrderEvent['items'] => {
  const items = lines.flatMap(({ name, quantity, current_quantity: current }) => {
    const count = [current, quantity].find(isCount);
    return name === undefined || count === 0 ? [] : [{ name, quantity: count }];
  });
  return items.length > 0 ? items : undefined;
};

/**
 * What an order is beside a purchase that somebody waits for. The name of a source is free text of the app that made the order, and
 * Shopify's own for renewals changed once already.
 */
const kindsOf = ({ test, source_name: from, financial_status: paid, line_items: lines }: Body, update: string) => {
  const isAll = (is: (line: Body['line_items'][number]) => boolean): boolean => lines.length > 0 && lines.every(is);
  const isGiftCard = isAll(({ gift_card }) => gift_card === true);
  const isDownload = !isGiftCard && isAll(({ requires_shipping }) => requires_shipping === false);
  const found: readonly (readonly [OrderKind, boolean])[] = [
    ['test', test === true],
    ['point-of-sale', from === 'pos'],
    ['renewal', from?.startsWith('subscription_contract') === true],
    ['gift-card', isGiftCard],
    ['download', isDownload],
    ['deposit', update === 'confirmed' && paid === 'partially_paid'],
  ];
  // Whoever was told of an order is told of its end.
  const kinds = found.flatMap(([kind, is]) => (is && (kind === 'test' || update !== 'cancelled') ? [kind] : []));
  return kinds.length > 0 ? { kinds } : {};
};

/** The whole order, told by that update. */
export const orderOfBody = (body: Body, update: string, happenedAt: string): OrderEvent => {
  const { customer, shipping_address: shipping, billing_address: billing } = body;
  const id = exactId(body);
  return {
    id,
    update,
    number: body.name ?? body.order_number ?? id,
    name: shipping?.first_name ?? customer?.first_name ?? billing?.first_name,
    phones: phonesOf(body),
    locale: body.customer_locale,
    statusUrl: body.order_status_url,
    total: totalOf(body),
    items: itemsOf(body),
    ...kindsOf(body, update),
    ...formAnswers([
      { names: ['note'], value: body.note },
      ...body.note_attributes.map(({ name = '', value }) => ({ names: [name], value })),
    ]),
    happenedAt,
    updatedAt: instantIn(body.updated_at),
    placedAt: instantIn(body.created_at),
  };
};

/** What says no more of an order than that, such as its end. Whose it is nobody needs to know. */
export const bareOrder = (id: string, happenedAt: string): OrderEvent => ({ id, number: id, phones: [], happenedAt });

const DAY_MS = 24 * 3600_000;

/** Orders that are brought over from another shop are created now, and say when they were placed there. */
const importedFrom = ({ processed_at, created_at }: Body): string | undefined => {
  const [processed, created] = [instantIn(processed_at), instantIn(created_at)];
  return processed && created && Date.parse(processed) < Date.parse(created) - DAY_MS ? processed : undefined;
};

/** Placed, or paid: whichever comes first. Paid says so whenever that is, as of a transfer, of an order of any age. */
export const confirmedOfBody = (body: Body, topic: string, happenedAt: string): OrderEvent => {
  const imported = importedFrom(body);
  if (topic === 'orders/paid') return orderOfBody(body, 'confirmed', imported ?? happenedAt);
  const at = imported ?? instantIn(body.created_at) ?? happenedAt;
  return { ...orderOfBody(body, 'confirmed', at), exact: true };
};

/** How the order ended, if it did, whatever the topic. */
export const endOfBody = (body: Body, happenedAt: string): OrderEvent | undefined => {
  if (body.cancelled_at !== undefined) {
    const { updatedAt: _, ...order } = orderOfBody(body, 'cancelled', instantIn(body.cancelled_at) ?? happenedAt);
    return { ...order, ends: 'order_cancelled', isFinal: true, exact: true };
  }
  if (body.financial_status !== 'refunded') return undefined;
  return {
    ...bareOrder(exactId(body), instantIn(body.updated_at) ?? happenedAt),
    ends: 'order_refunded',
    isFinal: true,
  };
};
