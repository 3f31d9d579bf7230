import { tellCrm } from '../shared/door/tell-crm.ts';
import { templateHandler } from '../shared/door/template-handler.ts';
import { walkThrough } from '../shared/door/walk.ts';
import { after, becauseOf, queueSend, type SendCommand } from '../shared/ledger/send-command.ts';
import { firstUsablePhone } from '../shared/people/phone.ts';
import { alarmClock, ownAlarms } from '../shared/runtime/alarm-clock.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import { toJson } from '../shared/runtime/json.ts';
import { log } from '../shared/runtime/log.ts';
import { enqueue } from '../shared/runtime/queue.ts';
import { rowsOf } from '../shared/runtime/rows.ts';
import { Appointments } from './appointments.ts';
import type { AppointmentReminderConfig } from './config.ts';
import { underFormerIds, underOwnIds } from './own-ids.ts';
import type { Alarm, StoredRow } from './schema.ts';
import type { SeriesRow } from './series.ts';
import * as sources from './sources.ts';
import { walkOf } from './store.ts';
import { times } from './times.ts';
import { bookingNote, lookUpKey, plan } from './workflow.ts';

/** Shorter than the work queue keeps an event that fails, so that it ends in a state and not among the dead letters. */
const LOOK_UP_FOR = 'P2D';

const config = readConfig<AppointmentReminderConfig>('appointment-reminder', ['sources', 'stages', 'late']);
const send = (command: SendCommand): Promise<void> => queueSend(env('SENDS_QUEUE_URL'), config.lineId, command);
const rows = rowsOf<StoredRow>(env('APPOINTMENTS_TABLE'));
const appointments = new Appointments({
  config,
  rows,
  series: rowsOf<SeriesRow>(env('APPOINTMENTS_TABLE')),
  send,
  log,
  now: Date.now,
  alarms: alarmClock(ownAlarms()),
});

const resync = walkThrough({
  template: 'appointment-reminder',
  lineId: config.keysOf,
  ...walkOf(env('APPOINTMENTS_TABLE'), config.keysOf),
  async each(row, { at, dryRun }) {
    const { alarms, due } = plan(row, config, at);
    if (alarms.length === 0 && !due) return undefined;
    if (!dryRun) await appointments.restore(row, at);
    return { alarms: alarms.length, overdue: due ? 1 : 0 };
  },
  next: (page) => enqueue(env('WORK_QUEUE_URL'), [toJson({ resync: page })]),
  log,
  now: Date.now,
});

export const handler = await templateHandler({
  name: 'appointment-reminder',
  sources,
  settings: config.sources,
  times,
  async onEvent(told) {
    const find = (id: string) => appointments.find(id);
    const event = await underFormerIds(await underOwnIds(told, find), find, (phones) => {
      const found = firstUsablePhone(phones, config);
      return 'phone' in found ? found.phone : undefined;
    });
    await appointments.onEvent(event);
    const note = bookingNote(event, config);
    if (note) await tellCrm(note);
  },
  onAlarm: (alarm) => appointments.onAlarm(alarm as Alarm),
  onResync: resync,
  onLost: ({ id, source, occurredAt, state, reason }) =>
    send({
      key: lookUpKey(id),
      template: 'appointment-reminder',
      asOf: occurredAt,
      usefulUntil: after(occurredAt, LOOK_UP_FOR),
      because: becauseOf(source, 'look-up', id, occurredAt),
      outcome: { state, reason },
    }),
  isLate: (occurredAt) => Date.now() > Date.parse(after(occurredAt, LOOK_UP_FOR)),
  warmUps: [() => rows.read('warm-up')],
});
