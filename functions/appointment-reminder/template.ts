import type { ClientFacts, PlannedSend, Template } from '../shared/door/template.ts';
import { type AppointmentReminderConfig, appointmentReminderSchema } from './config.ts';
import { factOf, rowAfter } from './row.ts';
import type { Alarm, AppointmentRow, Event } from './schema.ts';
import * as sources from './sources.ts';
import { decide, plan } from './workflow.ts';

/** The message of a reminder's alarm, which waits for the client's hours if it must. */
const ringing = (
  row: AppointmentRow,
  alarm: Alarm,
  config: AppointmentReminderConfig & ClientFacts,
  at: number,
): PlannedSend[] => {
  const decision = decide(row, alarm, config, at);
  if (decision.kind === 'void') return [];
  if (decision.kind === 'send') return [{ at, command: decision.command }];
  const scheduledFor = new Date(decision.until).toISOString();
  return ringing(row, { ...alarm, scheduledFor }, config, decision.until);
};

export const template: Template<Event, typeof appointmentReminderSchema> = {
  title: { en: 'Appointment reminder', he: 'תזכורת לתור' },
  description: 'Reminds people of their appointments',
  settings: appointmentReminderSchema,
  sources,
  // Two clients more, for its table and for its alarms (65 kB), and Temporal for days across a change of the clocks (56 kB).
  bundleBytes: 526_000,
  example: (locale) => {
    const [dayBefore, sameDay, name] = locale.startsWith('he')
      ? ['שלום {name}, נתראה ב{day}, {date} בשעה {time}.', 'שלום {name}, נתראה היום בשעה {time}.', 'לך']
      : ['Hi {name}, see you on {day}, {date} at {time}.', 'Hi {name}, see you today at {time}.', 'there'];
    const texts = (body: string) => ({ texts: { [locale]: { body, ifMissing: { name } } } });
    return { stages: { '24h': texts(dayBefore), '2h': texts(sameDay) } };
  },
  sends(event, config, now) {
    // Of a booking that was moved the first one gives the key.
    const appointmentId = event.previousId ?? event.id;
    const identity = { lineId: config.lineId, appointmentId };
    const row = rowAfter(undefined, factOf(event, config), identity, now);
    const { alarms, due } = plan(row, config, now);
    return [...(due ? [due] : []), ...alarms].flatMap(({ stage, at }) => {
      const scheduledFor = new Date(at).toISOString();
      const alarm = { appointmentId, version: row.version, stage, scheduledFor };
      return ringing(row, alarm, config, Math.max(at, now));
    });
  },
};
