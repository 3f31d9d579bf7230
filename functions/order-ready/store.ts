import { randomUUID } from 'node:crypto';
import { Ledger } from '../shared/ledger/ledger.ts';
import { alarmClock, ownAlarms } from '../shared/runtime/alarm-clock.ts';
import { env } from '../shared/runtime/config.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import { rowsOf } from '../shared/runtime/rows.ts';
import type { Alarm, OrderTools } from './orders.ts';
import type { Story } from './story.ts';

const alarms = alarmClock<Alarm>(ownAlarms());

/** Where orders of more than one step are kept, what ends their messages, and what rings for them. */
export const store: Pick<OrderTools, 'stories' | 'ledger' | 'setAlarm'> = {
  stories: rowsOf<Story>(env('SENDS_TABLE')),
  ledger: new Ledger(env('SENDS_TABLE'), { now: Date.now, newOwner: randomUUID }),
  setAlarm: (alarm, at) => alarms.set(sha256(JSON.stringify([alarm.orderId, alarm.name])).slice(0, 32), alarm, at),
};
