import { describe, expect, it } from 'vitest';
import { calCom, calendly, DAY, freshStarts, HOUR, iso, moveClock, newId, tellAndWait } from './appointments.ts';
import { customOrder, demoForAll, post, sandboxOf, signed, untilIdle, untilState } from './demo.ts';
import { customerSays, deliver } from './inbound.ts';

/** Whom a calendar's event is about, and whose clock its time is told by. */
const demo = demoForAll();
const freshStart = freshStarts();
const told = (source: string, body: unknown): Promise<void> => tellAndWait(demo(), source, body);
const messages = () => sandboxOf(demo()).messages();

/** To whom a reminder went whose text says something, in no order. */
const remindedOf = async (what: string): Promise<string[]> =>
  (await messages())
    .map(({ raw }) => JSON.parse(raw) as { to: string; body: string })
    .filter(({ body }) => body.includes(what))
    .map(({ to }) => to)
    .sort();

const timeAt = (instant: number, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(instant);

describe('a time with seats (Cal.com)', () => {
  const person = (name: string, phoneNumber?: string) => ({
    email: `${name.toLowerCase()}@people.example`,
    name,
    timeZone: 'Asia/Jerusalem',
    language: { locale: 'en' },
    ...(phoneNumber && { phoneNumber }),
  });
  const [dana, noa, guest] = [person('Dana', '+972501234561'), person('Noa', '+972501234562'), person('Guest')];
  const seat = (trigger: string, uid: string, start: number, attendees: object[], over = {}) =>
    calCom(trigger, uid, start, {
      seatsPerTimeSlot: 8,
      attendees,
      // The number of whoever booked first stands here, whoever books.
      smsReminderNumber: '+972501234569',
      responses: {},
      ...over,
    });

  it('reminds each attendee, and guests who gave no number of their own not at all', async () => {
    const [uid, start] = [newId('S'), freshStart()];
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [dana, guest], { attendeeSeatId: 'one' }));
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [noa, guest]));
    await moveClock(demo(), start - DAY);
    expect(await remindedOf(`at ${timeAt(start, 'Asia/Jerusalem')}`)).toEqual(['+972501234561', '+972501234562']);
  });

  it('where one seat is cancelled ends only that one, though the event looks like the end of all', async () => {
    const [uid, start] = [newId('S'), freshStart() + HOUR];
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [dana]));
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [noa]));
    await told('cal-com', seat('BOOKING_CANCELLED', uid, start, [dana], { status: 'CANCELLED' }));
    await moveClock(demo(), start - DAY);
    expect(await remindedOf(`at ${timeAt(start, 'Asia/Jerusalem')}`)).toEqual(['+972501234562']);
  });

  it('where the host cancels nobody is reminded', async () => {
    const [uid, start] = [newId('S'), freshStart() + 2 * HOUR];
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [dana]));
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [noa]));
    await told('cal-com', seat('BOOKING_CANCELLED', uid, start, [dana, noa], { status: 'CANCELLED' }));
    await moveClock(demo(), start);
    expect(await remindedOf(`at ${timeAt(start, 'Asia/Jerusalem')}`)).toEqual([]);
  });

  it('where one seat is moved leaves the others where they sit', async () => {
    const [uid, start] = [newId('S'), freshStart() + 3 * HOUR];
    const later = start + 2 * HOUR;
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [dana]));
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [noa]));
    const over = { rescheduleUid: uid, attendeeSeatId: 'new' };
    await told('cal-com', seat('BOOKING_RESCHEDULED', newId('S'), later, [dana], over));
    await moveClock(demo(), later - 2 * HOUR);
    expect(await remindedOf(`today at ${timeAt(start, 'Asia/Jerusalem')}`)).toEqual(['+972501234562']);
    expect(await remindedOf(`today at ${timeAt(later, 'Asia/Jerusalem')}`)).toEqual(['+972501234561']);
  });

  it('that the host moves as a whole keeps the numbers that its event leaves out', async () => {
    const [uid, start] = [newId('S'), freshStart() + 6 * HOUR];
    const later = start + 3 * HOUR;
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [dana]));
    await told('cal-com', seat('BOOKING_CREATED', uid, start, [noa]));
    const without = [person('Dana'), person('Noa')];
    await told('cal-com', seat('BOOKING_RESCHEDULED', uid, later, without, { rescheduleUid: uid }));
    await moveClock(demo(), later - 2 * HOUR);
    expect(await remindedOf(`today at ${timeAt(later, 'Asia/Jerusalem')}`)).toEqual(['+972501234561', '+972501234562']);
    expect(await remindedOf(`today at ${timeAt(start, 'Asia/Jerusalem')}`)).toEqual([]);
  });
});

