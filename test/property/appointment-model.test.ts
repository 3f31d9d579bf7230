import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Alarm, type AppointmentEvent, isAlias } from '../../functions/appointment-reminder/schema.ts';
import { dueAt } from '../../functions/appointment-reminder/stages.ts';
import { isOpen } from '../../functions/shared/hours/opening-hours.ts';
import { isRequest, type SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { BEGINNINGS, config, HOUR, iso, World, ZONE } from './appointment-world.ts';

/**
 * A calendar (the model) and the appointments of the function (the real thing) side by side, on a clock of ours. Events reach
 * the function late, in any order, again, and may break off at any call; alarms ring late and again; what is handed over leaves at
 * once, or waits for the line behind others.
 */
const sendWindow = {
  zone: ZONE,
  hours: [{ days: ['sun', 'mon', 'tue', 'wed', 'thu', 'sat'] as const, from: '09:00', to: '19:00' }],
  closed: [],
};

/** How a source words a move: the same id, a new id that names the old one, or that and an ending of the old one. */
type Style = 'same-id' | 'cal-com' | 'calendly';

/** One thing that happened at the source, in its order there, and whether the function took it all in. */
interface Happening {
  readonly event: AppointmentEvent;
  readonly seq: number;
  taken: boolean;
  receivedAt?: number;
}

interface Source {
  readonly style: Style;
  readonly happenings: Happening[];
  /** Of whoever comes, as the calendar knows it. */
  phone: string;
  startsAt: number;
  id: string;
  previousId: string | undefined;
}

interface Model {
  readonly source: Source;
}

/** Every start is another one, so that a message tells which booking it speaks of. */
let starts = 0;
const nextStart = (now: number, hours: number): number => {
  starts += 1;
  return Math.ceil((now + hours * HOUR) / HOUR) * HOUR + (starts % 60) * 60_000;
};

const happen = (model: Model, kind: AppointmentEvent['kind'], at: number, startsAt?: number): void => {
  const { source } = model;
  const common = {
    id: source.id,
    previousId: source.previousId,
    // Some calendars tell whole seconds, and count what happens within one.
    ...(source.style === 'same-id'
      ? { updatedAt: iso(Math.floor(at / 1000) * 1000), sequence: source.happenings.length }
      : { updatedAt: iso(at) }),
    receivedAt: iso(at),
  };
  source.startsAt = startsAt ?? source.startsAt;
  const event: AppointmentEvent =
    kind === 'booked' || kind === 'moved'
      ? { kind, ...common, startsAt: iso(source.startsAt), phones: [{ raw: source.phone }], zone: ZONE }
      : { kind, ...common };
  source.happenings.push({ event, seq: source.happenings.length, taken: false });
};

const describeOf = (source: Source): string =>
  source.happenings.map(({ event, taken }) => `${event.kind} ${event.id}${taken ? '' : '?'}`).join(', ');

type Command = fc.AsyncCommand<Model, World>;

class Move implements Command {
  readonly hours: number;
  readonly skew: number;
  readonly pause: number;
  constructor(hours: number, skew: number, pause: number) {
    [this.hours, this.skew, this.pause] = [hours, skew, pause];
  }
  check = ({ source }: Model): boolean => isLive(source);
  async run(model: Model, world: World): Promise<void> {
    world.pass(this.pause);
    const { source } = model;
    if (source.style === 'calendly') happen(model, 'replaced', world.now + this.skew);
    if (source.style !== 'same-id') {
      source.previousId = source.id;
      source.id = `id-${source.happenings.length}`;
    }
    happen(model, 'moved', world.now, nextStart(world.now, this.hours));
  }
  toString = (): string => `move(+${this.hours}h, ${this.skew} ms, after ${this.pause} ms)`;
}

/** The number of whoever comes is corrected; the time stays. */
class Correct implements Command {
  readonly last: number;
  constructor(last: number) {
    this.last = last;
  }
  check = ({ source }: Model): boolean => isLive(source);
  async run(model: Model, world: World): Promise<void> {
    world.pass(1000);
    const { source } = model;
    source.phone = `+97250123456${this.last}`;
    happen(model, source.happenings.length === 1 ? 'booked' : 'moved', world.now);
  }
  toString = (): string => `correct(${this.last})`;
}

/** The line is there again. */
class Leave implements Command {
  check = (): boolean => true;
  async run({ source }: Model, world: World): Promise<void> {
    leave(source, world);
  }
  toString = (): string => 'leave()';
}

const isLive = ({ happenings }: Source): boolean => happenings.at(-1)?.event.kind !== 'cancelled';

class Cancel implements Command {
  check = ({ source }: Model): boolean => isLive(source);
  async run(model: Model, world: World): Promise<void> {
    world.pass(1000);
    const { source } = model;
    // Cal.com does not say on a cancellation which booking this one had replaced.
    const { previousId } = source;
    if (source.style === 'cal-com') source.previousId = undefined;
    happen(model, 'cancelled', world.now);
    source.previousId = previousId;
  }
  toString = (): string => 'cancel()';
}

class Deliver implements Command {
  readonly which: number;
  readonly fuse: { left: number; after: boolean } | undefined;
  constructor(which: number, fuse: { left: number; after: boolean } | null) {
    this.which = which;
    this.fuse = fuse ?? undefined;
  }
  check = (): boolean => true;
  async run({ source }: Model, world: World): Promise<void> {
    const happening = source.happenings[this.which % source.happenings.length] as Happening;
    await deliver(source, happening, world, this.fuse);
  }
  toString = (): string => `deliver(${this.which}${this.fuse ? `, breaks ${JSON.stringify(this.fuse)}` : ''})`;
}

const deliver = async (
  source: Source,
  happening: Happening,
  world: World,
  fuse?: { left: number; after: boolean },
): Promise<void> => {
  happening.receivedAt ??= world.now;
  const event = { ...happening.event, receivedAt: iso(happening.receivedAt) };
  const before = world.sent.length;
  const done = await world.attempt(() => world.appointments.onEvent(event), fuse);
  if (done) happening.taken = true;
  assertTimely(source, world, before);
};

/** Two events at once, as two workers take them. */
class DeliverBoth implements Command {
  readonly which: readonly [number, number];
  readonly turns: readonly number[];
  constructor(which: readonly [number, number], turns: readonly number[]) {
    [this.which, this.turns] = [which, turns];
  }
  check = (): boolean => true;
  async run({ source }: Model, world: World): Promise<void> {
    world.turns = this.turns;
    const both = this.which.map((which) => source.happenings[which % source.happenings.length] as Happening);
    await Promise.all(
      both.map((happening) => {
        happening.receivedAt ??= world.now;
        return world.appointments.onEvent({ ...happening.event, receivedAt: iso(happening.receivedAt) });
      }),
    );
    world.turns = [];
    for (const happening of both) happening.taken = true;
    if (!world.hasBroken) assertNoOrphans(world);
  }
  toString = (): string => `deliver(${this.which} at once, turns ${this.turns})`;
}

class Pass implements Command {
  readonly hours: number;
  constructor(hours: number) {
    this.hours = hours;
  }
  check = (): boolean => true;
  async run(_: Model, world: World): Promise<void> {
    world.pass(this.hours * HOUR);
  }
  toString = (): string => `pass(${this.hours}h)`;
}

class Answer implements Command {
  readonly keep: boolean;
  readonly fuse: { left: number; after: boolean } | undefined;
  constructor(keep: boolean, fuse: { left: number; after: boolean } | null) {
    [this.keep, this.fuse] = [keep, fuse ?? undefined];
  }
  check = (): boolean => true;
  async run({ source }: Model, world: World): Promise<void> {
    const [alarm] = world.ringing;
    if (!alarm) return;
    const before = world.sent.length;
    const done = await world.attempt(() => world.appointments.onAlarm(alarm), this.fuse);
    // The queue delivers again what broke off, and now and then what did not.
    if (done && !this.keep) world.ringing.shift();
    assertTimely(source, world, before);
  }
  toString = (): string => `answer(${this.keep ? 'and again' : ''}${this.fuse ? ' breaks' : ''})`;
}

/** The next alarm rings, and is answered; what it hands over waits for the line. */
class Ring implements Command {
  check = (): boolean => true;
  async run({ source }: Model, world: World): Promise<void> {
    const next = Math.min(...[...world.alarms.values()].map(({ at }) => at));
    if (!Number.isFinite(next)) return;
    world.pass(Math.max(0, next - world.now));
    const before = world.sent.length;
    while (world.ringing.length > 0) await world.appointments.onAlarm(world.ringing.shift() as Alarm);
    assertTimely(source, world, before);
  }
  toString = (): string => 'ring()';
}

/** Every alarm is lost, and the nightly walk sets them anew; it may break off, and then it comes again. */
class LoseAndResync implements Command {
  readonly fuse: { left: number; after: boolean } | undefined;
  readonly lost: boolean;
  constructor(lost: boolean, fuse: { left: number; after: boolean } | null) {
    [this.lost, this.fuse] = [lost, fuse ?? undefined];
  }
  check = (): boolean => true;
  async run({ source }: Model, world: World): Promise<void> {
    if (this.lost) world.alarms.clear();
    const before = world.sent.length;
    if (!(await world.attempt(() => walk(world), this.fuse))) await walk(world);
    assertTimely(source, world, before);
  }
  toString = (): string =>
    `${this.lost ? 'lose, ' : ''}resync(${this.fuse ? ` breaks ${JSON.stringify(this.fuse)}` : ''})`;
}

const walk = async ({ rows, appointments, now }: World): Promise<void> => {
  for (const row of [...rows.values()]) if (!isAlias(row)) await appointments.restore(structuredClone(row), now);
};

/** What the function was told belongs together: ids joined by the events that it has taken in. */
const together = (source: Source): ((a: string, b: string) => boolean) => {
  const leader = new Map<string, string>();
  const find = (id: string): string => (leader.has(id) ? find(leader.get(id) as string) : id);
  for (const { event, taken } of source.happenings) {
    if (!taken || event.previousId === undefined) continue;
    const [a, b] = [find(event.id), find(event.previousId)];
    if (a !== b) leader.set(a, b);
  }
  return (a, b) => find(a) === find(b);
};

const startOf = ({ starts }: World, { key, premise }: SendCommand): string | undefined =>
  starts.get(`${premise?.pk} v${/:v(\d+):/.exec(key)?.[1] ?? 1}`);

/** The first that told of the start. */
const bookingOf = (source: Source, world: World, command: SendCommand): Happening => {
  const startsAt = startOf(world, command);
  const found = source.happenings.find(({ event }) => 'startsAt' in event && event.startsAt === startsAt);
  if (!found) throw new Error(`nothing starts at ${startsAt}`);
  return found;
};
const stageOf = ({ key }: SendCommand): string => key.split(':').at(-1) ?? '';
const speaksOf = (event: AppointmentEvent, startsAt: string | undefined): boolean =>
  'startsAt' in event && event.startsAt === startsAt;

/** What was sent just now speaks of the newest booking that the function knows of, and at a time that it may. */
const assertTimely = (source: Source, world: World, from: number): void => {
  const related = together(source);
  for (const { command, at } of world.sent.slice(from)) {
    const startsAt = startOf(world, command) ?? '';
    const booking = bookingOf(source, world, command);
    const newer = source.happenings.filter(
      ({ event, seq, taken }) =>
        taken && seq > booking.seq && !speaksOf(event, startsAt) && related(event.id, booking.event.id),
    );
    expect(newer, `stale: ${command.key}; ${describeOf(source)}`).toEqual([]);
    if (!isRequest(command.outcome)) continue;
    expect(at).toBeLessThanOrEqual(Date.parse(command.usefulUntil));
    const [goes, later] = [Date.parse(command.decidedFor as string), dueAt('2h', startsAt, ZONE)];
    if (stageOf(command) === '24h') expect(goes, 'two stages at once').toBeLessThan(later);
    if (world.config.sendWindow)
      expect(isOpen(world.config.sendWindow, Date.parse(command.decidedFor as string))).toBe(true);
  }
};

/** Every alarm that is set is one that the row as it stands will answer. */
const assertNoOrphans = ({ alarms, rows }: World): void => {
  for (const { alarm } of alarms.values()) {
    const row = rows.get(`line#${alarm.appointmentId}`);
    expect(row && 'standing' in row ? row.standing : 'none').toMatch(`v${alarm.version}.`);
  }
};

/** Lets go what waits: to whom the newest that is known of the booking says, and only one stage of a moment. */
const leave = (source: Source, world: World): void => {
  const before = new Set([...world.records].flatMap(([key, { left }]) => (left ? [key] : [])));
  world.leave();
  const related = together(source);
  for (const [key, { left }] of world.records) {
    if (!left || before.has(key)) continue;
    const startsAt = startOf(world, left.command);
    const first = bookingOf(source, world, left.command);
    const newest = source.happenings.findLast(
      ({ event, taken }) => taken && speaksOf(event, startsAt) && related(event.id, first.event.id),
    );
    const phone = newest && 'phones' in newest.event ? newest.event.phones[0]?.raw : undefined;
    const body = isRequest(left.command.outcome) ? left.command.outcome.body : '';
    // While one event of a booking is still on its way in, another that is older may be all that is known of its row.
    if (!world.hasBroken) expect(JSON.parse(body).to, `${key}; ${describeOf(source)}`).toBe(phone);
  }
};

/** One message for each booking and stage, and the earlier stage is told before the later one is due or the later one is not told. */
const assertOnce = (source: Source, world: World): void => {
  const keys = new Map<string, Set<string>>();
  for (const { left: later } of world.records.values()) {
    if (!later || stageOf(later.command) !== '2h') continue;
    const { left } = world.records.get(later.command.key.replace(/2h$/, '24h')) ?? {};
    const due = dueAt('2h', startOf(world, later.command) ?? '', ZONE);
    if (left) expect(left.at, `${later.command.key}: two at once`).toBeLessThanOrEqual(due);
  }
  for (const [key, { left }] of world.records) {
    if (!left) continue;
    const what = `${bookingOf(source, world, left.command).seq} ${stageOf(left.command)}`;
    keys.set(what, (keys.get(what) ?? new Set()).add(key));
  }
  for (const [what, all] of keys) expect([...all], what).toHaveLength(1);
};

/** In the end everything arrives, in whatever order; then time passes until long after the last start. */
const settle = async (source: Source, world: World, backwards: boolean): Promise<number> => {
  const order = backwards ? source.happenings.toReversed() : source.happenings;
  for (const happening of order) if (!happening.taken) await deliver(source, happening, world);
  const known = world.now;
  leave(source, world);
  for (let hour = 0; hour < 24 * 30; hour += 1) {
    world.pass(HOUR);
    while (world.ringing.length > 0) {
      const before = world.sent.length;
      await world.appointments.onAlarm(world.ringing.shift() as Alarm);
      assertTimely(source, world, before);
    }
    leave(source, world);
  }
  return known;
};

/** Each reminder of the booking that stands, due after all was known, was sent or is in a state that says why not. */
const assertComplete = (source: Source, world: World, known: number): void => {
  const last = source.happenings.at(-1)?.event;
  if (!last || !('startsAt' in last)) return;
  const [before, after] = ['24h', '2h'].map((stage) => dueAt(stage, last.startsAt, ZONE)) as [number, number];
  for (const [key, { reason }] of world.records) {
    // What gave way to a corrected one while it waited: that one went, unless the next stage was due by then.
    const isOwn =
      source.style === 'same-id' &&
      world.sent.some(({ command }) => command.key === key && startOf(world, command) === last.startsAt);
    const mayBeOvertaken = key.endsWith(':24h') && after <= known;
    if (isOwn && !mayBeOvertaken) expect(reason, `${key}; ${describeOf(source)}`).not.toBe('no_longer_true');
  }
  for (const [stage, at] of Object.entries({ '24h': before, '2h': after })) {
    if (at <= known) continue;
    const told = world.sent.filter(
      ({ command }) => startOf(world, command) === last.startsAt && stageOf(command) === stage,
    );
    expect(told, `${stage} of ${last.startsAt}: ${describeOf(source)}`).not.toEqual([]);
    const key = told.at(-1)?.command.key ?? '';
    const { reason = 'sent' } = world.records.get(key) ?? {};
    // With hours, a reminder may have to wait until minutes before the start, and the clock here ticks in hours.
    const late = ['outside_send_window', 'useful_until_passed', 'superseded'];
    expect(world.config.sendWindow ? ['sent', ...late] : ['sent'], key).toContain(reason);
    if (reason === 'sent')
      expect(world.records.get(key)?.left?.command.outcome).toMatchObject({
        body: expect.stringContaining(source.phone),
      });
  }
};

const fuses = fc.option(fc.record({ left: fc.integer({ min: 0, max: 9 }), after: fc.boolean() }), { freq: 3 });
const commands = [
  fc
    .tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: -2, max: 2 }), fc.constantFrom(10, 1000))
    .map(([hours, skew, pause]) => new Move(hours, skew, pause)),
  fc.nat(9).map((last) => new Correct(last)),
  fc.constant(new Leave()),
  fc.constant(new Ring()),
  fc.constant(new Ring()),
  fc.constant(new Cancel()),
  fc.tuple(fc.nat(12), fuses).map(([which, fuse]) => new Deliver(which, fuse)),
  fc.tuple(fc.nat(12), fuses).map(([which, fuse]) => new Deliver(which, fuse)),
  fc
    .tuple(fc.tuple(fc.nat(12), fc.nat(12)), fc.array(fc.nat(4), { minLength: 1, maxLength: 7 }))
    .map(([which, turns]) => new DeliverBoth(which, turns)),
  fc.integer({ min: 1, max: 50 }).map((hours) => new Pass(hours)),
  fc.tuple(fc.boolean(), fuses).map(([keep, fuse]) => new Answer(keep, fuse)),
  fc.tuple(fc.boolean(), fuses).map(([lost, fuse]) => new LoseAndResync(lost, fuse)),
];

/** Histories of each style; more of them with `HISTORIES=10000`. */
const RUNS = Number(process.env.HISTORIES ?? 600);

it.each<Style>(['same-id', 'cal-com', 'calendly'])(
  'whatever is booked, moved, cancelled, late, doubled, out of order or broken off (%s): nothing stale, nothing twice, nothing lost',
  async (style) => {
    let reminders = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.commands(commands, { maxCommands: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(...BEGINNINGS),
        async (sequence, hours, limited, backwards, begin) => {
          const world = new World(config(limited ? { sendWindow } : {}), begin);
          const source: Source = {
            style,
            happenings: [],
            id: 'id-0',
            previousId: undefined,
            phone: '+972501234567',
            startsAt: 0,
          };
          happen({ source }, 'booked', world.now, nextStart(world.now, hours));
          await fc.asyncModelRun(() => ({ model: { source }, real: world }), sequence);
          const known = await settle(source, world, backwards);
          assertOnce(source, world);
          assertComplete(source, world, known);
          expect([...world.alarms.keys()]).toEqual([]);
          reminders += world.sent.length;
        },
      ),
      { numRuns: RUNS },
    );
    // Otherwise nothing was looked at.
    expect(reminders).toBeGreaterThan(RUNS / 3);
  },
);
