import type { ScheduleJournal } from './journal.ts';
import { keyOf, type Schedule } from './schedule.ts';
import { invalid, notFound, SchedulerError } from './scheduler-error.ts';

/** Groups and their schedules. Times are epoch milliseconds. */
export class ScheduleStore {
  readonly groups = new Map<string, { createdAt: number }>([['default', { createdAt: 0 }]]);
  readonly #schedules = new Map<string, Schedule>();
  readonly #journal: ScheduleJournal | undefined;
  readonly #onPut: (schedule: Schedule) => void;

  constructor(journal: ScheduleJournal | undefined, onPut: (schedule: Schedule) => void) {
    this.#journal = journal;
    this.#onPut = onPut;
    for (const schedule of journal?.schedules ?? []) {
      this.#schedules.set(keyOf(schedule.GroupName, schedule.Name), schedule);
    }
  }

  /** The same request token again is the same request again. */
  create(schedule: Schedule): Schedule {
    if (!this.groups.has(schedule.GroupName)) throw notFound(`Schedule group ${schedule.GroupName}`);
    const known = this.#schedules.get(keyOf(schedule.GroupName, schedule.Name));
    if (known === undefined) return this.#put(schedule);
    if (schedule.ClientToken !== undefined && known.ClientToken === schedule.ClientToken) return known;
    throw new SchedulerError(409, 'ConflictException', `Schedule ${schedule.Name} already exists.`);
  }

  /** Replaces all of it, as the API does. */
  update(schedule: Schedule): Schedule {
    const { createdAt } = this.get(schedule.GroupName, schedule.Name);
    return this.#put({ ...schedule, createdAt });
  }

  get(group: string, name: string): Schedule {
    const found = this.#schedules.get(keyOf(group, name));
    if (!found) throw notFound(`Schedule ${name}`);
    return found;
  }

  delete(group: string, name: string): void {
    const found = this.get(group, name);
    this.#schedules.delete(keyOf(group, name));
    this.#journal?.gone(found);
  }

  deleteGroup(name: string): void {
    if (name === 'default') throw invalid('The default schedule group cannot be deleted.');
    if (!this.groups.delete(name)) throw notFound(`Schedule group ${name}`);
    for (const schedule of this.list()) if (schedule.GroupName === name) this.delete(name, schedule.Name);
  }

  list(): Schedule[] {
    return [...this.#schedules.values()];
  }

  /** Notes that it did not get through, and when it is tried again. */
  fail(schedule: Schedule, failed: NonNullable<Schedule['failed']>): void {
    this.#put({ ...schedule, failed });
  }

  /** Notes that it rang, or was given up: gone, or kept as done. */
  complete(schedule: Schedule): void {
    if (schedule.ActionAfterCompletion === 'DELETE') this.delete(schedule.GroupName, schedule.Name);
    else this.#put({ ...schedule, done: true });
  }

  #put(schedule: Schedule): Schedule {
    this.#schedules.set(keyOf(schedule.GroupName, schedule.Name), schedule);
    this.#journal?.put(schedule);
    this.#onPut(schedule);
    return schedule;
  }
}
