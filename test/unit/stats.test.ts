import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../cli/stats/figures.ts';
import { spreadOf, timesOf } from '../../cli/stats/times.ts';
import { lastDays } from '../../cli/usage/period.ts';
import { KEEP_SECONDS, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { type ClientInput, defineClient } from '../../lib/client.ts';

const ZONE = 'Asia/Jerusalem';
const NOW = Date.parse('2026-11-28T10:00:00Z');
const INPUT: ClientInput = {
  name: 'bakery',
  lineId: 'line-1',
  country: 'IL',
  zone: ZONE,
  locale: 'en',
  contacts: { operator: { name: 'Noa', phone: '+972501230001', email: 'noa@agency.example' } },
  templates: {},
};
const client = defineClient(INPUT);
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
/** Open from nine to seven in Jerusalem: 07:00 to 17:00 UTC in November. */
const withHours = defineClient({
  ...INPUT,
  sendWindow: { hours: [{ days: [...days], from: '09:00', to: '19:00' }], closed: [] },
});

let keys = 0;
const send = (happened: string, tookMs: number, over: Partial<SendRecord> = {}): SendRecord => {
  const at = Date.parse(happened);
  keys += 1;
  const key = `order:${keys}:ready`;
  return {
    pk: `line-1#${key}`,
    key,
    template: 'order-ready',
    state: 'ACCEPTED',
    owner: 'o',
    leaseUntil: 0,
    attempts: 1,
    interruptions: 0,
    firstAttemptAt: at + tookMs,
    bodyHash: 'h',
    because: { source: 'shopify', told: 'ready', id: String(keys), at: happened },
    asOf: happened,
    usefulUntil: happened,
    queuedAt: at + 500,
    createdAt: at + tookMs,
    updatedAt: at + tookMs,
    expiresAt: at / 1000 + KEEP_SECONDS,
    ...over,
  };
};
const neverPosted = { firstAttemptAt: undefined } as unknown as Partial<SendRecord>;
async function* each<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}
const counted = (sends: readonly SendRecord[], { of = client, many = 7, now = NOW, own = new Set<string>() } = {}) =>
  figuresOf(each(sends), of, lastDays(many, ZONE, now), own, now);

describe('the last days', () => {
  it('are those of the client’s clocks, with this one', () => {
    const late = Date.parse('2026-11-28T22:30:00Z');
    expect(lastDays(2, ZONE, late).days.map(({ day, known }) => [day, known])).toEqual([
      ['2026-11-28', 'whole'],
      ['2026-11-29', 'not over'],
    ]);
    expect(lastDays(1, 'America/New_York', late)).toMatchObject({ name: '2026-11-28', isOpen: true });
  });

  it('have a day of 25 hours and one of 23 where the clocks change, and no send is in two or in none', async () => {
    // The clocks of Jerusalem go back on 2026-10-25 at 02:00, and forward on 2027-03-26 at 02:00.
    for (const [now, hours, day, from] of [
      ['2026-10-26T10:00:00Z', 25, '2026-10-25', '2026-10-24T21:00:00Z'],
      ['2027-03-27T10:00:00Z', 23, '2027-03-26', '2027-03-25T22:00:00Z'],
    ] as const) {
      const period = lastDays(2, ZONE, Date.parse(now));
      expect(period.from).toBe(Date.parse(from));
      expect((period.to - period.from) / 3600_000).toBe(hours + 24);
      const everyHour = Array.from({ length: hours + 24 }, (_, i) =>
        send(new Date(period.from + i * 3600_000).toISOString(), 0),
      );
      const figures = await counted(everyHour, { many: 2, now: Date.parse(now) });
      expect(figures.days.map((one) => [one.name, one.accepted])).toContainEqual([day, hours]);
      expect(figures.total.accepted).toBe(hours + 24);
    }
  });

  it('of 60 days are all known, and before them nothing is counted', async () => {
    const period = lastDays(60, ZONE, NOW);
    expect(new Set(period.days.map(({ known }) => known))).toEqual(new Set(['whole', 'not over']));
    expect(period.isPartlyGone).toBe(false);
    const { total } = await counted([send('2026-11-21T21:59:59Z', 0), send('2026-11-21T22:00:00Z', 0)]);
    expect(total.accepted).toBe(1);
  });
});

describe('a percentile', () => {
  it('of nothing is unknown, of one that one, of two the lower and the higher', () => {
    expect(spreadOf([])).toEqual({ count: 0, p50: null, p95: null });
    expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p95: 7 });
    expect(spreadOf([9, 7])).toEqual({ count: 2, p50: 7, p95: 9 });
  });

  it('is by the nearest rank, in whatever order they come', () => {
    const values = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
    expect(spreadOf(values)).toEqual({ count: 100, p50: 50, p95: 95 });
    expect(spreadOf([3, 1, 2, 10])).toEqual({ count: 4, p50: 2, p95: 10 });
  });
});

