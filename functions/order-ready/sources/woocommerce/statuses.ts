import type { OrderEvent } from '../../schema.ts';

/** WooCommerce's own statuses, which all orders go through, however they reach their customer. Every other one is a plug-in's. */
const OWN = new Set(['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed', 'trash']);
export const isOwn = (status: string): boolean => OWN.has(status) || NEVER.has(status);

/** A cart on its way through the checkout, and what somebody has begun to type in: no order yet. */
export const NEVER: ReadonlySet<string> = new Set(['checkout-draft', 'auto-draft', 'draft', 'new']);

/** `failed` is none: a card that is refused is most often followed by one that is not. */
export const ENDS: Readonly<Record<string, OrderEvent['ends']>> = {
  cancelled: 'order_cancelled',
  trash: 'order_cancelled',
  refunded: 'order_refunded',
};

/** WordPress encodes what is not Latin, and older versions of plug-ins leave the prefix. */
export const slugOf = (status: string): string => {
  const slug = status.trim().toLowerCase().replace(/^wc-/, '');
  try {
    return decodeURIComponent(slug).normalize('NFC');
  } catch {
    // Cut off within a character: a status has 20 places.
    return slug;
  }
};
