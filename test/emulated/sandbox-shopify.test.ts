import { describe, expect, test } from 'vitest';
import { openSandbox } from './sandbox-calls.ts';

const QUERY = `query($id: ID!){ fulfillmentOrder(id:$id){ id status orderName
  assignedLocation{ name address1 city phone }
  destination{ firstName lastName phone email }
  order{ id name createdAt statusPageUrl customerLocale phone
    shippingAddress{ phone firstName countryCodeV2 } billingAddress{ phone firstName countryCodeV2 }
    customer{ firstName defaultPhoneNumber{ phoneNumber } } } } }`;
const GRANT = { grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function openShop(now?: () => number) {
  const { call, control, fault } = await openSandbox(now);
  const grant = (body: string, headers: Record<string, string> = FORM) =>
    call('POST', '/shopify/admin/oauth/access_token', body, headers);
  const lookUp = (token: string, id: string, query = QUERY) =>
    call('POST', '/shopify/admin/api/2026-07/graphql.json', JSON.stringify({ query, variables: { id } }), {
      'content-type': 'application/json',
      'x-shopify-access-token': token,
    });
  const token = async () => (await grant(new URLSearchParams(GRANT).toString())).json.access_token;
  return { control, fault, grant, lookUp, token };
}

const gid = (n: string) => `gid://shopify/FulfillmentOrder/${n}`;

describe('the client-credentials grant', () => {
  test('is answered for a form and for JSON, and counted', async () => {
    const { grant, control } = await openShop();
    const form = await grant(new URLSearchParams(GRANT).toString());
    const json = await grant(JSON.stringify(GRANT), { 'content-type': 'application/json' });
    for (const answer of [form, json]) {
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ access_token: expect.any(String), scope: expect.any(String), expires_in: 86399 });
    }
    const calls = (await control('GET', '/_sandbox/shopify/requests')).json;
    expect(calls).toMatchObject([{ path: '/shopify/admin/oauth/access_token', status: 200 }, { status: 200 }]);
  });

  test.each([
    ['another grant', { ...GRANT, grant_type: 'authorization_code' }],
    ['no secret', { grant_type: 'client_credentials', client_id: 'id' }],
  ])('with %s is a 400', async (_, body) => {
    const { grant } = await openShop();
    expect((await grant(new URLSearchParams(body).toString())).status).toBe(400);
  });
});

