import type { ClientFacts, PlannedSend, Template } from '../shared/door/template.ts';
import { wordFinder } from '../shared/wording/words.ts';
import { type AppointmentReminderConfig, appointmentReminderSchema, LATER } from './config.ts';
import { factOf, rowAfter } from './row.ts';
import type { Alarm, AppointmentRow, Event } from './schema.ts';
import * as sources from './sources.ts';
import { times } from './times.ts';
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

/** Not the words that mean "morning" too. */
const saysTomorrow = wordFinder(['tomorrow', 'מחר', 'غدا', 'amanhã', 'demain', 'domani', 'завтра']);

export const template: Template<Event, typeof appointmentReminderSchema> = {
  title: { en: 'Appointment reminder', he: 'תזכורת לתור' },
  description: 'Reminds people of their appointments',
  settings: appointmentReminderSchema,
  sources,
  alarmsFrom: 'appointments',
  reminds: true,
  // Two clients more, for its table and for its alarms (65 kB), Temporal for days across a change of the clocks (56 kB), and
  // the walk through its table (5 kB), seats and series (5 kB). Its door notes whose proofs it refuses (1.5 kB), and gives an event its id (1 kB), and its lines that of its source (1 kB).
  bundleBytes: 561_500,
  example: (locale) => {
    const [body, name] = locale.startsWith('he')
      ? ['שלום {name}, נתראה {when} בשעה {time}.', 'לך']
      : ['Hi {name}, see you {when} at {time}.', 'there'];
    const stage = () => ({ texts: { [locale]: { body, ifMissing: { name } } } });
    return { stages: { '24h': stage(), '2h': stage() } };
  },
  warnings: ({ stages, answers = {} }) => [
    ...LATER.filter((name) => Object.hasOwn(answers, name)).map((name) => ({
      path: ['answers', name],
      message: `hides {${name}} of this template: write another word, if you want to use that`,
    })),
    ...Object.entries(stages).flatMap(([stage, { texts }]) =>
      Object.entries(texts).flatMap(([locale, { body }]) =>
        saysTomorrow(body)
          ? [
              {
                path: ['stages', stage, 'texts', locale, 'body'],
                message:
                  'names a day that may be another one when the message leaves: write {when}, which says today, tomorrow or the date, and is not sent once that is over',
              },
            ]
          : [],
      ),
    ),
  ],
  times,
  ahead: (row: AppointmentRow, config, now) => plan(row, config, now).alarms,
  sends(event, config, now) {
    // Of a booking that was moved the first one gives the key.
    const appointmentId = event.previousId ?? event.id;
    const identity = { lineId: config.keysOf, appointmentId };
    const row = rowAfter(undefined, factOf(event, config), identity, now);
    const { alarms, due } = plan(row, config, now);
    return [...(due ? [due] : []), ...alarms].flatMap(({ stage, at }) => {
      const scheduledFor = new Date(at).toISOString();
      const alarm = { appointmentId, version: row.version, stage, scheduledFor };
      return ringing(row, alarm, config, Math.max(at, now));
    });
  },
};
