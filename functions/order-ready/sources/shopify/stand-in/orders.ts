import { z } from 'zod';

const ONE_HOUR_MS = 3_600_000;

/** What the Admin API is asked for, by the name that it has in an id, and the field of the query's root. */
const ROOTS = { FulfillmentOrder: 'fulfillmentOrder', Fulfillment: 'fulfillment', Order: 'order' } as const;
type Kind = keyof typeof ROOTS;

/**
 * An object of the Admin GraphQL API, as far as a test cares; fields it leaves out read as null.
 * `denied`: the scope that the app lacks to read it.
 */
const heldAs = (kind: Kind) =>
  z.looseObject({
    id: z.string().regex(new RegExp(`^gid://shopify/${kind}/\\d+$`), `must be gid://shopify/${kind}/<n>`),
    denied: z.optional(z.string()),
  });

export const fulfillmentOrder = heldAs('FulfillmentOrder');
export const fulfillment = heldAs('Fulfillment');
export const order = heldAs('Order');
type Held = z.infer<typeof order>;

export interface OrderStore {
  put(held: Held): void;
  /** What is stored, else what is made up of the id's number; null for an id that ends in 404; undefined for no id of that root. */
  get(root: string, gid: string): Held | null | undefined;
}

const DEMO: Readonly<Record<Kind, (gid: string, n: string, createdAt: string) => Held>> = {
  FulfillmentOrder: demoFulfillmentOrder,
  Fulfillment: demoFulfillment,
  Order: (gid, n, createdAt) => ({ ...demoOrder(n, createdAt), id: gid }),
};

/** Objects by id. A made-up one is kept once it was asked for, so that asking again finds the same one. */
export function createOrderStore(now: () => number): OrderStore {
  const stored = new Map<string, Held>();
  return {
    put: (held) => {
      stored.set(held.id, held);
    },
    get: (root, gid) => {
      const [, kind = '', n = ''] = /^gid:\/\/shopify\/(\w+)\/(\d+)$/.exec(gid) ?? [];
      if (!isKind(kind) || ROOTS[kind] !== root) return undefined;
      const known = stored.get(gid);
      if (known !== undefined) return known;
      if (gid.endsWith('404')) return null;
      const made = DEMO[kind](gid, n, new Date(now() - ONE_HOUR_MS).toISOString());
      stored.set(gid, made);
      return made;
    },
  };
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(ROOTS, text);
}

/** Pickup orders usually have no shipping address, so the phone sits in the billing address, as people type it. */
function demoOrder(n: string, createdAt: string) {
  return {
    // BigInt: Shopify's ids can be beyond 2^53, and a rounded id would be another order.
    id: `gid://shopify/Order/${5_000_000_000_000n + BigInt(n)}`,
    name: `#${n}`,
    createdAt,
    updatedAt: createdAt,
    displayFinancialStatus: 'PAID',
    test: false,
    sourceName: 'web',
    requiresShipping: true,
    statusPageUrl: `https://shop.example/orders/${n}`,
    customerLocale: 'en',
    phone: null,
    currentTotalPriceSet: { presentmentMoney: { amount: '89.00', currencyCode: 'ILS' } },
    shippingAddress: null,
    billingAddress: { phone: '050-123-4567', firstName: 'Dana', countryCodeV2: 'IL' },
    customer: { firstName: 'Dana', defaultPhoneNumber: null },
  };
}

function demoFulfillmentOrder(gid: string, n: string, createdAt: string): Held {
  const place = { id: gid, status: 'OPEN', deliveryMethod: { methodType: 'PICK_UP' } };
  return {
    ...place,
    orderName: `#${n}`,
    assignedLocation: { name: 'Tel Aviv', address1: '1 Allenby', city: 'Tel Aviv', phone: null },
    destination: { firstName: 'Dana', lastName: 'Levi', phone: null, email: 'dana@shop.example' },
    lineItems: { nodes: [{ totalQuantity: 1, lineItem: { name: 'Roses' } }] },
    order: { ...demoOrder(n, createdAt), fulfillmentOrders: { nodes: [place] } },
  };
}

function demoFulfillment(gid: string, n: string, createdAt: string): Held {
  return {
    id: gid,
    status: 'SUCCESS',
    createdAt,
    updatedAt: createdAt,
    requiresShipping: true,
    trackingInfo: [{ company: 'Example Post', number: `RR${n}`, url: `https://track.example/RR${n}` }],
    fulfillmentLineItems: { nodes: [{ quantity: 1, lineItem: { name: 'Roses' } }] },
    fulfillmentOrders: { nodes: [{ deliveryMethod: { methodType: 'SHIPPING' } }] },
    order: demoOrder(n, createdAt),
  };
}
