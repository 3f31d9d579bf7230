import { isRequest, type SendCommand } from '../shared/ledger/send-command.ts';
import type { AlarmClock } from '../shared/runtime/alarm-clock.ts';
import { Unavailable } from '../shared/runtime/errors.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import type { Log } from '../shared/runtime/log.ts';
import { marked, marks } from '../shared/runtime/marks.ts';
import type { Rows } from '../shared/runtime/rows.ts';
import { alarmName } from './alarm-name.ts';
import type { AppointmentReminderConfig } from './config.ts';
import { aliasExpiry, type Fact, factOf, factOfRow, pkOf, rowAfter } from './row.ts';
import {
  type Alarm,
  type AppointmentEvent,
  type AppointmentRow,
  type Booking,
  type Ending,
  isAlias,
  isLive,
  type StoredRow,
} from './schema.ts';
import { isEndedIn, type SeriesRow, seriesAfter, seriesPk } from './series.ts';
import { decide, plan } from './workflow.ts';

export interface AppointmentTools {
  readonly config: AppointmentReminderConfig;
  readonly rows: Rows<StoredRow>;
  readonly series: Rows<SeriesRow>;
  readonly alarms: AlarmClock<Alarm>;
  readonly send: (command: SendCommand) => Promise<void>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Contended writes are tried again at once so many times; then the queue brings the event back. */
const MAX_TRIES = 8;
/** A booking system moves an appointment a few times, not dozens of times in one breath. */
const MAX_HOPS = 20;
/** Alarms of so many versions before this one are cleared away: those that a crash may have left. Older ones ring for nothing. */
const VERSIONS_BACK = 3;

/**
 * Takes what sources say and what alarms ring for. The row is written first and the alarms set after it, both so that doing it
 * again changes nothing: a crash in between is mended by the queue, which brings the event back.
 */
export class Appointments {
  readonly #tools: AppointmentTools;

  constructor(tools: AppointmentTools) {
    this.#tools = tools;
  }

  /** The row that an id leads to. */
  async find(id: string): Promise<AppointmentRow | undefined> {
    const row = await this.#tools.rows.read(this.#pk(await this.#follow(id)));
    return row && !isAlias(row) ? row : undefined;
  }

  async onEvent(event: AppointmentEvent): Promise<void> {
    const fact = { ...factOf(event, this.#tools.config), trace: marks().trace };
    const id = await this.#firstId(event, fact);
    await this.#settle(await this.#write(id, fact));
    if ('series' in event && event.series) await this.#ofSeries(event.series.id, id, event);
  }

  /**
   * Sets the alarms anew that a row has ahead at an instant (epoch milliseconds), and goes on with what was due by then and was
   * not handed over, as after an event that comes late.
   */
  async restore(row: AppointmentRow, at: number): Promise<void> {
    await this.#settle(row, at);
  }

  /** It is followed by what the event of its booking is. */
  async onAlarm(alarm: Alarm): Promise<void> {
    const row = await this.#tools.rows.read(this.#pk(alarm.appointmentId));
    const trace = row && !isAlias(row) ? row.trace : undefined;
    await marked({ trace, id: keyPart(alarm.appointmentId) }, () => this.#rung(alarm, row));
  }

  async #rung(alarm: Alarm, row: StoredRow | undefined): Promise<void> {
    const { config, rows, alarms, send, log, now } = this.#tools;
    const decision = decide(row, alarm, config, now());
    const outcome = decision.kind;
    if (decision.kind === 'void') {
      log('info', { event: 'alarm', template: 'appointment-reminder', outcome, reason: decision.reason });
      return;
    }
    if (decision.kind === 'wait') {
      const { until } = decision;
      await alarms.set(alarmName(alarm, true), { ...alarm, scheduledFor: new Date(until).toISOString() }, until);
      log('info', { event: 'alarm', template: 'appointment-reminder', outcome, reason: 'outside_send_window' });
      return;
    }
    const { command } = decision;
    // Said first: what follows from it is told by another function, which may be faster than this one's next line.
    log('info', { event: 'alarm', template: 'appointment-reminder', outcome, key: command.key });
    await send(command);
    // Without this note a later event would hand the same reminder over again, for the ledger to refuse. If the row has moved
    // in the meantime the note is lost and the ledger does refuse.
    if (isRequest(command.outcome) && row && !isAlias(row)) {
      const sent = { ...row.sent, [alarm.stage]: alarm.version };
      const told = { ...row.told, [alarm.stage]: row.standing };
      await rows.write({ ...row, sent, told, rev: row.rev + 1 }, row);
    }
  }

  /**
   * The first id of the event's chain. A later id becomes an alias of it; if a row stood there already, because its events came
   * before the one that tells where it belongs, what it says goes into the chain's own row first.
   */
  async #firstId(event: AppointmentEvent, fact: Fact): Promise<string> {
    const { rows, now } = this.#tools;
    const [previousId] = fact.ancestors;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const own = await rows.read(this.#pk(event.id));
      if (own && isAlias(own)) return this.#follow(own.into);
      if (previousId === undefined) return event.id;
      const first = await this.#follow(previousId);
      if (first === event.id) return first;
      if (own) await this.#settle(await this.#write(first, factOfRow(own, previousId, now())));
      const expiresAt = aliasExpiry(now(), fact.details?.startsAt);
      const alias = { pk: this.#pk(event.id), into: first, rev: (own?.rev ?? 0) + 1, expiresAt };
      if (!(await rows.write(alias, own))) continue;
      if (own) await this.#clear(own, 0);
      return first;
    }
    throw contended();
  }

  async #follow(id: string): Promise<string> {
    let at = id;
    for (let hops = 0; hops < MAX_HOPS; hops += 1) {
      const row = await this.#tools.rows.read(this.#pk(at));
      if (!row || !isAlias(row)) return at;
      at = row.into;
    }
    throw new Unavailable('chain_too_long', 'The bookings that replaced each other form no chain with an end.');
  }

  async #write(id: string, fact: Fact): Promise<AppointmentRow> {
    const { config, rows, now } = this.#tools;
    let appointmentId = id;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const seen = await rows.read(this.#pk(appointmentId));
      if (seen && isAlias(seen)) {
        appointmentId = await this.#follow(seen.into);
        continue;
      }
      const row = rowAfter(seen, fact, { lineId: config.keysOf, appointmentId }, now());
      if (row === seen || (await rows.write(row, seen))) return row;
    }
    throw contended();
  }