describe('a booking that stands under its plain id, from before its seats were told apart', () => {
  const theirs = (phoneNumber: string) => [
    { name: 'Dana', email: 'dana@people.example', timeZone: 'Asia/Jerusalem', phoneNumber },
  ];
  const untold = (uid: string, start: number) =>
    told('cal-com', calCom('BOOKING_CREATED', uid, start, { attendees: theirs('+972501234561'), responses: {} }));
  const seats = (trigger: string, uid: string, start: number, phone: string, over = {}) =>
    told(
      'cal-com',
      calCom(trigger, uid, start, { attendees: theirs(phone), responses: {}, seatsPerTimeSlot: 8, ...over }),
    );

  it('ends with the cancellation of that seat, and not with that of another', async () => {
    const [uid, other, start] = [newId('F'), newId('F'), freshStart()];
    await untold(uid, start);
    await untold(other, start);
    await seats('BOOKING_CANCELLED', uid, start, '+972501234561', { status: 'CANCELLED' });
    const bob = [
      { name: 'Bob', email: 'bob@people.example', timeZone: 'Asia/Jerusalem', phoneNumber: '+972501234562' },
    ];
    await seats('BOOKING_CANCELLED', other, start, '', { attendees: bob, status: 'CANCELLED' });
    await moveClock(demo(), start);
    const keys = (await messages()).map(({ key }) => key);
    expect(keys.filter((key) => key.includes(uid) || key.includes(other)).sort()).toEqual([
      `appointment:${other}:24h`,
      `appointment:${other}:2h`,
    ]);
  });

  it('stays whose it is when others book, leave or move a seat without a number', async () => {
    const [uid, start] = [newId('F'), freshStart()];
    await untold(uid, start);
    const bob = { attendees: [{ name: 'Bob', email: 'bob@people.example', timeZone: 'Asia/Jerusalem' }] };
    await seats('BOOKING_CREATED', uid, start, '', bob);
    await seats('BOOKING_RESCHEDULED', newId('F'), start + 3 * HOUR, '', {
      ...bob,
      rescheduleUid: uid,
      attendeeSeatId: 's',
    });
    await seats('BOOKING_CANCELLED', uid, start, '', { ...bob, status: 'CANCELLED' });
    await moveClock(demo(), start + 3 * HOUR);
    const keys = (await messages()).map(({ key }) => key);
    expect(keys.filter((key) => key.includes(uid)).sort()).toEqual([`appointment:${uid}:24h`, `appointment:${uid}:2h`]);
  });

  it('is moved by the move of that seat, and the old time is never told', async () => {
    const [uid, start] = [newId('F'), freshStart()];
    await untold(uid, start);
    const moved = { rescheduleUid: uid, attendeeSeatId: 'seat' };
    await seats('BOOKING_RESCHEDULED', newId('F'), start + 3 * HOUR, '+972501234561', moved);
    await moveClock(demo(), start + 3 * HOUR);
    const keys = (await messages()).map(({ key }) => key);
    expect(keys.filter((key) => key.includes(uid)).sort()).toEqual([
      `appointment:${uid}:v2:24h`,
      `appointment:${uid}:v2:2h`,
    ]);
  });
});

describe('an event of our own that names a conversation', () => {
  const said = async (key: string): Promise<Record<string, unknown>> => {
    await untilState(demo(), key, 'ACCEPTED');
    return JSON.parse((await messages()).find((one) => one.key === key)?.raw ?? '{}');
  };
  const order = (id: string, phone: string) =>
    post(demo(), 'custom', signed('custom', customOrder(id, { customer: { phone }, conversation_id: 'conv-asked' })));

  it('is answered there, if its contact is the phone of the event, and else by the phone', async () => {
    const contact = { conversationId: 'conv-asked', conversation_id: 'conv-asked' };
    const number = { contactPhoneNumber: '+972501234563', contact_phone_number: '+972501234563' };
    const chat = { chat_id: '972501234563@s.whatsapp.net', from: '972501234563@s.whatsapp.net' };
    const message = customerSays('m-asked', 'Is it ready?', { ...contact, ...number, ...chat });
    expect(await deliver(demo(), message)).toMatchObject({ status: 200 });
    await untilIdle(demo());
    await order('TH-1', '+972 50-123-4563');
    await order('TH-2', '+972501234564');
    expect(await said('order:TH-1:ready')).toMatchObject({ conversationId: 'conv-asked' });
    expect(await said('order:TH-1:ready')).not.toHaveProperty('to');
    expect(await said('order:TH-2:ready')).toMatchObject({ to: '+972501234564' });
  });
});

