import { beforeEach, describe, expect, it } from 'vitest';
import { connectionFindings } from '../../../cli/source/findings.ts';
import { openTarget } from '../../../cli/target/target.ts';
import { clientFileSays, connecting, MODES, settingsOf } from '../connecting.ts';
import { sandboxOf, signed } from '../demo.ts';

interface Hook {
  readonly id: string;
  readonly topic: string;
  readonly uri: string;
  readonly filter: string | null;
  readonly includeFields: readonly string[];
}

const at = connecting('order-ready', 'shopify');

const hooks = () => at.desk<Hook[]>('GET', 'shopify/webhooks');
const put = (...all: object[]) =>
  at.desk(
    'PUT',
    'shopify/webhooks',
    all.map((one, i) => ({ id: `gid://shopify/WebhookSubscription/9${i}`, uri: at.address, ...one })),
  );
const topics = async () => (await hooks()).map(({ topic }) => topic).sort();

const READY_ALONE = {
  template: { updates: undefined },
  source: { topics: ['fulfillment_orders/line_items_prepared_for_pickup'], shipmentStatuses: {} },
};
const instead = ({ source, template }: { source: object; template: object }) =>
  settingsOf('order-ready', 'shopify', source, template);
const OF_READY = [
  'APP_UNINSTALLED',
  'FULFILLMENT_ORDERS_CANCELLED',
  'FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_PICKUP',
  'ORDERS_CANCELLED',
  'ORDERS_DELETE',
  'REFUNDS_CREATE',
];