  /** Notes what belongs together, and ends what ended with it: also what is told of only afterwards. */
  async #ofSeries(id: string, appointmentId: string, event: Booking | Ending): Promise<void> {
    const { config, series, now } = this.#tools;
    const pk = seriesPk(config.keysOf, id);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const seen = await series.read(pk);
      const row = seriesAfter(seen, pk, { appointmentId, event }, now());
      if (row !== seen && !(await series.write(row, seen))) continue;
      const { ended } = row;
      if (!ended) return;
      for (const member of Object.keys(row.members)) {
        const found = await this.find(member);
        // As it starts now: it may have been moved by an event that says nothing of the series.
        if (!found || !isLive(found) || !isEndedIn(row, found.startsAt)) continue;
        const fact = {
          kind: 'cancelled',
          link: found.link,
          ancestors: [],
          updatedAt: ended.updatedAt,
          heard: [],
        } as const;
        await this.#settle(await this.#write(found.appointmentId, fact));
      }
      return;
    }
    throw contended();
  }

  /** Brings the alarms in line with the row, and again if the row has moved while that was done. */
  async #settle(row: AppointmentRow, at = 0): Promise<void> {
    const { config, rows, alarms, now } = this.#tools;
    let settled = row;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { appointmentId, version } = settled;
      const { alarms: ahead, due } = plan(settled, config, Math.max(at, now()));
      await Promise.all([
        this.#clear(settled, isLive(settled) ? 1 : 0),
        ...ahead.map(({ stage, at }) => {
          const reminder = { appointmentId, version, stage };
          return alarms.set(alarmName(reminder, false), { ...reminder, scheduledFor: new Date(at).toISOString() }, at);
        }),
      ]);
      if (due) {
        const scheduledFor = new Date(Math.max(at, due.at)).toISOString();
        await this.onAlarm({ appointmentId, version, stage: due.stage, scheduledFor });
      }
      const latest = await rows.read(settled.pk);
      if (latest && isAlias(latest)) return this.#clear(settled, 0);
      if (!latest || latest.rev === settled.rev) return;
      settled = latest;
    }
  }

  /** Clears the alarms of the last versions of a row away, from `back` versions ago. */
  async #clear({ appointmentId, version }: AppointmentRow, back: number): Promise<void> {
    const { config, alarms } = this.#tools;
    const versions = Array.from({ length: VERSIONS_BACK }, (_, i) => version - back - i).filter((one) => one > 0);
    const names = versions.flatMap((one) =>
      Object.keys(config.stages).flatMap((stage) =>
        [false, true].map((again) => alarmName({ appointmentId, version: one, stage }, again)),
      ),
    );
    await Promise.all(names.map((name) => alarms.clear(name)));
  }

  #pk(id: string): string {
    return pkOf(this.#tools.config.keysOf, id);
  }
}

const contended = (): Unavailable =>
  new Unavailable('row_contended', 'Too many events of one appointment at once. The queue brings this one back.');
