import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { demoForAll, post, recordOf, sandboxOf, signed, untilIdle, untilState } from './demo.ts';

/** The steps of orders, told by our own event to the demo on the local stack, which has them all on. */
const demo = demoForAll();
const sandbox = () => sandboxOf(demo());

let next = randomInt(1e6);
const newOrder = (): string => {
  next += 1;
  return `U-${next}`;
};

interface Happening {
  readonly update: string;
  /** Minutes after the order was placed. */
  readonly at: number;
  readonly more?: object;
}

const BEGINNING = Date.now() - 60 * 60_000;

const bodyOf = (id: string, { update, at, more }: Happening) => ({
  type: 'order.updated',
  timestamp: new Date(BEGINNING + at * 60_000).toISOString(),
  data: {
    order_id: id,
    order_number: id,
    update,
    status_url: `https://shop.example/o/${id}`,
    customer: { name: 'Dana', phone: '+972501234567' },
    ...more,
  },
});

const tell = async (id: string, happening: Happening): Promise<number> =>
  (await post(demo(), 'custom', signed('custom', bodyOf(id, happening)))).status;

/** Texts that left for an order, in their order, each with what its key says. */
const toldOf = async (id: string): Promise<readonly { readonly name: string; readonly text: string }[]> => {
  const own = (await sandbox().messages()).filter(({ key }) => key.startsWith(`order:${id}:`));
  return own.map(({ key, raw }) => ({ name: key.slice(`order:${id}:`.length), text: String(JSON.parse(raw).body) }));
};

const namesOf = async (id: string) => (await toldOf(id)).map(({ name }) => name);

const tellWoo = async (id: number, status: string, at: number) => {
  const gmt = (minutes: number) => new Date(BEGINNING + minutes * 60_000).toISOString().slice(0, 19);
  const body = {
    id,
    number: String(id),
    status,
    date_created_gmt: gmt(0),
    date_paid_gmt: gmt(0),
    date_modified_gmt: gmt(at),
    billing: { first_name: 'Dana', phone: '050-123-4567', country: 'IL' },
  };
  expect((await post(demo(), 'woocommerce', signed('woocommerce', body))).status).toBe(200);
};

const parcel = (number: string, more: object = {}) => ({
  tracking: [{ carrier: 'Post', number, url: `https://post.example/${number}`, ...more }],
});

/** The life of an order in two parcels as a shop tells it, and what people are told of it when its events come in their order. */
interface Shop {
  newId(): string;
  /** One of five events: confirmed, two parcels on their way, both delivered. */
  tell(id: string, step: number): Promise<number>;
  told(id: string): readonly string[];
}
const STEPS = [0, 1, 2, 3, 4];
const iso = (minutes: number): string => new Date(BEGINNING + minutes * 60_000).toISOString();
const newNumber = (): string => {
  next += 1;
  return String(77_000_000_000 + next);
};

const ITEMS = [{ name: 'Basil', quantity: 2 }, { name: 'Pot' }, { name: 'Soil' }, { name: 'Spade' }, { name: 'Hose' }];
const LIFE: readonly Happening[] = [
  { update: 'confirmed', at: 0, more: { total: { amount: '120.50', currency: 'ILS' }, items: ITEMS } },
  { update: 'shipped', at: 10, more: parcel('P1') },
  { update: 'shipped', at: 20, more: parcel('P2') },
  { update: 'delivered', at: 30, more: parcel('P1') },
  { update: 'delivered', at: 40, more: parcel('P2') },
];

const wooTracking = (...numbers: string[]) => [
  {
    id: 1,
    key: '_wc_shipment_tracking_items',
    value: numbers.map((tracking_number) => ({
      tracking_provider: 'post',
      tracking_number,
      date_shipped: '1764028800',
    })),
  },
];
const WOO = [
  { status: 'processing', meta_data: [] },
  { status: 'partial-shipped', meta_data: wooTracking('RR1') },
  { status: 'shipped', meta_data: wooTracking('RR1', 'RR2') },
  { status: 'delivered', meta_data: wooTracking('RR1', 'RR2') },
  { status: 'delivered', meta_data: wooTracking('RR1', 'RR2') },
];

