import { type Cause, isOutage, pairOf, type Seen } from './causes.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What is remembered of a cause. Times are epoch milliseconds. */
export interface Remembered extends Cause {
  /** Since when it stands. */
  readonly firstAt: number;
  /** When people were told first, and last. */
  readonly firstToldAt?: number | undefined;
  readonly toldAt?: number | undefined;
  /** How much of it there was then, and what was to be done. */
  readonly toldSize?: number | undefined;
  readonly toldTodo?: string | undefined;
  /** How often people were told of more of it, and of something else to do, since the last that was neither. */
  readonly mores?: number | undefined;
  readonly changes?: number | undefined;
  /** Since when something else is to be done than was told. */
  readonly otherAt?: number | undefined;
  /** How often people were told that it still stands. */
  readonly reminders?: number | undefined;
  /** Since when it is not seen any more. */
  readonly goneAt?: number | undefined;
  /** When people were told that all is well: it is remembered for a while, for what comes back soon is no news. */
  readonly wellAt?: number | undefined;
  /** Until anybody is told: in how many looks it was seen, and was not. */
  readonly looks?: number | undefined;
  readonly misses?: number | undefined;
  /** The same of what comes and goes, and since when. */
  readonly waver?: { readonly at: number; readonly looks: number; readonly misses: number } | undefined;
  /** How often it came back soon. */
  readonly returns?: number | undefined;
}

export type Kind = 'new' | 'again' | 'other' | 'more' | 'still' | 'well' | 'gone';

/** In the place of a check: the stack of a client is there no more. */
export const STACK = 'stack';

/** What people know of, and was not told to be well. */
export const toldIn = (memory: readonly Remembered[]): readonly Remembered[] =>
  memory.filter(({ toldAt, wellAt }) => toldAt !== undefined && wellAt === undefined);

/** Something to tell, and how its cause is remembered once it was. */
export interface Telling {
  readonly kind: Kind;
  readonly row: Remembered;
}

/** What comes of a look. */
export interface Decision {
  readonly tellings: readonly Telling[];
  /** What is remembered otherwise than before, of which nobody is told. */
  readonly kept: readonly Remembered[];
  /** Keys of what need not be remembered any more. */
  readonly forgotten: readonly string[];
}

/** Mended means: not seen in two looks. One look may have been lucky. */
const WELL_AFTER_MS = 10 * MINUTE_MS;

/** Looks, as those of a quarter of an hour, in which what comes and goes may not be seen. */
const MOST_AWAY = 3;

/** What comes back within this time is told later and later: it comes and goes. */
const QUIET_MS = 6 * HOUR_MS;
const MAX_QUIET_MS = 4 * HOUR_MS;

/** Days after the first word on which people are reminded; then week by week. */
const REMIND_ON = [1, 3, 7];

const dayOf = (reminders: number): number => REMIND_ON[reminders] ?? 7 * (reminders - REMIND_ON.length + 2);

const remindAt = ({ firstToldAt = 0, reminders = 0 }: Remembered): number => firstToldAt + dayOf(reminders) * DAY_MS;

/** How many reminders lie behind then: of several that were missed one is told. */
const remindersBy = (row: Remembered, at: number): number => {
  let reminders = row.reminders ?? 0;
  while (at >= remindAt({ ...row, reminders })) reminders += 1;
  return reminders;
};

/** Of what happened so often before: longer each time; not so of dead letters and their like, where what comes back is another one. */
const waitOf = ({ after, each }: Cause, times = 0): number => {
  const most = each ? HOUR_MS : MAX_QUIET_MS;
  return Math.max(after * MINUTE_MS, times === 0 ? 0 : Math.min(10 * 2 ** times * MINUTE_MS, most));
};

/** Twice as much is told after an hour; one more of what counts each by itself then, too, and later each time. */
const hasGrown = ({ size = 0, toldSize, toldAt = 0, each, mores = 0 }: Remembered, at: number): boolean => {
  if (toldSize === undefined || at - toldAt < HOUR_MS) return false;
  return size >= 2 * toldSize || (each === true && size > toldSize && at - toldAt >= 2 ** mores * HOUR_MS);
};

/** What is there half of an hour stands, too, where its check says so; half of its longer wait where it came back. */
const isWavering = (row: Remembered, at: number): boolean => {
  const { waver, returns } = row;
  return waver !== undefined && at - waver.at >= Math.max(HOUR_MS, waitOf(row, returns)) && waver.looks >= waver.misses;
};

/** Of what is known to come and go a moment away is no end. */
const wellAfter = ({ wavers, waver, returns }: Remembered): number =>
  wavers && (waver ?? returns) !== undefined ? HOUR_MS : WELL_AFTER_MS;

/** How much of it there is at most. */
const mostOf = ({ size = 0, held = 0 }: Cause): number => size + held;

/** What is seen, as it is remembered from here on. */
const stands = (cause: Cause, before: Remembered | undefined, at: number): Remembered => {
  const first = { ...cause, firstAt: at, looks: 1, ...(cause.wavers && { waver: { at, looks: 1, misses: 0 } }) };
  if (before === undefined) return first;
  const { goneAt: _, ...known } = before;
  if (before.wellAt !== undefined) return { ...first, returns: (before.returns ?? 0) + 1 };
  if (before.toldAt === undefined) {
    const { looks = 0, waver } = before;
    const firstAt = looks === 0 ? at : before.firstAt;
    return { ...known, ...cause, firstAt, looks: looks + 1, waver: waver && { ...waver, looks: waver.looks + 1 } };
  }
  // Much less of it, and then as much again, is more of it.
  const toldSize = before.toldSize === undefined ? undefined : Math.min(before.toldSize, mostOf(cause));
  const otherAt = isOutage(cause) || cause.todo === before.toldTodo ? undefined : (before.otherAt ?? at);
  return { ...known, ...cause, toldSize, otherAt };
};

