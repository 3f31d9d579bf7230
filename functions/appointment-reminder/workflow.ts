import { beyondContact } from '../shared/door/answers.ts';
import { nextOpening } from '../shared/hours/opening-hours.ts';
import { becauseOf, type SendCommand } from '../shared/ledger/send-command.ts';
import { firstUsablePhone } from '../shared/people/phone.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import { compose, orRejected } from '../shared/wording/compose.ts';
import { pickText } from '../shared/wording/texts.ts';
import type { AppointmentReminderConfig } from './config.ts';
import {
  type Alarm,
  type AppointmentEvent,
  type AppointmentRow,
  isAlias,
  isBooking,
  isLive,
  type StoredRow,
} from './schema.ts';
import { dueAt } from './stages.ts';
import { capitalised, whenWords, withoutZone } from './when-words.ts';

/** One key per appointment, start and stage. The first start has the contract's plain form. */
export const reminderKey = (appointmentId: string, version: number, stage: string): string =>
  `appointment:${keyPart(appointmentId)}:${version > 1 ? `v${version}:` : ''}${stage}`;

/** Under which a booking is listed that could not be looked up, so that none of its reminders could be set. */
export const lookUpKey = (appointmentId: string): string => `appointment:${keyPart(appointmentId)}:look-up`;

/** What the CRM is told of a booking; undefined where nothing was asked, or nobody can be found by a number. */
export const bookingNote = (event: AppointmentEvent, config: AppointmentReminderConfig) => {
  if (!isBooking(event)) return undefined;
  const answers = beyondContact(event);
  const found = firstUsablePhone(event.phones, config);
  if (answers.length === 0 || 'refusal' in found) return undefined;
  return {
    key: `appointment:${keyPart(event.previousId ?? event.id)}:form`,
    template: 'appointment-reminder',
    phone: found.phone,
    name: event.name,
    answers,
    at: event.updatedAt,
  };
};

/** A row that has a start: what `isLive` promises. */
type Live = AppointmentRow & { readonly startsAt: string; readonly zone: string };

/** What a live appointment needs now. Times are epoch milliseconds. */
export interface Plan {
  /** Reminders of the future. */
  readonly alarms: readonly { readonly stage: string; readonly at: number }[];
  /** The last reminder that is due and was not sent: at once. Earlier ones would say the same a second time. */
  readonly due?: { readonly stage: string; readonly at: number };
}

const wasHandedOver = ({ sent, version }: AppointmentRow, stage: string): boolean => sent[stage] === version;

/** Handed over as the row now stands. Of rows of an earlier release only the version is known. */
const isDone = (row: AppointmentRow, stage: string): boolean =>
  wasHandedOver(row, stage) && (row.told === undefined || row.told[stage] === row.standing);

/** When each stage of a start is due, the first one first. */
const dueTimes = (startsAt: string, zone: string, { stages }: AppointmentReminderConfig): Plan['alarms'] =>
  Object.keys(stages)
    .map((stage) => ({ stage, at: dueAt(stage, startsAt, zone) }))
    .sort((a, b) => a.at - b.at);

/**
 * Which reminders of an appointment lie ahead, and which one is due. None for one that does not take place or has begun. One that was
 * handed over is due again when something else is to be said, or to another number, in case it has not left.
 */
export const plan = (row: AppointmentRow, config: AppointmentReminderConfig, now: number): Plan => {
  const { startsAt, zone = config.zone, remindFrom } = row;
  if (!isLive(row) || startsAt === undefined || Date.parse(startsAt) <= now) return { alarms: [] };
  const stages = dueTimes(startsAt, zone, config);
  const known = remindFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(remindFrom);
  const isPromised = (stage: string): boolean => row.stages === undefined || Object.hasOwn(row.stages, stage);
  const last = stages.findLast(({ stage, at }) => at <= now && (isPromised(stage) || wasHandedOver(row, stage)));
  const isDue = last && !isDone(row, last.stage) && (last.at >= known || wasHandedOver(row, last.stage));
  return { alarms: stages.filter(({ stage, at }) => at > now && !isDone(row, stage)), ...(isDue && { due: last }) };
};

export type Decision =
  /** The alarm means nothing any more. */
  | { readonly kind: 'void'; readonly reason: string }
  /** Outside the client's hours: the same alarm again at that instant (epoch milliseconds). */
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'send'; readonly command: SendCommand };

