import { reasonOf } from '../runtime/errors.ts';
import { inTurn } from '../runtime/in-turn.ts';
import type { Log } from '../runtime/log.ts';

/** What `{resync}` in a template's work queue says: walk through your rows and set anew what hangs on them. */
export interface Resync {
  /** Which walk it belongs to; of one that the Scheduler begins, the time that it was begun for. */
  readonly run?: string;
  /** ISO 8601, the instant that the walk is for, if that is ahead of the function's own clock. */
  readonly at?: string;
  /** Only counts. */
  readonly dryRun?: boolean;
  /** The part of the table that is next; the first one unless given. */
  readonly page?: number;
}

export interface Counts {
  /** Those that anything was to be done for. */
  readonly appointments: number;
  /** Alarms that lie ahead. */
  readonly alarms: number;
  /** Reminders that are due and were not handed over yet. */
  readonly overdue: number;
  /** Rows that can never be worked off as they are. */
  readonly failed: number;
}

/** How far a walk is: a row beside those that it walks through. There is one for each line. */
export interface Walk extends Counts {
  readonly pk: string;
  readonly run: string;
  readonly at?: string | undefined;
  readonly dryRun: boolean;
  readonly page: number;
  /** The row that the page before ended with. */
  readonly after?: string | undefined;
  readonly done: boolean;
  /** Epoch milliseconds. */
  readonly begunAt: number;
  readonly touchedAt: number;
  /** Counts the writes. */
  readonly rev: number;
  /** Epoch seconds; DynamoDB's TTL. */
  readonly expiresAt: number;
}

export interface WalkTools<Row> {
  readonly template: string;
  readonly lineId: string;
  readonly read: (pk: string) => Promise<Walk | undefined>;
  /** Succeeds only if the row is still as it was seen. */
  readonly write: (walk: Walk, seen: Walk | undefined) => Promise<boolean>;
  /** A part of the rows, after the one that the part before ended with. */
  readonly page: (after: string | undefined) => Promise<{ readonly rows: readonly Row[]; readonly after?: string }>;
  /** Works one row off, or only counts; `undefined` for one that nothing hangs on. `at` in epoch milliseconds. */
  readonly each: (
    row: Row,
    walk: { readonly at: number; readonly dryRun: boolean },
  ) => Promise<Pick<Counts, 'alarms' | 'overdue'> | undefined>;
  readonly next: (resync: Resync) => Promise<void>;
  readonly log: Log;
  readonly now: () => number;
}

/** Rows at a time: with two alarms each, some 300 calls a second at most. The Scheduler takes 250 to 5,000, of the whole account. */
const AT_ONCE = 4;
/** What was throttled comes back after 15 minutes at most. A walk that stood still for longer goes on no more. */
const STALE_MS = 3600_000;
const KEEP_SECONDS = 60 * 24 * 3600;
/** What the same row gives again, however often it is tried. Whatever else fails may pass, and the queue brings the page back. */
const FOR_GOOD = new Set(['RangeError', 'TypeError', 'ValidationException', 'Permanent', 'Invalid']);

/** No id has a `#` in its key, so this is nobody's. */
export const walkKey = (lineId: string): string => `${lineId}##resync`;

export const isUnderWay = (walk: Walk | undefined, now: number): boolean =>
  walk !== undefined && !walk.done && now - walk.touchedAt < STALE_MS;

/**
 * A walk through the rows of a template, one page a message. The row of the walk is the fence:
 *
 *   first page ─┬─ another walk is under way ─▶ nothing
 *               └─ begins ─▶ its row ─▶ page worked off ─▶ row: next page (conditional) ─▶ message for it ─▶ … ─▶ done
 *
 * A message that comes twice finds its page done and at most queues the next one again, for a crash may have come before that.
 */
export const walkThrough = <Row extends { readonly pk: string }>(tools: WalkTools<Row>) => {
  const { template, lineId, read, write, log, now } = tools;
  const tell = (outcome: string, counts?: Counts): void => {
    const { appointments, alarms, overdue, failed } = counts ?? {};
    log('info', { event: 'resync', template, outcome, appointments, alarms, overdue, failed });
  };

  const begin = async (
    run: string,
    { at, dryRun = false }: Resync,
    seen: Walk | undefined,
  ): Promise<Walk | undefined> => {
    if (isUnderWay(seen, now())) return undefined;
    const none = { appointments: 0, alarms: 0, overdue: 0, failed: 0 };
    const times = { begunAt: now(), touchedAt: now(), expiresAt: Math.floor(now() / 1000) + KEEP_SECONDS };
    const rev = (seen?.rev ?? 0) + 1;
    const walk: Walk = { pk: walkKey(lineId), run, at, dryRun, page: 0, done: false, ...none, ...times, rev };
    return (await write(walk, seen)) ? walk : undefined;
  };

  const workOff = async (walk: Walk): Promise<Walk> => {
    const { rows, after } = await tools.page(walk.after);
    // A time that nobody filled in counts for nothing.
    const at = Math.max(now(), Date.parse(walk.at ?? '') || 0);
    const counts = { appointments: walk.appointments, alarms: walk.alarms, overdue: walk.overdue, failed: walk.failed };
    await inTurn(rows, AT_ONCE, async (row) => {
      try {
        const found = await tools.each(row, { at, dryRun: walk.dryRun });
        if (!found) return;
        counts.appointments += 1;
        counts.alarms += found.alarms;
        counts.overdue += found.overdue;
      } catch (error) {
        if (!(error instanceof Error && FOR_GOOD.has(error.name))) throw error;
        counts.failed += 1;
        log('warn', { event: 'resync', template, outcome: 'failed', reason: reasonOf(error), key: row.pk });
      }
    });
    const { after: _, ...rest } = walk;
    const done = after === undefined;
    return { ...rest, ...counts, after, page: walk.page + 1, done, touchedAt: now(), rev: walk.rev + 1 };
  };

  return async (given: Resync): Promise<void> => {
    const { page = 0 } = given;
    const run = given.run ?? given.at ?? '';
    const seen = await read(walkKey(lineId));
    let walk = page === 0 && seen?.run !== run ? await begin(run, given, seen) : seen;
    if (!walk) return tell('under_way');
    if (walk.run !== run || walk.done || (walk.page !== page && walk.page !== page + 1)) return tell('over');
    if (walk.page === page) {
      const after = await workOff(walk);
      if (!(await write(after, walk))) return tell('over');
      walk = after;
      tell(walk.done ? 'done' : 'page', walk);
    }
    if (!walk.done) await tools.next({ run, page: walk.page });
  };
};
