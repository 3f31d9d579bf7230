import { describe, expect, it } from 'vitest';
import type { OrderEvent } from '../../functions/order-ready/schema.ts';
import * as sources from '../../functions/order-ready/sources.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import { parsedSample } from '../sample-events.ts';

const phonesOf = (name: keyof typeof sources, body: object, settings: object, headers: Record<string, string>) => {
  const receivedAt = Date.parse('2026-11-25T10:00:00Z');
  const request = { method: 'POST', headers, query: {}, raw: Buffer.from(JSON.stringify(body)), receivedAt };
  const [parsed] = (sources as Sources<OrderEvent>)[name]?.parse(request, settings) ?? [];
  return parsed && 'event' in parsed ? (parsed.event as OrderEvent).phones : undefined;
};

describe('what is read of an order', () => {
  const SHOPIFY = { adminApi: 'https://shop.example', clientId: 'x', topics: ['orders/fulfilled'] };
  const IL = [{ raw: '050-123-4567', country: 'IL' }];

  it.each<[source: string, sample: string, event: object, settings?: object]>([
    [
      'custom',
      'ready',
      {
        id: 'SO-1044',
        update: 'ready',
        number: 'SO-1044',
        name: 'Dana',
        phones: [{ raw: '+972501234567' }],
        statusUrl: 'https://shop.example/o/SO-1044',
        location: 'Tel Aviv',
        happenedAt: '2026-11-22T09:59:00.000Z',
        exact: true,
      },
    ],
    [
      'custom',
      'ready-hebrew',
      {
        id: 'SO-1045',
        update: 'ready',
        number: '1045/ב',
        name: 'דנה 🌹',
        phones: IL,
        locale: 'he',
        statusUrl: 'https://shop.example/o/SO-1045',
        location: 'תל אביב',
        happenedAt: '2026-11-22T09:59:40.000Z',
        exact: true,
      },
    ],
    [
      'shopify',
      'fulfilled',
      {
        id: '820982911946154508',
        update: 'ready',
        number: '#1044',
        name: 'Dana',
        phones: [{}, { country: 'IL' }, { country: 'IL' }, {}, ...IL],
        locale: 'en',
        statusUrl: 'https://demo-shop.myshopify.com/548380009/orders/demo820982911946154508/authenticate?key=demo',
        total: { amount: '89.00', currency: 'ILS' },
        items: [{ name: 'Roses 🌹', quantity: 1 }],
        happenedAt: '2026-11-22T09:59:58.000Z',
        exact: true,
        placedAt: '2026-11-21T10:00:00.000Z',
        updatedAt: '2026-11-22T09:59:58.000Z',
      },
      SHOPIFY,
    ],
  ])('%s %s', (source, sample, event, settings) => {
    expect(parsedSample('order-ready', sources, source, sample, settings)).toEqual([{ event }]);
  });

  it('is where to ask for it, when the event does not bring it', () => {
    const occurredAt = '2026-11-22T09:59:55.000Z';
    const fulfillmentOrderId = 'gid://shopify/FulfillmentOrder/5000000001';
    const { topics: _, ...usual } = SHOPIFY;
    expect(parsedSample('order-ready', sources, 'shopify', 'prepared-for-pickup', usual)).toEqual([
      { reference: { fulfillmentOrderId, happenedAt: occurredAt, exact: true }, id: 'fo-5000000001', occurredAt },
    ]);
  });
});

describe('whether an event says that an order became ready just then', () => {
  const eventOf = (source: keyof typeof sources, body: object, settings: object, headers: Record<string, string>) => {
    const request = { method: 'POST', headers, query: {}, raw: Buffer.from(JSON.stringify(body)), receivedAt: 0 };
    const [parsed] = (sources as Sources<OrderEvent>)[source]?.parse(request, settings) ?? [];
    if (parsed && 'event' in parsed) return parsed.event as OrderEvent;
    return parsed && 'reference' in parsed ? (parsed.reference as Partial<OrderEvent>) : undefined;
  };

  it.each([
    ['orders/fulfilled', true],
    ['orders/partially_fulfilled', true],
    ['fulfillment_orders/line_items_prepared_for_pickup', true],
    ['fulfillment_orders/moved', undefined],
    ['orders/updated', undefined],
    ['orders/paid', undefined],
  ])('Shopify’s topic %s: %s', (topic, exact) => {
    const body = { id: 1, fulfillment_order: { id: 'gid://shopify/FulfillmentOrder/1' } };
    expect(eventOf('shopify', body, { topics: [topic] }, { 'x-shopify-topic': topic })?.exact).toBe(exact);
  });

  it('our own event: always; when it was placed may stand beside it, as an instant or not at all', () => {
    const body = (placed_at: unknown) => ({
      type: 'order.ready_for_pickup',
      timestamp: '1970-01-01T00:00:00Z',
      data: { order_id: '1', placed_at, customer: {} },
    });
    expect(eventOf('custom', body('2026-11-01T10:00:00+02:00'), {}, {})).toMatchObject({
      exact: true,
      placedAt: '2026-11-01T08:00:00.000Z',
    });
    expect(eventOf('custom', body(null), {}, {})).not.toHaveProperty('placedAt');
    expect(() => eventOf('custom', body('1 November'), {}, {})).toThrow('data.placed_at');
  });
});

describe('the country beside a phone of an order', () => {
  it('is a name where the shop has no code', () => {
    const address = { phone: '050 123 4567', country: 'United Arab Emirates', country_code: null };
    const order = { id: 1, phone: '050 123 4567', billing_address: address };
    const topics = ['orders/fulfilled'];
    const phones = phonesOf('shopify', order, { topics }, { 'x-shopify-topic': 'orders/fulfilled' });
    expect(phones?.filter(({ raw }) => raw)).toEqual([
      { raw: '050 123 4567', country: 'United Arab Emirates' },
      { raw: '050 123 4567', country: 'United Arab Emirates' },
    ]);
  });
});
