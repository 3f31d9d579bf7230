import { describe, expect, it } from 'vitest';
import { clientFile } from '../../cli/init/client-template.ts';
import type { OrderReadyConfig } from '../../functions/order-ready/config.ts';
import { type Alarm, Orders } from '../../functions/order-ready/orders.ts';
import type { OrderEvent } from '../../functions/order-ready/schema.ts';
import {
  type Content,
  planOf,
  type Step,
  type Story,
  takenBackBy,
  voidedBy,
} from '../../functions/order-ready/story.ts';
import { template } from '../../functions/order-ready/template.ts';
import { ofEarlierRelease, times } from '../../functions/order-ready/times.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { isRequest, type SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { defineClient } from '../../lib/client.ts';
import { contacts } from '../contacts.ts';

type Input = Parameters<typeof defineClient>[0];

const says = (body: string, more: object = {}) => ({ texts: { en: { body, ...more } } });

/** What a client file is told that has these settings of the template. */
const said = (settings: object): string => {
  try {
    defineClient({
      name: 'cafe',
      lineId: 'line-1',
      country: 'IL',
      zone: 'Asia/Jerusalem',
      locale: 'en',
      contacts,
      templates: { 'order-ready': { sources: { custom: {} }, ...settings } },
    } as Input);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const updates = (all: object) => said({ ...says('Ready: {order}'), updates: all });

describe('updates in a client file', () => {
  it('are off unless they are written, ready too', () => {
    expect(updates({ shipped: says('Shipped: {order} {tracking}') })).toBe('');
    expect(said({ updates: { shipped: says('Shipped: {order}') } })).toBe('');
    expect(said({})).toMatch(/texts: write what is told of an order that is ready, or other steps in updates/);
  });

  it.each([
    ['without texts', { shipped: {} }, /updates\.shipped\.texts: is missing/],
    [
      'of the shop’s own without a rank',
      { packed: says('x') },
      /updates\.packed\.rank: is missing: .*ready 20.*rank: 35/,
    ],
    ['of a known step with a rank', { shipped: { ...says('x'), rank: 3 } }, /shipped\.rank: leave it out: .* at 30/],
    ['at the place of another', { packed: { ...says('x'), rank: 30 } }, /packed\.rank: shipped stands there/],
    ['ready in two places', { ready: says('x') }, /updates\.ready\.texts: stands beside the updates already/],
    ['confirmed of each parcel', { confirmed: { ...says('x'), per: 'parcel' } }, /confirmed\.per: .*once per order/],
    [
      'ready that waits for a number',
      { cancelled: { ...says('x'), waitForTracking: 'PT1H' } },
      /has no tracking number/,
    ],
    [
      'shipped always',
      { shipped: { ...says('x'), always: true } },
      /shipped\.always: is for cancelled and refunded alone/,
    ],
    ['with an unknown placeholder', { shipped: says('{number}') }, /unknown placeholder \{number\}; .*\{tracking\}/],
    ['with a name that is none', { 'On the way': says('x') }, /write lower-case letters/],
  ])('%s are refused with what to write', (_, all, message) => {
    expect(updates(all)).toMatch(message);
  });

  it('that a source names and the client file does not are refused', () => {
    const sources = { woocommerce: { statuses: { processing: 'confirmed', packed: 'packed' } } };
    expect(said({ ...says('x'), sources })).toMatch(/woocommerce\.statuses\.packed: means packed, .* updates\.packed/);
    const shipments = { shopify: { adminApi: 'https://s.myshopify.com', shipmentStatuses: { in_transit: 'rolling' } } };
    expect(said({ ...says('x'), sources: shipments })).toMatch(/shipmentStatuses\.in_transit: means rolling/);
  });
});

it.each(['en', 'he', 'fr'])(
  'a new client file offers them in its own language, turned off, and they hold when turned on: %s',
  (locale) => {
    const offered = template.offers?.(locale);
    const file = clientFile(
      {
        name: 'cafe',
        lineId: 'l',
        country: 'IL',
        zone: 'Asia/Jerusalem',
        locale,
        contacts,
        templates: ['order-ready'],
      },
      './client.ts',
    );
    expect(file).toMatch(/\/\/ updates: \{\n\s+\/\/ {3}confirmed: /);
    const settings = { ...template.example(locale), ...offered, sources: {} };
    expect(Object.keys(template.settings.parse(settings).updates ?? {})).toEqual([
      'confirmed',
      'shipped',
      'delivered',
      'cancelled',
    ]);
    expect(Object.keys(template.settings.parse(settings).updates?.shipped?.texts ?? {})).toEqual([locale]);
  },
);

const facts = { zone: 'Asia/Jerusalem', lineId: 'line', keysOf: 'line', country: 'IL', locale: 'en' };
const configOf = (settings: object): OrderReadyConfig => ({
  ...template.settings.parse({ sources: {}, ...settings }),
  ...facts,
});
const AT = Date.parse('2026-11-22T10:00:00Z');
const order: OrderEvent = {
  id: '1044',
  update: 'shipped',
  number: '#1044',
  name: 'Dana',
  phones: [{ raw: '+972501234567' }],
  statusUrl: 'https://shop.example/o/1044',
  parts: [{ id: 'b1', carrier: 'Post', number: 'RR1', url: 'https://post.example/RR1' }],
  happenedAt: '2026-11-22T09:59:00.000Z',
  exact: true,
};
const sends = (event: OrderEvent, settings: object, now = AT) =>
  template.sends(event, configOf({ ...says('Ready: {order}'), ...settings }), now);
const bodiesOf = (event: OrderEvent, settings: object) =>
  sends(event, settings).map(({ command: { outcome } }) => (isRequest(outcome) ? JSON.parse(outcome.body) : outcome));

describe('what an update says', () => {
  const shipped = { updates: { shipped: says('{carrier} {tracking}', { button: 'Track it' }) } };

  it('leads to where the parcel is tracked, else to the order', () => {
    expect(bodiesOf(order, shipped)[0].ctaUrlButton).toEqual({
      displayText: 'Track it',
      url: 'https://post.example/RR1',
    });
    const [part] = order.parts ?? [];
    const bare = { ...order, parts: [{ id: 'b1', number: 'RR1', carrier: part?.carrier }] };
    expect(bodiesOf(bare, shipped)[0].ctaUrlButton.url).toBe('https://shop.example/o/1044');
  });

  it('is said of each parcel under its own key, or once for the order with all numbers', () => {
    const two = {
      ...order,
      parts: [
        { id: 'b1', number: 'RR1', carrier: 'Post' },
        { id: 'b2', number: 'RR2', carrier: 'Post' },
      ],
    };
    expect(sends(two, shipped).map(({ command }) => command.key)).toEqual([
      'order:1044:shipped:b1',
      'order:1044:shipped:b2',
    ]);
    const once = { updates: { shipped: { ...says('{carrier} {tracking}'), per: 'order' } } };
    expect(sends(two, once).map(({ command }) => command.key)).toEqual(['order:1044:shipped']);
    expect(bodiesOf(two, once)[0].body).toBe('Post RR1 and RR2\nhttps://shop.example/o/1044');
    expect(sends({ ...two, isWhole: true }, shipped).map(({ command }) => command.key)).toEqual(['order:1044:shipped']);
    const tracked = two.parts.map((part) => ({ ...part, url: `https://post.example/${part.number}` }));
    expect(bodiesOf({ ...two, parts: tracked }, once)[0].body).toContain('https://shop.example/o/1044');
  });

  it('is no fault when it is edited after it was told, but for ready, of which people are told', () => {
    expect(sends(order, shipped)[0]?.command.corrects).toBe(true);
    expect(sends({ ...order, update: 'ready', parts: undefined }, shipped)[0]?.command.corrects).toBeUndefined();
  });

  it('comes with the document that the shop names, and as a text where there is none', () => {
    const invoice = { updates: { shipped: { ...says('Invoice of {order}'), media: 'document' } } };
    const documentUrl = 'https://shop.example/i/{1044}.pdf';
    expect(bodiesOf({ ...order, documentUrl }, invoice)[0].media).toBe('https://shop.example/i/%7B1044%7D.pdf');
    expect(bodiesOf(order, invoice)[0]).not.toHaveProperty('media');
  });

  it('waits for the number half an hour unless written, and for none that is there', () => {
    const { number: _, ...numberless } = order.parts?.[0] ?? { id: 'b1' };
    const at = (settings: object) => (sends({ ...order, parts: [numberless] }, settings)[0]?.at ?? 0) - AT;
    const missing = { carrier: 'x', tracking: 'none' };
    expect(at({ updates: { shipped: says('{tracking}', { ifMissing: missing }) } })).toBe(29 * 60_000);
    expect(
      at({ updates: { shipped: { ...says('{tracking}', { ifMissing: missing }), waitForTracking: 'PT2H' } } }),
    ).toBe(119 * 60_000);
    expect(sends(order, shipped)[0]?.at).toBe(AT);
  });

  it('is not said of an order without the consent that its source asks for', () => {
    const settings = { ...shipped, sources: { custom: { consent: { fields: ['whatsapp'] } } } };
    const from = { ...order, source: 'custom' };
    const answer = (value: string) => ({ ...from, answers: [{ question: 'WhatsApp', value }] });
    expect(bodiesOf(from, settings)).toEqual([{ state: 'REJECTED', reason: 'no_consent' }]);
    expect(bodiesOf(answer('no'), settings)).toEqual([{ state: 'REJECTED', reason: 'no_consent' }]);
    expect(bodiesOf(answer('yes'), settings)[0].body).toContain('RR1');
    expect(bodiesOf(from, shipped)[0].body).toContain('RR1');
  });

  it('is not said of what is no purchase that somebody waits for, unless the client file says so', () => {
    const renewal = { ...order, kinds: ['renewal'] as const };
    expect(bodiesOf(renewal, shipped)).toEqual([{ state: 'REJECTED', reason: 'not_told_of:renewal' }]);
    expect(bodiesOf(renewal, { ...shipped, alsoTell: ['renewal'] })[0].body).toContain('RR1');
  });

  it('is an order’s end only for whoever heard of it, unless always', () => {
    const cancelled = { ...order, update: 'cancelled', ends: 'order_cancelled' as const, parts: undefined };
    expect(bodiesOf(cancelled, { updates: { cancelled: says('Sorry') } })).toEqual([
      { state: 'REJECTED', reason: 'nothing_told_before' },
    ]);
    expect(bodiesOf(cancelled, { updates: { cancelled: { ...says('Sorry'), always: true } } })[0].body).toContain(
      'Sorry',
    );
  });
});

it('an item that waited in the queue while the function was replaced means ready', () => {
  const { happenedAt, update: _, ...old } = order;
  const item = { ...old, readyAt: happenedAt } as unknown as OrderEvent;
  expect(ofEarlierRelease(item)).toMatchObject({ update: 'ready', happenedAt });
  expect(times(item)).toEqual({ began: happenedAt, happened: happenedAt });
});

it('a parcel that was taken back is announced to nobody, told once for the order or not', () => {
  const gone = { ...order, parts: [{ id: 'b1', number: 'RR1', isVoid: true as const }] };
  for (const per of ['order', 'parcel']) {
    expect(sends(gone, { updates: { shipped: { ...says('x'), per } } })).toEqual([]);
  }
  const other = { ...order, parts: [...gone.parts, { id: 'b2' }] };
  const once = { updates: { shipped: { ...says('x'), per: 'order' } } };
  expect(sends(other, once)[0]?.at).toBe(AT + 29 * 60_000);
});

it('what may wait for its number helps as long from the end of that wait', () => {
  const short = { usefulFor: 'PT20M', updates: { shipped: says('{tracking}', { ifMissing: { tracking: 'none' } }) } };
  expect(sends(order, short)[0]?.command.usefulUntil).toBe('2026-11-22T10:49:00.000Z');
});

describe('the story of an order', () => {
  const step = (update: string, minute: number, more: Partial<Step> = {}): Step => ({
    update,
    rank: { confirmed: 10, ready: 20, shipped: 30, delivered: 40, cancelled: 100 }[update] ?? 0,
    asOf: new Date(AT + minute * 60_000).toISOString(),
    ...more,
  });
  const storyOf = (...steps: Step[]): Content =>
    steps.reduce<Content>((story, one) => planOf(story, one).story, { steps: {} });
  const parcel = (id: string, more: Partial<Step> = {}): Partial<Step> => ({ part: { id }, ...more });

  it('what was to be told of the whole order becomes that of the first parcel that is named, and the next is told by itself', () => {
    const story = storyOf(step('shipped', 1), step('shipped', 2, parcel('b1')));
    expect(Object.keys(story.steps)).toEqual(['shipped']);
    expect(planOf(story, step('shipped', 3, parcel('b1'))).name).toBe('shipped');
    expect(planOf(story, step('shipped', 3, parcel('b2'))).name).toBe('shipped:b2');
  });

  it('what was told of its parcels is not told once more of the whole', () => {
    const story = storyOf(step('shipped', 1, parcel('b1')));
    expect(planOf(story, step('shipped', 2))).toMatchObject({ behind: 'superseded' });
  });

  it('a parcel that was made anew is known by its number', () => {
    const story = storyOf(step('shipped', 1, parcel('b1', { track: 'n1' })));
    expect(planOf(story, step('shipped', 2, parcel('b9', { track: 'n1' }))).name).toBe('shipped:b1');
    expect(planOf(story, step('shipped', 2, parcel('b9', { track: 'n9' }))).name).toBe('shipped:b9');
  });

  it('a parcel that was made anew is the same in every step, and is there as long as one of its ids is', () => {
    const [old, anew] = [parcel('p1', { track: 'n1' }), parcel('p2', { track: 'n1' })];
    const both = storyOf(step('shipped', 2, anew), step('shipped', 1, old));
    expect(Object.keys(both.steps)).toEqual(['shipped:p2']);
    expect(voidedBy(both, { parts: [{ id: 'p1', isVoid: true }] })).toEqual([]);
    const voids = { p1: both.steps['shipped:p2']?.asOf ?? '' };
    expect(voidedBy({ ...both, voids }, { parts: [{ id: 'p2', isVoid: true }] })).toEqual(['shipped:p2']);
    const arrived = storyOf(step('delivered', 5, old));
    expect(planOf(arrived, step('shipped', 6, anew)).behind).toBe('superseded');
    const known = storyOf(step('shipped', 1, old), step('shipped', 2, anew), step('delivered', 3, old));
    expect(planOf(known, step('delivered', 4, parcel('p2'))).name).toBe('delivered:p1');
  });

  it('what was told ready before there was a story is of the first place, and not of another', () => {
    const told: Content = { steps: { ready: { update: 'ready', rank: 20, isAny: true, asOf: minute(0) } } };
    expect(planOf(told, step('ready', 2, { part: { id: 'a', isFirst: true } })).name).toBe('ready');
    expect(planOf(told, step('ready', 2, { part: { id: 'b' } })).name).toBe('ready:b');
    expect(planOf(told, step('shipped', 2, parcel('b1'))).ends).toEqual(['ready']);
    expect(voidedBy(told, { parts: [{ id: 'a', isVoid: true, isFirst: true }] })).toEqual(['ready']);
  });

  it('the order’s own name stays with the part that has it', () => {
    const story = storyOf(step('ready', 1, { part: { id: 'a', isFirst: true } }));
    expect(planOf(story, step('ready', 2, { part: { id: 'b', isFirst: true } })).name).toBe('ready:b');
    expect(planOf(story, step('ready', 2, { part: { id: 'a' } })).name).toBe('ready');
  });

  it('one end is not behind another because of its time', () => {
    const refunded = storyOf(step('confirmed', 1), step('refunded', 5, { rank: 99, end: 'usual' }));
    expect(planOf(refunded, step('cancelled', 4, { end: 'usual' })).behind).toBeUndefined();
  });

  it('two parcels have nothing to do with each other; what is of the whole order is behind any of them', () => {
    const story = storyOf(step('delivered', 5, parcel('b1')));
    expect(planOf(story, step('shipped', 2, parcel('b2'))).behind).toBeUndefined();
    expect(planOf(story, step('shipped', 2, parcel('b1'))).behind).toBe('superseded');
    expect(planOf(story, step('confirmed', 1)).behind).toBe('superseded');
  });

  it('a shop that says how an order stands takes back what it said by mistake, of the same parcel alone', () => {
    const state = { isState: true } as const;
    const story = storyOf(step('confirmed', 0, state), step('ready', 1, state));
    expect(takenBackBy(story, step('confirmed', 2, state))).toEqual(['ready']);
    expect(takenBackBy(story, step('confirmed', 1, state))).toEqual([]);
    expect(takenBackBy(story, step('confirmed', 2))).toEqual([]);
    const parcels = storyOf(step('delivered', 1, { ...parcel('b1'), ...state }));
    expect(takenBackBy(parcels, step('shipped', 2, { ...parcel('b2'), ...state }))).toEqual([]);
  });

  it('an order that ended before anybody heard of it, as one that was not paid in time, is told of if it goes on', () => {
    const end = { end: 'usual' } as const;
    const unpaid = storyOf(step('cancelled', 5, end));
    expect(planOf(unpaid, step('confirmed', 4)).behind).toBe('superseded');
    expect(planOf(unpaid, step('confirmed', 6)).behind).toBeUndefined();
    const heard = storyOf(step('confirmed', 1), step('cancelled', 5, end));
    expect(planOf(heard, step('shipped', 6)).behind).toBe('superseded');
  });

  it('an end that is older than what happened in a later second is behind it', () => {
    const story = storyOf(step('ready', 5));
    expect(planOf(story, step('cancelled', 4, { end: 'usual' })).behind).toBe('superseded');
    expect(planOf(story, step('cancelled', 5, { end: 'usual' })).ends).toEqual(['ready']);
    // Shopify opens no order again, but goes on to say when its parcels were scanned.
    expect(planOf(story, step('cancelled', 4, { end: 'final' })).ends).toEqual(['ready']);
  });
});

/** Workings of the function on an order, with what it asks of others written down. */
const works = (updates: object = {}, ready?: object) => {
  const stories = new Map<string, Story>();
  const [sent, ended, alarms]: [SendCommand[], object[], { alarm: Alarm; at: number }[]] = [[], [], []];
  const missing = { ifMissing: { carrier: 'x', tracking: 'none' } };
  const orders = new Orders({
    config: configOf({
      ...says('Ready'),
      updates: { confirmed: says('Yes'), shipped: says('{tracking}', missing), delivered: says('There'), ...updates },
    }),
    stories: {
      read: async (pk) => stories.get(pk),
      write: async (row) => {
        stories.set(row.pk, row);
        return true;
      },
    },
    ledger: {
      read: async (_, key) => (key.endsWith(':ready') ? (ready as SendRecord | undefined) : undefined),
      end: async (end) => {
        ended.push(end);
        return ready && end.key.endsWith(':ready') ? 'left' : 'ended';
      },
    },
    setAlarm: async (alarm, at) => {
      alarms.push({ alarm, at });
    },
    send: async (command) => {
      sent.push(command);
    },
    log: () => undefined,
    now: () => AT,
  });
  return { orders, sent, ended, alarms };
};
const numberless: OrderEvent = { ...order, parts: [{ id: 'b1', carrier: 'Post' }] };
const minute = (minutes: number): string => new Date(AT + minutes * 60_000).toISOString();

it('an update that is told once for the order is told once, and taken back with the last of its parcels', async () => {
  const { orders, sent, ended } = works({
    shipped: { ...says('{tracking}', { ifMissing: { tracking: 'none' } }), per: 'order' },
  });
  const of = (id: string, more: object = {}): OrderEvent => ({
    ...order,
    parts: [{ id, number: `${id}123456`, ...more }],
  });
  await orders.onEvent(of('a'));
  await orders.onEvent(of('b'));
  expect(new Set(sent.map(({ key }) => key))).toEqual(new Set(['order:1044:shipped']));
  await orders.onEvent({ ...of('a', { isVoid: true }), update: undefined });
  expect(ended).toEqual([]);
  await orders.onEvent({ ...of('b', { isVoid: true }), update: undefined });
  expect(ended).toMatchObject([{ key: 'order:1044:shipped', reason: 'parcel_voided' }]);
});

it('numbers that are none make no two parcels one', async () => {
  for (const [one, other] of [
    ['N/A', 'n/a'],
    ['05-courier', '05-courier'],
    ['שליח', 'דואר'],
    ['١٢٣٤٥٦', '٦٥٤٣٢١'],
  ]) {
    const { orders, sent } = works();
    await orders.onEvent({ ...order, parts: [{ id: 'b1', number: one }] });
    await orders.onEvent({ ...order, parts: [{ id: 'b2', number: other }] });
    expect(sent.map(({ key }) => key)).toEqual(['order:1044:shipped:b1', 'order:1044:shipped:b2']);
  }
});

describe('an order that ended', () => {
  const cancelled = (minutes: number): OrderEvent => ({
    ...order,
    update: 'cancelled',
    ends: 'order_cancelled',
    parts: undefined,
    happenedAt: minute(minutes),
  });
  const later: OrderEvent = { ...order, happenedAt: minute(9) };
  const outcomes = (sent: readonly SendCommand[]) =>
    sent.map(({ outcome }) => ('path' in outcome ? 'told' : outcome.reason));

  it('is told of no more once its end was told to all', async () => {
    const { orders, sent } = works({ cancelled: { ...says('Sorry'), always: true } });
    await orders.onEvent(cancelled(1));
    await orders.onEvent(later);
    expect(outcomes(sent)).toEqual(['told', 'superseded']);
  });

  it('is told of no more where it was told ready by a client of ready alone before', async () => {
    const { orders, sent } = works({ cancelled: says('Sorry') }, { state: 'ACCEPTED', asOf: minute(0) });
    await orders.onEvent(cancelled(1));
    await orders.onEvent(later);
    await orders.onEvent({ ...later, update: 'confirmed', parts: undefined });
    expect(outcomes(sent)).toEqual(['told', 'superseded', 'superseded']);
  });
});

it.each([
  ['told', { state: 'ACCEPTED' }],
  ['shown in shadow', { state: 'REJECTED', reason: 'shadow' }],
])('confirmed is behind a ready that was %s before anything else was on', async (_, ready) => {
  const { orders, sent } = works({}, { ...ready, asOf: minute(0) });
  await orders.onEvent({ ...order, update: 'confirmed', parts: undefined });
  expect(sent).toMatchObject([{ outcome: { state: 'EXPIRED', reason: 'superseded' } }]);
});

describe('a parcel without its number', () => {
  it('keeps the number that came, whatever is said without it later', async () => {
    const { orders, sent } = works();
    await orders.onEvent(order);
    await orders.onEvent({ ...numberless, updatedAt: minute(5) });
    expect(sent).toHaveLength(1);
  });

  it('has it by whichever event, an older one too', async () => {
    const { orders, sent } = works();
    await orders.onEvent({ ...numberless, updatedAt: minute(5) });
    await orders.onEvent({ ...order, updatedAt: minute(1) });
    expect(sent).toMatchObject([{ key: 'order:1044:shipped:b1', asOf: minute(5) }]);
  });

  it('waits until half an hour after it was sent, and its message is older by a moment than the one with its number', async () => {
    const { orders, sent, alarms } = works();
    await orders.onEvent(numberless);
    expect(sent).toEqual([]);
    expect(alarms).toMatchObject([{ at: AT + 29 * 60_000, alarm: { command: { asOf: '2026-11-22T09:58:59.999Z' } } }]);
    await orders.onAlarm(alarms[0]?.alarm as Alarm);
    expect(sent).toMatchObject([{ key: 'order:1044:shipped:b1', decidedFor: '2026-11-22T10:29:00.000Z' }]);
  });

  it('is as old as its text, so that taking back what was queued until then catches it, and one of an earlier release too', async () => {
    const { orders, sent, alarms } = works();
    await orders.onEvent(numberless);
    const alarm = alarms[0]?.alarm as Alarm;
    await orders.onAlarm(alarm);
    const { queuedAt: _, ...ofEarlier } = alarm.command;
    await orders.onAlarm({ ...alarm, command: ofEarlier });
    expect(sent.map(({ queuedAt }) => queuedAt)).toEqual([minute(0), '2026-11-22T09:58:59.999Z']);
  });

  it('does not go when its alarm rings and the number came, or a later step of it', async () => {
    for (const then of [order, { ...order, update: 'delivered' }]) {
      const { orders, sent, alarms } = works();
      await orders.onEvent(numberless);
      await orders.onEvent(then);
      const before = sent.length;
      await orders.onAlarm(alarms[0]?.alarm as Alarm);
      expect(sent).toHaveLength(before);
    }
  });

  it('gives way to its number where it went without and waits for the line', async () => {
    const { orders, ended, sent } = works();
    await orders.onEvent(numberless);
    await orders.onEvent({ ...order, updatedAt: minute(5) });
    expect(ended).toMatchObject([{ key: 'order:1044:shipped:b1', asOf: '2026-11-22T09:58:59.999Z' }]);
    expect(sent).toMatchObject([{ key: 'order:1044:shipped:b1' }]);
  });
});

describe('what the worker asks AWS for an event', () => {
  const calls = async (settings: object, events: readonly OrderEvent[]) => {
    const asked = { reads: 0, writes: 0, ends: 0, ledger: 0, sends: 0 };
    const stories = new Map<string, Story>();
    const orders = new Orders({
      config: configOf(settings),
      stories: {
        read: async (pk) => {
          asked.reads += 1;
          return stories.get(pk);
        },
        write: async (row) => {
          asked.writes += 1;
          stories.set(row.pk, row);
          return true;
        },
      },
      ledger: {
        read: async () => {
          asked.ledger += 1;
          return undefined;
        },
        end: async () => {
          asked.ends += 1;
          return 'ended';
        },
      },
      setAlarm: async () => undefined,
      send: async () => {
        asked.sends += 1;
      },
      log: () => undefined,
      now: () => AT,
    });
    for (const event of events) await orders.onEvent(event);
    return asked;
  };
  const none = { reads: 0, writes: 0, ends: 0, ledger: 0, sends: 0 };
  const confirmed: OrderEvent = { ...order, update: 'confirmed', parts: undefined };

  it('is one message where ready is all that is told', async () => {
    const ready: OrderEvent = { ...order, update: 'ready', parts: undefined };
    expect(await calls(says('Ready'), [ready, ready])).toEqual({ ...none, sends: 2 });
  });

  it('is a story read and written beside it where more is told, and one look at each earlier step', async () => {
    const all = { ...says('Ready'), updates: { confirmed: says('Yes'), shipped: says('Gone') } };
    expect(await calls(all, [confirmed])).toEqual({ ...none, reads: 1, writes: 1, ledger: 1, sends: 1 });
    expect(await calls(all, [confirmed, order])).toEqual({ reads: 2, writes: 2, ledger: 1, ends: 1, sends: 2 });
    expect(await calls(all, [confirmed, confirmed])).toEqual({ ...none, reads: 2, writes: 1, ledger: 1, sends: 2 });
  });
});

it('what ends a step counts as of the later of the two, so that a shop’s times let nothing by', async () => {
  const { orders, ended } = works();
  await orders.onEvent({ ...order, update: 'confirmed', parts: undefined, updatedAt: minute(9) });
  await orders.onEvent(order);
  expect(ended).toMatchObject([{ key: 'order:1044:confirmed', reason: 'superseded', asOf: minute(9) }]);
});

it('the end of an order ends all that is known of it for good, and ready in any case', async () => {
  const { orders, ended } = works();
  await orders.onEvent({ ...order, update: 'confirmed', parts: undefined });
  await orders.onEvent({
    ...order,
    update: undefined,
    parts: undefined,
    ends: 'order_refunded',
    happenedAt: minute(1),
  });
  expect(ended).toMatchObject(
    ['ready', 'confirmed'].map((name) => ({ key: `order:1044:${name}`, reason: 'order_refunded', isForGood: true })),
  );
});

it('a client of ready alone takes back what waits at a place where it does not any more', async () => {
  const ended: object[] = [];
  const alone = new Orders({
    config: configOf(says('Ready')),
    stories: { read: async () => undefined, write: async () => true },
    ledger: {
      read: async () => undefined,
      end: async (end) => {
        ended.push(end);
        return 'ended';
      },
    },
    setAlarm: async () => undefined,
    send: async () => undefined,
    log: () => undefined,
    now: () => AT,
  });
  await alone.onEvent({ ...order, update: undefined, parts: [{ id: 'fo1', isVoid: true, isFirst: true }] });
  expect(ended).toMatchObject([{ key: 'order:1044:ready', reason: 'parcel_voided' }]);
});

it('old orders that ended are not told of once their source is turned on, whatever waits of them ends', () => {
  const settings = {
    updates: { cancelled: { ...says('Sorry'), always: true } },
    sources: { custom: { since: minute(0) } },
  };
  const cancelled = {
    ...order,
    source: 'custom',
    update: 'cancelled',
    ends: 'order_cancelled' as const,
    parts: undefined,
  };
  expect(bodiesOf(cancelled, settings)).toEqual([{ state: 'EXPIRED', reason: 'before_since' }]);
  expect(times(cancelled).happened).toBeUndefined();
});
