import * as z from 'zod/mini';
import { bodyIn, idSchema, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import { siteNames } from '../../../shared/door/origin.ts';
import type { Source } from '../../../shared/door/source.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import type { OrderEvent } from '../../schema.ts';
import { deleted, orderBody, told } from './order.ts';
import { REST_API, settings } from './settings.ts';

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

const deletedBody = z.object({ id: idSchema });

const legacy = z.object({ order: z.looseObject({}) });
/** What stands in the place of an order that the webhook's user may not read, most often for there is no such user any more. */
const refused = z.object({ code: z.string().check(z.startsWith('woocommerce_rest_')) });
/** A plug-in may add an `order` of its own. */
const restApi = z.object({ id: idSchema, status: z.string() });

/** @throws Invalid for what is sent in an order's place: a refusal, or the legacy API's, with other names and times of the site's own */
const assertRestApi = (json: unknown): void => {
  if (refused.safeParse(json).success) {
    throw new Invalid(
      'webhook_user_gone',
      'WooCommerce may not show the order to the user who made the webhook. Make the webhook anew by the key of another user.',
    );
  }
  if (!legacy.safeParse(json).success || restApi.safeParse(json).success) return;
  throw new Invalid(
    'legacy_api_version',
    'This is the body of the legacy API. Set the webhook\'s API version to "WP REST API Integration v3" in WooCommerce.',
  );
};

/**
 * Topic `order.updated`. WooCommerce builds the body when it delivers, so that each is how the order stands and steps between are never
 * seen. It never retries, sends one change several times, and its delivery id is shared by all deliveries of one second, so nothing here
 * relies on it. What a look-alike event (an edit, a refund of an order long collected) differs by is its age, which the workflow checks;
 * what is repeated of a plug-in's status the ledger knows.
 */
export const source: Source<OrderEvent, typeof settings> = {
  settings,
  apis: [{ what: 'REST API', version: REST_API }],
  example: (standIn) => ({
    statuses: ['completed'],
    pickup: { methods: ['local_pickup', 'pickup_location'] },
    storeUrl: 'https://shop.example',
    ...(standIn && { restApi: `${standIn}/wp-json` }),
  }),
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
  parse({ raw, headers, receivedAt }, settings) {
    const topic = headers['x-wc-webhook-topic'] ?? 'order.updated';
    if (!/^order\.(created|updated|restored|deleted)$/.test(topic)) return [];
    const json = bodyIn(raw);
    if (topic === 'order.deleted') return [{ event: deleted(shape(deletedBody, json).id, receivedAt) }];
    assertRestApi(json);
    return told(shape(orderBody, json), settings, receivedAt);
  },
};
