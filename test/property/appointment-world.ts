import { Appointments } from '../../functions/appointment-reminder/appointments.ts';
import type { AppointmentReminderConfig } from '../../functions/appointment-reminder/config.ts';
import type { Alarm, StoredRow } from '../../functions/appointment-reminder/schema.ts';
import { isRequest, type SendCommand } from '../../functions/shared/ledger/send-command.ts';
import type { AlarmClock } from '../../functions/shared/runtime/alarm-clock.ts';
import { decode, encode } from '../../functions/shared/runtime/attributes.ts';
import type { Rows } from '../../functions/shared/runtime/rows.ts';

export const HOUR = 3600_000;
export const ZONE = 'Asia/Jerusalem';
/** An ordinary week, and two in which the clocks change. */
export const BEGINNINGS = ['2026-11-22T10:00:00Z', '2027-03-24T10:00:00Z', '2026-10-23T10:00:00Z'].map(Date.parse);
export const iso = (epochMs: number): string => new Date(epochMs).toISOString();

export const config = (over: Partial<AppointmentReminderConfig>): AppointmentReminderConfig => ({
  lineId: 'line',
  keysOf: 'line',
  country: 'IL',
  locale: 'en',
  zone: ZONE,
  late: 'skip',
  sources: {},
  stages: { '24h': { texts: { en: { body: '{time} {date}' } } }, '2h': { texts: { en: { body: '{time} {date}' } } } },
  ...over,
});

class Broken extends Error {}

/** The function's appointments with all that they call, on a clock of ours: a table, an alarm clock, the line and its ledger. */
export class World {
  now: number;
  readonly rows = new Map<string, StoredRow>();
  readonly alarms = new Map<string, { alarm: Alarm; at: number }>();
  readonly ringing: Alarm[] = [];
  readonly sent: { command: SendCommand; at: number }[] = [];
  /** Handed over, and not looked at by the sender yet. */
  readonly queue: SendCommand[] = [];
  /** What the sender knows of a key. */
  readonly records = new Map<string, { asOf: string; left?: { command: SendCommand; at: number }; reason?: string }>();
  /** `{pk} v{version}` → its start. */
  readonly starts = new Map<string, string>();
  readonly config: AppointmentReminderConfig;
  readonly appointments: Appointments;
  /** Breaks the call that it counts down to, before or after its effect. */
  fuse: { left: number; after: boolean } | undefined;
  hasBroken = false;

  constructor(settings: AppointmentReminderConfig, begin: number) {
    this.now = begin;
    this.config = settings;
    const rows: Rows<StoredRow> = {
      read: (pk) => this.#call(() => structuredClone(this.rows.get(pk))),
      write: (row, seen) =>
        this.#call(() => {
          if (this.rows.get(row.pk)?.rev !== seen?.rev) return false;
          this.rows.set(row.pk, decode(encode(row)) as unknown as StoredRow);
          if ('startsAt' in row && row.startsAt) this.starts.set(`${row.pk} v${row.version}`, row.startsAt);
          return true;
        }),
    };
    const alarms: AlarmClock<Alarm> = {
      set: (name, alarm, at) =>
        this.#call(() => {
          this.alarms.set(name, { alarm, at });
        }),
      clear: (name) =>
        this.#call(() => {
          this.alarms.delete(name);
        }),
    };
    const send = (command: SendCommand): Promise<void> =>
      this.#call(() => {
        this.sent.push({ command, at: this.now });
        this.queue.push(command);
      });
    this.appointments = new Appointments({
      config: settings,
      rows,
      series: { read: async () => undefined, write: async () => true },
      alarms,
      send,
      log: () => {},
      now: () => this.now,
    });
  }

  /** Turns of the event loop that each call takes in turn, so that two events at once meet at every point. */
  turns: readonly number[] = [];
  #calls = 0;

  async #call<T>(effect: () => T): Promise<T> {
    this.#calls += 1;
    for (let i = this.turns[this.#calls % this.turns.length] ?? 0; i > 0; i -= 1) await Promise.resolve();
    const breaks = this.fuse !== undefined && this.fuse.left-- === 0;
    if (breaks && !this.fuse?.after) throw new Broken();
    const result = effect();
    if (breaks) throw new Broken();
    return result;
  }

  /** True if it went through. */
  async attempt(work: () => Promise<void>, fuse?: { left: number; after: boolean }): Promise<boolean> {
    this.fuse = fuse && { ...fuse };
    this.hasBroken ||= fuse !== undefined;
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return false;
    } finally {
      this.fuse = undefined;
    }
  }

  /** The sender takes what waits, in order: each holds against its row, its time and what left before under its key. */
  leave(): void {
    for (const command of this.queue.splice(0)) {
      const { key, asOf, outcome, premise, usefulUntil } = command;
      const before = this.records.get(key);
      if (before?.left || (before && Date.parse(asOf) < Date.parse(before.asOf))) continue;
      const row = this.rows.get(premise?.pk ?? '');
      const holds = row !== undefined && 'standing' in row && row.standing === premise?.standing;
      const reason = !isRequest(outcome)
        ? outcome.reason
        : this.now > Date.parse(usefulUntil)
          ? 'useful_until_passed'
          : holds
            ? undefined
            : 'no_longer_true';
      this.records.set(key, { asOf, ...(reason ? { reason } : { left: { command, at: this.now } }) });
    }
  }

  /** Moves the clock; what is due rings, that is: waits in the queue. */
  pass(ms: number): void {
    this.now += ms;
    for (const [name, { alarm, at }] of this.alarms) {
      if (at > this.now) continue;
      this.alarms.delete(name);
      this.ringing.push(alarm);
    }
  }
}
