import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { DAYS, isOpen, nextOpening, type OpeningHours } from '../../functions/shared/hours/opening-hours.ts';
import { type Change, changes } from './zones.ts';

const HOUR = 3600_000;
const MINUTE = 60_000;

/** The same rules in Temporal: `[from, to)` of every window that opens on a date. */
const openings = (window: OpeningHours, date: Temporal.PlainDate): [number, number][] => {
  if (window.closed.includes(date.toString())) return [];
  const day = DAYS[date.dayOfWeek % 7];
  const at = (time: string): number => {
    const [hours, minutes] = time.split(':').map(Number) as [number, number];
    const on = hours === 24 ? date.add({ days: 1 }) : date;
    return on.toPlainDateTime({ hour: hours % 24, minute: minutes }).toZonedDateTime(window.zone).epochMilliseconds;
  };
  return window.hours
    .filter(({ days }) => days.some((one) => one === day))
    .map(({ from, to }) => {
      if (to > from) return [at(from), at(to)];
      const next = date.add({ days: 1 }).toPlainDateTime(Temporal.PlainTime.from(to));
      return [at(from), next.toZonedDateTime(window.zone).epochMilliseconds];
    });
};

const expectedOpen = (window: OpeningHours, instant: number): boolean => {
  const date = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(window.zone).toPlainDate();
  if (window.closed.includes(date.toString())) return false;
  return [date.subtract({ days: 1 }), date].some((one) =>
    openings(window, one).some(([from, to]) => from <= instant && instant < to),
  );
};

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '59'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const hours = fc.record({
  days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
  from: time,
  to: fc.oneof(time, fc.constant('24:00')),
});

/** A window of a zone whose clocks change, and an instant near the change. */
const near = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -60 * 24 * 4, max: 60 * 24 * 4 }));
const closedNear = (change: Change, days: readonly number[]): string[] =>
  days.map((day) => new Date(change.at + day * 24 * HOUR).toISOString().slice(0, 10));
const example = fc
  .tuple(
    near,
    fc.array(hours, { minLength: 1, maxLength: 3 }),
    fc.array(fc.integer({ min: -4, max: 8 }), { maxLength: 4 }),
  )
  .map(([[change, offset], open, closed]) => {
    const window: OpeningHours = { zone: change.zone, hours: open, closed: closedNear(change, closed) };
    return { window, instant: change.at + offset * MINUTE };
  });

describe('for any window in any zone, near a change of its clocks', () => {
  it('it is open exactly when Temporal says so', () => {
    let open = 0;
    fc.assert(
      fc.property(example, ({ window, instant }) => {
        open += isOpen(window, instant) ? 1 : 0;
        expect(isOpen(window, instant)).toBe(expectedOpen(window, instant));
      }),
      { numRuns: 2000 },
    );
    expect(open).toBeGreaterThan(400);
  });

  it('the next opening is open, not in the past, and nothing before it is', () => {
    fc.assert(
      fc.property(example, ({ window, instant }) => {
        const next = nextOpening(window, instant) as number;
        expect(next).toBeGreaterThanOrEqual(instant);
        expect(expectedOpen(window, next)).toBe(true);
        if (next > instant) expect(expectedOpen(window, next - 1)).toBe(false);
        for (let at = instant; at < Math.min(next, instant + 72 * HOUR); at += 15 * MINUTE) {
          expect(expectedOpen(window, at)).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('a window', () => {
  const jerusalem = (from: string, to: string, over: Partial<OpeningHours> = {}): OpeningHours => ({
    zone: 'Asia/Jerusalem',
    hours: [{ days: [...DAYS], from, to }],
    closed: [],
    ...over,
  });
  const at = (text: string): number => Date.parse(text);
  const opens = (window: OpeningHours, text: string): string | undefined => {
    const next = nextOpening(window, at(text));
    return next === undefined ? undefined : new Date(next).toISOString();
  };

  it('is open from its first minute to before its last', () => {
    const window = jerusalem('09:00', '20:00');
    expect(isOpen(window, at('2026-11-22T09:00:00+02:00'))).toBe(true);
    expect(isOpen(window, at('2026-11-22T20:00:00+02:00') - 1)).toBe(true);
    expect(isOpen(window, at('2026-11-22T20:00:00+02:00'))).toBe(false);
    expect(opens(window, '2026-11-22T20:00:00+02:00')).toBe('2026-11-23T07:00:00.000Z');
  });

  it('that wraps midnight belongs to the day on which it opens', () => {
    const window = jerusalem('20:00', '02:00', {
      hours: [{ days: ['thu'], from: '20:00', to: '02:00' }],
    });
    expect(isOpen(window, at('2026-11-27T01:59:00+02:00'))).toBe(true);
    expect(isOpen(window, at('2026-11-27T02:00:00+02:00'))).toBe(false);
    expect(isOpen(window, at('2026-11-26T01:00:00+02:00'))).toBe(false);
    expect(opens(window, '2026-11-27T02:00:00+02:00')).toBe('2026-12-03T18:00:00.000Z');
  });

  it('does not open on a closed date, and ends at midnight before one', () => {
    const window = jerusalem('20:00', '02:00', { closed: ['2026-11-27'] });
    expect(isOpen(window, at('2026-11-26T23:59:59+02:00'))).toBe(true);
    expect(isOpen(window, at('2026-11-27T00:30:00+02:00'))).toBe(false);
    expect(isOpen(window, at('2026-11-28T00:30:00+02:00'))).toBe(false);
    expect(opens(window, '2026-11-27T00:30:00+02:00')).toBe('2026-11-28T18:00:00.000Z');
  });

  it('keeps its hours when the clocks change', () => {
    const window = jerusalem('09:00', '20:00');
    expect(opens(window, '2026-10-24T21:00:00+03:00')).toBe('2026-10-25T07:00:00.000Z');
    expect(opens(window, '2026-03-26T21:00:00+02:00')).toBe('2026-03-27T06:00:00.000Z');
  });

  it('from and to the same time is open all day, and so is one to 24:00', () => {
    for (const window of [jerusalem('00:00', '24:00'), jerusalem('08:00', '08:00')]) {
      for (let hour = 0; hour < 48; hour += 1)
        expect(isOpen(window, at('2026-11-22T00:00:00Z') + hour * HOUR)).toBe(true);
    }
  });

  it('that is closed for good never opens', () => {
    const closed = Array.from({ length: 500 }, (_, i) =>
      new Date(at('2026-11-20T00:00:00Z') + i * 24 * HOUR).toISOString().slice(0, 10),
    );
    expect(nextOpening(jerusalem('09:00', '20:00', { closed }), at('2026-11-22T10:00:00Z'))).toBeUndefined();
  });
});
