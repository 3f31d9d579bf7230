import { Temporal } from 'temporal-polyfill';

/** What people call a day before is the same time on the clock, not 24 hours: the same as `P1D`. Two hours are two hours. */
const NAMES: Readonly<Record<string, string>> = { '24h': 'P1D', '2h': 'PT2H' };

/**
 * When the reminder of a stage is due, in epoch milliseconds. Days are days of the calendar in the appointment's zone: a time
 * that the clocks skip on that day becomes the one as long after the skip, of one that they show twice it is the first.
 * Hours, minutes and seconds are exact.
 * @param stage `24h`, `2h` or an ISO 8601 duration
 * @param startsAt ISO 8601 instant
 */
export const dueAt = (stage: string, startsAt: string, zone: string): number =>
  Temporal.Instant.from(startsAt)
    .toZonedDateTimeISO(zone)
    .subtract(NAMES[stage] ?? stage).epochMilliseconds;
