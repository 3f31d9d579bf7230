import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Alarm, AppointmentEvent } from '../../functions/appointment-reminder/schema.ts';
import { source } from '../../functions/appointment-reminder/sources/cal-com/source.ts';
import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { BEGINNINGS, config, HOUR, iso, World } from './appointment-world.ts';

/**
 * A calendar whose times have seats, as Cal.com tells of it (sources/cal-com/README.md), and the appointments of the function: people book,
 * leave and move, the host moves or ends whole times, and the events arrive late, in any order and again. In the end each person is
 * reminded of where they sit, and of nothing else.
 */
const PEOPLE = ['ann', 'bob', 'cid'] as const;
type Person = (typeof PEOPLE)[number];
const phoneOf = (person: Person): string => `+97250123456${PEOPLE.indexOf(person)}`;

/** A time in the calendar. */
interface Slot {
  readonly uid: string;
  start: number;
  readonly seats: Set<Person>;
  /** Who sits there or did. */
  readonly before: Set<Person>;
}

class Calendar {
  readonly slots: Slot[] = [];
  readonly bodies: string[] = [];
  #at: number;
  readonly begin: number;
  constructor(begin: number) {
    [this.begin, this.#at] = [begin, begin];
  }

  open(hours: number): Slot {
    // Each has minutes of its own, so that a message tells which it speaks of.
    const start = this.begin + (48 + hours) * HOUR + this.slots.length * 60_000;
    const slot = { uid: `slot${this.slots.length}`, start, seats: new Set<Person>(), before: new Set<Person>() };
    this.slots.push(slot);
    return slot;
  }
  seatOf = (person: Person): Slot | undefined => this.slots.find(({ seats }) => seats.has(person));

  tell(
    triggerEvent: string,
    { uid, start }: Slot,
    people: readonly Person[],
    over: object = {},
    named = people.length,
  ): void {
    this.#at += 1000;
    const attendees = people.map((name, i) => ({
      name,
      email: `${name}@people.example`,
      timeZone: 'Asia/Jerusalem',
      ...(i < named && { phoneNumber: phoneOf(name) }),
    }));
    const payload = {
      uid,
      startTime: iso(start),
      seatsPerTimeSlot: 8,
      attendees,
      responses: {},
      smsReminderNumber: '+972501234569',
      ...over,
    };
    this.bodies.push(JSON.stringify({ triggerEvent, createdAt: iso(this.#at), payload }));
  }
}

type Step = {
  readonly what: 'book' | 'leave' | 'move' | 'shift' | 'end';
  readonly who: Person;
  readonly where: number;
  readonly hours: number;
};

const happen = (calendar: Calendar, { what, who, where, hours }: Step): void => {
  const seat = calendar.seatOf(who);
  const at = where % (calendar.slots.length + 1);
  // Nobody comes back to where they sat: of events out of order nothing tells that from a first time.
  const known = calendar.slots[at];
  const to = known && !known.before.has(who) ? known : calendar.open(hours);
  if (what === 'book' && !seat) {
    to.seats.add(who);
    to.before.add(who);
    calendar.tell('BOOKING_CREATED', to, [who]);
  } else if (what === 'leave' && seat) {
    seat.seats.delete(who);
    calendar.tell('BOOKING_CANCELLED', seat, [who], { status: 'CANCELLED' });
  } else if (what === 'move' && seat && seat !== to) {
    seat.seats.delete(who);
    const others = [...to.seats];
    to.seats.add(who);
    to.before.add(who);
    const over = { rescheduleUid: seat.uid, attendeeSeatId: `seat-${who}` };
    calendar.tell('BOOKING_RESCHEDULED', to, [who, ...others], over, 1);
  } else if (what === 'shift' && seat) {
    seat.start += hours * HOUR;
    calendar.tell('BOOKING_RESCHEDULED', seat, [...seat.seats], { rescheduleUid: seat.uid }, 0);
  } else if (what === 'end' && seat) {
    calendar.tell('BOOKING_CANCELLED', seat, [...seat.seats], { status: 'CANCELLED' });
    seat.seats.clear();
  }
};

const steps = fc.array(
  fc.record({
    what: fc.constantFrom('book', 'book', 'book', 'leave', 'move', 'move', 'shift', 'end'),
    who: fc.constantFrom(...PEOPLE),
    where: fc.nat(4),
    hours: fc.integer({ min: 1, max: 40 }),
  }) as fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 14 },
);

const RUNS = Number(process.env.HISTORIES ?? 600);

it('whoever sits where, whatever is booked, left, moved by one or by the host, late, doubled or out of order: each is reminded of their seat alone', async () => {
  let reminders = 0;
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.infiniteStream(fc.nat()),
      fc.array(fc.nat(13), { maxLength: 6 }),
      fc.constantFrom(...BEGINNINGS),
      async (history, shuffle, again, begin) => {
        const calendar = new Calendar(begin);
        for (const step of history) happen(calendar, step);
        const world = new World(config({}), begin);
        const left = [
          ...calendar.bodies,
          ...again.flatMap((which) => calendar.bodies[which % calendar.bodies.length] ?? []),
        ];
        for (const random of shuffle) {
          if (left.length === 0) break;
          const [body = ''] = left.splice(random % left.length, 1);
          const request = { method: 'POST', headers: {}, query: {}, raw: Buffer.from(body), receivedAt: world.now };
          for (const item of source.parse(request, {})) {
            if ('event' in item) await world.appointments.onEvent(item.event as AppointmentEvent);
          }
        }
        for (let hour = 0; hour < 24 * 40; hour += 1) {
          world.pass(HOUR);
          while (world.ringing.length > 0) await world.appointments.onAlarm(world.ringing.shift() as Alarm);
          world.leave();
        }
        const told = [...world.records.values()].flatMap(({ left: sent }) =>
          sent && isRequest(sent.command.outcome) ? [sent.command.outcome.body] : [],
        );
        reminders += told.length;
        const said = told.map((body) => {
          const { to, body: text } = JSON.parse(body) as { to: string; body: string };
          return `${to} ${text.split(' ')[0]}`;
        });
        const due = PEOPLE.flatMap((person) => {
          const seat = calendar.seatOf(person);
          const format = { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Jerusalem' } as const;
          const line = seat && `${phoneOf(person)} ${new Intl.DateTimeFormat('en-IL', format).format(seat.start)}`;
          return line ? [line, line] : [];
        });
        expect(said.sort(), calendar.bodies.join('\n')).toEqual(due.sort());
      },
    ),
    { numRuns: RUNS },
  );
  // Otherwise nothing was looked at.
  expect(reminders).toBeGreaterThan(RUNS / 3);
});
