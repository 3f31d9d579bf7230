import { describe, expect, it } from 'vitest';
import { count, type Noted, type Stored, sumsOf } from '../../cli/usage/count.ts';
import { csv } from '../../cli/usage/csv.ts';
import { invoice } from '../../cli/usage/invoice.ts';
import { monthOf } from '../../cli/usage/period.ts';
import { KEEP_SECONDS, type SendRecord } from '../../functions/shared/ledger/rules.ts';

const ZONE = 'Asia/Jerusalem';
const NOW = Date.parse('2026-12-05T10:00:00Z');
const november = monthOf('2026-11', ZONE, NOW);

let keys = 0;
const send = (at: string, over: Partial<SendRecord> = {}): SendRecord => {
  const ms = Date.parse(at);
  keys += 1;
  const key = `order:${keys}:ready`;
  return {
    pk: `line#${key}`,
    key,
    template: 'order-ready',
    state: 'ACCEPTED',
    owner: 'o',
    leaseUntil: 0,
    attempts: 1,
    interruptions: 0,
    firstAttemptAt: ms,
    bodyHash: 'h',
    because: { source: 'shopify', told: 'ready', id: String(keys), at },
    asOf: at,
    usefulUntil: at,
    createdAt: ms,
    updatedAt: ms,
    expiresAt: ms / 1000 + KEEP_SECONDS,
    ...over,
  };
};
const neverPosted = { firstAttemptAt: undefined } as unknown as Partial<SendRecord>;
async function* each<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}
const counted = (sends: readonly SendRecord[], over: Partial<Stored> = {}, own = new Set<string>(), month = november) =>
  count({ sends: each(sends), answers: each([]), deliveries: each<Noted>([]), ...over }, month, own, NOW);

describe('a month', () => {
  it('is one of the client’s calendar, summer time and all', () => {
    expect(november).toMatchObject({
      from: Date.parse('2026-10-31T22:00:00Z'),
      to: Date.parse('2026-11-30T22:00:00Z'),
    });
    expect(november.days).toHaveLength(30);
    const october = monthOf('2026-10', ZONE, Date.parse('2026-11-05T10:00:00Z'));
    expect((october.to - october.from) / 3600_000).toBe(31 * 24 + 1);
  });

  it('is this one unless named, by the client’s own date, and says that it is not over', () => {
    const late = monthOf(undefined, ZONE, Date.parse('2026-11-30T22:30:00Z'));
    expect(late).toMatchObject({ name: '2026-12', isOpen: true, days: [{ day: '2026-12-01', known: 'not over' }] });
    expect(monthOf(undefined, 'America/New_York', Date.parse('2026-11-30T22:30:00Z')).name).toBe('2026-11');
  });

  it('that is partly gone says so, of each of its days', () => {
    const month = monthOf('2026-10', ZONE, NOW);
    expect(month).toMatchObject({ isPartlyGone: true, isOpen: false, knownFrom: NOW - KEEP_SECONDS * 1000 });
    expect(month.days.map(({ known }) => known).slice(3, 8)).toEqual(['gone', 'gone', 'partly gone', 'whole', 'whole']);
  });

  it.each([
    ['2026-13', /--month takes a month such as 2026-11/],
    ['2026-1', /--month takes a month/],
    ['november', /--month takes a month/],
    ['2027-01', /2027-01 has not begun/],
    ['2026-09', /Nothing of 2026-09 is known any more: .*60 days.*back to 2026-10-06/],
    ['0000-01', /Nothing of 0000-01 is known any more/],
  ])('%s is refused with what is wrong', (text, says) => {
    expect(() => monthOf(text, ZONE, NOW)).toThrow(says);
  });
});

