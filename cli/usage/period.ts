import { Temporal } from 'temporal-polyfill';
import { KEEP_SECONDS } from '../../functions/shared/ledger/rules.ts';
import { WrongInput } from '../terminal/errors.ts';

/** How much is known of a day: all of it, what there was until now, what came after the moment that is remembered first, nothing. */
export type Known = 'whole' | 'not over' | 'partly gone' | 'gone';

/** Some days in a row of the client's calendar. Instants are epoch milliseconds. */
export interface Period {
  /** Of a month `2026-11`; of some days the first and the last one, `2026-11-22 to 2026-11-28`. */
  readonly name: string;
  readonly zone: string;
  readonly from: number;
  /** From when on all of it is still known: its beginning, or later. */
  readonly knownFrom: number;
  /** The first instant after it. */
  readonly to: number;
  /** Its days in order, `2026-11-01`, without those that have not begun. */
  readonly days: readonly { readonly day: string; readonly known: Known }[];
  /** True while it goes on. */
  readonly isOpen: boolean;
  /** True if a part of it is forgotten already. */
  readonly isPartlyGone: boolean;
}

/** The first instant of which all is still known. */
const rememberedFrom = (now: number): number => now - KEEP_SECONDS * 1000;

const startOf = (date: Temporal.PlainDate, zone: string): number => date.toZonedDateTime(zone).epochMilliseconds;

const knownOf = (from: number, to: number, now: number): Known => {
  const since = rememberedFrom(now);
  if (to <= since) return 'gone';
  if (from < since) return 'partly gone';
  return now < to ? 'not over' : 'whole';
};

const dateAt = (ms: number, zone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate();

/** So many days from one on, as far as they have begun. */
const periodOf = (name: string, first: Temporal.PlainDate, count: number, zone: string, now: number): Period => {
  const [from, to] = [startOf(first, zone), startOf(first.add({ days: count }), zone)];
  const days = Array.from({ length: count }, (_, i) => first.add({ days: i }))
    .map((date) => ({ date, from: startOf(date, zone), to: startOf(date.add({ days: 1 }), zone) }))
    .filter((one) => one.from <= now)
    .map((one) => ({ day: one.date.toString(), known: knownOf(one.from, one.to, now) }));
  const knownFrom = Math.max(from, rememberedFrom(now));
  return { name, zone, from, knownFrom, to, days, isOpen: now < to, isPartlyGone: from < knownFrom };
};

/** The last so many days with this one. */
export const lastDays = (count: number, zone: string, now: number): Period => {
  const last = dateAt(now, zone);
  const first = last.subtract({ days: count - 1 });
  return periodOf(count === 1 ? `${last}` : `${first} to ${last}`, first, count, zone, now);
};

/** `2026-11`; the month of `now` unless given. @throws WrongInput for what is no month, has not begun or is forgotten */
export const monthOf = (text: string | undefined, zone: string, now: number): Period => {
  const name = text ?? dateAt(now, zone).toString().slice(0, 7);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(name)) throw new WrongInput('--month takes a month such as 2026-11.');
  const first = Temporal.PlainDate.from(`${name}-01`);
  const [from, to] = [startOf(first, zone), startOf(first.add({ months: 1 }), zone)];
  if (from > now) throw new WrongInput(`${name} has not begun in ${zone}.`);
  if (to <= rememberedFrom(now)) {
    const since = dateAt(rememberedFrom(now), zone);
    throw new WrongInput(
      `Nothing of ${name} is known any more: sends are kept for 60 days, which is back to ${since}. Keep the CSV of each month when it is over.`,
    );
  }
  return periodOf(name, first, first.daysInMonth, zone, now);
};

/** Names the day of the client's calendar of an instant (epoch milliseconds), as `2026-11-26`. */
export const dayNamer = (zone: string): ((ms: number) => string) => {
  const { format } = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return format;
};
