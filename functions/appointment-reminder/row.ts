import { answerValues } from '../shared/door/answers.ts';
import { firstUsablePhone } from '../shared/people/phone.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import type { AppointmentReminderConfig } from './config.ts';
import { type AppointmentEvent, type AppointmentRow, isBooking, isLive } from './schema.ts';

const DAY_MS = 24 * 3600_000;
/** A row goes so long after the appointment; what sends an event again does so for a day or two. */
const KEEP_AFTER_START_MS = 7 * DAY_MS;
/** What ended, or is only an alias, holds nothing of the person and stays until no source can come back to it. */
const KEEP_MS = 60 * DAY_MS;

type Details = Pick<
  AppointmentRow,
  'zone' | 'name' | 'phone' | 'noPhone' | 'service' | 'locale' | 'answers' | 'remindFrom'
> & {
  readonly startsAt: string;
};

/** What an event, or a row that turned out to be part of another one's chain, says. */
export interface Fact {
  readonly kind: AppointmentEvent['kind'];
  readonly link: string;
  /** Ids that are surely older than `link`. */
  readonly ancestors: readonly string[];
  readonly updatedAt: string;
  /** Of a booking. */
  readonly details?: Details;
}

const knownZone = (zone: string | undefined, fallback: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone ?? fallback }).resolvedOptions().timeZone;
  } catch {
    return fallback;
  }
};

export const factOf = (event: AppointmentEvent, config: AppointmentReminderConfig): Fact => {
  const { kind, id: link, previousId, updatedAt } = event;
  const common = {
    kind,
    link,
    ancestors: previousId === undefined || previousId === link ? [] : [previousId],
    updatedAt,
  };
  if (!isBooking(event)) return common;
  const { startsAt, name, service, locale, phones } = event;
  const zone = knownZone(event.zone, config.zone);
  const found = firstUsablePhone(phones, config);
  const who = 'phone' in found ? { phone: found.phone } : { noPhone: found.refusal };
  const remindFrom = config.late === 'send' ? undefined : event.receivedAt;
  const answers = config.answers && answerValues(event.answers, config.answers);
  return { ...common, details: { startsAt, zone, name, ...who, service, locale, answers, remindFrom } };
};

/**
 * What a row says that was kept under an id of its own until `previousId` showed what it belongs to. Its reminders that were
 * due may have gone out under its own key, so none of them goes out again. `now`: epoch milliseconds.
 */
export const factOfRow = (row: AppointmentRow, previousId: string, now: number): Fact => {
  const { status: kind, link, past, updatedAt, startsAt, zone, name, phone, noPhone, service, locale, answers } = row;
  return {
    kind,
    link,
    updatedAt,
    ancestors: [...Object.keys(past), ...(row.appointmentId === link ? [] : [row.appointmentId]), previousId],
    ...(startsAt !== undefined &&
      isLive(row) && {
        details: {
          startsAt,
          zone,
          name,
          phone,
          noPhone,
          service,
          locale,
          answers,
          remindFrom: new Date(now).toISOString(),
        },
      }),
  };
};

/** At one and the same time the event that ends more counts, in whichever order the two come. */
const RANK: Readonly<Record<Fact['kind'], number>> = { booked: 0, moved: 1, replaced: 2, cancelled: 3 };

const isNewer = (fact: Fact, row: AppointmentRow): boolean => {
  if (Object.hasOwn(row.past, fact.link)) return false;
  if (fact.ancestors.includes(row.link)) return true;
  const later = Date.parse(fact.updatedAt) - Date.parse(row.updatedAt);
  return later > 0 || (later === 0 && RANK[fact.kind] > RANK[row.status]);
};

/**
 * The row after a fact; the very same row when the fact is old news.
 *
 *   older than what the row shows, or of an id that another one took the place of → nothing
 *   a booking with another start   → the version rises: reminders of the old start are void, the new one gets its own
 *   a booking with the same start  → the same version, newer details
 *   cancelled, replaced            → no reminders until a newer booking; who it was is forgotten at once
 *
 * A cancellation that comes before its booking makes a row of its own, so that the booking finds it and loses.
 */
export const rowAfter = (
  row: AppointmentRow | undefined,
  fact: Fact,
  identity: { readonly lineId: string; readonly appointmentId: string },
  now: number,
): AppointmentRow => {
  if (row && !isNewer(fact, row)) return row;
  const { lineId, appointmentId } = identity;
  const { kind, link, ancestors, updatedAt, details } = fact;
  const older = [...Object.keys(row?.past ?? {}), ...(row ? [row.link] : []), ...ancestors].filter((id) => id !== link);
  const common = {
    pk: pkOf(lineId, appointmentId),
    appointmentId,
    status: kind,
    link,
    updatedAt,
    past: Object.fromEntries(older.map((id) => [id, true as const])),
    sent: row?.sent ?? {},
    rev: (row?.rev ?? 0) + 1,
  };
  const version = row?.version ?? 0;
  if (!details) {
    const last = Math.max(now, Date.parse(row?.startsAt ?? '') || now);
    return {
      ...common,
      version,
      standing: kind,
      startsAt: row?.startsAt,
      expiresAt: Math.floor((last + KEEP_MS) / 1000),
    };
  }
  const sameStart = row?.startsAt === details.startsAt;
  const counted = sameStart ? version : version + 1;
  return {
    ...common,
    ...details,
    version: counted,
    standing: `v${counted}`,
    remindFrom: row && sameStart && isLive(row) ? row.remindFrom : details.remindFrom,
    expiresAt: Math.floor((Math.max(now, Date.parse(details.startsAt)) + KEEP_AFTER_START_MS) / 1000),
  };
};

/** `keyPart` leaves no `#` in an id, so no id can look like another line's. */
export const pkOf = (lineId: string, appointmentId: string): string => `${lineId}#${keyPart(appointmentId)}`;

export const aliasExpiry = (now: number, startsAt: string | undefined): number =>
  Math.floor((Math.max(now, Date.parse(startsAt ?? '') || now) + KEEP_MS) / 1000);
