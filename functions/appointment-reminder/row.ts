import { answerValues } from '../shared/door/answers.ts';
import { firstUsablePhone } from '../shared/people/phone.ts';
import { keyPart, sha256 } from '../shared/runtime/hashes.ts';
import type { AppointmentReminderConfig } from './config.ts';
import { type AppointmentEvent, type AppointmentRow, type Booking, isBooking, isLive } from './schema.ts';

const DAY_MS = 24 * 3600_000;
/** A row goes so long after the appointment; what sends an event again does so for a day or two. */
const KEEP_AFTER_START_MS = 7 * DAY_MS;
/** What ended, or is only an alias, holds nothing of the person and stays until no source can come back to it. */
const KEEP_MS = 60 * DAY_MS;

/** Who is reminded and what is said beside the time: a reminder that waits with something else of it is composed anew. */
type Said = Pick<
  AppointmentRow,
  'zone' | 'otherZone' | 'name' | 'phone' | 'noPhone' | 'service' | 'locale' | 'conversationId' | 'answers'
>;
type Details = Said & Pick<AppointmentRow, 'remindFrom' | 'stages'> & { readonly startsAt: string };

const said = ({ zone, otherZone, name, phone, noPhone, service, locale, conversationId, answers }: Said): Said => ({
  zone,
  otherZone,
  name,
  phone,
  noPhone,
  service,
  locale,
  conversationId,
  answers,
});

const standingOf = (version: number, details: Said): string => `v${version}.${digestOf(said(details))}`;

const digestOf = (value: unknown): string => sha256(JSON.stringify(value)).slice(0, 12);

/** What an event, or a row that turned out to be part of another one's chain, says. */
export interface Fact {
  readonly kind: AppointmentEvent['kind'];
  readonly link: string;
  readonly trace?: string | undefined;
  readonly source?: string | undefined;
  /** Ids that are surely older than `link`. */
  readonly ancestors: readonly string[];
  readonly updatedAt: string;
  readonly sequence?: number | undefined;
  readonly receivedAt?: string | undefined;
  /** Names the delivery, or what it says. */
  readonly heard: readonly string[];
  /** Of a booking. */
  readonly details?: Details;
  readonly isAboutTime?: true | undefined;
}

const knownZone = (zone: string | undefined, fallback: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone ?? fallback }).resolvedOptions().timeZone;
  } catch {
    return fallback;
  }
};

/**
 * Whose clocks count: those of the place where people meet in person, else those of whoever booked. A zone that is unknown is the
 * client's.
 */
const clocksOf = ({ zone, place }: Booking, own: string): Pick<Details, 'zone' | 'otherZone'> => {
  const guest = knownZone(zone, own);
  const told = place ? knownZone(place.zone, own) : guest;
  return { zone: told, ...(guest !== told && { otherZone: guest }) };
};

export const factOf = (event: AppointmentEvent, config: AppointmentReminderConfig): Fact => {
  const { kind, id: link, previousId, updatedAt, sequence, receivedAt, delivery, ...says } = event;
  const common = {
    kind,
    link,
    source: event.source,
    ancestors: previousId === undefined || previousId === link ? [] : [previousId],
    updatedAt,
    sequence,
    receivedAt,
    heard: [digestOf(delivery ?? [kind, link, previousId, sequence, says])],
  };
  if (!isBooking(event)) return common;
  const { startsAt, name, service, locale, conversationId, phones, isAboutTime } = event;
  const found = firstUsablePhone(phones, config);
  const who = 'phone' in found ? { phone: found.phone } : { noPhone: found.refusal };
  const remindFrom = config.late === 'send' ? undefined : event.receivedAt;
  const answers = config.answers && answerValues(event.answers, config.answers);
  const clocks = clocksOf(event, config.zone);
  const stages = Object.fromEntries(Object.keys(config.stages).map((stage) => [stage, true as const]));
  return {
    ...common,
    isAboutTime,
    details: { startsAt, ...clocks, name, ...who, service, locale, conversationId, answers, stages, remindFrom },
  };
};

/**
 * What a row says that was kept under an id of its own until `previousId` showed what it belongs to. Its reminders that were
 * due may have gone out under its own key, so none of them goes out again. `now`: epoch milliseconds.
 */
export const factOfRow = (row: AppointmentRow, previousId: string, now: number): Fact => {
  const { status: kind, link, past, updatedAt, sequence, receivedAt, heard = {}, startsAt } = row;
  return {
    kind,
    link,
    trace: row.trace,
    source: row.source,
    updatedAt,
    sequence,
    receivedAt,
    heard: Object.keys(heard),
    isAboutTime: row.lacksWho,
    ancestors: [...Object.keys(past), ...(row.appointmentId === link ? [] : [row.appointmentId]), previousId],
    ...(startsAt !== undefined &&
      isLive(row) && {
        details: { startsAt, ...said(row), stages: row.stages, remindFrom: new Date(now).toISOString() },
      }),
  };
};