describe('a series that is cancelled by one event (Cal.com)', () => {
  const RULE = { freq: 2, count: 3, interval: 1 };
  const [weekly, other] = [7, 8];
  const attendees = (name: string) => [
    { email: `${name}@people.example`, name, timeZone: 'Asia/Jerusalem', phoneNumber: '+972501234567' },
  ];
  const one = (trigger: string, uid: string, start: number, over = {}) =>
    calCom(trigger, uid, start, { recurringEvent: RULE, eventTypeId: weekly, attendees: attendees('dana'), ...over });

  it('ends all later ones of that attendee and kind of appointment, and none that is another', async () => {
    freshStart();
    const start = freshStart();
    const ids = [0, 1, 2].map(() => newId('R'));
    // Whichever of them it is asked from: what has not taken place yet does not.

    for (const [i, uid] of ids.entries()) await told('cal-com', one('BOOKING_CREATED', uid, start + i * DAY));
    const [friend, kind] = [newId('R'), newId('R')];
    await told('cal-com', one('BOOKING_CREATED', friend, start + DAY, { attendees: attendees('noa') }));
    await told('cal-com', one('BOOKING_CREATED', kind, start + DAY, { eventTypeId: other }));
    await told('cal-com', one('BOOKING_CANCELLED', ids[1] as string, start + DAY, { status: 'CANCELLED' }));
    // One that was booked before and is told of only now.
    const late = newId('R');
    await told('cal-com', {
      ...one('BOOKING_CREATED', late, start + 3 * DAY),
      createdAt: iso(Date.now() - 60_000),
    });
    await moveClock(demo(), start + 4 * DAY);
    const keys = (await messages()).map(({ key }) => key.split(':')[1] ?? '');
    expect([...new Set(keys.filter((id) => [...ids, friend, kind, late].includes(id)))].sort()).toEqual(
      [friend, kind].sort(),
    );
  });

  it('and may begin anew afterwards', async () => {
    const [uid, start] = [newId('R'), freshStart()];
    await told('cal-com', one('BOOKING_CREATED', uid, start, { eventTypeId: 9 }));
    await told('cal-com', one('BOOKING_CANCELLED', uid, start, { eventTypeId: 9, status: 'CANCELLED' }));
    const again = newId('R');
    await told('cal-com', one('BOOKING_CREATED', again, start + HOUR, { eventTypeId: 9 }));
    await moveClock(demo(), start + HOUR);
    const keys = (await messages()).map(({ key }) => key);
    expect(keys.filter((key) => key.includes(uid) || key.includes(again))).toEqual([
      `appointment:${again}:24h`,
      `appointment:${again}:2h`,
    ]);
  });
});

describe('the time of an appointment', () => {
  const NEW_YORK = 'America/New_York';

  it('in person is told by the clocks of the place, wherever it was booked from', async () => {
    const start = freshStart() + HOUR;
    const attendees = [{ name: 'Ruth', timeZone: NEW_YORK, phoneNumber: '+972501234567' }];
    const over = { attendees, location: '1 Market Street, Tel Aviv', organizer: { timeZone: 'Asia/Jerusalem' } };
    await told('cal-com', calCom('BOOKING_CREATED', newId('Z'), start, over));
    await told(
      'calendly',
      calendly('invitee.created', newId('Z'), start, {
        first_name: 'Rina',
        timezone: NEW_YORK,
        scheduled_event: {
          uri: 'https://api.calendly.com/scheduled_events/EV-Z',
          name: 'Haircut',
          start_time: iso(start),
          location: { type: 'physical', location: '1 Market Street' },
        },
      }),
    );
    await moveClock(demo(), start - DAY);
    const here = timeAt(start, 'Asia/Jerusalem');
    for (const name of ['Ruth', 'Rina']) expect(await remindedOf(`Hi ${name}, see you`)).toHaveLength(1);
    for (const name of ['Ruth', 'Rina']) {
      const [sent] = (await messages()).map(({ raw }) => raw).filter((raw) => raw.includes(`Hi ${name},`));
      expect(sent).toContain(`at ${here}.`);
    }
  });

  it('online is told by the clocks of the guest', async () => {
    const start = freshStart() + 2 * HOUR;
    const attendees = [{ name: 'Talia', timeZone: NEW_YORK, phoneNumber: '+972501234567' }];
    const over = { attendees, location: 'integrations:daily', organizer: { timeZone: 'Asia/Jerusalem' } };
    await told('cal-com', calCom('BOOKING_CREATED', newId('Z'), start, over));
    await moveClock(demo(), start - DAY);
    const [sent] = (await messages()).map(({ raw }) => raw).filter((raw) => raw.includes('Hi Talia,'));
    expect(sent).toContain(`at ${timeAt(start, NEW_YORK)}.`);
  });
});
