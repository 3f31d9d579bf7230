/**
 * When a client is open: when messages may reach people, and when people see to what comes in. Built on Intl alone: the sender's
 * bundle has no room for a date library.
 */
export interface OpeningHours {
  /** IANA. */
  readonly zone: string;
  /** `HH:MM`; a span whose `to` is not after its `from` ends on the next day. */
  readonly hours: readonly { readonly days: readonly Day[]; readonly from: string; readonly to: string }[];
  /** `YYYY-MM-DD`: closed from midnight to midnight, also in the small hours of a span that began the day before. */
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
const isClosed = (open: OpeningHours, date: number): boolean =>
  open.closed.includes(new Date(date).toISOString().slice(0, 10));

/** `[from, to)` of every span that opens on a date (midnight of the wall clock). */
const openings = (open: OpeningHours, date: number): [number, number][] => {
  if (isClosed(open, date)) return [];
  const day = DAYS[new Date(date).getUTCDay()] as Day;
  return open.hours
    .filter(({ days }) => days.includes(day))
    .map(({ from, to }) => {
      const [begins, ends] = [minutes(from), minutes(to)];
      const length = ends > begins ? ends : ends + 24 * 60;
      return [instantShowing(date + begins * MINUTE, open.zone), instantShowing(date + length * MINUTE, open.zone)];
    });
};

const dateOf = (open: OpeningHours, instant: number): number => {
  const wall = wallClock(instant, open.zone);
  return wall - (((wall % DAY) + DAY) % DAY);
};

/** Whether it is open at an instant (epoch milliseconds). */
export const isOpen = (open: OpeningHours, instant: number): boolean => {
  const date = dateOf(open, instant);
  if (isClosed(open, date)) return false;
  return [date - DAY, date].some((day) => openings(open, day).some(([from, to]) => from <= instant && instant < to));
};

/** The instant itself if it is open then, else when it opens next; `undefined` if it never does. */
export const nextOpening = (open: OpeningHours, instant: number): number | undefined => {
  if (isOpen(open, instant)) return instant;
  const date = dateOf(open, instant);
  for (let days = -1; days <= MAX_DAYS; days += 1) {
    const next = openings(open, date + days * DAY)
      .map(([from]) => from)
      .filter((from) => from > instant && isOpen(open, from));
    if (next.length > 0) return Math.min(...next);
  }
  return undefined;
};

/** More spans than a wait of half a day is made of. */
const MAX_SPANS = 1000;

/** The instant by which it has been open for so long (milliseconds) since another; `undefined` if it never is. */
export const afterOpen = (open: OpeningHours, instant: number, ms: number): number | undefined => {
  let [at, left] = [instant, ms];
  for (let spans = 0; spans < MAX_SPANS; spans += 1) {
    const begins = nextOpening(open, at);
    if (begins === undefined) return undefined;
    const ends = openUntil(open, begins);
    if (begins + left <= ends) return begins + left;
    left -= ends - begins;
    at = ends;
  }
  return undefined;
};

/** Of an instant at which it is open: until when it surely is, though another span may begin there. */
const openUntil = (open: OpeningHours, instant: number): number => {
  const date = dateOf(open, instant);
  const next = date + DAY;
  const ends = [date - DAY, date].flatMap((day) => openings(open, day).map(([, to]) => to));
  const midnight = isClosed(open, next) ? [instantShowing(next, open.zone)] : [];
  return Math.min(...[...ends, ...midnight].filter((end) => end > instant));
};
