import { describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { defineClient, slices } from '../../lib/client.ts';

type Input = Parameters<typeof defineClient>[0];

const least: Input = {
  name: 'cafe',
  lineId: 'line-1',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  templates: { 'order-ready': { texts: { en: { body: 'Order {order} is ready.' } }, sources: { custom: {} } } },
};

/** The message for a client file with one thing wrong. */
const refusal = (change: (draft: Record<string, never>) => void): string => {
  const draft = structuredClone(least) as unknown as Record<string, never>;
  change(draft);
  try {
    defineClient(draft as unknown as Input);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the client file was accepted');
};
// biome-ignore lint/suspicious/noExplicitAny: the point is to write what the types forbid
const wrong = (change: (draft: any) => void): string => refusal(change as never);

describe('a client file', () => {
  it('needs little: the rest has sensible values', () => {
    const client = defineClient(least);
    expect(client).toMatchObject({ ezwBaseUrl: 'https://app.ezw.solutions', decisions: [] });
    expect(client.sender).toEqual({ minGapSeconds: 3, hold: { from: 30, to: 900 }, burstPerHour: 200 });
    expect(client.templates['order-ready']).toMatchObject({ usefulFor: 'PT24H', maxOrderAge: 'P14D', button: true });
  });

  it.each<[string, (draft: Record<string, never>) => void, RegExp]>([
    ['an unknown key', (d) => Object.assign(d, { colour: 'red' }), /colour/],
    [
      'an unknown key deep inside',
      (d) => Object.assign(d.templates['order-ready'], { buton: true }),
      /templates\.order-ready: .*buton/,
    ],
    [
      'an unknown placeholder',
      (d) => Object.assign(d.templates['order-ready'], { texts: { en: { body: 'Hi {firstName}' } } }),
      /texts\.en\.body: unknown placeholder \{firstName\}; known: \{name\} \{order\} \{location\}/,
    ],
    [
      'no text for its own locale',
      (d) => Object.assign(d, { locale: 'he' }),
      /templates\.order-ready\.texts\.he: write a text/,
    ],
    ['an unknown country', (d) => Object.assign(d, { country: 'Israel' }), /country: write an ISO country code/],
    ['an unknown zone', (d) => Object.assign(d, { zone: 'Jerusalem' }), /zone: write an IANA time zone/],
    [
      'a duration without fixed length',
      (d) => Object.assign(d.templates['order-ready'], { usefulFor: 'P1M' }),
      /usefulFor: write an ISO 8601 duration/,
    ],
    [
      'a shop over plain http',
      (d) =>
        Object.assign(d.templates['order-ready'], {
          sources: { shopify: { adminApi: 'http://shop.example', clientId: 'x' } },
        }),
      /sources\.shopify\.adminApi: write an https address/,
    ],
    ['no name', (d) => Reflect.deleteProperty(d, 'name'), /name: /],
    [
      'a burst above the usual without a decision on campaigns',
      (d) => Object.assign(d, { sender: { burstPerHour: 201 } }),
      /sender\.burstPerHour: above 200 it needs a decision on "campaigns"/,
    ],
    ['an undecided decision', (d) => Object.assign(d, { decisions: [{ ask: 'bots' }] }), /decisions\.0\.decision/],
  ])('with %s is refused, and the path is named', (_, change, message) => {
    expect(refusal(change)).toMatch(message);
  });

  it('with several mistakes names them all', () => {
    const message = wrong((draft) => Object.assign(draft, { country: 'xx', zone: 'yy' }));
    expect(message).toMatch(/country: /);
    expect(message).toMatch(/zone: /);
  });

  it('may raise the burst limit once a person has decided on campaigns', () => {
    const on = '2026-11-22';
    const decisions = [{ ask: 'campaigns', decision: 'refused', reason: 'sale days', decidedBy: 'Dana', on } as const];
    expect(defineClient({ ...least, sender: { burstPerHour: 600 }, decisions }).sender.burstPerHour).toBe(600);
  });

  it('gives each function its own slice and no other', () => {
    expect(Object.keys(slices(demo))).toEqual(['sender', 'order-ready']);
    expect(slices(demo).sender).toEqual({
      lineId: 'line-demo',
      minGapSeconds: 0,
      hold: { from: 2, to: 30 },
      burstPerHour: 100_000,
    });
    expect(slices(defineClient({ ...least, templates: {} }))).not.toHaveProperty('order-ready');
  });
});
