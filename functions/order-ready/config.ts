import * as z from 'zod/mini';
import { durationSchema } from '../shared/hours/duration-schema.ts';
import { outsideUrl } from '../shared/runtime/address-schema.ts';
import { templateSchema, textsSchema } from '../shared/wording/text-schemas.ts';

/** What the texts of this template may hold in braces. */
const PLACEHOLDERS = ['name', 'order', 'location'] as const;

const httpsUrl = z.url({ protocol: /^https$/, error: 'write an https address' });

export const shopifySchema = z.strictObject({
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

export const woocommerceSchema = z.strictObject({
  /** Statuses, without `wc-`, that mean "ready to collect". */
  statuses: z
    .array(z.string().check(z.regex(/^[a-z0-9_-]+$/, 'write the status slug without wc-')))
    .check(z.minLength(1)),
  /** The shop's address; with it the message links to the order's page. */
  storeUrl: z.optional(httpsUrl),
});

export const orderReadySchema = z.strictObject({
  /** How long after the event the message still helps. */
  usefulFor: z._default(durationSchema, 'PT24H'),
  /** An order placed or completed longer ago is not announced: an edit or a refund of an old order changes its record too. */
  maxOrderAge: z._default(durationSchema, 'P14D'),
  texts: textsSchema(PLACEHOLDERS),
  /** False: the order's address stands at the end of the text instead of on a button. */
  button: z._default(z.boolean(), true),
  /** A picture or document by address, with the text as its caption. The API's field names are not confirmed yet. */
  media: z.optional(
    z.strictObject({ url: templateSchema(PLACEHOLDERS, 1000).check(z.regex(/^https:\/\//, 'write an https address')) }),
  ),
  sources: z.strictObject({
    shopify: z.optional(shopifySchema),
    woocommerce: z.optional(woocommerceSchema),
    custom: z.optional(z.strictObject({})),
  }),
});

export type ShopifySettings = z.infer<typeof shopifySchema>;
export type WoocommerceSettings = z.infer<typeof woocommerceSchema>;

/** What the function knows of the client: its own slice and what all templates share. */
export type OrderReadyConfig = z.infer<typeof orderReadySchema> & {
  readonly lineId: string;
  readonly country: string;
  readonly locale: string;
};
