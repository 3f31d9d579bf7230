import { Temporal } from 'temporal-polyfill';

/** A change of a zone's clocks: the instant, and by how many milliseconds they jump (negative: an hour is shown twice). */
export interface Change {
  readonly zone: string;
  readonly at: number;
  readonly jump: number;
}

const FROM = '2026-01-01T00:00:00Z';
const TO = Date.parse('2028-01-01T00:00:00Z');

const changesOf = (zone: string): Change[] => {
  const found: Change[] = [];
  let now = Temporal.Instant.from(FROM).toZonedDateTimeISO(zone);
  for (;;) {
    const next = now.getTimeZoneTransition('next');
    if (!next || next.epochMilliseconds >= TO) return found;
    const before = next.subtract({ nanoseconds: 1 });
    const jump = (next.offsetNanoseconds - before.offsetNanoseconds) / 1e6;
    // Some are a new name or law for the same clock.
    if (jump !== 0) found.push({ zone, at: next.epochMilliseconds, jump });
    now = next;
  }
};

/** Every change of every zone's clocks in two years. */
export const changes: readonly Change[] = Intl.supportedValuesOf('timeZone').flatMap(changesOf);
export const zonesWithChanges: readonly string[] = [...new Set(changes.map(({ zone }) => zone))];
