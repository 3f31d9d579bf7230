import * as z from 'zod/mini';
import type { Warning } from '../../../shared/door/source.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';

export const settings = z.strictObject({
  /** `https://{shop}.myshopify.com` */
  adminApi: outsideUrl,
  /**
   * Client id of the app in the shop's own Dev Dashboard; its secret is stored, never written here. None where the secret holds the
   * access token of an app that was made in the shop's admin.
   */
  clientId: z.optional(z.string().check(z.minLength(1))),
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

const DAY_MS = 24 * 3600_000;
/** Long enough to change it with the next upgrade. */
const WARN_MS = 60 * DAY_MS;

/** A version is there for twelve months from its month on; then Shopify answers as the oldest one does that still is. */
export const versionWarnings = ({ apiVersion }: Pick<ShopifySettings, 'apiVersion'>, now: number): Warning[] => {
  const [year = 0, month = 1] = apiVersion.split('-').map(Number);
  const ends = Date.UTC(year + 1, month - 1, 1);
  if (now < ends - WARN_MS) return [];
  const day = new Date(ends).toISOString().slice(0, 10);
  const when = now < ends ? `ends on ${day}` : `has ended on ${day}: Shopify answers as a later version does`;
  return [{ path: ['apiVersion'], message: `${apiVersion} ${when}. Write a later version, and try a look-up` }];
};
