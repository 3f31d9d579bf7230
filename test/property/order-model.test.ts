import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OrderEvent, Part } from '../../functions/order-ready/schema.ts';
import { RANKS } from '../../functions/order-ready/updates.ts';
import { randomOf } from '../../local/sandbox/contract/random.ts';
import { iso, MINUTE, OrderWorld, START, type Told } from './order-world.ts';

/**
 * What happens to an order at its shop (the model), and what the function makes of the events of it: they come late, in any order, again
 * and side by side, and each may break off at any call, while the line goes off and on.
 */
interface Parcel {
  readonly id: string;
  readonly number: string | undefined;
  readonly isVoid: boolean;
  readonly isDelivered: boolean;
}

interface History {
  readonly events: readonly OrderEvent[];
  readonly parcels: readonly Parcel[];
  readonly ends: 'order_cancelled' | 'order_refunded' | undefined;
}

const pick = <T>(random: () => number, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

const historyOf = (random: () => number): History => {
  let at = START;
  const later = (): number => {
    at += Math.floor(random() * 20 * MINUTE) + 1000;
    return at;
  };
  const event = (
    update: string | undefined,
    happened: number,
    part?: Part,
    more: Partial<OrderEvent> = {},
  ): OrderEvent => ({
    id: '1044',
    update,
    number: '1044',
    phones: [{ raw: '+972501234567' }],
    happenedAt: iso(happened),
    updatedAt: iso(at),
    exact: true,
    ...(part && { parts: [part] }),
    ...more,
  });
  const events = [event('confirmed', later())];
  if (random() < 0.3) events.push(event('ready', later()));
  const ends = pick(random, ['order_cancelled', 'order_refunded', undefined, undefined] as const);
  const parcels: Parcel[] = [];
  for (let i = 0; i < Math.floor(random() * 3); i += 1) {
    const id = `p${i}`;
    const number = random() < 0.7 ? `N${i}` : undefined;
    const comesLater = number !== undefined && random() < 0.5;
    const shipped = later();
    events.push(event('shipped', shipped, { id, number: comesLater ? undefined : number }));
    if (comesLater) {
      later();
      events.push(event('shipped', shipped, { id, number }));
    }
    const isVoid = random() < 0.2;
    const isDelivered = !isVoid && random() < 0.6;
    if (isVoid) events.push(event(undefined, later(), { id, isVoid: true }));
    if (isDelivered) events.push(event('delivered', later(), { id, number }));
    parcels.push({ id, number, isVoid, isDelivered });
  }
  if (ends) events.push(event(ends === 'order_cancelled' ? 'cancelled' : undefined, later(), undefined, { ends }));
  return { events, parcels, ends };
};

interface Step {
  readonly update: string;
  readonly part: string | undefined;
  readonly rank: number;
}

const stepOf = ({ key }: Pick<Told, 'key'>): Step => {
  const [, , update = '', part] = key.split(':');
  return { update, part, rank: RANKS[update] ?? 0 };
};

const concerns = (one: Step, other: Step): boolean =>
  one.part === undefined || other.part === undefined || one.part === other.part;

const played = async (seed: number) => {
  const random = randomOf(seed);
  const history = historyOf(random);
  const world = new OrderWorld(random);
  const coming = history.events.flatMap((event) => (random() < 0.3 ? [event, event] : [event]));
  const inOrder = random() < 0.3;
  while (coming.length > 0) {
    const dice = random();
    if (dice < 0.15) world.bring(coming.splice(inOrder ? 0 : Math.floor(random() * coming.length), 1)[0] as OrderEvent);
    else if (dice < 0.2) world.lineIsOn = !world.lineIsOn;
    else await world.step();
  }
  await world.settle();
  return { history, world, told: world.told };
};

const RUNS = Number(process.env.HISTORIES ?? 400);
const SECONDS = 1000;

it(
  'an order tells a true story: each step once, none backwards, nothing after its end, in whichever order and however often its events come',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { history, world, told } = await played(seed);
        const steps = told.map(stepOf);
        expect(new Set(told.map(({ key }) => key)).size, 'each once').toBe(told.length);
        for (const [i, step] of steps.entries()) {
          const before = steps.slice(0, i).filter((one) => concerns(one, step));
          expect(
            before.filter(({ rank }) => rank > step.rank),
            `${step.update} is told backwards`,
          ).toEqual([]);
        }
        for (const { event, toldBefore } of world.done.filter((one) => one.event.ends)) {
          const after = steps.slice(toldBefore).filter(({ update }) => update !== 'cancelled');
          expect(after, `after ${event.ends}`).toEqual([]);
        }
        const heard = steps.some(({ update }) => update !== 'cancelled');
        const isCancelled = history.ends === 'order_cancelled';
        expect(
          steps.some(({ update }) => update === 'cancelled'),
          'whoever heard of it hears of its end',
        ).toBe(isCancelled && heard);
        for (const { event, toldBefore } of world.done) {
          const [part] = event.parts ?? [];
          const since = told.slice(toldBefore).filter((one) => stepOf(one).part === part?.id);
          if (part?.isVoid) expect(since, 'nothing is told of a parcel that is none any more').toEqual([]);
          else if (part?.number) {
            for (const { text } of since) expect(text, 'a number that came is said').toContain(part.number);
          }
        }
        if (history.ends) return;
        for (const { id, number, isVoid, isDelivered } of history.parcels) {
          const own = told.filter((one) => stepOf(one).part === id);
          if (isVoid) continue;
          const last = own.at(-1);
          expect(last && stepOf(last).update, 'the last that is true of a parcel is told last').toBe(
            isDelivered ? 'delivered' : 'shipped',
          );
          if (isDelivered) expect(last?.text).toContain(number ?? 'none');
        }
        if (history.parcels.length === 0) expect(steps.length).toBeGreaterThan(0);
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 0.9 * RUNS * SECONDS, markInterruptAsFailure: true },
    );
  },
  RUNS * SECONDS,
);
