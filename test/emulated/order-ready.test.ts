import { request as plainRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusedProofs } from '../../cli/source/rotated.ts';
import type { LocalStack } from '../../local/stack.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  recordOf,
  sandboxOf,
  signed,
  startDemo,
  untilIdle,
  untilState,
} from './demo.ts';
import { awsClients } from './fixtures/clients.ts';
import { worldOf } from './inbound.ts';

let stack: LocalStack;
let sandbox: ReturnType<typeof sandboxOf>;
const previous = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

beforeAll(async () => {
  const secrets = demoSecrets();
  const current = secrets.sources?.custom as string;
  stack = await startDemo({ secrets: { ...secrets, sources: { ...secrets.sources, custom: { current, previous } } } });
  sandbox = sandboxOf(stack);
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

const custom = (body: unknown) =>
  post(stack, 'custom', signed('custom', body, { current: demoSecrets().sources?.custom as string }));

/** The one message of a key, once it is there. */
const messageOf = async (key: string) => {
  await untilState(stack, key, 'ACCEPTED');
  const found = (await sandbox.messages()).filter((message) => message.key === key);
  expect(found).toHaveLength(1);
  return found[0] as (typeof found)[number];
};

const contractHeaders = (key: string) => ({
  authorization: `Bearer ${demoSecrets().lineToken}`,
  'content-type': 'application/json',
  'idempotency-key': key,
});

describe("a signed event gives one POST with the contract's headers and body", () => {
  it('from the custom source', async () => {
    expect(await custom(customOrder('SO-1'))).toEqual({ status: 200, body: { ok: true, queued: 1 } });
    const { path, raw, headers } = await messageOf('order:SO-1:ready');
    expect(path).toBe('/api/v1/messages/text');
    expect(headers).toMatchObject(contractHeaders('order:SO-1:ready'));
    expect(JSON.parse(raw)).toEqual({
      to: '+972501234567',
      body: 'Hi Dana, your order SO-1 is ready for pickup.',
      ctaUrlButton: { displayText: 'Open order', url: 'https://shop.example/o/SO-1' },
    });
  });

  it('from WooCommerce, with an id beyond 2^53 exact', async () => {
    const body = `{"id":820982911946154508,"number":"1015","status":"ready-pickup","order_key":"wc_order_x","billing":{"first_name":"Dana","phone":"050-123-4567","country":"IL"}}`;
    expect((await post(stack, 'woocommerce', signed('woocommerce', body))).status).toBe(200);
    const { raw, headers } = await messageOf('order:820982911946154508:ready');
    expect(headers).toMatchObject(contractHeaders('order:820982911946154508:ready'));
    expect(JSON.parse(raw)).toEqual({
      to: '+972501234567',
      body: 'Hi Dana, your order 1015 is ready for pickup.',
      ctaUrlButton: {
        displayText: 'Open order',
        url: 'https://shop.example/checkout/order-received/820982911946154508/?key=wc_order_x',
      },
    });
  });

  it('from Shopify, through the look-up behind the queue, with one access token for many events', async () => {
    await sandbox.storeFulfillmentOrder({
      id: 'gid://shopify/FulfillmentOrder/77',
      orderName: '#1077',
      assignedLocation: { name: 'Tel Aviv' },
      destination: { firstName: null, phone: null },
      order: {
        id: 'gid://shopify/Order/820982911946154999',
        name: '#1077',
        createdAt: new Date().toISOString(),
        statusPageUrl: 'https://shop.example/orders/77',
        customerLocale: 'he-IL',
        phone: null,
        shippingAddress: null,
        billingAddress: { phone: '050-123-4567', firstName: 'Dana', countryCodeV2: 'IL' },
        customer: { firstName: 'Dana', defaultPhoneNumber: null },
      },
    });
    for (const id of ['77', '78', '79']) {
      const body = {
        fulfillment_order: {
          id: `gid://shopify/FulfillmentOrder/${id}`,
          status: 'open',
          preparable: true,
          delivery_method: { method_type: 'pickup' },
        },
      };
      expect((await post(stack, 'shopify', signed('shopify', body))).status).toBe(200);
    }
    const { raw } = await messageOf('order:820982911946154999:ready');
    expect(JSON.parse(raw)).toEqual({
      to: '+972501234567',
      body: 'שלום Dana, הזמנה #1077 מוכנה לאיסוף.',
      ctaUrlButton: { displayText: 'לפרטי ההזמנה', url: 'https://shop.example/orders/77' },
    });
    await untilIdle(stack);
    const calls = (await (await fetch(`${stack.url}/_sandbox/shopify/requests`)).json()) as { path: string }[];
    expect(calls.filter(({ path }) => path.endsWith('graphql.json'))).toHaveLength(3);
    expect(calls.filter(({ path }) => path.endsWith('access_token')).length).toBeLessThanOrEqual(
      stack.functions['order-ready']?.length ?? 0,
    );
  });

  it('from a Shopify orders topic that brings all that is needed, with no look-up', async () => {
    const body = `{"id":820982911946154511,"admin_graphql_api_id":"gid://shopify/Order/820982911946154511","name":"#1002","order_status_url":"https://shop.example/1002","customer_locale":"en","billing_address":{"first_name":"Dana","phone":"050-123-4567","country_code":"IL"},"shipping_address":null}`;
    const { status } = await post(stack, 'shopify', signed('shopify', body));
    expect(status).toBe(200);
    expect(JSON.parse((await messageOf('order:820982911946154511:ready')).raw)).toMatchObject({ to: '+972501234567' });
  });
});

it('of what was asked beside an order the customer’s own note stands in the CRM, once, and not what shops put there', async () => {
  const phone = '+972501236611';
  const fields = { note: 'Ring twice', is_vat_exempt: 'no', wpml_language: 'he' };
  const order = customOrder('SO-noted', { customer: { name: 'Dana', phone }, fields });
  for (let time = 0; time < 2; time += 1) await post(stack, 'custom', signed('custom', order));
  await untilState(stack, 'order:SO-noted:ready', 'ACCEPTED');
  await untilIdle(stack);
  const { entries } = await worldOf(stack).crm();
  expect(entries.filter((one) => one.contactId === phone && one.type === 'form.submitted')).toMatchObject([
    { message: { type: 'order-ready', phone, answers: [{ question: 'note', value: 'Ring twice' }] } },
  ]);
});

describe('what is not a ready order gives no message', () => {
  it('other statuses, other topics, cancelled orders and the creation ping are answered 200 and leave nothing', async () => {
    const before = (await sandbox.messages()).length;
    const woo = signed('woocommerce', { id: 1, status: 'on-hold' });
    expect(await post(stack, 'woocommerce', woo)).toMatchObject({ status: 200, body: { queued: 0 } });
    const edited = signed('shopify', { id: 2, name: '#2' });
    const topic = { ...edited, headers: { ...edited.headers, 'x-shopify-topic': 'orders/edited' } };
    expect(await post(stack, 'shopify', topic)).toMatchObject({ status: 200, body: { queued: 0 } });
    // Whatever waits of it ends, which is work, and nobody was told of it.
    const cancelled = signed('shopify', { id: 3, name: '#3', cancelled_at: '2026-11-22T10:00:00Z' });
    expect(await post(stack, 'shopify', cancelled)).toMatchObject({ status: 200, body: { queued: 1 } });
    const ping = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'webhook_id=12' };
    expect((await post(stack, 'woocommerce', ping)).status).toBe(200);
    expect(await custom({ ...customOrder('SO-x'), type: 'order.paid' })).toMatchObject({
      status: 200,
      body: { queued: 0 },
    });
    await untilIdle(stack);
    expect(await sandbox.messages()).toHaveLength(before);
  });

  it('an edit or a refund of an old order is not announced, and shows why', async () => {
    const longAgo = new Date(Date.now() - 90 * 24 * 3600_000).toISOString().slice(0, 19);
    const edit = {
      id: 901,
      number: '901',
      status: 'ready-pickup',
      date_created_gmt: longAgo,
      date_modified_gmt: new Date().toISOString().slice(0, 19),
      billing: { first_name: 'Dana', phone: '050-123-4567' },
    };
    await post(stack, 'woocommerce', signed('woocommerce', edit));
    expect(await untilState(stack, 'order:901:ready', 'EXPIRED')).toMatchObject({ reason: 'order_too_old' });
    const refund = { ...edit, id: 902, status: 'completed', date_completed_gmt: longAgo };
    await post(stack, 'woocommerce', signed('woocommerce', refund));
    expect(await untilState(stack, 'order:902:ready', 'EXPIRED')).toMatchObject({ reason: 'useful_until_passed' });
  });

  it('an order without a usable phone is parked as REJECTED with a reason, and a corrected phone reopens it', async () => {
    await custom(customOrder('SO-nophone', { customer: { name: 'Dana', phone: '555-555-SHIP' } }));
    expect(await untilState(stack, 'order:SO-nophone:ready', 'REJECTED')).toMatchObject({
      reason: 'no_usable_phone:letters',
      attempts: 0,
    });
    await custom(customOrder('SO-nophone'));
    await untilState(stack, 'order:SO-nophone:ready', 'ACCEPTED');
  });

  it('a fulfilment order that the shop does not know is parked with a reason', async () => {
    await post(
      stack,
      'shopify',
      signed('shopify', { fulfillment_order: { id: 'gid://shopify/FulfillmentOrder/9404' } }),
    );
    expect(await untilState(stack, 'order:fo-9404:ready', 'REJECTED')).toMatchObject({ reason: 'not_found_in_shop' });
  });
});

describe('what people have to see to about the shop', () => {
  const alerts = async (rule: string) =>
    (await worldOf(stack).notifications()).map(({ body }) => body.data).filter((data) => data.rule === rule);

  it('that the app was taken off it is told once, and nobody is written to', async () => {
    const { headers, ...event } = signed('shopify', { id: 548380009, myshopify_domain: 'demo-shop.myshopify.com' });
    const uninstalled = { ...event, headers: { ...headers, 'x-shopify-topic': 'app/uninstalled' } };
    const before = (await sandbox.messages()).length;
    for (let i = 0; i < 2; i += 1) {
      expect(await post(stack, 'shopify', uninstalled)).toMatchObject({ status: 200, body: { ok: true } });
    }
    await expect.poll(() => alerts('app_uninstalled')).toHaveLength(1);
    await untilIdle(stack);
    expect(await alerts('app_uninstalled')).toMatchObject([
      { severity: 'critical', source: 'order-ready/shopify', type: 'notice' },
    ]);
    expect(await sandbox.messages()).toHaveLength(before);
  });

  it('a scope that the app lacks is told, the order waits, and is announced when the app has it', async () => {
    const id = 'gid://shopify/FulfillmentOrder/88';
    await sandbox.storeFulfillmentOrder({ id, denied: 'read_merchant_managed_fulfillment_orders' });
    await post(stack, 'shopify', signed('shopify', { fulfillment_order: { id } }));
    await expect.poll(() => alerts('shop_denied_access')).toHaveLength(1);
    const [alert] = await alerts('shop_denied_access');
    expect(alert?.title).toContain('read_merchant_managed_fulfillment_orders');
    expect(await recordOf(stack, 'order:fo-88:ready')).toBeUndefined();
    const order = {
      id: 'gid://shopify/Order/88088',
      name: '#88',
      billingAddress: { phone: '050-123-4567', firstName: 'Dana' },
    };
    await sandbox.storeFulfillmentOrder({ id, order });
    await untilState(stack, 'order:88088:ready', 'ACCEPTED');
    await untilIdle(stack);
    expect(await alerts('shop_denied_access')).toHaveLength(1);
  });
});

describe('a phone that is completed by nobody', () => {
  /** Orders of a shop in Israel, all posted at once; what became of each. */
  const outcomes = async (phones: readonly (readonly [phone: string, country?: string | undefined])[]) => {
    const ids = phones.map((_, i) => `P-${Math.random().toString(36).slice(2, 8)}-${i}`);
    const orders = phones.map(([phone, country], i) =>
      customOrder(ids[i] ?? '', { customer: { name: 'Dana', phone, country } }),
    );
    const answers = await Promise.all(orders.map(custom));
    expect(answers.map(({ status }) => status)).toEqual(phones.map(() => 200));
    return Promise.all(
      ids.map(async (id) => {
        const key = `order:${id}:ready`;
        await expect.poll(async () => (await recordOf(stack, key))?.state).toMatch(/^(ACCEPTED|REJECTED)$/);
        const [sent] = await sandbox.posts(key);
        return sent ? JSON.parse(sent.raw ?? '{}').to : (await recordOf(stack, key))?.reason;
      }),
    );
  };

  it('is written to nobody whom it does not name', async () => {
    const refused = [
      '212-555-1234',
      '07458038791',
      '1-212-555-0144',
      '11987654321',
      '06 12 34 56 78',
      '050 123 456',
      '050123456.0',
      '972501234567.0',
      '+44 (0)20 7946 0958',
      '03-765-4321',
      '9'.repeat(100_000),
    ];
    expect(await outcomes(refused.map((phone) => [phone] as const))).toEqual(refused.map(() => 'no_usable_phone'));
    expect(await outcomes([['555-555-SHIP'], ['050-1234567 ext 12']])).toEqual([
      'no_usable_phone:letters',
      'no_usable_phone:extension',
    ]);
  });

  it('is read where it is whole, or a mobile of the country that is named', async () => {
    const read = [
      ['\u2066050-123-4567\u2069', undefined, '+972501234567'],
      ['tel:+972-50-123-4567', undefined, '+972501234567'],
      ['https://wa.me/972501234567', undefined, '+972501234567'],
      ["'0501234567", undefined, '+972501234567'],
      ['972501234567@s.whatsapp.net', undefined, '+972501234567'],
      ['+972 (0)50 123 4567', undefined, '+972501234567'],
      ['058-123-4567', undefined, '+972581234567'],
      ['050-1234567, 03-7654321', undefined, '+972501234567'],
      ['07911 123456', 'UK', '+447911123456'],
      ['(212) 555-0144', 'ארצות הברית', '+12125550144'],
      ['0171 1234567', 'Deutschland', '+491711234567'],
      ['050-123-4567', 'Please select', '+972501234567'],
    ] as const;
    expect(await outcomes(read.map(([phone, country]) => [phone, country] as const))).toEqual(
      read.map(([, , to]) => to),
    );
  });

  it('is one of three at most: a longer list is of recipients', async () => {
    const phone = [4, 5, 6, 7].map((last) => `050-123-456${last}`).join(', ');
    expect(await custom(customOrder('P-list', { customer: { name: 'Dana', phone } }))).toMatchObject({
      status: 400,
      body: { reason: 'recipients_list' },
    });
  });
});

describe('a door that is not convinced', () => {
  const order = customOrder('SO-refused');
  const good = () => signed('custom', order, { current: demoSecrets().sources?.custom as string });
  const without = (header: string) => {
    const { [header]: _, ...headers } = good().headers;
    return { ...good(), headers };
  };

  it.each([
    ['no signature', () => without('webhook-signature'), 'signature_missing'],
    [
      'a signature of another body',
      () => ({ ...good(), body: JSON.stringify(customOrder('SO-forged')) }),
      'signature_mismatch',
    ],
    [
      'a truncated signature',
      () => ({
        ...good(),
        headers: { ...good().headers, 'webhook-signature': (good().headers['webhook-signature'] ?? '').slice(0, -4) },
      }),
      'signature_mismatch',
    ],
    [
      'an unknown secret',
      () => signed('custom', order, { current: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }),
      'signature_mismatch',
    ],
    [
      'a stale signature',
      () =>
        signed(
          'custom',
          order,
          { current: demoSecrets().sources?.custom as string },
          new Date(Date.now() - 6 * 60_000),
        ),
      'timestamp_stale',
    ],
  ])('%s is answered 401 with a reason code, and nothing is queued', async (_, request, reason) => {
    expect(await post(stack, 'custom', request())).toMatchObject({
      status: 401,
      body: { error: 'unauthorized', reason },
    });
    await untilIdle(stack);
    expect(await recordOf(stack, 'order:SO-refused:ready')).toBeUndefined();
  });

  it('notes which source it refused in a row, and when it took something of it last', async () => {
    const [table = '', { dynamodb }] = [stack.resources().tables.deliveries, awsClients(stack)];
    const proofs = await refusedProofs(table, dynamodb, 'order-ready', 'custom');
    expect(proofs.refused).toBeGreaterThan(0);
    expect(proofs.lastAt).toBeGreaterThanOrEqual(proofs.firstAt ?? Number.NaN);
    expect(proofs.goodAt).toBeLessThan(proofs.firstAt ?? Number.NaN);
    expect(await refusedProofs(table, dynamodb, 'order-ready', 'shopify')).not.toHaveProperty('refused');
    expect(await refusedProofs(table, dynamodb, 'order-ready', 'nosuch')).toEqual({});
  });

  it('base64 and plain bodies give one verdict', async () => {
    for (const [type, id] of [
      ['application/json', 'SO-plain'],
      ['application/octet-stream', 'SO-base64'],
    ] as const) {
      const request = signed('custom', customOrder(id), { current: demoSecrets().sources?.custom as string });
      const typed = { ...request, headers: { ...request.headers, 'content-type': type } };
      expect((await post(stack, 'custom', typed)).status).toBe(200);
      await untilState(stack, `order:${id}:ready`, 'ACCEPTED');
      expect(await post(stack, 'custom', { ...typed, body: `${typed.body} ` })).toMatchObject({
        status: 401,
        body: { reason: 'signature_mismatch' },
      });
    }
  });

  it('the current and the previous secret both pass', async () => {
    expect(
      (await post(stack, 'custom', signed('custom', customOrder('SO-rotated'), { current: previous }))).status,
    ).toBe(200);
    await untilState(stack, 'order:SO-rotated:ready', 'ACCEPTED');
  });

  it('257 KB are answered 413, broken JSON under a good signature 400, an unknown source 404', async () => {
    const large = signed('custom', JSON.stringify(customOrder('SO-large', { note: 'x'.repeat(257 * 1024) })), {
      current: previous,
    });
    expect(await post(stack, 'custom', large)).toMatchObject({ status: 413, body: { reason: 'too_large' } });
    expect(await post(stack, 'custom', signed('custom', '{"type":', { current: previous }))).toMatchObject({
      status: 400,
      body: { reason: 'not_json' },
    });
    const noId = { type: 'order.ready_for_pickup', timestamp: new Date().toISOString(), data: { customer: {} } };
    expect(await post(stack, 'custom', signed('custom', noId, { current: previous }))).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('data.order_id') },
    });
    expect((await post(stack, 'nosuch', good())).status).toBe(404);
  });
});

