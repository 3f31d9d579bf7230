import { describe, expect, it } from 'vitest';
import type { OrderReady } from '../../functions/order-ready/schema.ts';
import * as sources from '../../functions/order-ready/sources.ts';
import type { Sources } from '../../functions/shared/door/source.ts';

const phonesOf = (name: keyof typeof sources, body: object, settings: object, headers: Record<string, string>) => {
  const receivedAt = Date.parse('2026-11-25T10:00:00Z');
  const request = { method: 'POST', headers, query: {}, raw: Buffer.from(JSON.stringify(body)), receivedAt };
  const [parsed] = (sources as Sources<OrderReady>)[name]?.parse(request, settings) ?? [];
  return parsed && 'event' in parsed ? (parsed.event as OrderReady).phones : undefined;
};

describe('the country beside a phone of an order', () => {
  it('is that of the other address where the shop knows only that one', () => {
    const billing = { first_name: 'Dana', phone: '050-123-4567', country: '' };
    const order = { id: 1, status: 'completed', billing, shipping: { phone: '', country: 'SA' } };
    expect(phonesOf('woocommerce', order, { statuses: ['completed'] }, {})).toEqual([
      { raw: '050-123-4567', country: 'SA' },
      { country: 'SA' },
    ]);
  });

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