describe('how long a message took', () => {
  const of = (record: SendRecord, whose = client) => timesOf(whose)(record);

  it('is from its event to its first post, and to the phone while it is delivered and not read', () => {
    const at = '2026-11-26T10:00:00Z';
    expect(of(send(at, 2_000))).toEqual({ wait: 'none', left: 2_000 });
    const delivery = { status: 'delivered' as const, at: '2026-11-26T10:00:05Z' };
    expect(of(send(at, 2_000, { delivery }))).toEqual({ wait: 'none', left: 2_000, arrived: 5_000 });
    // WhatsApp says whole seconds: nothing arrives before it left.
    expect(of(send(at, 5_400, { delivery }))).toEqual({ wait: 'none', left: 5_400, arrived: 5_400 });
    expect(of(send(at, 2_000, { delivery: { ...delivery, status: 'read' } }))).toEqual({ wait: 'none', left: 2_000 });
  });

  it('is of what was accepted alone, and of a source whose clock is fast nothing', () => {
    const at = '2026-11-26T10:00:00Z';
    expect(of(send(at, 2_000, { state: 'UNKNOWN' }))).toBeUndefined();
    expect(of(send(at, 2_000, { ...neverPosted, state: 'REJECTED' }))).toBeUndefined();
    expect(of(send(at, -3_000))).toEqual({ wait: 'none', left: 0 });
  });

  it('of what waited for the client’s hours stands apart: a night is not the machine', () => {
    // In the night, for the morning; and ten minutes before they close, for the next morning.
    expect(of(send('2026-11-26T22:00:00Z', 9 * 3600_000), withHours)).toMatchObject({ wait: 'hours' });
    expect(of(send('2026-11-26T16:50:00Z', 14.2 * 3600_000), withHours)).toMatchObject({ wait: 'hours' });
    // While they are open: a line that was down for an hour is the machine.
    expect(of(send('2026-11-26T10:00:00Z', 3600_000), withHours)).toEqual({ wait: 'none', left: 3600_000 });
    // Without hours, and in answer to a person, a night is the machine.
    expect(of(send('2026-11-26T22:00:00Z', 9 * 3600_000))).toMatchObject({ wait: 'none' });
    const answer = send('2026-11-26T22:00:00Z', 9 * 3600_000, { template: 'auto-reply' });
    expect(of(answer, withHours)).toMatchObject({ wait: 'none' });
  });

  it('of a reminder is from its own moment, and stands apart too', () => {
    const queuedAt = Date.parse('2026-11-27T10:00:00Z');
    const reminder = { template: 'appointment-reminder', queuedAt, firstAttemptAt: queuedAt + 1_500 };
    expect(of(send('2026-11-20T10:00:00Z', 0, reminder))).toEqual({ wait: 'later', left: 1_500 });
    const overnight = { ...reminder, queuedAt: Date.parse('2026-11-26T22:00:00Z') };
    expect(of(send('2026-11-20T10:00:00Z', 0, overnight), withHours)).toMatchObject({
      wait: 'hours',
      left: 43_201_500,
    });
  });

  it('of a reminder that was due minutes after its booking is from its own moment; one that was due at once waited for nothing', () => {
    const at = '2026-11-26T10:00:00Z';
    const reminder = (minutes: number) => {
      const queuedAt = Date.parse(at) + minutes * 60_000;
      return send(at, 0, { template: 'appointment-reminder', queuedAt, firstAttemptAt: queuedAt + 1_500 });
    };
    expect(of(reminder(11.8))).toEqual({ wait: 'later', left: 1_500 });
    expect(of(reminder(0.2))).toEqual({ wait: 'none', left: 13_500 });
    // Of what sets no alarms so long a wait for the queue is the machine.
    const order = send(at, 709_500, { queuedAt: Date.parse(at) + 708_000 });
    expect(of(order)).toEqual({ wait: 'none', left: 709_500 });
  });

  it('of what left while the hours are closed is not theirs: they were others then', () => {
    expect(of(send('2026-11-26T20:00:00Z', 3600_000), withHours)).toEqual({ wait: 'none', left: 3600_000 });
    expect(of(send('2026-11-26T16:50:00Z', 3600_000), withHours)).toEqual({ wait: 'none', left: 3600_000 });
  });
});

