import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';

export const settings = z.strictObject({
  /** `https://{shop}.myshopify.com` */
  adminApi: outsideUrl,
  /** Client id of the app in the shop's own Dev Dashboard; its secret is stored, never written here. */
  clientId: z.string().check(z.minLength(1)),
  apiVersion: z._default(z.string().check(z.regex(/^\d{4}-\d{2}$/, 'write a version such as 2026-07')), '2026-07'),
  /**
   * Topics that mean "ready to collect". `orders/*` topics bring the whole order; which of them means ready differs from shop to
   * shop, so none is on by default. `orders/*` stands for all but created, edited, cancelled and deleted.
   */
  topics: z._default(
    z.array(z.string().check(z.regex(/^[a-z_]+\/([a-z_]+|\*)$/, 'write a topic such as orders/fulfilled'))),
    ['fulfillment_orders/line_items_prepared_for_pickup'],
  ),
});

export type ShopifySettings = z.infer<typeof settings>;
