import type { Hours } from './config.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Built on first use: making one costs more than everything else here. */
const formatter = (zone: string): Intl.DateTimeFormat => {
  const made = formatters.get(zone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', ...PARTS });
  formatters.set(zone, made);
  return made;
};
const PARTS = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** Whether it is open at an instant, by the wall clock of the zone. A span that ends before it begins runs past midnight. */
export const isOpen = (hours: Hours, zone: string, at: Date): boolean => {
  const { year, month, day, hour, minute } = Object.fromEntries(
    formatter(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  ) as Record<keyof typeof PARTS, string>;
  const now = minutes(`${hour}:${minute}`);
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const spansOf = (shift: number): [number, number][] => {
    const other = new Date(date.getTime() + shift * 24 * 3600_000);
    if (hours.closed.includes(other.toISOString().slice(0, 10))) return [];
    const name = DAYS[other.getUTCDay()] ?? 'sun';
    return hours.days[name].map(([from, to]) => [minutes(from), minutes(to)]);
  };
  const today = spansOf(0).some(([from, to]) => (from < to ? from <= now && now < to : from <= now));
  return today || spansOf(-1).some(([from, to]) => from >= to && now < to);
};