const address = { first_name: 'Dana', phone: '050-123-4567', country_code: 'IL' };
/** What Shopify answers when it is asked for a parcel. */
const holdParcel = async (id: string, parcelId: string) => {
  const body = {
    id: `gid://shopify/Fulfillment/${parcelId}`,
    status: 'SUCCESS',
    createdAt: iso(10),
    requiresShipping: true,
    trackingInfo: [],
    events: { nodes: [{ status: 'DELIVERED', happenedAt: iso(30) }] },
    fulfillmentOrders: { nodes: [{ deliveryMethod: { methodType: 'SHIPPING' } }] },
    order: {
      id: `gid://shopify/Order/${id}`,
      name: '#1044',
      createdAt: iso(0),
      updatedAt: iso(0),
      displayFinancialStatus: 'PAID',
      shippingAddress: { phone: '050-123-4567', firstName: 'Dana', countryCodeV2: 'IL' },
    },
  };
  const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${demo().url}/_sandbox/shopify/fulfillments`, init);
  if (!response.ok) throw new Error(await response.text());
};
const tellShopify = async (topic: string, at: number, body: object): Promise<number> => {
  const { headers, body: bytes } = signed('shopify', body);
  const own = { ...headers, 'x-shopify-topic': topic, 'x-shopify-triggered-at': iso(at) };
  return (await post(demo(), 'shopify', { headers: own, body: bytes })).status;
};

const SHOPS: Readonly<Record<string, Shop>> = {
  'an ERP, by our own event': {
    newId: newOrder,
    tell: (id, step) => tell(id, LIFE[step] as Happening),
    told: () => ['confirmed', 'shipped:P1', 'shipped:P2', 'delivered:P1', 'delivered:P2'],
  },
  WooCommerce: {
    newId: newNumber,
    tell: async (id, step) => {
      const gmt = (minutes: number) => iso(minutes).slice(0, 19);
      const body = {
        ...WOO[step],
        id: Number(id),
        number: id,
        total: '120.50',
        currency: 'ILS',
        date_created_gmt: gmt(0),
        date_paid_gmt: gmt(0),
        date_modified_gmt: gmt(step * 10),
        billing: { first_name: 'Dana', phone: '050-123-4567', country: 'IL' },
      };
      return (await post(demo(), 'woocommerce', signed('woocommerce', body))).status;
    },
    told: () => ['confirmed', 'shipped:RR1', 'shipped:RR2', 'delivered'],
  },
  Shopify: {
    newId: newNumber,
    tell: async (id, step) => {
      if (step === 0) {
        const body = {
          id: Number(id),
          name: '#1044',
          created_at: iso(0),
          updated_at: iso(0),
          shipping_address: address,
        };
        return tellShopify('orders/create', 0, body);
      }
      const which = 2 - (step % 2);
      await holdParcel(id, `${which}${id}`);
      return tellShopify(step > 2 ? 'fulfillments/update' : 'fulfillments/create', step * 10, {
        id: Number(`${which}${id}`),
        order_id: Number(id),
        status: 'success',
        shipment_status: step > 2 ? 'delivered' : null,
        created_at: iso(10),
        updated_at: iso(step * 10),
        tracking_company: 'Post',
        tracking_numbers: [`P${which}`],
        tracking_urls: [`https://post.example/P${which}`],
      });
    },
    told: (id) => ['confirmed', `shipped:1${id}`, `shipped:2${id}`, `delivered:1${id}`, `delivered:2${id}`],
  },
};

// First of all: while the line was well within the last minute, a message that fails may have left.
describe('while the line is off', () => {
  const ids = { cancelled: newOrder(), two: newOrder(), voided: newOrder() };
  const shop = randomInt(1e9);

  beforeAll(() => sandbox().line(false));
  /** Workers are several: of what comes at once either may be first. */
  const untilTold = (id: string) => expect.poll(() => recordOf(demo(), `order:${id}:#story`)).toBeDefined();

  it('a cancelled order ends what waits of it at once', async () => {
    await tell(ids.cancelled, { update: 'ready', at: 0 });
    await untilState(demo(), `order:${ids.cancelled}:ready`, 'HELD');
    await tell(ids.cancelled, { update: 'cancelled', at: 5 });
    const { reason } = await untilState(demo(), `order:${ids.cancelled}:ready`, 'EXPIRED');
    expect(reason).toBe('order_cancelled');
  });

  it('two steps that wait become one, the later', async () => {
    await tell(ids.two, { update: 'confirmed', at: 0 });
    await untilTold(ids.two);
    await tell(ids.two, { update: 'shipped', at: 5, more: parcel('P1') });
    const { reason } = await untilState(demo(), `order:${ids.two}:confirmed`, 'EXPIRED');
    expect(reason).toBe('superseded');
  });

  it('a parcel that is taken back is not told of', async () => {
    await tell(ids.voided, { update: 'shipped', at: 0, more: parcel('P1') });
    await untilTold(ids.voided);
    await tell(ids.voided, { update: 'shipped', at: 5, more: parcel('P1', { voided: true }) });
    const { reason } = await untilState(demo(), `order:${ids.voided}:shipped:P1`, 'EXPIRED');
    expect(reason).toBe('parcel_voided');
  });

  it('what WooCommerce said by mistake is taken back', async () => {
    await tellWoo(shop, 'processing', 0);
    await expect.poll(() => recordOf(demo(), `order:${shop}:#story`)).toBeDefined();
    await tellWoo(shop, 'ready-pickup', 5);
    expect(await untilState(demo(), `order:${shop}:confirmed`, 'EXPIRED')).toMatchObject({ reason: 'superseded' });
    await tellWoo(shop, 'processing', 10);
    const { reason } = await untilState(demo(), `order:${shop}:ready`, 'EXPIRED');
    expect(reason).toBe('no_longer_true');
  });

  it('nothing is lost: what is still true is told when it is back, and nothing else', async () => {
    await sandbox().line(true);
    await untilIdle(demo());
    expect(await namesOf(ids.cancelled)).toEqual([]);
    expect(await recordOf(demo(), `order:${ids.cancelled}:cancelled`)).toMatchObject({ reason: 'nothing_told_before' });
    expect(await namesOf(ids.two)).toEqual(['shipped:P1']);
    expect(await namesOf(ids.voided)).toEqual([]);
    expect(await namesOf(String(shop))).toEqual(['confirmed']);
    // Somebody moves it back: a person tells them, nothing does so by itself.
    await tell(ids.cancelled, { update: 'ready', at: 10 });
    await untilIdle(demo());
    expect(await namesOf(ids.cancelled)).toEqual([]);
  });
});