describe('sends are counted', () => {
  it('by the day of the client’s clocks, the last hour of a month with that month', async () => {
    const { lines } = await counted([
      send('2026-10-31T21:59:59Z'),
      send('2026-10-31T22:00:00Z'),
      send('2026-11-30T21:59:59Z'),
      send('2026-11-30T22:00:00Z'),
    ]);
    expect(lines.map(({ day, count: many }) => [day, many])).toEqual([
      ['2026-11-01', 1],
      ['2026-11-30', 1],
    ]);
  });

  it('once, in the month in which they left, however late the word comes that they arrived', async () => {
    const waited = {
      createdAt: Date.parse('2026-10-31T10:00:00Z'),
      delivery: { status: 'read' as const, at: '2026-12-04T10:00:00Z' },
    };
    const record = send('2026-11-01T06:00:00Z', waited);
    const october = monthOf('2026-10', ZONE, NOW);
    expect((await counted([record], {}, new Set(), october)).lines).toEqual([]);
    expect((await counted([record])).lines).toMatchObject([{ day: '2026-11-01', delivery: 'read', count: 1 }]);
  });

  it('and what was refused, waits or is uncertain is never among what was accepted', async () => {
    const at = '2026-11-10T10:00:00Z';
    const { lines } = await counted([
      send(at),
      send(at, { delivery: { status: 'delivered', at } }),
      send(at, { delivery: { status: 'played', at } }),
      send(at, { delivery: { status: 'failed', at } }),
      send(at, { state: 'REJECTED', reason: 'api_400' }),
      send(at, { ...neverPosted, state: 'REJECTED', reason: 'not_told_of:gift-card' }),
      send(at, { ...neverPosted, state: 'REJECTED', reason: 'not_told_of:test' }),
      send(at, { ...neverPosted, state: 'EXPIRED', reason: 'order_too_old' }),
      send(at, { ...neverPosted, state: 'SUPPRESSED', reason: 'opted_out' }),
      send(at, { state: 'UNKNOWN', reason: 'api_500' }),
      send(at, { ...neverPosted, state: 'HELD', reason: 'person_cap', parked: true }),
    ]);
    expect(sumsOf(lines)).toEqual({
      accepted: 4,
      delivered: 2,
      read: 1,
      failed: 1,
      uncertain: 1,
      waiting: 1,
      refused: 5,
    });
    expect(lines.find(({ reason }) => reason === 'not_told_of')?.count).toBe(2);
  });

  it('with resends, shadow and tests told apart, also resends of an earlier release', async () => {
    const at = '2026-11-10T10:00:00Z';
    const own = new Set(['suppressed#ours']);
    const { lines } = await counted(
      [
        send(at),
        send(at, { because: { source: 'resend', told: 'by hand', id: 'order:1:ready', at, by: 'Noa', why: 'lost' } }),
        send(at, { key: 'order:1:ready:resend:2', because: undefined }),
        // A step of an agency's own, and its second parcel.
        send(at, { key: 'order:1:resend:5' }),
        send(at, { ...neverPosted, state: 'REJECTED', reason: 'shadow', person: 'suppressed#ours' }),
        send(at, { person: 'suppressed#ours' }),
        send(at, { ...neverPosted, state: 'REJECTED', reason: 'test_lead' }),
        send(at, { person: 'suppressed#theirs' }),
      ],
      {},
      own,
    );
    const of = (what: string) => lines.reduce((sum, line) => sum + (line.what === what ? line.count : 0), 0);
    expect(['message', 'resend', 'shadow', 'test'].map(of)).toEqual([3, 2, 1, 2]);
  });

  it('with what test-send and handoff made up as tests, to whatever number, in shadow and sent again too', async () => {
    const at = '2026-11-10T10:00:00Z';
    const { lines, events } = await counted([
      send(at, { key: 'order:TEST-0a1b2c3d:ready' }),
      send(at, { key: 'order:shop::TEST-0a1b2c3e:ready' }),
      send(at, { key: 'lead:handoff-0a1b2c3d:first-touch' }),
      send(at, { key: 'order:handoff-0a1b2c3d-same:ready', state: 'REJECTED', reason: 'shadow' }),
      send(at, { key: 'order:TEST-0a1b2c3d:ready:resend:2', because: undefined }),
      // A shop's own numbers may begin like these.
      send(at, { key: 'order:TEST-1044:ready' }),
      send(at, { key: 'order:TEST-0a1b2c3d4:ready' }),
    ]);
    const of = (what: string) => lines.filter((line) => line.what === what).reduce((sum, one) => sum + one.count, 0);
    expect(['message', 'test', 'shadow', 'resend'].map(of)).toEqual([2, 5, 0, 0]);
    expect(events).toEqual({ shopify: 2 });
  });

  it('with the events behind them: one that became two messages once, and none of resends, answers and tests', async () => {
    const at = '2026-11-10T10:00:00Z';
    const because = { source: 'calendly', told: 'booked', id: 'b1', at };
    const { events, withoutEvent } = await counted([
      send('2026-11-11T10:00:00Z', { because }),
      send('2026-11-12T10:00:00Z', { because }),
      send(at, { because: { ...because, at: '2026-11-10T11:00:00Z' } }),
      send(at, { because: { source: 'resend', told: 'by hand', id: 'b1', at } }),
      send(at, { template: 'auto-reply', because: { source: 'auto-reply', told: 'always', id: 'm1', at } }),
      send(at, { because: undefined }),
      // That an order ended is no message of any release.
      send(at, { ...neverPosted, because: undefined, bodyHash: '', state: 'EXPIRED', reason: 'order_cancelled' }),
      send(at),
    ]);
    expect({ events, withoutEvent }).toEqual({ events: { calendly: 2, shopify: 1 }, withoutEvent: 1 });
  });

  it('with two that an order brought at one instant as two, and one of a form by the same id as a third', async () => {
    const at = '2026-11-10T10:00:00Z';
    const because = { source: 'custom', told: 'confirmed', id: '1', at };
    const { events } = await counted([
      send(at, { because }),
      send(at, { because: { ...because, told: 'delivered' } }),
      send(at, { because, template: 'lead-first-touch' }),
    ]);
    expect(events).toEqual({ custom: 3 });
  });

  it('not at all once they are over, though the table may hold them some days more', async () => {
    const stale = { expiresAt: NOW / 1000 - 1 };
    expect((await counted([send('2026-11-10T10:00:00Z', stale)])).lines).toEqual([]);
    const october = monthOf('2026-10', ZONE, NOW);
    const half = await counted(
      [send('2026-10-02T10:00:00Z', { expiresAt: NOW }), send('2026-10-20T10:00:00Z')],
      {},
      new Set(),
      october,
    );
    expect(half.lines.map(({ day }) => day)).toEqual(['2026-10-20']);
  });

  it('beside what customers wrote and people answered, and what an earlier release did not count of them', async () => {
    const receivedAt = Date.parse('2026-11-10T22:30:00Z');
    const { inbound, answers, uncounted } = await counted([], {
      deliveries: each<Noted>([
        { event: 'messages.post', inbound: 2, receivedAt },
        { event: 'messages.post', inbound: 1, receivedAt },
        { event: 'messages.post', inbound: 0, receivedAt },
        { event: 'messages.post', receivedAt },
        { event: 'statuses.post', receivedAt },
        { event: 'messages.post', inbound: 9, receivedAt: november.to },
      ]),
      answers: each([{ writtenAt: '2026-11-10T10:00:00Z' }, { writtenAt: '2026-12-01T10:00:00Z' }, {}]),
    });
    expect({ inbound, answers, uncounted }).toEqual({
      inbound: { '2026-11-11': 3 },
      answers: { '2026-11-10': 1 },
      uncounted: { deliveries: 1, answers: 1 },
    });
  });
});

