import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
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

const LIFE: readonly Happening[] = [
  {
    update: 'confirmed',
    at: 0,
    more: {
      total: { amount: '120.50', currency: 'ILS' },
      items: [{ name: 'Basil', quantity: 2 }, { name: 'Pot' }, { name: 'Soil' }, { name: 'Spade' }, { name: 'Hose' }],
    },
  },
  { update: 'shipped', at: 10, more: parcel('P1') },
  { update: 'shipped', at: 20, more: parcel('P2') },
  { update: 'delivered', at: 30, more: parcel('P1') },
  { update: 'delivered', at: 40, more: parcel('P2') },
];
const WHOLE = ['confirmed', 'shipped:P1', 'shipped:P2', 'delivered:P1', 'delivered:P2'];

// First of all: while the line was well within the last minute, a message that fails may have left.
describe('while the line is off', () => {
  const ids = { cancelled: newOrder(), two: newOrder(), voided: newOrder() };
  const shop = randomInt(1e9);

  it('a cancelled order ends what waits of it at once', async () => {
    await sandbox().line(false);
    await tell(ids.cancelled, { update: 'ready', at: 0 });
    await untilState(demo(), `order:${ids.cancelled}:ready`, 'HELD');
    await tell(ids.cancelled, { update: 'cancelled', at: 5 });
    const { reason } = await untilState(demo(), `order:${ids.cancelled}:ready`, 'EXPIRED');
    expect(reason).toBe('order_cancelled');
  });

  it('two steps that wait become one, the later', async () => {
    await tell(ids.two, { update: 'confirmed', at: 0 });
    await tell(ids.two, { update: 'shipped', at: 5, more: parcel('P1') });
    const { reason } = await untilState(demo(), `order:${ids.two}:confirmed`, 'EXPIRED');
    expect(reason).toBe('superseded');
  });

  it('a parcel that is taken back is not told of', async () => {
    await tell(ids.voided, { update: 'shipped', at: 0, more: parcel('P1') });
    await tell(ids.voided, { update: 'shipped', at: 5, more: parcel('P1', { voided: true }) });
    const { reason } = await untilState(demo(), `order:${ids.voided}:shipped:P1`, 'EXPIRED');
    expect(reason).toBe('parcel_voided');
  });

  it('what WooCommerce said by mistake is taken back', async () => {
    await tellWoo(shop, 'processing', 0);
    await expect.poll(() => recordOf(demo(), `order:${shop}:story`), { timeout: 20_000 }).toBeDefined();
    await tellWoo(shop, 'ready-pickup', 5);
    expect(await untilState(demo(), `order:${shop}:confirmed`, 'EXPIRED')).toMatchObject({ reason: 'superseded' });
    await tellWoo(shop, 'processing', 10);
    const { reason } = await untilState(demo(), `order:${shop}:ready`, 'EXPIRED');
    expect(reason).toBe('no_longer_true');
  });

  it('nothing is lost: what is still true is told when it is back, and nothing else', async () => {
    await sandbox().line(true);
    await untilIdle(demo(), 60_000);
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

describe('the life of an order', () => {
  it('is told step by step, each parcel with its own number and link, with total and items in words', async () => {
    const id = newOrder();
    for (const step of LIFE) {
      expect(await tell(id, step)).toBe(200);
      await untilIdle(demo());
    }
    const told = await toldOf(id);
    expect(told.map(({ name }) => name)).toEqual(WHOLE);
    expect(told[0]?.text).toBe(
      `Hi Dana, thank you: we have your order ${id} (2 × Basil, Pot, Soil and 2 more), ₪120.50 in all.`,
    );
    expect(told[1]?.text).toBe(`Hi Dana, a parcel of order ${id} is on its way with Post: P1.`);
    const [shipped] = (await sandbox().messages()).filter(({ key }) => key === `order:${id}:shipped:P1`);
    expect(JSON.parse(shipped?.raw ?? '{}').ctaUrlButton.url).toBe('https://post.example/P1');
    console.log(`messages of an order in two parcels: ${told.length}`);
  });

  it('is told once however often and at once its events come', async () => {
    const id = newOrder();
    for (const step of LIFE) {
      await Promise.all(Array.from({ length: 5 }, () => tell(id, step)));
      await untilIdle(demo());
    }
    expect(await namesOf(id)).toEqual(WHOLE);
  });

  it('is a true story, never backwards, in whichever order its events come', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const id = newOrder();
        const order = LIFE.map((step, j) => ({ step, by: (j * 7 + i * 5) % 11 })).sort((a, b) => a.by - b.by);
        for (const { step } of order) await tell(id, step);
        return id;
      }),
    );
    await untilIdle(demo());
    for (const id of ids) {
      const names = await namesOf(id);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => name.startsWith('delivered')).sort()).toEqual(['delivered:P1', 'delivered:P2']);
      for (const number of ['P1', 'P2']) {
        const own = names.filter((name) => name === 'confirmed' || name.endsWith(number));
        expect(own.map((name) => WHOLE.indexOf(name))).toEqual(own.map((name) => WHOLE.indexOf(name)).sort());
      }
    }
  });

  it('goes on where it was when all functions are killed in its midst', async () => {
    const ids = Array.from({ length: 6 }, newOrder);
    for (const [i, step] of LIFE.entries()) {
      await Promise.all(ids.map((id) => tell(id, step)));
      for (const name of i % 3 === 1 ? ['order-ready', 'sender'] : []) {
        for (const pid of demo().functions[name] ?? []) process.kill(pid, 'SIGKILL');
      }
      await untilIdle(demo(), 120_000);
    }
    for (const id of ids) expect(await namesOf(id)).toEqual(WHOLE);
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
    const { status, body } = await post(
      demo(),
      'custom',
      signed('custom', bodyOf(newOrder(), { update: 'teleported', at: 0 })),
    );
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('unknown_update');
    expect(JSON.stringify(body)).toContain('confirmed, shipped');
  });
});
