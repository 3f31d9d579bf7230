import * as z from 'zod/mini';
import { formAnswers } from '../../../shared/door/answers.ts';
import { idSchema, optionalLink, optionalText } from '../../../shared/door/body-shape.ts';
import type { LookUpTools } from '../../../shared/door/source.ts';
import { Permanent, Unavailable } from '../../../shared/runtime/errors.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { parseJson } from '../../../shared/runtime/json.ts';
import { retryAfter } from '../../../shared/runtime/retry-after.ts';
import type { OrderReady } from '../../schema.ts';
import { idOfGid } from './order.ts';
import type { ShopifySettings } from './settings.ts';

const QUERY = `query($id: ID!){ fulfillmentOrder(id:$id){ id orderName
  assignedLocation{ name }
  destination{ firstName phone }
  order{ id name createdAt statusPageUrl customerLocale phone note customAttributes{ key value }
    shippingAddress{ phone firstName countryCodeV2 } billingAddress{ phone firstName countryCodeV2 }
    customer{ firstName defaultPhoneNumber{ phoneNumber } } } } }`;

const address = z.optional(
  z.nullable(z.object({ phone: optionalText, firstName: optionalText, countryCodeV2: optionalText })),
);
const answer = z.object({
  data: z.object({
    fulfillmentOrder: z.nullable(
      z.object({
        orderName: optionalText,
        assignedLocation: z.optional(z.nullable(z.object({ name: optionalText }))),
        destination: z.optional(z.nullable(z.object({ firstName: optionalText, phone: optionalText }))),
        order: z.object({
          id: idSchema,
          name: optionalText,
          createdAt: optionalText,
          statusPageUrl: optionalLink,
          customerLocale: optionalText,
          phone: optionalText,
          note: optionalText,
          customAttributes: z.catch(z.array(z.object({ key: optionalText, value: optionalText })), []),
          shippingAddress: address,
          billingAddress: address,
          customer: z.optional(
            z.nullable(
              z.object({
                firstName: optionalText,
                defaultPhoneNumber: z.optional(z.nullable(z.object({ phoneNumber: optionalText }))),
              }),
            ),
          ),
        }),
      }),
    ),
  }),
});
const grant = z.object({ access_token: z.string(), expires_in: z._default(z.number(), 86_399) });

/** Renewed this long before Shopify lets it expire. */
const TOKEN_MARGIN_MS = 5 * 60_000;

let token: { readonly value: string; readonly goodUntil: number } | undefined;

type Tools = LookUpTools<ShopifySettings>;

/** Parsed JSON of a 200. Anything else is taken as a passing fault of the shop, except that a 401 forgets the token. */
const call = async (request: HttpRequest, { http, now }: Tools): Promise<unknown> => {
  const result = await http(request);
  if (result.kind !== 'answer') throw new Unavailable('shop_unreachable', 'The shop did not answer.');
  if (result.status === 200) return parseJson(result.body);
  if (result.status === 401) token = undefined;
  const seconds = retryAfter(result.headers, now());
  throw new Unavailable(`shop_answered_${result.status}`, 'The shop refused the look-up.', seconds);
};

/** The client-credentials token, good for a day, kept for the life of the container. */
const accessToken = async (tools: Tools): Promise<string> => {
  const { settings, secret, now } = tools;
  if (token && now() < token.goodUntil) return token.value;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: settings.clientId,
    client_secret: secret.clientSecret ?? secret.current,
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = `${settings.adminApi.replace(/\/+$/, '')}/admin/oauth/access_token`;
  const granted = grant.safeParse(await call({ method: 'POST', url, headers, body }, tools));
  if (!granted.success) throw new Unavailable('shop_gave_no_token', 'The shop gave no access token.');
  token = { value: granted.data.access_token, goodUntil: now() + granted.data.expires_in * 1000 - TOKEN_MARGIN_MS };
  return token.value;
};

/** The order behind a fulfilment order: one Admin GraphQL call. */
export const fulfillmentOrder = async (id: string, readyAt: string, tools: Tools): Promise<OrderReady> => {
  const gid = id.startsWith('gid://') ? id : `gid://shopify/FulfillmentOrder/${id}`;
  const { adminApi, apiVersion } = tools.settings;
  const headers = { 'content-type': 'application/json', 'x-shopify-access-token': await accessToken(tools) };
  const body = JSON.stringify({ query: QUERY, variables: { id: gid } });
  const url = `${adminApi.replace(/\/+$/, '')}/admin/api/${apiVersion}/graphql.json`;
  const result = answer.safeParse(await call({ method: 'POST', url, headers, body }, tools));
  // Throttling and missing scopes come as 200 with `errors` in place of data: it may pass, or the operator can mend it.
  if (!result.success) throw new Unavailable('shop_gave_no_order', 'The shop answered without an order.');
  const found = result.data.data.fulfillmentOrder;
  if (!found) throw new Permanent('not_found_in_shop', 'The shop does not know this fulfilment order.');
  const { order, destination, assignedLocation } = found;
  const { shippingAddress: shipping, billingAddress: billing, customer } = order;
  const country = shipping?.countryCodeV2 ?? billing?.countryCodeV2;
  return {
    id: idOfGid(order.id),
    number: order.name ?? found.orderName ?? idOfGid(order.id),
    name: shipping?.firstName ?? destination?.firstName ?? customer?.firstName ?? billing?.firstName,
    phones: [
      { raw: shipping?.phone, country: shipping?.countryCodeV2 },
      { raw: destination?.phone, country },
      { raw: order.phone, country },
      { raw: customer?.defaultPhoneNumber?.phoneNumber, country },
      { raw: billing?.phone, country: billing?.countryCodeV2 },
    ],
    locale: order.customerLocale,
    statusUrl: order.statusPageUrl,
    location: assignedLocation?.name,
    ...formAnswers([
      { names: ['note'], value: order.note },
      ...order.customAttributes.map(({ key = '', value }) => ({ names: [key], value })),
    ]),
    readyAt,
    exact: true,
    placedAt: Number.isNaN(Date.parse(order.createdAt ?? '')) ? undefined : order.createdAt,
  };
};