describe('the CSV', () => {
  it('is RFC 4180, and nothing in it is a formula to a spreadsheet', () => {
    expect(
      csv([
        ['a', 'b'],
        ['say "hi", all', 7],
        ['two\nlines', 0],
      ]),
    ).toBe('a,b\r\n"say ""hi"", all",7\r\n"two\nlines",0\r\n');
    for (const evil of ['=1+1', '+1', '-1', '@sum(a)', '\t=1', '\r=1', ' =1', '＝1']) {
      expect(csv([[evil]]).replace(/^"/, '')).toMatch(/^'/);
    }
    expect(csv([['מאפייה', -3]])).toBe('מאפייה,-3\r\n');
  });

  it('has a line for each day: with nothing where there was nothing, without a number where nobody knows', async () => {
    const october = monthOf('2026-10', ZONE, NOW);
    const usage = await counted([send('2026-10-20T10:00:00Z')], {}, new Set(), october);
    const rows = invoice('bakery', october, usage).split('\r\n');
    expect(rows[0]).toBe('client,month,day,known,what,template,source,state,delivery,reason,reason_says,count');
    expect(rows).toContain('bakery,2026-10,2026-10-03,gone,message,,,,,,,');
    expect(rows).toContain('bakery,2026-10,2026-10-21,whole,message,,,,,,,0');
    expect(rows).toContain('bakery,2026-10,2026-10-20,whole,message,order-ready,shopify,ACCEPTED,,,,1');
    expect(rows).toContain('bakery,2026-10,,partly gone,event,,shopify,,,,,1');
    expect(new Set(rows.slice(0, -1).map((row) => row.split(',').length))).toEqual(new Set([12]));
  });

  it('says why in words', async () => {
    const refused = send('2026-11-10T10:00:00Z', { ...neverPosted, state: 'SUPPRESSED', reason: 'opted_out' });
    const text = invoice('bakery', november, await counted([refused]));
    expect(text).toContain(
      'SUPPRESSED,,opted_out,"They asked not to be written to. Only they can undo that, by writing START.",1',
    );
  });

  it('says not over of a month and of a day that are not', async () => {
    const month = monthOf('2026-12', ZONE, NOW);
    const rows = invoice('bakery', month, await counted([send('2026-12-05T09:00:00Z')], {}, new Set(), month)).split(
      '\r\n',
    );
    expect(rows.filter((row) => row.includes('not over')).map((row) => row.split(',').slice(2, 5))).toEqual([
      ['2026-12-05', 'not over', 'message'],
      ['2026-12-05', 'not over', 'inbound'],
      ['2026-12-05', 'not over', 'answer'],
      ['', 'not over', 'event'],
    ]);
    expect(rows.some((row) => row.includes('2026-12-06'))).toBe(false);
  });
});