/** At one and the same time, and where nothing counts them, the event that ends more counts, in whichever order the two come. */
const RANK: Readonly<Record<Fact['kind'], number>> = { booked: 0, moved: 1, replaced: 2, cancelled: 3 };

const apart = (fact: Fact, row: AppointmentRow): number => Date.parse(fact.updatedAt) - Date.parse(row.updatedAt);

const isUnheard = (fact: Fact, { heard = {} }: AppointmentRow): boolean =>
  fact.heard.some((delivery) => !Object.hasOwn(heard, delivery));

const isNewer = (fact: Fact, row: AppointmentRow): boolean => {
  const follows = fact.ancestors.includes(row.link);
  // An id that it was known by before may come back, as of a slot: by a later move of what it is now, or booked anew after its end.
  const beginsAnew = fact.kind === 'booked' && row.status === 'cancelled';
  if (Object.hasOwn(row.past, fact.link)) return (follows || beginsAnew) && apart(fact, row) > 0;
  if (follows) return true;
  const counted = fact.sequence === undefined || row.sequence === undefined ? 0 : fact.sequence - row.sequence;
  const order = apart(fact, row) || counted || RANK[fact.kind] - RANK[row.status];
  if (order !== 0) return order > 0;
  // Two of one kind: the one that was first heard of later. What was heard before is a repeat, whenever it comes.
  return isUnheard(fact, row) && Date.parse(fact.receivedAt ?? '') >= Date.parse(row.receivedAt ?? '');
};

/** A source says few things in one instant. */
const MAX_HEARD = 20;

const heardOfBoth = (fact: Fact, row: AppointmentRow | undefined): AppointmentRow['heard'] => {
  const before = row && apart(fact, row) === 0 ? Object.keys(row.heard ?? {}) : [];
  const all = [...new Set([...fact.heard, ...before])].slice(0, MAX_HEARD);
  return Object.fromEntries(all.map((delivery) => [delivery, true as const]));
};

/** Old news: of who it is, where only that is not known, or of which only so much is noted that a repeat of it is one. */
const unmoved = (fact: Fact, row: AppointmentRow): AppointmentRow => {
  const { details, isAboutTime } = fact;
  if (row.lacksWho && details && !isAboutTime && isLive(row)) {
    const { zone, otherZone, service } = row;
    const who = { ...said(details), zone, otherZone, service };
    const standing = standingOf(row.version, who);
    return { ...row, ...who, lacksWho: undefined, standing, rev: row.rev + 1 };
  }
  return noted(fact, row);
};

const noted = (fact: Fact, row: AppointmentRow): AppointmentRow =>
  apart(fact, row) === 0 && isUnheard(fact, row) ? { ...row, heard: heardOfBoth(fact, row), rev: row.rev + 1 } : row;

/** The person as known before, where an event says nothing of them. */
const withWho = ({ name, phone, noPhone, locale, answers, ...details }: Details, row: AppointmentRow): Details => ({
  ...details,
  name: name ?? row.name,
  ...(phone === undefined && row.phone !== undefined ? { phone: row.phone } : { phone, noPhone }),
  locale: locale ?? row.locale,
  answers: answers ?? row.answers,
});

/**
 * The row after a fact; the very same row when the fact is old news that was noted.
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
  if (row && !isNewer(fact, row)) return unmoved(fact, row);
  const { lineId, appointmentId } = identity;
  const { kind, link, ancestors, updatedAt, sequence, receivedAt } = fact;
  const details = fact.details && (fact.isAboutTime && row ? withWho(fact.details, row) : fact.details);
  const older = [...Object.keys(row?.past ?? {}), ...(row ? [row.link] : []), ...ancestors].filter((id) => id !== link);
  const common = {
    pk: pkOf(lineId, appointmentId),
    appointmentId,
    status: kind,
    link,
    source: fact.source,
    updatedAt,
    trace: fact.trace ?? row?.trace,
    sequence,
    receivedAt,
    heard: heardOfBoth(fact, row),
    began: row ? (row.began ?? row.updatedAt) : updatedAt,
    past: Object.fromEntries(older.map((id) => [id, true as const])),
    sent: row?.sent ?? {},
    // What waited when it was ended may have expired in the meantime.
    told: details ? (row ? row.told : {}) : {},
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
    standing: standingOf(counted, details),
    lacksWho: fact.isAboutTime && details.phone === undefined ? true : undefined,
    // What was promised of a start stays what it was.
    ...(row && sameStart && isLive(row) && { remindFrom: row.remindFrom, stages: row.stages }),
    expiresAt: Math.floor((Math.max(now, Date.parse(details.startsAt)) + KEEP_AFTER_START_MS) / 1000),
  };
};

/** `keyPart` leaves no `#` in an id, so no id can look like another line's. */
export const pkOf = (lineId: string, appointmentId: string): string => `${lineId}#${keyPart(appointmentId)}`;

export const aliasExpiry = (now: number, startsAt: string | undefined): number =>
  Math.floor((Math.max(now, Date.parse(startsAt ?? '') || now) + KEEP_MS) / 1000);
