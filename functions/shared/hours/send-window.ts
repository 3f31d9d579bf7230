/** When a client's messages may reach people. Built on Intl alone: the sender's bundle has no room for a date library. */
export interface SendWindow {
  /** IANA. */
  readonly zone: string;
  /** `HH:MM`; a window whose `to` is not after its `from` ends on the next day. */
  readonly hours: readonly { readonly days: readonly Day[]; readonly from: string; readonly to: string }[];
  /** `YYYY-MM-DD`: nothing is sent on these dates, not even in the small hours of a window that began the day before. */
  readonly closed: readonly string[];
}

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Whoever closes for longer than that has closed for good. */
const MAX_DAYS = 400;

const formatters = new Map<string, Intl.DateTimeFormat>();

const formatterOf = (zone: string): Intl.DateTimeFormat => {
  const known = formatters.get(zone);
  if (known) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    ...numeric,
    second: 'numeric',
  });
  formatters.set(zone, made);
  return made;
};

/** What the clocks of a zone show at an instant, as the epoch milliseconds at which UTC shows the same; whole seconds. */
const wallClock = (instant: number, zone: string): number => {
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

const offsetAt = (instant: number, zone: string): number =>
  wallClock(instant, zone) - Math.floor(instant / 1000) * 1000;

/**
 * The instant at which a zone's clocks show `wall`: the first one where they show it twice, and where they skip it the one
 * that is as long after the skip as `wall` is after its beginning (Temporal's `compatible`).
 */
const instantShowing = (wall: number, zone: string): number => {
  const before = wall - offsetAt(wall - DAY, zone);
  const after = wall - offsetAt(wall + DAY, zone);
  const shown = [before, after].filter((instant) => wallClock(instant, zone) === wall);
  return shown.length > 0 ? Math.min(...shown) : before;
};

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const isClosed = (window: SendWindow, date: number): boolean =>
  window.closed.includes(new Date(date).toISOString().slice(0, 10));

/** `[from, to)` of every window that opens on a date (midnight of the wall clock). */
const openings = (window: SendWindow, date: number): [number, number][] => {
  if (isClosed(window, date)) return [];
  const day = DAYS[new Date(date).getUTCDay()] as Day;
  return window.hours
    .filter(({ days }) => days.includes(day))
    .map(({ from, to }) => {
      const [begins, ends] = [minutes(from), minutes(to)];
      const length = ends > begins ? ends : ends + 24 * 60;
      return [instantShowing(date + begins * MINUTE, window.zone), instantShowing(date + length * MINUTE, window.zone)];
    });
};

const dateOf = (window: SendWindow, instant: number): number => {
  const wall = wallClock(instant, window.zone);
  return wall - (((wall % DAY) + DAY) % DAY);
};

/** Whether messages may go out at an instant (epoch milliseconds). */
export const isOpen = (window: SendWindow, instant: number): boolean => {
  const date = dateOf(window, instant);
  if (isClosed(window, date)) return false;
  return [date - DAY, date].some((day) => openings(window, day).some(([from, to]) => from <= instant && instant < to));
};

/** The instant itself if the window is open, else when it opens next; `undefined` if it never does. */
export const nextOpening = (window: SendWindow, instant: number): number | undefined => {
  if (isOpen(window, instant)) return instant;
  const date = dateOf(window, instant);
  for (let days = -1; days <= MAX_DAYS; days += 1) {
    const next = openings(window, date + days * DAY)
      .map(([from]) => from)
      .filter((from) => from > instant && isOpen(window, from));
    if (next.length > 0) return Math.min(...next);
  }
  return undefined;
};
