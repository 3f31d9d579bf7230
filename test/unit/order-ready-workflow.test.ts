import { describe, expect, it } from 'vitest';
import type { OrderReadyConfig } from '../../functions/order-ready/config.ts';
import type { OrderEvent } from '../../functions/order-ready/schema.ts';
import { updateBy } from '../../functions/order-ready/updates.ts';
import { announce as announceOf } from '../../functions/order-ready/workflow.ts';
import { DAYS } from '../../functions/shared/hours/opening-hours.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const config: OrderReadyConfig = {
  zone: 'Asia/Jerusalem',
  lineId: 'line',
  keysOf: 'line',
  country: 'IL',
  locale: 'en',
  usefulFor: 'PT24H',
  maxOrderAge: 'P14D',
  button: true,
  texts: {
    en: { body: 'Hi {name}, order {order} is ready.', button: 'Open order' },
    he: { body: 'שלום {name}, הזמנה {order} מוכנה.', button: 'לפרטים' },
  },
  sources: {},
};
const order: OrderEvent = {
  id: '820982911946154508',
  number: '#1001',
  name: 'Dana',
  phones: [{ raw: '050-123-4567' }],
  statusUrl: 'https://shop.example/o/1001',
  happenedAt: '2026-11-22T09:00:00.000Z',
};
const announce = (event: OrderEvent, settings: OrderReadyConfig, now: number) => {
  const update = updateBy(settings, 'ready');
  if (!update) throw new Error('It has no texts.');
  return announceOf(event, update, undefined, settings, now);
};
const bodyOf = (over: Partial<OrderEvent> = {}, settings: Partial<OrderReadyConfig> = {}): unknown => {
  const { outcome } = announce({ ...order, ...over }, { ...config, ...settings }, NOW);
  return 'body' in outcome ? JSON.parse(outcome.body) : outcome;
};

describe('why an order is told', () => {
  const because = { source: 'woocommerce', told: 'ready', id: order.id, number: '1001', at: order.happenedAt };
  const consent = { fields: ['whatsapp'], values: ['yes'] };
  const asked = { ...config, sources: { woocommerce: { consent } } } as unknown as OrderReadyConfig;
  const answered = (value: string) => ({ ...order, source: 'woocommerce', answers: [{ question: 'whatsapp', value }] });

  it('is the source, the step and when it happened, beside whom it is for', () => {
    expect(announce({ ...order, source: 'woocommerce' }, config, NOW)).toMatchObject({ because, to: '+972501234567' });
  });

  it('has the number that people know it by, unless that is its id, or could be a number or a name of somebody', () => {
    const numberOf = (number: string) => announce({ ...order, id: '77', number }, config, NOW).because?.number;
    expect(['#1044', '# SO-77', 'A/2026.7'].map(numberOf)).toEqual(['1044', 'SO-77', 'A/2026.7']);
    expect(
      ['77', '#77', '+972501234567', '050-123-4567', 'Dana', 'for Dana 5', '', `1${'x'.repeat(30)}`].map(numberOf),
    ).toEqual(Array.from({ length: 8 }, () => undefined));
  });

  it('is also what was agreed to, where the client file names the box', () => {
    const given = { field: 'whatsapp', value: 'yes', at: order.happenedAt };
    expect(announce(answered('yes'), asked, NOW).because).toEqual({ ...because, consent: given });
  });

  it('is no consent that nobody gave: the number that would have got it is known all the same', () => {
    const refused = announce(answered('no'), asked, NOW);
    expect(refused).toMatchObject({ to: '+972501234567', outcome: { state: 'REJECTED', reason: 'no_consent' } });
    expect(refused.because).toEqual(because);
  });
});

describe('an order becomes one message', () => {
  it('is as of the last change that the shop tells of, so that of two events about one order the later one counts', () => {
    const completed = { ...order, happenedAt: '2026-11-22T09:00:00Z', updatedAt: '2026-11-22T09:30:00Z' };
    expect(announce(completed, config, NOW)).toMatchObject({ asOf: '2026-11-22T09:30:00Z' });
    expect(announce({ ...completed, updatedAt: undefined }, config, NOW)).toMatchObject({
      asOf: '2026-11-22T09:00:00Z',
    });
  });

  it("under the contract's key, exact beyond 2^53, useful for a day", () => {
    expect(announce(order, config, NOW)).toMatchObject({
      key: 'order:820982911946154508:ready',
      asOf: '2026-11-22T09:00:00.000Z',
      usefulUntil: '2026-11-23T09:00:00.000Z',
      outcome: { path: '/messages/text' },
    });
  });

  it('with text, E.164 number and one button', () => {
    expect(bodyOf()).toEqual({
      to: '+972501234567',
      body: 'Hi Dana, order #1001 is ready.',
      ctaUrlButton: { displayText: 'Open order', url: 'https://shop.example/o/1001' },
    });
  });

  it("in the customer's language where there is a text for it", () => {
    expect(bodyOf({ locale: 'he-IL' })).toMatchObject({ body: 'שלום Dana, הזמנה #1001 מוכנה.' });
  });

  it('byte for byte the same whenever it is composed', () => {
    expect(announce(order, config, NOW)).toEqual(announce(order, config, NOW + 3600_000));
  });

  it.each([undefined, 'http://shop.example/o', 'javascript:alert(1)', 'not a url'])(
    'without a button for the address %s',
    (statusUrl) => {
      expect(bodyOf({ statusUrl })).toEqual({ to: '+972501234567', body: 'Hi Dana, order #1001 is ready.' });
    },
  );

  it('with the address in the text when the button is off', () => {
    expect(bodyOf({}, { button: false })).toEqual({
      to: '+972501234567',
      body: 'Hi Dana, order #1001 is ready.\nhttps://shop.example/o/1001',
    });
  });

  it('as media by address when the client file asks for it', () => {
    const media = { url: 'https://shop.example/qr/{order}.png' };
    expect(announce(order, { ...config, media }, NOW).outcome).toEqual({
      path: '/messages/media',
      body: JSON.stringify({
        to: '+972501234567',
        media: 'https://shop.example/qr/%231001.png',
        caption: 'Hi Dana, order #1001 is ready.\nhttps://shop.example/o/1001',
      }),
    });
  });
});

