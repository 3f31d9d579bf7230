import type { Selection } from './selection.ts';

const address = { phone: null, firstName: null, lastName: null, countryCodeV2: null };
const money = { presentmentMoney: { amount: null, currencyCode: null } };
const deliveryMethod = { methodType: null, presentedName: null, additionalInformation: { phone: null } };

const order: Selection = {
  id: null,
  name: null,
  createdAt: null,
  updatedAt: null,
  cancelledAt: null,
  displayFinancialStatus: null,
  test: null,
  sourceName: null,
  requiresShipping: null,
  statusPageUrl: null,
  customerLocale: null,
  phone: null,
  email: null,
  note: null,
  customAttributes: { key: null, value: null },
  currentTotalPriceSet: money,
  shippingAddress: address,
  billingAddress: address,
  customer: { firstName: null, lastName: null, defaultPhoneNumber: { phoneNumber: null } },
  fulfillmentOrders: { nodes: { id: null, status: null, deliveryMethod } },
};

/** The part of the Admin API's schema that the stand-in knows. */
const QUERY: Selection = {
  fulfillmentOrder: {
    id: null,
    status: null,
    requestStatus: null,
    orderId: null,
    orderName: null,
    deliveryMethod,
    assignedLocation: { name: null, address1: null, city: null, phone: null },
    destination: { firstName: null, lastName: null, phone: null, email: null },
    lineItems: { nodes: { totalQuantity: null, lineItem: { name: null } } },
    order,
  },
  fulfillment: {
    id: null,
    status: null,
    displayStatus: null,
    createdAt: null,
    updatedAt: null,
    deliveredAt: null,
    estimatedDeliveryAt: null,
    requiresShipping: null,
    trackingInfo: { company: null, number: null, url: null },
    events: { nodes: { status: null, happenedAt: null } },
    fulfillmentLineItems: { nodes: { quantity: null, lineItem: { name: null } } },
    fulfillmentOrders: { nodes: { id: null, status: null, deliveryMethod } },
    order,
  },
  order,
};

/** What Shopify would say about a query with a wrong field; undefined when every field is known. */
export function schemaProblem(selection: Selection, known: Selection = QUERY, type = 'QueryRoot'): string | undefined {
  for (const [field, nested] of Object.entries(selection)) {
    const subfields = known[field];
    if (subfields === undefined)
      return `Field '${field}' doesn't exist on type '${type}' (as far as the sandbox knows)`;
    if (subfields !== null && nested === null) return `Field '${field}' must have selections`;
    if (subfields === null && nested !== null) return `Selections can't be made on scalar '${field}'`;
    const problem = subfields && nested && schemaProblem(nested, subfields, field);
    if (problem) return problem;
  }
  return undefined;
}

/** Only what was asked for, so that a forgotten field is missed here and not first at a real shop. */
export function project(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map((one) => project(one, selection));
  if (typeof value !== 'object' || value === null) return null;
  const source = value as Record<string, unknown>;
  const entries = Object.entries(selection).map(([field, nested]) => {
    return [field, nested === null ? (source[field] ?? null) : project(source[field], nested)];
  });
  return Object.fromEntries(entries);
}
