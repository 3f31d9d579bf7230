import { beforeEach, describe, expect, it } from 'vitest';
import { type Resync, type Walk, type WalkTools, walkKey, walkThrough } from '../../functions/shared/door/walk.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-22T01:30:00Z');
const PAGE = 3;

interface Row {
  readonly pk: string;
}

/** A table of ten rows in pages of three, and a queue whose messages are worked off by hand. */
let now: number;
let rows: Map<string, Walk>;
let queue: Resync[];
let worked: string[];
let logged: object[];
let each: WalkTools<Row>['each'];
const all: readonly Row[] = Array.from({ length: 10 }, (_, i) => ({ pk: `line#${i}` }));

const tools = (over: Partial<WalkTools<Row>> = {}): WalkTools<Row> => ({
  template: 'a-template',
  lineId: 'line',
  read: async (pk) => structuredClone(rows.get(pk)),
  write: async (walk, seen) => {
    if (rows.get(walk.pk)?.rev !== seen?.rev) return false;
    rows.set(walk.pk, structuredClone(walk));
    return true;
  },
  page: async (after) => {
    const from = after === undefined ? 0 : all.findIndex(({ pk }) => pk === after) + 1;
    const found = all.slice(from, from + PAGE);
    return { rows: found, ...(from + PAGE < all.length && { after: found.at(-1)?.pk ?? '' }) };
  },
  each: (row, walk) => each(row, walk),
  next: async (resync) => {
    queue.push(structuredClone(resync));
  },
  log: (_, fields) => logged.push(fields),
  now: () => now,
  ...over,
});
const take = (resync: Resync, over?: Partial<WalkTools<Row>>) => walkThrough(tools(over))(resync);
/** Works the queue off, each message so many times. */
const workOff = async (times = 1): Promise<void> => {
  for (let next = queue.shift(); next; next = queue.shift()) for (let i = 0; i < times; i += 1) await take(next);
};
const walk = (): Walk => rows.get(walkKey('line')) as Walk;

beforeEach(() => {
  [now, rows, queue, worked, logged] = [NOW, new Map(), [], [], []];
  each = async ({ pk }) => {
    worked.push(pk);
    return { alarms: 2, overdue: 1 };
  };
});

it('each row is worked off once, a page a message, and the numbers are those of all', async () => {
  await take({ run: 'one' });
  expect([worked.length, queue]).toEqual([PAGE, [{ run: 'one', page: 1 }]]);
  await workOff();
  expect(worked).toEqual(all.map(({ pk }) => pk));
  expect(walk()).toMatchObject({ done: true, appointments: 10, alarms: 20, overdue: 10, failed: 0 });
});

it('messages that come twice, at any page, work nothing off a second time', async () => {
  await take({ run: 'one' });
  await take({ run: 'one' });
  await workOff(2);
  expect([worked.length, walk().appointments]).toEqual([10, 10]);
  await take({ run: 'one' });
  await take({ run: 'one', page: 1 });
  expect([worked.length, queue]).toEqual([10, []]);
});

describe('a second walk', () => {
  it('does not begin beside one that goes on', async () => {
    await take({ run: 'one' });
    now += 59 * MINUTE;
    await take({ run: 'two' });
    expect(logged.at(-1)).toMatchObject({ outcome: 'under_way' });
    await workOff();
    expect([worked.length, walk().run]).toEqual([10, 'one']);
  });

  it('takes the place of one that has stood still for an hour, whose pages then do nothing', async () => {
    await take({ run: 'one' });
    const [old] = queue.splice(0);
    now += 61 * MINUTE;
    await take({ run: 'two' });
    await take(old as Resync);
    expect(logged.at(-1)).toMatchObject({ outcome: 'over' });
    await workOff();
    expect([worked.length, walk()]).toEqual([
      PAGE + 10,
      expect.objectContaining({ run: 'two', appointments: 10, done: true }),
    ]);
  });

  it('begins when the first is done', async () => {
    await take({ run: 'one' });
    await workOff();
    await take({ run: 'two' });
    await workOff();
    expect(worked).toHaveLength(20);
  });
});

it('a crash between a page and the message for the next one is mended when the page comes again', async () => {
  const crash = take({ run: 'one' }, { next: () => Promise.reject(new Error('killed')) });
  await expect(crash).rejects.toThrow('killed');
  await take({ run: 'one' });
  await workOff();
  expect([worked.length, walk().done]).toEqual([10, true]);
});

it('what may pass brings its page back and begins no further row; what never passes is counted and logged by its key', async () => {
  let throttled = true;
  each = async ({ pk }) => {
    if (pk === 'line#1' && throttled) throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    if (pk === 'line#2') throw new RangeError('no such zone');
    worked.push(pk);
    return { alarms: 1, overdue: 0 };
  };
  await expect(take({ run: 'one' })).rejects.toMatchObject({ name: 'ThrottlingException' });
  expect(queue).toEqual([]);
  throttled = false;
  await take({ run: 'one' });
  await workOff();
  expect(walk()).toMatchObject({ done: true, appointments: 9, failed: 1 });
  expect(logged).toContainEqual(expect.objectContaining({ outcome: 'failed', reason: 'RangeError', key: 'line#2' }));
});

it('a row that nothing hangs on counts for nothing', async () => {
  each = async () => undefined;
  await take({ run: 'one' });
  await workOff();
  expect(walk()).toMatchObject({ done: true, appointments: 0 });
});

it('a walk is for the time that the Scheduler began it for where that is ahead, and each page says whether it only counts', async () => {
  const seen: object[] = [];
  each = async (_, how) => {
    seen.push(how);
    return undefined;
  };
  const at = '2026-12-01T01:30:00Z';
  await take({ at, dryRun: true });
  await workOff();
  expect(seen).toHaveLength(10);
  expect(new Set(seen.map((how) => JSON.stringify(how)))).toEqual(
    new Set([JSON.stringify({ at: Date.parse(at), dryRun: true })]),
  );
  await take({ at: '<aws.scheduler.scheduled-time>' });
  await workOff();
  expect(seen.at(-1)).toEqual({ at: NOW, dryRun: false });
});
