import { beyondContact } from '../shared/door/answers.ts';
import { nextOpening } from '../shared/hours/opening-hours.ts';
import type { SendCommand } from '../shared/ledger/send-command.ts';
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
import { whenWords } from './when-words.ts';

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

/** Which reminders of an appointment lie ahead, and which one is due. None for one that does not take place or has begun. */
export const plan = (row: AppointmentRow, config: AppointmentReminderConfig, now: number): Plan => {
  const { startsAt, zone = config.zone, version, sent, remindFrom } = row;
  if (!isLive(row) || startsAt === undefined || Date.parse(startsAt) <= now) return { alarms: [] };
  const stages = Object.keys(config.stages)
    .map((stage) => ({ stage, at: dueAt(stage, startsAt, zone) }))
    .filter(({ stage }) => sent[stage] !== version)
    .sort((a, b) => a.at - b.at);
  const known = remindFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(remindFrom);
  const due = stages.findLast(({ at }) => at <= now && at >= known);
  return { alarms: stages.filter(({ at }) => at > now), ...(due && { due }) };
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
  if (row.sent[alarm.stage] === alarm.version) return 'already_sent';
  return Object.hasOwn(config.stages, alarm.stage) ? undefined : 'stage_removed';
};

const message = (row: Live, stage: string, config: AppointmentReminderConfig): SendCommand['outcome'] => {
  const { phone: to } = row;
  if (!to) return { state: 'REJECTED', reason: row.noPhone ?? 'no_usable_phone' };
  const { texts: written = {}, media } = config.stages[stage] ?? {};
  const texts = Object.entries(written).map(([locale, text]) => [locale, { ...text, locale }] as const);
  return orRejected(() => {
    const text = pickText(Object.fromEntries(texts), row.locale, config.locale);
    const when = whenWords(row.startsAt, row.zone, text.locale, config.country);
    return compose({ to, text, values: { ...row.answers, ...when, name: row.name, service: row.service }, media });
  });
};

/**
 * What an alarm means, held against the row as it stands. It is decided for the instant that the alarm was set for, or for now
 * if that is later: an alarm clock never rings early, but a queue can be slow.
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
  const command = (outcome: SendCommand['outcome']): Decision => ({
    kind: 'send',
    command: {
      key: reminderKey(live.appointmentId, live.version, alarm.stage),
      template: 'appointment-reminder',
      asOf: live.updatedAt,
      usefulUntil: live.startsAt,
      decidedFor: new Date(at).toISOString(),
      premise: { pk: live.pk, standing: live.standing },
      outcome,
    },
  });
  const start = Date.parse(live.startsAt);
  if (at > start) return command({ state: 'EXPIRED', reason: 'useful_until_passed' });
  const opening = config.sendWindow ? nextOpening(config.sendWindow, at) : at;
  if (opening === at) return command(message(live, alarm.stage, config));
  if (opening === undefined || opening > start) return command({ state: 'EXPIRED', reason: 'outside_send_window' });
  return { kind: 'wait', until: opening };
};
