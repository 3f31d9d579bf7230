import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OrderEvent } from '../../functions/order-ready/schema.ts';
import { source } from '../../functions/order-ready/sources/shopify/source.ts';
import type { HttpRequest } from '../../functions/shared/runtime/http.ts';

const AT = Date.parse('2026-11-22T10:00:00Z');
const TRIGGERED = '2026-11-22T09:59:58.000Z';
const PICKUP = 'fulfillment_orders/line_items_prepared_for_pickup';
const settingsOf = (more: object = {}) =>
  source.settings.parse({ adminApi: 'https://shop.example', clientId: 'app', ...more });

const parse = (topic: string, body: object, settings: object = {}) => {
  const headers = { 'x-shopify-topic': topic, 'x-shopify-triggered-at': TRIGGERED };
  const raw = Buffer.from(JSON.stringify(body));
  return source.parse({ method: 'POST', headers, query: {}, raw, receivedAt: AT }, settingsOf(settings));
};
/** What the body itself tells. */
const toldBy = (topic: string, body: object, settings?: object): OrderEvent | undefined => {
  const [item] = parse(topic, body, settings);
  return item && 'event' in item ? item.event : undefined;
};

let asked: HttpRequest[];
beforeEach(() => {
  asked = [];
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** What the shop's answer makes of it: the door, the queue, the look-up. */
const lookedUp = async (topic: string, body: object, data: object, settings?: object) => {
  const [item] = parse(topic, body, settings);
  if (!item || !('reference' in item)) throw new Error('nothing is looked up');
  return source.lookUp?.(JSON.parse(JSON.stringify(item.reference)), {
    settings: settingsOf(settings),
    secret: { current: 'signs', accessToken: 'shpat_of_the_admin' },
    http: async (request) => {
      asked.push(request);
      return { kind: 'answer', status: 200, headers: {}, body: JSON.stringify({ data }) };
    },
    now: () => AT,
  });
};

const ORDER = {
  id: 6100000000001,
  name: '#1044',
  created_at: '2026-11-22T11:59:00+02:00',
  processed_at: '2026-11-22T11:59:00+02:00',
  updated_at: '2026-11-22T11:59:57+02:00',
  financial_status: 'paid',
  source_name: 'web',
  phone: '050-123-4567',
  line_items: [{ name: 'Roses', quantity: 1, requires_shipping: true, gift_card: false }],
};

describe('an order that was placed or paid', () => {
  it('is confirmed by either topic, which tell it under one key, and by no other', () => {
    for (const topic of ['orders/create', 'orders/paid']) {
      expect(toldBy(topic, ORDER)).toMatchObject({ id: '6100000000001', update: 'confirmed' });
    }
    for (const topic of ['orders/updated', 'orders/fulfilled', 'orders/edited', 'orders/risk_assessment_changed']) {
      expect(parse(topic, ORDER), topic).toEqual([]);
    }
  });

  it('is confirmed as of when it was placed; one that is paid later, as of then, unless it is too old', () => {
    expect(toldBy('orders/create', ORDER)).toMatchObject({ happenedAt: '2026-11-22T09:59:00.000Z', exact: true });
    const transfer = toldBy('orders/paid', { ...ORDER, created_at: '2026-11-19T10:00:00Z' });
    expect(transfer).toMatchObject({ happenedAt: TRIGGERED, placedAt: '2026-11-19T10:00:00.000Z' });
    expect(transfer).not.toHaveProperty('exact');
  });

  it('is no news where it was brought over from another shop', () => {
    const imported = { ...ORDER, processed_at: '2024-03-01T10:00:00Z' };
    for (const topic of ['orders/create', 'orders/paid']) {
      expect(toldBy(topic, imported)?.happenedAt, topic).toBe('2024-03-01T10:00:00.000Z');
    }
  });

  it('means ready where the client file lists the topic itself; the star does not stand for it', () => {
    for (const topic of ['orders/create', 'orders/paid']) {
      expect(toldBy(topic, ORDER, { topics: [topic] })?.update).toBe('ready');
      expect(toldBy(topic, ORDER, { topics: ['orders/*'] })?.update).toBe('confirmed');
    }
    expect(toldBy('orders/updated', ORDER, { topics: ['orders/*'] })?.update).toBe('ready');
  });

  it('has its total in the customer’s money, and the items that are left of it', () => {
    const body = {
      ...ORDER,
      total_price: '50.00',
      currency: 'USD',
      current_total_price_set: { presentment_money: { amount: '185.00', currency_code: 'ILS' } },
      line_items: [
        { name: 'Lamp', quantity: 2, current_quantity: 1 },
        { name: 'Taken off', quantity: 1, current_quantity: 0 },
        { name: 'Old body', quantity: 3 },
      ],
    };
    expect(toldBy('orders/create', body)).toMatchObject({
      total: { amount: '185.00', currency: 'ILS' },
      items: [
        { name: 'Lamp', quantity: 1 },
        { name: 'Old body', quantity: 3 },
      ],
    });
    const { current_total_price_set: _, ...older } = body;
    expect(toldBy('orders/create', older)?.total).toEqual({ amount: '50.00', currency: 'USD' });
  });

  it('is also reached at the phone that the delivery asked for, after that of the shipping address', () => {
    const body = {
      ...ORDER,
      shipping_address: { phone: '050-123-4561', country_code: 'IL' },
      shipping_lines: [
        { phone: '050-123-4562', is_removed: false },
        { phone: '050-123-4563', is_removed: true },
      ],
    };
    const phones = toldBy('orders/create', body)?.phones.flatMap(({ raw }) => raw ?? []);
    expect(phones).toEqual(['050-123-4561', '050-123-4562', '050-123-4567']);
  });
});

describe('what an order is beside a purchase', () => {
  const gift = { requires_shipping: false, gift_card: true };
  const download = { requires_shipping: false, gift_card: false };
  it.each<[string, object, readonly string[] | undefined]>([
    ['a usual one', {}, undefined],
    ['a test', { test: true }, ['test']],
    ['sold over the counter', { source_name: 'pos' }, ['point-of-sale']],
    ['a renewal', { source_name: 'subscription_contract' }, ['renewal']],
    ['a renewal of today’s', { source_name: 'subscription_contract_checkout_one' }, ['renewal']],
    ['a draft, which is as real as any', { source_name: 'shopify_draft_order' }, undefined],
    ['an app’s', { source_name: '179433986050' }, undefined],
    ['a deposit', { financial_status: 'partially_paid' }, ['deposit']],
    ['cash on delivery', { financial_status: 'pending' }, undefined],
    ['gift cards', { line_items: [gift, gift] }, ['gift-card']],
    ['downloads', { line_items: [download] }, ['download']],
    ['downloads and gift cards', { line_items: [download, gift] }, ['download']],
    ['a lamp and a gift card', { line_items: [...ORDER.line_items, gift] }, undefined],
    ['nobody knows what', { line_items: [] }, undefined],
  ])('%s', (_, body, kinds) => {
    expect(toldBy('orders/create', { ...ORDER, ...body })?.kinds).toEqual(kinds);
  });

  it('a deposit counts against what is confirmed alone', () => {
    const deposit = { ...ORDER, financial_status: 'partially_paid' };
    expect(toldBy('orders/fulfilled', deposit, { topics: ['orders/fulfilled'] })?.kinds).toBeUndefined();
  });

  it('a renewal that is cancelled is told of to whoever was told of its parcel; a test is not', () => {
    const cancelled = { ...ORDER, cancelled_at: TRIGGERED, source_name: 'subscription_contract' };
    expect(toldBy('orders/cancelled', cancelled)?.kinds).toBeUndefined();
    expect(toldBy('orders/cancelled', { ...cancelled, test: true })?.kinds).toEqual(['test']);
  });
});

describe('the end of an order', () => {
  const cancelled = { ...ORDER, cancelled_at: '2026-11-22T11:00:00+02:00' };

  it('is what any topic says of a cancelled one, as of when it was cancelled', () => {
    for (const topic of ['orders/cancelled', 'orders/updated', 'orders/create', 'orders/fulfilled']) {
      const event = toldBy(topic, cancelled, { topics: ['orders/*', 'orders/cancelled'] });
      expect(event, topic).toMatchObject({
        update: 'cancelled',
        ends: 'order_cancelled',
        happenedAt: '2026-11-22T09:00:00.000Z',
        exact: true,
      });
      expect(event?.updatedAt, topic).toBeUndefined();
    }
  });

  it('is that it was deleted, and tells nobody', () => {
    expect(toldBy('orders/delete', { id: 6100000000001 })).toEqual({
      id: '6100000000001',
      number: '6100000000001',
      phones: [],
      ends: 'order_cancelled',
      isFinal: true,
      happenedAt: TRIGGERED,
    });
  });

  it('is that all of it was refunded, and is never ready then; a voided payment tells nothing', () => {
    for (const topic of ['orders/updated', 'orders/paid', 'orders/fulfilled']) {
      const refunded = toldBy(topic, { ...ORDER, financial_status: 'refunded' }, { topics: ['orders/*'] });
      expect(refunded, topic).toMatchObject({ ends: 'order_refunded', happenedAt: '2026-11-22T09:59:57.000Z' });
      expect(refunded?.update, topic).toBeUndefined();
      expect(parse(topic, { ...ORDER, financial_status: 'voided' }, { topics: ['orders/*'] }), topic).toEqual([]);
    }
    const partly = { ...ORDER, financial_status: 'partially_refunded' };
    expect(toldBy('orders/fulfilled', partly, { topics: ['orders/*'] })?.update).toBe('ready');
  });

  it('is asked for after a refund, which may be of a part', async () => {
    const refund = { id: 1, order_id: 6100000000001, processed_at: TRIGGERED, refund_line_items: [], transactions: [] };
    const refundOf = (order: object) =>
      lookedUp('refunds/create', refund, { order: { id: 'gid://shopify/Order/6100000000001', ...order } });
    expect(await refundOf({ displayFinancialStatus: 'PARTIALLY_REFUNDED' })).toBeUndefined();
    const all = await refundOf({ displayFinancialStatus: 'REFUNDED', updatedAt: '2026-11-22T09:59:59Z' });
    expect(all).toMatchObject({ id: '6100000000001', ends: 'order_refunded', happenedAt: '2026-11-22T09:59:59.000Z' });
    expect(all?.update).toBeUndefined();
    const undone = await refundOf({ displayFinancialStatus: 'PAID', cancelledAt: '2026-11-22T09:00:00Z' });
    expect(undone).toMatchObject({ ends: 'order_cancelled', happenedAt: '2026-11-22T09:00:00.000Z' });
    expect(JSON.parse(asked[0]?.body ?? '{}').variables).toEqual({ id: 'gid://shopify/Order/6100000000001' });
  });
});

const PARCEL = {
  id: 5100000000002,
  order_id: 6100000000001,
  status: 'success',
  shipment_status: null,
  created_at: '2026-11-22T11:50:00+02:00',
  updated_at: '2026-11-22T11:59:00+02:00',
  tracking_company: 'Example Post',
  tracking_number: 'RR1',
  tracking_numbers: ['RR1', 'RR2'],
  tracking_url: 'https://track.example/RR1',
  tracking_urls: ['https://track.example/RR1', 'https://track.example/RR2'],
  line_items: [{ requires_shipping: true }],
};
const FOUND_ORDER = {
  id: 'gid://shopify/Order/6100000000001',
  name: '#1044',
  createdAt: '2026-09-01T10:00:00Z',
  updatedAt: '2026-11-22T09:59:30Z',
  displayFinancialStatus: 'PAID',
  statusPageUrl: 'https://shop.example/orders/1044',
  customerLocale: 'he-IL',
  currentTotalPriceSet: { presentmentMoney: { amount: '185.00', currencyCode: 'ILS' } },
  shippingAddress: { phone: '050-123-4567', firstName: 'Dana', countryCodeV2: 'IL' },
};
const found = (more: object = {}, order: object = {}) => ({
  fulfillment: {
    status: 'SUCCESS',
    createdAt: '2026-11-22T09:50:00Z',
    estimatedDeliveryAt: '2026-11-24T10:00:00Z',
    requiresShipping: true,
    trackingInfo: [{ company: 'Example Post', number: 'RR9', url: 'https://track.example/RR9' }],
    fulfillmentLineItems: { nodes: [{ quantity: 2, lineItem: { name: 'Lamp' } }] },
    fulfillmentOrders: { nodes: [{ deliveryMethod: { methodType: 'SHIPPING' } }] },
    order: { ...FOUND_ORDER, ...order },
    ...more,
  },
});
const OUT = { shipmentStatuses: { out_for_delivery: 'out-for-delivery' } };

describe('a parcel', () => {
  it('is told with what the body says of it, and of what the shop says whose it is, in one call', async () => {
    expect(await lookedUp('fulfillments/create', PARCEL, found())).toEqual({
      id: '6100000000001',
      update: 'shipped',
      number: '#1044',
      name: 'Dana',
      phones: [{ raw: '050-123-4567', country: 'IL' }, { country: 'IL' }, { country: 'IL' }, {}],
      locale: 'he-IL',
      statusUrl: 'https://shop.example/orders/1044',
      total: { amount: '185.00', currency: 'ILS' },
      items: [{ name: 'Lamp', quantity: 2 }],
      eta: '2026-11-24T10:00:00Z',
      parts: [{ id: '5100000000002', carrier: 'Example Post', number: 'RR1, RR2', url: 'https://track.example/RR1' }],
      happenedAt: '2026-11-22T09:50:00.000Z',
      exact: true,
      updatedAt: '2026-11-22T09:59:00.000Z',
      placedAt: '2026-09-01T10:00:00Z',
    });
    expect(asked).toHaveLength(1);
  });

  it('keeps an id beyond 2^53 exact, as that of its order', () => {
    const text = `{"id":820982911946154508,"order_id":820982911946154509,"status":"cancelled"}`;
    const headers = { 'x-shopify-topic': 'fulfillments/update' };
    const request = { method: 'POST', headers, query: {}, raw: Buffer.from(text), receivedAt: AT };
    expect(source.parse(request, settingsOf())).toMatchObject([
      { event: { id: '820982911946154509', parts: [{ id: '820982911946154508', isVoid: true }] } },
    ]);
  });

  it.each([null, undefined, 'Other', 'other'])(
    'has no address where its carrier is %s: it is a guess',
    async (company) => {
      const event = await lookedUp('fulfillments/create', { ...PARCEL, tracking_company: company }, found());
      expect(event?.parts).toEqual([{ id: '5100000000002', number: 'RR1, RR2' }]);
    },
  );

  it('has the first address that can be opened', async () => {
    const urls = { tracking_url: 'http://track.example/RR1', tracking_urls: ['x', 'https://track.example/RR2'] };
    const event = await lookedUp('fulfillments/create', { ...PARCEL, ...urls }, found());
    expect(event?.parts?.[0]?.url).toBe('https://track.example/RR2');
  });

  it('has the number that the shop knows by now, where the body had none', async () => {
    const bare = { ...PARCEL, tracking_company: null, tracking_number: null, tracking_numbers: [], tracking_urls: [] };
    const event = await lookedUp('fulfillments/create', bare, found());
    expect(event?.parts).toEqual([
      { id: '5100000000002', carrier: 'Example Post', number: 'RR9', url: 'https://track.example/RR9' },
    ]);
    const none = await lookedUp('fulfillments/create', bare, found({ trackingInfo: [] }));
    expect(none?.parts).toEqual([{ id: '5100000000002' }]);
  });

  it('is told of an order of any age, and not in the future', async () => {
    const ahead = { ...PARCEL, created_at: '2026-12-22T10:00:00Z', updated_at: '2026-12-22T10:00:00Z' };
    const event = await lookedUp('fulfillments/create', ahead, found());
    expect(event).toMatchObject({ happenedAt: '2026-11-22T10:00:00.000Z', updatedAt: '2026-11-22T10:00:00.000Z' });
  });

  it('is none yet while a service has not sent it, and costs nothing then', () => {
    for (const status of ['pending', 'open', 'PENDING']) {
      expect(parse('fulfillments/create', { ...PARCEL, status })).toEqual([]);
    }
  });

  it('is none any more when it was taken back, which needs no look-up', () => {
    for (const status of ['cancelled', 'error', 'failure']) {
      expect(toldBy('fulfillments/update', { ...PARCEL, status })).toEqual({
        id: '6100000000001',
        number: '6100000000001',
        phones: [],
        parts: [{ id: '5100000000002', isVoid: true }],
        happenedAt: '2026-11-22T09:59:00.000Z',
      });
    }
  });

  it('is none any more when it was taken back before it was looked up, or a late scan comes of it', async () => {
    const gone = { id: '6100000000001', parts: [{ id: '5100000000002', isVoid: true }] };
    for (const status of ['CANCELLED', 'ERROR', 'FAILURE']) {
      const event = await lookedUp('fulfillments/create', PARCEL, found({ status }));
      expect(event).toMatchObject(gone);
      expect(event?.update).toBeUndefined();
    }
    const scan = { id: 1, fulfillment_id: 5100000000002, status: 'delivered', happened_at: TRIGGERED };
    expect(await lookedUp('fulfillment_events/create', scan, found({ status: 'CANCELLED' }))).toMatchObject(gone);
  });

  it('of gift cards and downloads is none, and costs nothing', async () => {
    expect(parse('fulfillments/create', { ...PARCEL, line_items: [{ requires_shipping: false }] })).toEqual([]);
    const { line_items: _, ...cut } = PARCEL;
    expect(await lookedUp('fulfillments/create', cut, found({ requiresShipping: false }))).toBeUndefined();
  });

  it.each([
    ['PICK_UP', false],
    ['RETAIL', false],
    ['NONE', false],
    ['SHIPPING', true],
    ['LOCAL', true],
    ['PICKUP_POINT', true],
  ])('is what was handed over by %s: %s', async (methodType, isParcel) => {
    const data = found({ fulfillmentOrders: { nodes: [{ deliveryMethod: { methodType } }] } }, { sourceName: 'pos' });
    const event = await lookedUp('fulfillments/create', PARCEL, data);
    expect(event?.update).toBe(isParcel ? 'shipped' : undefined);
    expect(event?.kinds).toBeUndefined();
  });

  it('of the counter, of which nobody says how it was handed over, is one of the counter; of a test one of a test', async () => {
    const unknown = found({ fulfillmentOrders: { nodes: [] } }, { sourceName: 'pos' });
    expect((await lookedUp('fulfillments/create', PARCEL, unknown))?.kinds).toEqual(['point-of-sale']);
    expect((await lookedUp('fulfillments/create', PARCEL, found({}, { test: true })))?.kinds).toEqual(['test']);
  });

  it('of an order that was cancelled or refunded meanwhile is told by no topic; the end is', async () => {
    const cancelled = await lookedUp('fulfillments/create', PARCEL, found({}, { cancelledAt: '2026-11-22T09:55:00Z' }));
    expect(cancelled).toMatchObject({
      update: 'cancelled',
      ends: 'order_cancelled',
      happenedAt: '2026-11-22T09:55:00.000Z',
    });
    expect(cancelled?.updatedAt).toBeUndefined();
    const refund = found({}, { displayFinancialStatus: 'REFUNDED' });
    const refunded = await lookedUp('fulfillments/create', PARCEL, refund);
    expect(refunded).toMatchObject({ ends: 'order_refunded', happenedAt: '2026-11-22T09:59:30.000Z' });
    expect(refunded?.update).toBeUndefined();
  });

  it('is reached at the phone that its delivery asked for', async () => {
    const local = { methodType: 'LOCAL', additionalInformation: { phone: '050-123-4561' } };
    const data = found({ fulfillmentOrders: { nodes: [{ deliveryMethod: local }] } }, { shippingAddress: null });
    const event = await lookedUp('fulfillments/create', PARCEL, data);
    expect(event?.phones.flatMap(({ raw }) => raw ?? [])).toEqual(['050-123-4561']);
  });
});

describe('how a parcel gets on', () => {
  const scan = (status: unknown, more: object = {}) => ({
    id: 9001,
    fulfillment_id: 5100000000002,
    order_id: 6100000000001,
    status,
    happened_at: '2026-11-22T10:30:00+02:00',
    created_at: '2026-11-22T11:59:00+02:00',
    updated_at: '2026-11-22T11:59:00+02:00',
    ...more,
  });

  it('is told by its carrier’s scan, as of the carrier’s time', async () => {
    const body = scan('out_for_delivery', { estimated_delivery_at: '2026-11-22T14:00:00+02:00' });
    expect(await lookedUp('fulfillment_events/create', body, found(), OUT)).toMatchObject({
      id: '6100000000001',
      update: 'out-for-delivery',
      parts: [{ id: '5100000000002', carrier: 'Example Post', number: 'RR9', url: 'https://track.example/RR9' }],
      eta: '2026-11-22T14:00:00+02:00',
      happenedAt: '2026-11-22T08:30:00.000Z',
      exact: true,
      updatedAt: '2026-11-22T09:59:00.000Z',
    });
    expect((await lookedUp('fulfillment_events/create', scan('delivered'), found()))?.update).toBe('delivered');
  });

  it('costs nothing where it is no news', () => {
    const statuses = [
      'in_transit',
      'confirmed',
      'label_printed',
      'ready_for_pickup',
      'out_for_delivery',
      null,
      'constructor',
    ];
    for (const status of statuses) expect(parse('fulfillment_events/create', scan(status)), `${status}`).toEqual([]);
  });

  it('is told by the parcel itself too, as of the same time', async () => {
    const events = {
      nodes: [
        { status: 'DELIVERED', happenedAt: '2026-11-22T08:30:00Z' },
        { status: 'IN_TRANSIT', happenedAt: '2026-11-20T08:30:00Z' },
      ],
    };
    const body = { ...PARCEL, shipment_status: 'delivered' };
    expect(await lookedUp('fulfillments/update', body, found({ events }))).toMatchObject({
      update: 'delivered',
      happenedAt: '2026-11-22T08:30:00.000Z',
      exact: true,
    });
  });

  it('is as old as its order where nobody says when: a parcel is saved again long after', async () => {
    const event = await lookedUp('fulfillments/update', { ...PARCEL, shipment_status: 'delivered' }, found());
    expect(event).toMatchObject({ update: 'delivered', happenedAt: '2026-11-22T09:59:00.000Z' });
    expect(event).not.toHaveProperty('exact');
  });

  it('is on its way whatever else its carrier says', async () => {
    for (const shipment_status of ['in_transit', 'delayed', 'failure', 'out_for_delivery']) {
      const event = await lookedUp('fulfillments/update', { ...PARCEL, shipment_status }, found());
      expect(event).toMatchObject({ update: 'shipped', happenedAt: '2026-11-22T09:50:00.000Z', exact: true });
    }
  });

  it('is told by the update that the client file names for it', async () => {
    const own = { shipmentStatuses: { delivered: 'brought', picked_up: 'delivered' } };
    const update = async (status: string) =>
      (await lookedUp('fulfillment_events/create', scan(status), found(), own))?.update;
    expect([await update('delivered'), await update('picked_up')]).toEqual(['brought', 'delivered']);
  });
});

describe('what waits at a place', () => {
  const body = (id: number) => ({ fulfillment_order: { id: `gid://shopify/FulfillmentOrder/${id}` } });
  const node = (id: number, methodType = 'PICK_UP', status = 'OPEN') => ({
    id: `gid://shopify/FulfillmentOrder/${id}`,
    status,
    deliveryMethod: { methodType },
  });
  const place = (nodes: readonly object[], more: object = {}, order: object = {}) => ({
    fulfillmentOrder: {
      status: 'OPEN',
      deliveryMethod: { methodType: 'PICK_UP' },
      assignedLocation: { name: 'Haifa' },
      lineItems: { nodes: [{ totalQuantity: 2, lineItem: { name: 'Lamp' } }] },
      order: { ...FOUND_ORDER, fulfillmentOrders: { nodes }, ...order },
      ...more,
    },
  });

  it('is told of each place: the first goes by the order’s own key', async () => {
    // One beside it is sent, and one was closed.
    const nodes = [node(7, 'SHIPPING'), node(10), node(9, 'PICK_UP', 'CLOSED')];
    expect(await lookedUp(PICKUP, body(9), place(nodes))).toMatchObject({
      update: 'ready',
      parts: [{ id: '9', location: 'Haifa', isFirst: true }],
      items: [{ name: 'Lamp', quantity: 2 }],
      location: 'Haifa',
    });
    expect((await lookedUp(PICKUP, body(10), place(nodes)))?.parts).toEqual([{ id: '10', location: 'Haifa' }]);
  });

  it('keeps its key whatever becomes of the other places', async () => {
    const nodes = [node(9, 'PICK_UP', 'CANCELLED'), node(10)];
    expect((await lookedUp(PICKUP, body(10), place(nodes)))?.parts).toEqual([{ id: '10', location: 'Haifa' }]);
  });

  it('that was to be looked up before the function was replaced is looked up by its own time', async () => {
    const old = { fulfillmentOrderId: '9', readyAt: TRIGGERED, exact: true } as never;
    const settings = {
      adminApi: 'https://s.myshopify.com',
      clientId: 'x',
      apiVersion: '2026-07',
      topics: [],
      shipmentStatuses: {},
    };
    const answer = JSON.stringify({ data: place([node(9)]) });
    const event = await source.lookUp?.(old, {
      settings,
      secret: { current: 's', accessToken: 'shpat_x' },
      http: async () => ({ kind: 'answer', status: 200, headers: {}, body: answer }),
      now: () => Date.parse(TRIGGERED),
    });
    expect(event).toMatchObject({ update: 'ready', happenedAt: TRIGGERED });
  });

  it('is the order’s only one where the shop does not say', async () => {
    const { fulfillmentOrders: _, ...order } = place([]).fulfillmentOrder.order;
    const event = await lookedUp(PICKUP, body(9), place([], { order, deliveryMethod: null }));
    expect(event?.parts).toMatchObject([{ isFirst: true }]);
  });

  it.each(['SHIPPING', 'LOCAL', 'PICKUP_POINT', 'RETAIL', 'NONE'])(
    'is not ready where it goes by %s',
    async (methodType) => {
      expect(await lookedUp(PICKUP, body(9), place([node(9)], { deliveryMethod: { methodType } }))).toBeUndefined();
    },
  );

  it('is not ready while it is on hold, or its payment was voided', async () => {
    expect(await lookedUp(PICKUP, body(9), place([node(9)], { status: 'ON_HOLD' }))).toBeUndefined();
    const voided = place([node(9)], {}, { displayFinancialStatus: 'VOIDED' });
    expect(await lookedUp(PICKUP, body(9), voided)).toBeUndefined();
  });

  it('of an order that was cancelled or refunded meanwhile is its end', async () => {
    const cancelled = place([node(9)], {}, { cancelledAt: '2026-11-22T09:55:00Z' });
    expect(await lookedUp(PICKUP, body(9), cancelled)).toMatchObject({
      update: 'cancelled',
      ends: 'order_cancelled',
      happenedAt: '2026-11-22T09:55:00.000Z',
    });
    const refunded = await lookedUp(PICKUP, body(9), place([node(9)], {}, { displayFinancialStatus: 'REFUNDED' }));
    expect([refunded?.ends, refunded?.update]).toEqual(['order_refunded', undefined]);
  });

  it('does not wait there any more when its fulfilment order was cancelled, before or after the look-up', async () => {
    const gone = { id: '6100000000001', parts: [{ id: '9', isVoid: true }], happenedAt: TRIGGERED };
    expect(await lookedUp(PICKUP, body(9), place([node(9)], { status: 'CANCELLED' }))).toMatchObject(gone);
    const over = await lookedUp('fulfillment_orders/cancelled', body(9), place([node(9)]));
    expect(over).toMatchObject(gone);
    expect(over?.update).toBeUndefined();
  });

  it('for the shop’s own driver is not ready, even where the client file lists it, which is warned of', () => {
    const topic = 'fulfillment_orders/line_items_prepared_for_local_delivery';
    expect(parse(topic, body(9), { topics: [topic] })).toEqual([]);
    expect(source.warnings?.(settingsOf({ topics: [PICKUP, topic] }), AT)).toMatchObject([{ path: ['topics', 1] }]);
  });

  it('is looked up as before for what waited in the queue while the function was replaced', async () => {
    const reference = { fulfillmentOrderId: 'gid://shopify/FulfillmentOrder/9', happenedAt: TRIGGERED, exact: true };
    const [item] = parse(PICKUP, body(9));
    expect(item).toMatchObject({ reference, id: 'fo-9', occurredAt: TRIGGERED });
  });
});

describe('a look-up that never succeeds', () => {
  it.each([
    ['of a parcel is recorded as its own update', 'fulfillments/create', PARCEL, 'shipped'],
    ['of a refund leaves no record', 'refunds/create', { order_id: 1 }, ''],
    ['of a place that is none leaves no record', 'fulfillment_orders/cancelled', { fulfillment_order: { id: 1 } }, ''],
  ])('%s', (_, topic, body, update) => {
    expect(parse(topic, body)).toMatchObject([{ reference: { update } }]);
  });
});

it('a body that is signed by hand comes with the topic that brings such a one', () => {
  const topic = (body: object) =>
    source.sign(JSON.stringify(body), { current: 'signs' }, new Date(AT)).headers['x-shopify-topic'];
  expect(topic({ fulfillment_order: {} })).toBe(PICKUP);
  expect(topic({ fulfillment_order: {}, replacement_fulfillment_order: {} })).toBe('fulfillment_orders/cancelled');
  expect(topic({ fulfillment_id: 1 })).toBe('fulfillment_events/create');
  expect(topic({ refund_line_items: [] })).toBe('refunds/create');
  expect(topic({ ...PARCEL })).toBe('fulfillments/update');
  expect(topic({ ...ORDER, cancelled_at: TRIGGERED })).toBe('orders/cancelled');
  expect(topic({ ...ORDER, fulfillment_status: null, fulfillments: [PARCEL] })).toBe('orders/create');
  expect(topic(ORDER)).toBe('orders/fulfilled');
});
