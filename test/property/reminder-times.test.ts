import { describe, expect, it } from 'vitest';
import { dueAt } from '../../functions/appointment-reminder/stages.ts';
import { changes, zonesWithChanges } from './zones.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

const formatters = new Map<string, Intl.DateTimeFormat>();
/** What the clocks show, by Intl and not by the library that is tested: `2026-10-25 01:30`. */
const shown = (instant: number, zone: string): string => {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone });
    formatters.set(zone, formatter);
  }
  return formatter.format(instant);
};
const wall = (instant: number, zone: string): number => Date.parse(`${shown(instant, zone).replace(' ', 'T')}Z`);

it('there are enough zones and changes to mean something', () => {
  expect(zonesWithChanges.length).toBeGreaterThan(100);
  expect(changes.length).toBeGreaterThan(400);
});

describe('across every change of every zone’s clocks', () => {
  it('24h is the same time on the clock the day before; a time that is skipped is as long after the skip, of two the first', () => {
    let [skipped, doubled] = [0, 0];
    for (const { zone, at, jump } of changes) {
      // Appointments from before the change until a day and a bit after it.
      for (let start = at - 2 * HOUR; start <= at + DAY + 3 * HOUR; start += HOUR / 2) {
        const due = dueAt('24h', iso(start), zone);
        const target = wall(start, zone) - DAY;
        const candidates = [due, due - Math.abs(jump), due + Math.abs(jump)];
        const same = candidates.filter((one) => wall(one, zone) === target);
        if (same.length === 0) {
          skipped += 1;
          expect(wall(due, zone) - target, `${zone} ${iso(start)}`).toBe(jump);
        } else {
          doubled += same.length - 1;
          expect(due, `${zone} ${iso(start)}`).toBe(Math.min(...same));
        }
      }
    }
    expect(skipped).toBeGreaterThan(100);
    expect(doubled).toBeGreaterThan(100);
  });

  it('2h and other hours and minutes are exact', () => {
    for (const { zone, at } of changes) {
      for (const start of [at - HOUR, at, at + HOUR, at + 3 * HOUR]) {
        expect(start - dueAt('2h', iso(start), zone)).toBe(2 * HOUR);
        expect(start - dueAt('PT24H', iso(start), zone)).toBe(DAY);
        expect(start - dueAt('PT90M', iso(start), zone)).toBe(1.5 * HOUR);
      }
    }
  });
});

it.each([
  // The clocks of Jerusalem go forward on 2026-03-27 at 02:00 and back on 2026-10-25 at 02:00.
  ['24h', '2026-03-27T10:00:00+03:00', '2026-03-26T10:00:00+02:00'],
  ['24h', '2026-03-28T02:30:00+03:00', '2026-03-27T03:30:00+03:00'],
  ['24h', '2026-10-26T01:30:00+02:00', '2026-10-25T01:30:00+03:00'],
  ['P1D', '2026-10-25T10:00:00+02:00', '2026-10-24T10:00:00+03:00'],
  ['PT24H', '2026-10-25T10:00:00+02:00', '2026-10-24T11:00:00+03:00'],
  ['P2D', '2026-10-26T10:00:00+02:00', '2026-10-24T10:00:00+03:00'],
  ['P1DT2H', '2026-10-26T10:00:00+02:00', '2026-10-25T08:00:00+02:00'],
  ['2h', '2026-03-27T03:30:00+03:00', '2026-03-27T00:30:00+02:00'],
])('%s before %s in Jerusalem is %s', (stage, start, due) => {
  expect(iso(dueAt(stage, iso(Date.parse(start)), 'Asia/Jerusalem'))).toBe(iso(Date.parse(due)));
});
