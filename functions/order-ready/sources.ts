import type { Source } from '../shared/door/source.ts';
import type { OrderReady } from './schema.ts';
import { custom } from './sources/custom.ts';
import { shopify } from './sources/shopify.ts';
import { woocommerce } from './sources/woocommerce.ts';

/** By the name in the route. */
// biome-ignore lint/suspicious/noExplicitAny: each source has settings and references of its own, which only it reads
export const sources: Readonly<Record<string, Source<OrderReady, any, any>>> = { custom, shopify, woocommerce };