describe('through the gateway', () => {
  const good = (id: string) => signed('custom', customOrder(id), { current: demoSecrets().sources?.custom as string });

  /** With the path as it is given: `fetch` tidies it up. */
  const sent = (method: string, path: string, { headers, body }: { headers: object; body?: string | Buffer }) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(stack.url);
      plainRequest({ hostname, port, method, path, headers: { ...headers } }, async (incoming) => {
        const text = String(Buffer.concat(await incoming.toArray()));
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
      })
        .on('error', reject)
        .end(body);
    });

  it('a gzip body gives the same message as a plain one, and one that cannot be read is 415', async () => {
    const { headers, body } = good('SO-gzip');
    const zipped = { headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(body) };
    expect(await sent('POST', '/order-ready/custom', zipped)).toMatchObject({ status: 200 });
    expect(JSON.parse((await messageOf('order:SO-gzip:ready')).raw)).toMatchObject({ to: '+972501234567' });
    const zstd = { headers: { ...headers, 'content-encoding': 'zstd' }, body: gzipSync(body) };
    expect(await sent('POST', '/order-ready/custom', zstd)).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'gzip, deflate, br' },
      text: expect.stringContaining('zstd'),
    });
  });

  it.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('%s is 405 with what the door takes', async (method) => {
    const given = await sent(method, '/order-ready/custom', { headers: {} });
    expect(given).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(given.text === '').toBe(method === 'HEAD');
  });

  it.each(['/order-ready/custom/', '//order-ready/custom', '/order-ready//custom'])(
    '%s is the door all the same',
    async (path) => {
      expect(await sent('POST', path, good('SO-slashes'))).toMatchObject({ status: 200 });
    },
  );

  it.each(['/order-ready/', '/order-ready/Custom', '/Order-Ready/custom', '/order-ready', '/order-redy/custom'])(
    '%s is 404: it was never right',
    async (path) => {
      expect(await sent('POST', path, good('SO-nowhere'))).toMatchObject({ status: 404 });
    },
  );
});