describe('the look-up', () => {
  test('refuses a token that it did not issue, or that is a day old', async () => {
    let time = Date.UTC(2026, 10, 22);
    const { lookUp, token } = await openShop(() => time);
    expect((await lookUp('shpat_other', gid('1'))).status).toBe(401);
    const issued = await token();
    expect((await lookUp(issued, gid('1'))).status).toBe(200);
    time += 86_400_000;
    expect((await lookUp(issued, gid('1'))).status).toBe(401);
  });

  test('finds a demo order for any id, with ids beyond 2^53 exact', async () => {
    const { lookUp, token } = await openShop(() => Date.UTC(2026, 10, 22, 10));
    const answer = await lookUp(await token(), gid('820982911946154508'));
    expect(answer.json.data?.fulfillmentOrder).toMatchObject({
      id: gid('820982911946154508'),
      orderName: '#820982911946154508',
      order: {
        id: 'gid://shopify/Order/820987911946154508',
        name: '#820982911946154508',
        createdAt: '2026-11-22T09:00:00.000Z',
        statusPageUrl: 'https://shop.example/orders/820982911946154508',
        customerLocale: 'en',
        shippingAddress: null,
        billingAddress: { phone: '050-123-4567', firstName: 'Dana', countryCodeV2: 'IL' },
      },
    });
  });

  test('finds null for an id that ends in 404, and says when an id is none', async () => {
    const { lookUp, token } = await openShop();
    const issued = await token();
    expect((await lookUp(issued, gid('1404'))).json).toEqual({ data: { fulfillmentOrder: null } });
    expect((await lookUp(issued, 'gid://shopify/Order/1')).json.errors[0].message).toMatch(/Invalid global id/);
  });

  test('finds what a test has put, null where that says nothing', async () => {
    const { control, lookUp, token } = await openShop();
    const order = { id: gid('7'), order: { id: 'gid://shopify/Order/9', phone: '+972501234567' } };
    expect((await control('PUT', '/_sandbox/shopify/fulfillment-orders', order)).status).toBe(204);
    const { data } = (await lookUp(await token(), gid('7'))).json;
    expect(data?.fulfillmentOrder).toMatchObject({
      id: gid('7'),
      destination: null,
      order: { phone: '+972501234567', name: null },
    });
    expect((await control('PUT', '/_sandbox/shopify/fulfillment-orders', { id: '7' })).status).toBe(400);
  });

  test('answers of parcels and of orders too, each by ids of its own', async () => {
    const { control, lookUp, token } = await openShop();
    const issued = await token();
    const found = async (id: string, query: string) => ({ ...(await lookUp(issued, id, query)).json.data }) as object;
    const parcelQuery = `query($id: ID!){ fulfillment(id:$id){ status events(first: 20, reverse: true){ nodes{ status } }
      fulfillmentOrders(first: 5){ nodes{ deliveryMethod{ methodType } } } order{ id cancelledAt } } }`;
    const moneyQuery = 'query($id: ID!){ order(id:$id){ id displayFinancialStatus } }';
    expect(await found('gid://shopify/Fulfillment/7', parcelQuery)).toEqual({
      fulfillment: {
        status: 'SUCCESS',
        events: null,
        fulfillmentOrders: { nodes: [{ deliveryMethod: { methodType: 'SHIPPING' } }] },
        order: { id: 'gid://shopify/Order/5000000000007', cancelledAt: null },
      },
    });
    expect((await lookUp(issued, gid('7'), parcelQuery)).json.errors[0].message).toMatch(/Invalid global id/);
    const order = { id: 'gid://shopify/Order/9', displayFinancialStatus: 'REFUNDED' };
    expect(await found(order.id, moneyQuery)).toEqual({ order: { ...order, displayFinancialStatus: 'PAID' } });
    expect((await control('PUT', '/_sandbox/shopify/orders', order)).status).toBe(204);
    expect(await found(order.id, moneyQuery)).toEqual({ order });
    const held = { id: 'gid://shopify/Fulfillment/7', status: 'CANCELLED' };
    expect((await control('PUT', '/_sandbox/shopify/fulfillments', held)).status).toBe(204);
    expect(await found(held.id, parcelQuery)).toMatchObject({ fulfillment: { status: 'CANCELLED' } });
    expect((await control('PUT', '/_sandbox/shopify/fulfillments', order)).status).toBe(400);
  });

  test('answers only the fields that were asked for', async () => {
    const { lookUp, token } = await openShop();
    const query = 'query Look($id: ID!) { fulfillmentOrder(id: $id) { order { name } } }';
    expect((await lookUp(await token(), gid('5'), query)).json).toEqual({
      data: { fulfillmentOrder: { order: { name: '#5' } } },
    });
  });

  test.each([
    [
      'an unknown field',
      '{ fulfillmentOrder(id: 1) { order { nmae } } }',
      /Field 'nmae' doesn't exist on type 'order'/,
    ],
    ['an object without fields', '{ fulfillmentOrder(id: 1) { order } }', /must have selections/],
    ['fields of a scalar', '{ fulfillmentOrder(id: 1) { id { x } } }', /scalar 'id'/],
    ['a fragment', '{ fulfillmentOrder(id: 1) { ...Fields } }', /plain fields only/],
    ['an open end', '{ fulfillmentOrder(id: 1) { id', /ends before/],
  ])('refuses %s as a shop would', async (_, query, reason) => {
    const { lookUp, token } = await openShop();
    const answer = await lookUp(await token(), gid('5'), query);
    expect(answer.json.errors[0].message).toMatch(reason);
    expect(answer.json.data).toBeUndefined();
  });

  test('is struck by faults that name it, and by no others', async () => {
    const { fault, lookUp, token } = await openShop();
    const issued = await token();
    await fault({ kind: 'status', status: 500 }, '*');
    expect((await lookUp(issued, gid('5'))).status).toBe(200);
    await fault({ kind: 'status', status: 503 }, 'shopify');
    expect((await lookUp(issued, gid('5'))).status).toBe(503);
  });
});
