import { z } from 'zod';

const ONE_HOUR_MS = 3_600_000;

const id = z.string().regex(/^gid:\/\/shopify\/FulfillmentOrder\/\d+$/, 'must be gid://shopify/FulfillmentOrder/<n>');

/**
 * A `fulfillmentOrder` of the Admin GraphQL API, as far as a test cares; fields it leaves out read as null.
 * `denied`: the scope that the app lacks to read it.
 */
export const fulfillmentOrder = z.looseObject({ id, denied: z.optional(z.string()) });
type FulfillmentOrder = z.infer<typeof fulfillmentOrder>;

export interface OrderStore {
  put(order: FulfillmentOrder): void;
  /** The stored order, else a demo order made from the id's number; null for an id that ends in 404; undefined for no id at all. */
  get(gid: string): FulfillmentOrder | null | undefined;
}

/** Fulfilment orders by id. A demo order is kept once it was asked for, so that asking again finds the same one. */
export function createOrderStore(now: () => number): OrderStore {
  const stored = new Map<string, FulfillmentOrder>();
  return {
    put: (order) => {
      stored.set(order.id, order);
    },
    get: (gid) => {
      if (!id.safeParse(gid).success) return undefined;
      const known = stored.get(gid);
      if (known !== undefined) return known;
      if (gid.endsWith('404')) return null;
      const order = demoOrder(gid, new Date(now() - ONE_HOUR_MS).toISOString());
      stored.set(gid, order);
      return order;
    },
  };
}

/** Pickup orders usually have no shipping address, so the phone sits in the billing address, as people type it. */
function demoOrder(gid: string, createdAt: string): FulfillmentOrder {
  const n = gid.slice(gid.lastIndexOf('/') + 1);
  return {
    id: gid,
    status: 'OPEN',
    orderName: `#${n}`,
    assignedLocation: { name: 'Tel Aviv', address1: '1 Allenby', city: 'Tel Aviv', phone: null },
    destination: { firstName: 'Dana', lastName: 'Levi', phone: null, email: 'dana@shop.example' },
    order: {
      // BigInt: Shopify's ids can be beyond 2^53, and a rounded id would be another order.
      id: `gid://shopify/Order/${5_000_000_000_000n + BigInt(n)}`,
      name: `#${n}`,
      createdAt,
      statusPageUrl: `https://shop.example/orders/${n}`,
      customerLocale: 'en',
      phone: null,
      shippingAddress: null,
      billingAddress: { phone: '050-123-4567', firstName: 'Dana', countryCodeV2: 'IL' },
      customer: { firstName: 'Dana', defaultPhoneNumber: null },
    },
  };
}