const told = ({ otherAt: _, ...row }: Remembered, at: number): Remembered => ({
  ...row,
  firstToldAt: row.firstToldAt ?? at,
  toldAt: at,
  toldSize: row.size === undefined ? undefined : mostOf(row),
  toldTodo: row.todo,
});

const ofSeen = (row: Remembered, at: number): Telling | undefined => {
  const { toldAt, firstAt, waver, returns, otherAt, changes = 0, mores = 0 } = row;
  if (toldAt === undefined) {
    const kind = returns === undefined ? 'new' : 'again';
    if (at - firstAt >= waitOf(row, returns)) return { kind, row: told({ ...row, waver: undefined }, at) };
    return isWavering(row, at) ? { kind, row: told({ ...row, firstAt: waver?.at ?? firstAt }, at) } : undefined;
  }
  if (otherAt !== undefined && at - otherAt >= waitOf(row, changes))
    return { kind: 'other', row: { ...told(row, at), changes: changes + 1 } };
  if (hasGrown(row, at)) return { kind: 'more', row: { ...told(row, at), mores: mores + 1 } };
  if (at < remindAt(row)) return undefined;
  return { kind: 'still', row: { ...told(row, at), reminders: remindersBy(row, at), mores: 0, changes: 0 } };
};

/** Whether a look would have seen it: of an outage at every client that it fails. */
const couldBeSeen = (row: Remembered, { known, answered }: Seen, all: ReadonlySet<string>): boolean => {
  const clear = isOutage(row) ? answered : known;
  return row.clients.filter((client) => all.has(client)).every((client) => clear.has(pairOf(client, row.check)));
};

/** What a client has of its own stands as it did while an outage is seen in its place. */
const isHidden = (row: Remembered, { causes }: Seen): boolean =>
  !isOutage(row) &&
  causes.some((one) => isOutage(one) && one.check === row.check && one.clients.includes(row.clients[0] ?? ''));

const ofUnseen = (row: Remembered, at: number): Telling | Remembered | 'forgotten' => {
  if (row.wellAt !== undefined) return at - row.wellAt >= QUIET_MS ? 'forgotten' : row;
  if (row.toldAt === undefined) {
    // What is there in two looks of three stands; what comes and goes does not, at first.
    const [misses, looks] = [(row.misses ?? 0) + 1, row.looks ?? 0];
    const waver = row.waver && { ...row.waver, misses: row.waver.misses + 1 };
    if (looks > 0 && misses * 2 <= looks) return { ...row, misses, waver };
    const isOver = waver === undefined || waver.misses > waver.looks + MOST_AWAY;
    return isOver ? 'forgotten' : { ...row, looks: 0, misses: 0, waver };
  }
  const goneAt = row.goneAt ?? at;
  if (at - goneAt < wellAfter(row)) return { ...row, goneAt };
  return { kind: 'well', row: { ...row, goneAt, wellAt: at } };
};

/** What is told, once, of a client whose stack is there no more. @param at epoch milliseconds */
export const goneOf = (client: string, at: number): Telling => ({
  kind: 'gone',
  row: {
    key: pairOf(client, STACK),
    check: STACK,
    clients: [client],
    about: 'its stack is gone',
    found: `Ezw-${client} was removed, or the removal of it failed half-way: no event of it is taken any more, and nobody looks at it`,
    todo: [
      'if that was meant, nothing is left to do here: npx cdk deploy Ezw-watch',
      `if it was not, look who did it (CloudFormation, deleted stacks), then docs/deploy.md "Add it again, with its tables": npx ezw deploy ${client}`,
    ].join('\n'),
    after: 0,
    firstAt: at,
    toldAt: at,
    wellAt: at,
  },
});

/**
 * What people are told after a look, and what is remembered. A cause is told once it has stood for its time, again when it still
 * stands after days, has become more or something else is to be done, and when it is over. What could not be looked at changes nothing.
 *
 *   not seen ── seen ──(after)──▶ told: new ── … 1 day, 3, 7, then weekly ──▶ told: still
 *                 │                   │
 *               gone                gone for 10 minutes ──▶ told: well ── back within 6 hours ──▶ told: again, later each time
 *                 ▼              (an hour: it wavers)            │
 *             forgotten                                    6 hours ──▶ forgotten
 *
 * @param at epoch milliseconds
 * @param clients all that have a stack: what was told of one that has none any more is forgotten
 */
export const decide = (
  memory: readonly Remembered[],
  seen: Seen,
  clients: ReadonlySet<string>,
  at: number,
): Decision => {
  const before = new Map(memory.map((row) => [row.key, row]));
  const tellings: Telling[] = [];
  const kept: Remembered[] = [];
  const forgotten: string[] = [];
  for (const cause of seen.causes) {
    const row = stands(cause, before.get(cause.key), at);
    const telling = ofSeen(row, at);
    if (telling) tellings.push(telling);
    else kept.push(row);
  }
  const isSeen = new Set(seen.causes.map(({ key }) => key));
  for (const row of memory) {
    if (isSeen.has(row.key) || isHidden(row, seen)) continue;
    if (!row.clients.some((client) => clients.has(client))) {
      forgotten.push(row.key);
      continue;
    }
    if (!couldBeSeen(row, seen, clients)) continue;
    const next = ofUnseen(row, at);
    if (next === 'forgotten') forgotten.push(row.key);
    else if ('kind' in next) tellings.push(next);
    else if (next !== row) kept.push(next);
  }
  return { tellings, kept, forgotten };
};