describe('what becomes ready outside the client’s hours', () => {
  const sendWindow = {
    zone: 'Asia/Jerusalem',
    hours: [
      { days: ['sun', 'mon', 'tue', 'wed', 'thu'] as const, from: '09:00', to: '20:00' },
      { days: ['fri'] as const, from: '09:00', to: '14:00' },
    ],
    closed: ['2026-11-30'],
  };
  const until = (happenedAt: string, usefulFor = 'PT24H') =>
    announce({ ...order, happenedAt }, { ...config, usefulFor, sendWindow }, NOW).usefulUntil;

  it('what becomes ready just before the hours end, and may miss them by a moment, has as long from the next opening', () => {
    const closing = {
      ...sendWindow,
      hours: [{ days: [...DAYS], from: '09:00', to: '17:00' }],
      closed: [],
      zone: 'UTC',
    };
    const short = (happenedAt: string) =>
      announce({ ...order, happenedAt }, { ...config, usefulFor: 'PT2H', sendWindow: closing }, NOW).usefulUntil;
    expect(short('2026-11-23T16:59:57Z')).toBe('2026-11-24T11:00:00.000Z');
    expect(short('2026-11-23T17:00:01Z')).toBe('2026-11-24T11:00:00.000Z');
    expect(short('2026-11-23T16:44:00Z')).toBe('2026-11-23T18:44:00.000Z');
    expect(short('2026-11-23T08:50:00Z')).toBe('2026-11-23T11:00:00.000Z');
  });

  it('has as long from the next opening as what becomes ready within them has from then', () => {
    // Friday, 27 November, 15:30, and Thursday, 13:30.
    expect(until('2026-11-27T13:30:00.000Z')).toBe('2026-11-30T07:00:00.000Z');
    expect(until('2026-11-26T11:30:00.000Z')).toBe('2026-11-27T11:30:00.000Z');
    expect(until('2026-11-29T18:00:00.000Z', 'PT2H')).toBe('2026-12-01T09:00:00.000Z');
  });

  it('has it from the event where the hours never begin', () => {
    const never = { ...sendWindow, hours: [{ days: ['sun'] as const, from: '09:00', to: '10:00' }] };
    const closed = Array.from({ length: 60 }, (_, week) =>
      new Date(Date.UTC(2026, 10, 22 + 7 * week)).toISOString().slice(0, 10),
    );
    expect(
      announce(
        { ...order, happenedAt: '2026-11-23T00:00:00.000Z' },
        { ...config, sendWindow: { ...never, closed } },
        NOW,
      ).usefulUntil,
    ).toBe('2026-11-24T00:00:00.000Z');
  });
});

describe('an order that becomes no message says why', () => {
  it.each<[string, Partial<OrderEvent>]>([
    ['no_usable_phone:letters', { phones: [{ raw: '555-555-SHIP' }, { raw: '123' }, { raw: undefined }] }],
    ['no_usable_phone', { phones: [] }],
    ['missing_value:name', { name: undefined }],
    ['text_too_long', { number: 'x'.repeat(1000) }],
  ])('%s', (reason, over) => {
    expect(bodyOf(over)).toEqual({ state: 'REJECTED', reason });
  });

  it('an old order is not announced because someone edited it', () => {
    expect(bodyOf({ placedAt: '2026-11-08T09:59:59Z' })).toEqual({ state: 'EXPIRED', reason: 'order_too_old' });
    expect(bodyOf({ placedAt: '2026-11-08T10:00:01Z' })).toHaveProperty('to');
  });

  it('an old order that became ready just now is announced, however old it is', () => {
    expect(bodyOf({ placedAt: '2025-11-08T10:00:00Z', exact: true })).toHaveProperty('to');
  });

  it('a status that every save repeats counts as ready as long as it is known whether it was announced', () => {
    // 59 days: a day less than the ledger remembers a key.
    expect(bodyOf({ placedAt: '2026-09-24T10:00:01Z', repeats: true })).toHaveProperty('to');
    expect(bodyOf({ placedAt: '2026-09-24T09:59:59Z', repeats: true })).toEqual({
      state: 'EXPIRED',
      reason: 'order_too_old',
    });
    expect(bodyOf({ repeats: true })).toHaveProperty('to');
  });
});
