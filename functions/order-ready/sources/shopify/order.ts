import * as z from 'zod/mini';
import { formAnswers } from '../../../shared/door/answers.ts';
import { idSchema, instantIn, optionalId, optionalLink, optionalText } from '../../../shared/door/body-shape.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import type { OrderEvent } from '../../schema.ts';

const address = z.optional(
  z.nullable(
    z.object({ first_name: optionalText, phone: optionalText, country_code: optionalText, country: optionalText }),
  ),
);

/** What the cart asked; of another shape it is left out, for the message needs none of it. */
const noteAttributes = z.catch(z.array(z.object({ name: optionalText, value: z.optional(z.unknown()) })), []);

/** The body of an `orders/*` topic. */
export const orderBody = z.object({
  id: z.optional(idSchema),
  admin_graphql_api_id: optionalId,
  name: optionalText,
  order_number: optionalText,
  order_status_url: optionalLink,
  customer_locale: optionalText,
  created_at: optionalText,
  updated_at: optionalText,
  phone: optionalText,
  note: optionalText,
  note_attributes: noteAttributes,
  customer: z.optional(
    z.nullable(z.object({ first_name: optionalText, phone: optionalText, default_address: address })),
  ),
  shipping_address: address,
  billing_address: address,
});

/** `gid://shopify/Order/123` → `123`; anything else stays as it is. */
export const idOfGid = (gid: string): string => /^gid:\/\/shopify\/\w+\/(\d+)/.exec(gid)?.[1] ?? gid;

/** The code is null where the shop only knows the name. */
const countryIn = (given: z.infer<typeof address>): string | undefined => given?.country_code ?? given?.country;

/** Candidates in the order shipping, order, customer, billing: a pickup order rarely has a shipping address. */
export const orderOfBody = (body: z.infer<typeof orderBody>, happenedAt: string): OrderEvent => {
  const { customer, shipping_address: shipping, billing_address: billing } = body;
  // Shopify's numbers may pass 2^53; the GraphQL id is text and always exact.
  const id = body.admin_graphql_api_id ? idOfGid(body.admin_graphql_api_id) : body.id;
  if (!id) throw new Invalid('wrong_shape', 'id is missing.');
  const own = customer?.default_address;
  const country = countryIn(shipping) ?? countryIn(billing);
  return {
    id,
    update: 'ready',
    number: body.name ?? body.order_number ?? id,
    name: shipping?.first_name ?? customer?.first_name ?? billing?.first_name,
    phones: [
      { raw: shipping?.phone, country: countryIn(shipping) },
      { raw: body.phone, country },
      { raw: customer?.phone, country },
      { raw: own?.phone, country: countryIn(own) },
      { raw: billing?.phone, country: countryIn(billing) },
    ],
    locale: body.customer_locale,
    statusUrl: body.order_status_url,
    ...formAnswers([
      { names: ['note'], value: body.note },
      ...body.note_attributes.map(({ name = '', value }) => ({ names: [name], value })),
    ]),
    happenedAt,
    updatedAt: instantIn(body.updated_at),
    placedAt: instantIn(body.created_at),
  };
};
