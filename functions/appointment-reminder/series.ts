import { aliasExpiry } from './row.ts';
import type { Booking, Ending } from './schema.ts';

/** The appointments of a series, for a calendar that ends many of them in one event. */
export interface SeriesRow {
  /** `{lineId}#series#{id}`: no id of an appointment holds `#` in its key. */
  readonly pk: string;
  /** First id of each → ISO 8601, its start. */
  readonly members: Readonly<Record<string, string>>;
  /** All of it that starts at `from` or later, and was known to the source at `updatedAt`, does not take place. */
  readonly ended?: { readonly from: string; readonly updatedAt: string } | undefined;
  /** Counts the writes. */
  readonly rev: number;
  /** Epoch seconds; DynamoDB's TTL. */
  readonly expiresAt: number;
}

type Told = { readonly appointmentId: string; readonly event: Booking | Ending };

export const seriesPk = (lineId: string, id: string): string => `${lineId}#series#${id}`;

/** The row after one of its events; the very same row when nothing of it is new. */
export const seriesAfter = (
  row: SeriesRow | undefined,
  pk: string,
  { appointmentId, event }: Told,
  now: number,
): SeriesRow => {
  const members = { ...row?.members, ...('startsAt' in event && { [appointmentId]: event.startsAt }) };
  const ends = 'startsAt' in event ? undefined : event.series;
  const isNews = ends && !(row?.ended && Date.parse(row.ended.updatedAt) >= Date.parse(event.updatedAt));
  const ended = isNews ? { from: ends.from, updatedAt: event.updatedAt } : row?.ended;
  if (row && row.members[appointmentId] === members[appointmentId] && ended === row.ended) return row;
  const expiries = Object.values(members).map((startsAt) => aliasExpiry(now, startsAt));
  const expiresAt = Math.max(aliasExpiry(now, undefined), ...expiries);
  return { pk, members, ended, rev: (row?.rev ?? 0) + 1, expiresAt };
};

/** Whether one that starts then ended with the series. */
export const isEndedIn = ({ ended }: SeriesRow, startsAt: string | undefined): boolean =>
  ended !== undefined && startsAt !== undefined && Date.parse(startsAt) >= Date.parse(ended.from);