describe('the figures', () => {
  it('are by day and template, with the percentiles of those that had nothing to wait for', async () => {
    const figures = await counted(
      [
        send('2026-11-26T10:00:00Z', 1_000),
        send('2026-11-26T11:00:00Z', 3_000),
        send('2026-11-26T23:00:00Z', 8 * 3600_000),
        send('2026-11-27T10:00:00Z', 5_000, { template: 'lead-first-touch' }),
        send('2026-11-27T10:00:00Z', 0, { ...neverPosted, state: 'SUPPRESSED', reason: 'opted_out' }),
      ],
      { of: withHours },
    );
    expect(figures.days.find(({ name }) => name === '2026-11-26')).toMatchObject({
      accepted: 2,
      left: { count: 2, p50: 1_000, p95: 3_000 },
    });
    expect(figures.total).toMatchObject({ accepted: 4, refused: 1, left: { count: 3, p50: 3_000, p95: 5_000 } });
    expect(figures.paces.map(({ template, wait, left }) => [template, wait, left.count])).toEqual([
      ['lead-first-touch', 'none', 1],
      ['order-ready', 'none', 2],
      ['order-ready', 'hours', 1],
    ]);
    expect(figures.ofDays.map(({ day, template, accepted }) => [day, template, accepted])).toEqual([
      ['2026-11-26', 'order-ready', 2],
      ['2026-11-27', 'lead-first-touch', 1],
      ['2026-11-27', 'order-ready', 1],
    ]);
    expect(figures.refused).toEqual([
      { state: 'SUPPRESSED', reason: 'opted_out', count: 1, says: expect.stringContaining('START') },
    ]);
  });

  it('hold no test, resend or shadow among the times', async () => {
    const at = '2026-11-26T10:00:00Z';
    const { total } = await counted(
      [
        send(at, 1_000),
        send(at, 60_000, { person: 'ours' }),
        send(at, 60_000, { key: 'order:TEST-0a1b2c3d:ready' }),
        send(at, 60_000, {
          because: { source: 'resend', told: 'by hand', id: 'order:1:ready', at, by: 'N', why: 'w' },
        }),
        send(at, 60_000, { state: 'REJECTED', reason: 'shadow' }),
      ],
      { own: new Set(['ours']) },
    );
    expect(total).toMatchObject({ accepted: 1, tests: 2, resends: 1, shadow: 1, left: { count: 1, p95: 1_000 } });
  });

  it('hold no mark that an order ended: one that was cancelled is not two refused messages', async () => {
    const at = '2026-11-26T10:00:00Z';
    const ended = { ...neverPosted, state: 'EXPIRED', reason: 'order_cancelled' } as const;
    const { because: _, ...mark } = send(at, 0, { ...ended, bodyHash: '' });
    const told = send(at, 0, { ...neverPosted, state: 'REJECTED', reason: 'nothing_told_before' });
    const { total, refused, lines } = await counted([mark, told]);
    expect(total.refused).toBe(1);
    expect(refused.map(({ reason, count }) => [reason, count])).toEqual([['nothing_told_before', 1]]);
    expect(lines).toHaveLength(1);
    // One that waited, and was ended, is one that did not leave.
    expect((await counted([send(at, 0, ended)])).total.refused).toBe(1);
  });

  it('say what waits now, of whichever day, by reason and since when; nothing that is over', async () => {
    const held = { ...neverPosted, state: 'HELD' as const };
    const { waiting, total } = await counted([
      send('2026-11-01T10:00:00Z', 0, { ...held, reason: 'outside_send_window' }),
      send('2026-11-27T10:00:00Z', 0, { ...held, reason: 'outside_send_window' }),
      send('2026-11-27T11:00:00Z', 0, { state: 'UNKNOWN', reason: 'api_500', parked: true }),
      send('2026-11-27T12:00:00Z', 0, { state: 'UNKNOWN', reason: 'api_500' }),
      send('2026-09-01T12:00:00Z', 0, { ...held, reason: 'outside_send_window' }),
      send('2026-11-27T12:00:00Z', 0),
    ]);
    expect(waiting.map(({ state, parked, reason, count, since }) => [state, parked, reason, count, since])).toEqual([
      ['HELD', false, 'outside_send_window', 2, Date.parse('2026-11-01T10:00:00.500Z')],
      ['UNKNOWN', true, 'api_500', 1, Date.parse('2026-11-27T11:00:00.500Z')],
      ['UNKNOWN', false, 'api_500', 1, Date.parse('2026-11-27T12:00:00.500Z')],
    ]);
    expect(total.waiting).toBe(1);
    for (const { says } of waiting) expect(says).not.toBe('');
  });

  it('of a table of any length keep no record: what was read is let go before the last one comes', async () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const read: WeakRef<SendRecord>[] = [];
    let kept: number | undefined;
    async function* many(): AsyncGenerator<SendRecord> {
      for (let i = 0; i < 2_000; i += 1) {
        const record = send('2026-11-26T10:00:00Z', i);
        read.push(new WeakRef(record));
        yield record;
      }
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      kept = read.filter((one) => one.deref() !== undefined).length;
      yield send('2026-11-26T10:00:00Z', 2_000);
    }
    const { total } = await figuresOf(many(), client, lastDays(7, ZONE, NOW), new Set(), NOW);
    expect(total.left).toEqual({ count: 2_001, p50: 1_000, p95: 1_900 });
    expect(kept).toBeLessThan(20);
  });
});
