import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Schedule } from './schedule.ts';

type Entry = { put: Schedule } | { gone: string; group: string } | { aheadMs: number };

/** Append-only file that keeps schedules and how far the clock was moved. Compacted each time it is opened. */
export class ScheduleJournal {
  readonly schedules: Schedule[];
  readonly aheadMs: number;
  readonly #file: number;

  constructor(folder: string) {
    const path = join(folder, 'schedules.jsonl');
    const { schedules, aheadMs } = replay(existsSync(path) ? readFileSync(path, 'utf8') : '');
    [this.schedules, this.aheadMs] = [schedules, aheadMs];
    this.#file = openSync(`${path}.new`, 'w');
    this.clock(aheadMs);
    for (const schedule of schedules) this.put(schedule);
    renameSync(`${path}.new`, path);
  }

  put(put: Schedule): void {
    this.#append({ put });
  }

  gone({ GroupName, Name }: Schedule): void {
    this.#append({ gone: Name, group: GroupName });
  }

  clock(aheadMs: number): void {
    this.#append({ aheadMs });
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }
}

function replay(text: string): { schedules: Schedule[]; aheadMs: number } {
  const schedules = new Map<string, Schedule>();
  let aheadMs = 0;
  // The last piece is empty, or a line cut short by a kill: nobody was told that it is stored.
  for (const line of text.split('\n').slice(0, -1)) {
    const entry = JSON.parse(line) as Entry;
    if ('put' in entry) schedules.set(`${entry.put.GroupName}/${entry.put.Name}`, entry.put);
    else if ('gone' in entry) schedules.delete(`${entry.group}/${entry.gone}`);
    else aheadMs = entry.aheadMs;
  }
  return { schedules: [...schedules.values()], aheadMs };
}