const whyVoid = (row: StoredRow | undefined, alarm: Alarm, config: AppointmentReminderConfig): string | undefined => {
  if (!row || isAlias(row)) return 'unknown_appointment';
  if (row.version !== alarm.version) return 'superseded';
  if (!isLive(row)) return row.status;
  if (isDone(row, alarm.stage)) return 'already_sent';
  return Object.hasOwn(config.stages, alarm.stage) ? undefined : 'stage_removed';
};

/** A message that is read at `at`, and until when what it says holds, in epoch milliseconds, where that is before the start. */
interface Said {
  readonly outcome: SendCommand['outcome'];
  readonly holdsUntil?: number | undefined;
}

const message = (row: Live, stage: string, config: AppointmentReminderConfig, at: number): Said => {
  const { phone: to } = row;
  if (!to) return { outcome: { state: 'REJECTED', reason: row.noPhone ?? 'no_usable_phone' } };
  const { texts = {}, media } = config.stages[stage] ?? {};
  let holdsUntil: number | undefined;
  const outcome = orRejected(() => {
    const { locale, ...text } = pickText(texts, row.locale, config.locale);
    const { holdsUntil: until, ...when } = whenWords(row, locale, config.country, at);
    const isOurs = config.answers?.when === undefined;
    if (isOurs && [text.body, media?.url].some((template) => template?.includes('{when}'))) holdsUntil = until;
    const isLeftOut = when.zone === undefined && config.answers?.zone === undefined;
    const body = isLeftOut ? withoutZone(text.body) : text.body;
    const first = isOurs && body.trimStart().startsWith('{when}') && { when: capitalised(when.when, locale) };
    const ours = Object.entries({ ...when, ...first }).filter(([name]) => !Object.hasOwn(config.answers ?? {}, name));
    const values = { ...Object.fromEntries(ours), ...row.answers, name: row.name, service: row.service };
    return compose({ to, conversationId: row.conversationId, text: { ...text, body }, values, media });
  });
  return { outcome, holdsUntil };
};

/** The first moment, at an instant or after it, at which a message may reach people; undefined if there is none. */
const opens = (at: number, { sendWindow }: AppointmentReminderConfig): number | undefined =>
  sendWindow ? nextOpening(sendWindow, at) : at;

/**
 * What an alarm means, held against the row as it stands. It is decided for the instant that the alarm was set for, or for now
 * if that is later: an alarm clock never rings early, but a queue can be slow. Where a later stage is due by the moment at which this
 * one may go, that one says it all; and a reminder that waits for the line is of use until the next one may go.
 */
export const decide = (
  row: StoredRow | undefined,
  alarm: Alarm,
  config: AppointmentReminderConfig,
  now: number,
): Decision => {
  const reason = whyVoid(row, alarm, config);
  if (reason !== undefined) return { kind: 'void', reason };
  const live = row as Live;
  const at = Math.max(Date.parse(alarm.scheduledFor), now);
  const start = Date.parse(live.startsAt);
  const stages = dueTimes(live.startsAt, live.zone, config);
  const later = stages.slice(stages.findIndex(({ stage }) => stage === alarm.stage) + 1);
  const next = later.find((one) => (opens(one.at, config) ?? Number.POSITIVE_INFINITY) <= start)?.at ?? start;
  const command = ({ outcome, holdsUntil = start }: Said): Decision => ({
    kind: 'send',
    command: {
      key: reminderKey(live.appointmentId, live.version, alarm.stage),
      template: 'appointment-reminder',
      asOf: live.updatedAt,
      usefulUntil: new Date(Math.min(start, next, holdsUntil)).toISOString(),
      decidedFor: new Date(at).toISOString(),
      premise: { pk: live.pk, standing: live.standing },
      ...(wasHandedOver(live, alarm.stage) && { corrects: true }),
      because: becauseOf(live.source, live.status, live.appointmentId, live.updatedAt),
      to: live.phone,
      outcome,
    },
  });
  const expired = (why: string): Decision => command({ outcome: { state: 'EXPIRED', reason: why } });
  if (at > start) return expired('useful_until_passed');
  const opening = opens(at, config);
  if (opening === undefined || opening > start) return expired('outside_send_window');
  if (later.some((one) => one.at <= opening)) return expired('superseded');
  return opening === at ? command(message(live, alarm.stage, config, at)) : { kind: 'wait', until: opening };
};
