import { beforeEach, describe, expect, it, vi } from 'vitest';
import { source } from '../../functions/order-ready/sources/shopify/source.ts';
import type { OwnNotice } from '../../functions/shared/people/notice.ts';
import type { HttpRequest, HttpResult } from '../../functions/shared/runtime/http.ts';
import { defineClient, warningsOf } from '../../lib/client.ts';
import { contacts } from '../contacts.ts';

const AT = Date.parse('2026-11-22T10:00:00Z');
const REFERENCE = { fulfillmentOrderId: 'gid://shopify/FulfillmentOrder/1', happenedAt: '2026-11-22T09:59:00.000Z' };
const ORDER = { id: 'gid://shopify/Order/9', name: '#1044', billingAddress: { phone: '050-123-4567' } };

let asked: HttpRequest[];
let told: OwnNotice[];
let lines: string[];
let shop = 0;
beforeEach(() => {
  [asked, told, lines] = [[], [], []];
  // What is kept for the life of the container is kept by shop.
  shop += 1;
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
});

const answered = (body: unknown, headers = {}): HttpResult => ({
  kind: 'answer',
  status: 200,
  headers,
  body: JSON.stringify(body),
});
const lookUp = (answer: unknown, { secret = {}, clientId = 'app', headers = {}, at = shop } = {}) =>
  source.lookUp?.(REFERENCE, {
    settings: {
      adminApi: `https://shop-${at}.example`,
      clientId,
      apiVersion: '2026-07',
      topics: [],
      shipmentStatuses: {},
    },
    secret: { current: 'signs', ...secret },
    http: async (request) => {
      asked.push(request);
      return request.url.endsWith('/access_token')
        ? answered({ access_token: `bought-${at}` })
        : answered(answer, headers);
    },
    now: () => AT,
    tell: async (notice) => {
      told.push(notice);
    },
  });
const denied = (data: unknown, requiredAccess?: string) => ({
  data,
  errors: [
    { message: 'Access denied', path: ['fulfillmentOrder'], extensions: { code: 'ACCESS_DENIED', requiredAccess } },
  ],
});