it('an order is told with total and items in words, a parcel with its number and link', async () => {
  const id = newOrder();
  for (const step of LIFE.slice(0, 2)) {
    expect(await tell(id, step)).toBe(200);
    await untilIdle(demo());
  }
  const told = await toldOf(id);
  expect(told.map(({ text }) => text)).toEqual([
    `Hi Dana, thank you: we have your order ${id} (2 × Basil, Pot, Soil and 2 more), ₪120.50 in all.`,
    `Hi Dana, a parcel of order ${id} is on its way with Post: P1.`,
  ]);
  const [shipped] = (await sandbox().messages()).filter(({ key }) => key === `order:${id}:shipped:P1`);
  expect(JSON.parse(shipped?.raw ?? '{}').ctaUrlButton.url).toBe('https://post.example/P1');
});

describe.each(Object.entries(SHOPS))('the life of an order in two parcels at %s', (name, shop) => {
  it('is told step by step, once however often and at once its events come', async () => {
    const id = shop.newId();
    for (const step of STEPS) {
      expect(await Promise.all([1, 2, 3].map(() => shop.tell(id, step)))).toEqual([200, 200, 200]);
      await untilIdle(demo());
    }
    expect(await namesOf(id)).toEqual(shop.told(id));
    console.log(`messages of an order in two parcels at ${name}: ${(await namesOf(id)).length}`);
  });

  it('is a true story, never backwards, in whichever order its events come', async () => {
    const ids = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const id = shop.newId();
        const order = STEPS.map((step) => ({ step, by: (step * 7 + i * 5) % 11 })).sort((a, b) => a.by - b.by);
        for (const { step } of order) await shop.tell(id, step);
        return id;
      }),
    );
    await untilIdle(demo());
    for (const id of ids) {
      const [names, whole] = [await namesOf(id), shop.told(id)];
      expect(new Set(names).size).toBe(names.length);
      const last = whole.filter((one) => one.startsWith('delivered'));
      expect(names.filter((one) => one.startsWith('delivered')).sort()).toEqual(last);
      for (const [i, one] of names.entries()) {
        const ofWhole = !one.includes(':');
        const sameParcel = names
          .slice(0, i)
          .filter((other) => ofWhole || !other.includes(':') || other.split(':')[1] === one.split(':')[1]);
        expect(sameParcel.filter((other) => whole.indexOf(other) > whole.indexOf(one))).toEqual([]);
      }
    }
  });

  it('goes on where it was when all functions are killed in its midst', async () => {
    const ids = Array.from({ length: 2 }, () => shop.newId());
    for (const step of STEPS) {
      await Promise.all(ids.map((id) => shop.tell(id, step)));
      for (const killed of step === 2 ? ['order-ready', 'sender'] : []) {
        for (const pid of demo().functions[killed] ?? []) process.kill(pid, 'SIGKILL');
      }
      await untilIdle(demo());
    }
    for (const id of ids) expect(await namesOf(id)).toEqual(shop.told(id));
  });
});

describe('of an order that was told of', () => {
  it('the end is told, and nothing after it', async () => {
    const id = newOrder();
    await tell(id, { update: 'confirmed', at: 0 });
    await untilIdle(demo());
    await tell(id, { update: 'cancelled', at: 10 });
    await untilIdle(demo());
    for (const update of ['ready', 'shipped', 'delivered']) await tell(id, { update, at: 20 });
    await untilIdle(demo());
    expect(await namesOf(id)).toEqual(['confirmed', 'cancelled']);
  });
});

describe('the door', () => {
  it('refuses an update that the client file does not name, and says which there are', async () => {
    for (const update of ['teleported', 'constructor', '__proto__']) {
      const unknown = signed('custom', bodyOf(newOrder(), { update, at: 0 }));
      const { status, body } = await post(demo(), 'custom', unknown);
      expect([update, status]).toEqual([update, 400]);
      expect(JSON.stringify(body)).toMatch(/unknown_update.*confirmed, shipped/);
    }
  });
});