describe.each(MODES)('Shopify, %s', (mode) => {
  const run = (...args: string[]) => at.run(mode, ['source', ...args], '');
  const connect = () => run('connect', 'demo', 'shopify', '--yes');
  const show = () => run('show', 'demo', 'shopify');
  const doctor = async () => {
    const { stdout } = await at.run(mode, ['doctor', 'demo', '--json'], '');
    return JSON.parse(stdout).findings.find((one: { about: string }) => one.about === 'shopify at Shopify');
  };

  beforeEach(async () => {
    instead(READY_ALONE);
    await put();
    await at.desk('PUT', 'shopify/webhook-limits', {});
    await at.store('demo-shopify-secret');
  });

  it('subscribes to the topics that the client file tells of, to those that end an order, and to no other', async () => {
    expect((await connect()).code).toBe(0);
    expect(await topics()).toEqual(OF_READY);
    expect((await connect()).stdout).toContain('Nothing to do.');
    clientFileSays();
    expect((await show()).stdout).toMatch(/✗ orders\/create: there is none/);
    expect((await connect()).code).toBe(0);
    expect(await topics()).toEqual(
      [
        ...OF_READY,
        'FULFILLMENTS_CREATE',
        'FULFILLMENTS_UPDATE',
        'FULFILLMENT_EVENTS_CREATE',
        'ORDERS_CREATE',
        'ORDERS_FULFILLED',
        'ORDERS_PAID',
        'ORDERS_PARTIALLY_FULFILLED',
        'ORDERS_UPDATED',
      ].sort(),
    );
    // Turned off again, they are one look-up less each.
    instead(READY_ALONE);
    expect((await connect()).code).toBe(0);
    expect(await topics()).toEqual(OF_READY);
  });

  it('an event of the topic, signed with the client secret, is taken at the address that is subscribed', async () => {
    await connect();
    const [hook] = await hooks();
    const event = signed('shopify', { id: 1, cancelled_at: '2026-11-22T10:00:00Z' });
    const headers = { ...event.headers, 'x-shopify-topic': 'app/scopes_update' };
    expect((await fetch(hook?.uri ?? '', { method: 'POST', headers, body: event.body })).status).toBe(200);
  });

  if (mode !== 'local') return;

  it('an app of the shop’s admin is asked for its token, which buys none', async () => {
    instead({ ...READY_ALONE, source: { ...READY_ALONE.source, clientId: undefined } });
    const without = await connect();
    expect(without).toMatchObject({ code: 2, stderr: expect.stringMatching(/Admin API access token.*is missing/) });
    const { code } = await at.run(
      mode,
      ['source', 'connect', 'demo', 'shopify', '--yes', '--keep'],
      'shpat_sandbox_admin_app',
    );
    expect(code).toBe(0);
    expect(await at.stored()).toEqual({ current: 'demo-shopify-secret', accessToken: 'shpat_sandbox_admin_app' });
  });

  it('without the client secret, which is Shopify’s to make, it says where that goes', async () => {
    await at.store('');
    const { code, stderr } = await connect();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("it is Shopify's to make: npx ezw secrets set demo sources.shopify"),
    });
  });

  it('a filter and a choice of fields are told and taken away: without all fields a body cannot be read', async () => {
    await put(
      { topic: 'ORDERS_CANCELLED', filter: 'total_price:>=100' },
      { topic: 'REFUNDS_CREATE', includeFields: ['id', 'updated_at'] },
    );
    const { stdout, code } = await show();
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ orders\/cancelled: it has a filter/);
    expect(stdout).toMatch(/✗ refunds\/create: it sends no more than the fields id, updated_at/);
    expect((await connect()).code).toBe(0);
    expect(await topics()).toEqual(OF_READY);
    expect((await hooks()).filter(({ filter, includeFields }) => filter || includeFields.length > 0)).toEqual([]);
    // What could be changed in its place was.
    expect((await hooks()).find(({ topic }) => topic === 'ORDERS_CANCELLED')?.id).toMatch(/90$/);
  });

  it('one that Shopify does not let us change stays as it is: better some events than none', async () => {
    await put(...OF_READY.map((topic) => ({ topic, ...(topic === 'REFUNDS_CREATE' && { includeFields: ['id'] }) })));
    await sandboxOf(at.stack).fault('shopify', { kind: 'slow', ms: 1 }, 4);
    const refused = {
      webhookSubscriptionUpdate: { userErrors: [{ message: 'No access' }], webhookSubscription: null },
    };
    await sandboxOf(at.stack).fault('shopify', { kind: 'status', status: 200, body: { data: refused } });
    const { code, stderr } = await connect();
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Shopify refused refunds\/create: No access/)]);
    expect(await topics()).toEqual(OF_READY);
  });

  it('of another address it was connected at before, doctor says that no event comes, whatever else Shopify may hold', async () => {
    await connect();
    const target = {
      ...(await openTarget('demo', { local: at.stack.url })),
      where: 'aws',
      url: 'https://new.example',
    } as const;
    const found = await connectionFindings(target);
    expect(found.find(({ about }) => about.startsWith('shopify'))).toMatchObject({
      level: 'bad',
      found: expect.stringContaining('no event comes'),
    });
  });

  it('one that had to be removed and could not be made anew is told as gone', async () => {
    await put(...OF_READY.map((topic) => ({ topic, ...(topic === 'REFUNDS_CREATE' && { includeFields: ['id'] }) })));
    // What comes first: the tokens, the list, the change, which does not take the fields away, and the removal.
    await sandboxOf(at.stack).fault('shopify', { kind: 'slow', ms: 1 }, 6);
    await sandboxOf(at.stack).fault('shopify', { kind: 'status', status: 503 });
    const { code, stderr } = await connect();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/answered 503.* There is none now: no event comes until this command succeeds\./),
    });
    expect(await topics()).not.toContain('REFUNDS_CREATE');
    expect((await connect()).code).toBe(0);
    expect(await topics()).toEqual(OF_READY);
  });

  it('what Shopify deleted after eight failures is told by doctor as gone; never connected, it may stand in the app’s TOML', async () => {
    await run('disconnect', 'demo', 'shopify', '--yes');
    await connect();
    await run('disconnect', 'demo', 'shopify', '--yes');
    expect(await doctor()).toMatchObject({ level: 'warning', found: expect.stringContaining('shopify.app.toml') });
    expect((await connect()).stderr).toMatch(/! Shopify does not list .*events come twice/);
    expect(await doctor()).toMatchObject({ level: 'good' });
    await put();
    expect(await doctor()).toMatchObject({
      level: 'bad',
      found: expect.stringContaining('no event comes'),
      todo: expect.stringContaining('npx ezw source connect demo shopify'),
    });
    await connect();
    await put(...(await hooks()).filter(({ topic }) => topic !== 'ORDERS_DELETE'));
    expect(await doctor()).toMatchObject({ level: 'bad', found: 'orders/delete: there is none' });
  });

  it('a scope that is missing, and customer data that the app may not have, are told by name, with what was done before', async () => {
    await at.desk('PUT', 'shopify/webhook-limits', { refused: ['FULFILLMENT_ORDERS_CANCELLED'] });
    const { code, stderr } = await connect();
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^ezw: Shopify refused fulfillment_orders\/cancelled: .* the scope read_merchant_managed_fulfillment_orders, .*\? Before that: made fulfillment_orders\/line_items_prepared_for_pickup\. Run the command again/,
    );
    await at.desk('PUT', 'shopify/webhook-limits', { isProtected: true });
    expect((await connect()).stderr).toMatch(/protected customer data, level 2/);
    await at.desk('PUT', 'shopify/webhook-limits', {});
    expect((await connect()).code).toBe(0);
    expect(await topics()).toEqual(OF_READY);
  });

  it.each([
    [
      { kind: 'status', status: 400, body: { error: 'shop_not_permitted' } },
      /answered 400: the app and the shop must be of one organization.*It says: shop_not_permitted/,
    ],
    [{ kind: 'status', status: 401 }, /answered 401: the access token or the client secret is wrong/],
    [{ kind: 'status', status: 402 }, /answered 402: the shop is frozen/],
    [{ kind: 'status', status: 404 }, /answered 404: there is no such shop/],
    [{ kind: 'status', status: 429 }, /answered 429, too many calls/],
    [{ kind: 'status', status: 503 }, /answered 503, a fault of its own/],
  ])('%o is one line, exit code 1', async (fault, line) => {
    await sandboxOf(at.stack).fault('shopify', fault);
    expect(await show()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
  });

  it('a question that is not answered has changed nothing, though GraphQL asks by POST; a change may have been made', async () => {
    await sandboxOf(at.stack).fault('shopify', { kind: 'slow', ms: 1 });
    await sandboxOf(at.stack).fault('shopify', { kind: 'reset', after: true });
    expect((await show()).stderr).toMatch(/^ezw: Shopify did not answer \(\w+\): try again in a while\.\n$/);
    await put();
    await sandboxOf(at.stack).fault('shopify', { kind: 'slow', ms: 1 }, 3);
    await sandboxOf(at.stack).fault('shopify', { kind: 'reset', after: true });
    expect((await connect()).stderr).toMatch(/did not answer \(\w+\): it is not known whether it was done/);
  });

  it('what GraphQL refuses in a 200 is no success', async () => {
    for (const [errors, line] of [
      [[{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], /^ezw: Shopify asks to wait/],
      [
        [{ message: 'Access denied', extensions: { code: 'ACCESS_DENIED', requiredAccess: '`read_orders`' } }],
        /^ezw: Shopify refused it\. It says: Access denied Required: `read_orders`/,
      ],
    ] as const) {
      // The token is bought first.
      await sandboxOf(at.stack).fault('shopify', { kind: 'slow', ms: 1 });
      await sandboxOf(at.stack).fault('shopify', { kind: 'status', status: 200, body: { errors } });
      expect(await show()).toMatchObject({ code: 1, stderr: expect.stringMatching(line) });
    }
  });
});