describe('the look-up of an order', () => {
  it('takes the stored token of an app of the shop’s own admin, and needs no client id', async () => {
    const found = { data: { fulfillmentOrder: { order: ORDER } } };
    const secret = { accessToken: 'shpat_of_the_admin' };
    expect(await lookUp(found, { secret, clientId: '' })).toMatchObject({ id: '9' });
    expect(asked.map(({ url, headers }) => [url.split('/').at(-1), headers?.['x-shopify-access-token']])).toEqual([
      ['graphql.json', 'shpat_of_the_admin'],
    ]);
  });

  it('waits, and says so, where neither a token nor a client id is there', async () => {
    await expect(lookUp({}, { clientId: '' })).rejects.toMatchObject({
      name: 'Unavailable',
      reason: 'look_up_login_not_set',
    });
    expect(asked).toEqual([]);
  });

  it('asks each shop with its own token', async () => {
    const found = { data: { fulfillmentOrder: { order: ORDER } } };
    await lookUp(found, { at: 1001 });
    await lookUp(found, { at: 1002 });
    await lookUp(found, { at: 1001 });
    expect(asked.flatMap(({ headers }) => headers?.['x-shopify-access-token'] ?? [])).toEqual([
      'bought-1001',
      'bought-1002',
      'bought-1001',
    ]);
  });

  it('waits for a scope that the app lacks, and tells people which', async () => {
    const scope = '`read_orders` access scope. Also: `read_merchant_managed_fulfillment_orders`.';
    for (const data of [{ fulfillmentOrder: null }, null]) {
      await expect(lookUp(denied(data, scope))).rejects.toMatchObject({
        name: 'Unavailable',
        reason: 'shop_denied_access',
      });
    }
    const [first, second] = told;
    expect(first).toMatchObject({
      code: 'shop_denied_access',
      says: expect.stringContaining('read_orders, read_merchant_managed_fulfillment_orders'),
    });
    expect(second?.id).toBe(first?.id);
    expect(lines.join()).toContain('read_orders, read_merchant_managed_fulfillment_orders');
  });

  it('waits where the phones are kept back, and goes on where one is there all the same', async () => {
    const { billingAddress: _, ...without } = ORDER;
    const parts = (order: object) => denied({ fulfillmentOrder: { order: { ...order, customer: null } } });
    await expect(lookUp(parts(without))).rejects.toMatchObject({ reason: 'shop_denied_access' });
    expect(await lookUp(parts(ORDER))).toMatchObject({ id: '9' });
    expect(told).toHaveLength(2);
  });

  it.each([
    ['THROTTLED', [{ extensions: { code: 'THROTTLED' } }]],
    ['an error without a code', [{ message: 'Internal error' }]],
    ['errors of another shape', 'Something went wrong'],
  ])('never takes %s for an order that the shop does not know', async (_, errors) => {
    for (const data of [{ fulfillmentOrder: null }, undefined]) {
      await expect(lookUp({ data, errors })).rejects.toMatchObject({
        name: 'Unavailable',
        reason: 'shop_gave_no_order',
      });
    }
    await expect(lookUp({ data: { fulfillmentOrder: null } })).rejects.toMatchObject({ reason: 'not_found_in_shop' });
    expect(told).toEqual([]);
  });

  it('logs once that another version answered, and what will go', async () => {
    const found = { data: { fulfillmentOrder: { order: ORDER } } };
    await lookUp(found, { headers: { 'x-shopify-api-version': '2026-07' } });
    expect(lines).toEqual([]);
    const headers = { 'x-shopify-api-version': '2026-10', 'x-shopify-api-deprecated-reason': 'Order.phone' };
    for (let i = 0; i < 3; i += 1) await lookUp(found, { headers });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'warn', reason: 'other_api_version', outcome: 'asked 2026-07, answered 2026-10' },
      { level: 'warn', reason: 'api_deprecated', outcome: 'Order.phone' },
    ]);
  });
});

describe('the version of Shopify’s API in a client file', () => {
  const texts = { en: { body: 'Ready.' } };
  const warned = (shopify: object, at: string) =>
    warningsOf(
      defineClient({
        name: 'bakery',
        lineId: 'line',
        country: 'IL',
        zone: 'Asia/Jerusalem',
        locale: 'en',
        contacts,
        templates: {
          'order-ready': { texts, sources: { shopify: { adminApi: 'https://shop.example', ...shopify } } },
        },
      }),
      Date.parse(at),
    ).filter(({ path }) => path.includes('apiVersion'));

  it('is warned of 60 days before it ends, and when it has, by its path', () => {
    expect(warned({}, '2027-05-01T23:59:59Z')).toEqual([]);
    expect(warned({}, '2027-05-02T00:00:00Z')).toEqual([
      {
        path: ['templates', 'order-ready', 'sources', 'shopify', 'apiVersion'],
        message: expect.stringContaining('2026-07 ends on 2027-07-01'),
      },
    ]);
    expect(warned({ apiVersion: '2025-10' }, '2026-11-22T00:00:00Z')[0]?.message).toContain('has ended on 2026-10-01');
  });
});

it('an app that was taken off the shop is told to people, whatever topics are listed, and becomes no message', () => {
  const headers = { 'x-shopify-topic': 'app/uninstalled', 'x-shopify-triggered-at': '2026-11-22T09:00:00Z' };
  const request = { method: 'POST', headers, query: {}, raw: Buffer.from('{"id":1}'), receivedAt: AT };
  const settings = { adminApi: 'https://shop.example', apiVersion: '2026-07', topics: [], shipmentStatuses: {} };
  expect(source.parse(request, settings)).toEqual([
    {
      forPeople: expect.objectContaining({
        code: 'app_uninstalled',
        severity: 'critical',
        at: '2026-11-22T09:00:00.000Z',
      }),
    },
  ]);
});
