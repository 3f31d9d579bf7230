import { readFileSync } from 'node:fs';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import {
  calCom,
  calendly,
  calendlyInvitee,
  customAppointment,
  DAY,
  daysAhead,
  freshStarts,
  HOUR,
  iso,
  moveClock,
  newId,
  tell,
  tellAndWait,
} from './appointments.ts';
import { expectCleanLogs, post, recordOf, sandboxOf, signed, startDemo, untilIdle, untilState } from './demo.ts';
import { awsClients } from './fixtures/clients.ts';
import { worldOf } from './inbound.ts';

let stack: LocalStack;
let sandbox: ReturnType<typeof sandboxOf>;
const freshStart = freshStarts();

beforeAll(async () => {
  stack = await startDemo();
  sandbox = sandboxOf(stack);
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

const booked = (source: string, body: unknown): Promise<void> => tellAndWait(stack, source, body);

/** Keys of the messages that were sent for an appointment, by name: two that ring at once leave in any order. */
const keysOf = async (id: string): Promise<string[]> =>
  (await sandbox.messages())
    .map(({ key }) => key)
    .filter((key) => key.split(':')[1] === id)
    .sort();

const messageOf = async (key: string) => {
  await untilState(stack, key, 'ACCEPTED');
  const found = (await sandbox.messages()).filter((message) => message.key === key);
  expect(found).toHaveLength(1);
  return JSON.parse(found[0]?.raw ?? '') as { to: string; body: string };
};

const alarmsOf = async (id: string): Promise<unknown[]> =>
  (await stack.state()).alarms.filter(({ input }) => JSON.stringify(input).includes(`"${id}"`));

/** The time of an instant on the clocks of a zone. */
const clockTime = (instant: number, zone = 'Asia/Jerusalem'): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(instant);

const putBooking = (system: string, body: object) =>
  fetch(`${stack.url}/_sandbox/bookings/${system}`, { method: 'PUT', body: JSON.stringify(body) });

// First of all: later the scheduler's clock is ahead of the functions' own.
it('a stage whose time had passed when the booking was made is skipped', async () => {
  const id = newId('A');
  await booked('custom', customAppointment('booked', id, Date.now() + 5 * HOUR));
  const due = await alarmsOf(id);
  expect(due).toMatchObject([{ input: { alarm: { stage: '2h' } } }]);
  expect(await keysOf(id)).toEqual([]);
  await booked('custom', customAppointment('cancelled', id, 0));
});

describe('a booking for three days ahead', () => {
  it("gives one POST per stage, each at its time, under the contract's key and in the appointment's own zone", async () => {
    const [id, start] = [newId('A'), freshStart()];
    await booked('custom', customAppointment('booked', id, start, { zone: 'America/New_York' }));
    await moveClock(stack, start - DAY - HOUR);
    expect(await keysOf(id)).toEqual([]);
    await moveClock(stack, start - DAY + HOUR);
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`]);
    await moveClock(stack, start - 2 * HOUR);
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`, `appointment:${id}:2h`]);
    const { to, body } = await messageOf(`appointment:${id}:24h`);
    expect(to).toBe('+972501234567');
    expect(body).toContain(`at ${clockTime(start, 'America/New_York')}.`);
    expect(await alarmsOf(id)).toEqual([]);
  });

  it('told twice, at once and later, has one alarm and one message per stage', async () => {
    const [id, start] = [newId('A'), freshStart()];
    const told = customAppointment('booked', id, start);
    await Promise.all([tell(stack, 'custom', told), tell(stack, 'custom', told), tell(stack, 'custom', told)]);
    await untilIdle(stack);
    expect(await alarmsOf(id)).toHaveLength(2);
    await moveClock(stack, start - DAY);
    await booked('custom', told);
    await moveClock(stack, start);
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`, `appointment:${id}:2h`]);
    expect(await alarmsOf(id)).toEqual([]);
  });

  it('without a usable phone shows a REJECTED reminder with the reason', async () => {
    const [id, start] = [newId('A'), freshStart()];
    await booked('custom', customAppointment('booked', id, start, { phone: '555-555-SHIP' }));
    await moveClock(stack, start - DAY);
    expect(await untilState(stack, `appointment:${id}:24h`, 'REJECTED')).toMatchObject({
      reason: 'no_usable_phone:letters',
    });
  });
});

it('what was asked at a booking stands in the CRM, once, and the name and the number do not stand there again', async () => {
  const phone = '+972501236612';
  const fields = { 'First visit?': 'Yes', phone, name: 'Dana' };
  const booking = customAppointment('booked', 'asked', daysAhead(3), { phone, fields });
  await tell(stack, 'custom', booking);
  await tell(stack, 'custom', booking);
  await untilIdle(stack);
  const { entries } = await worldOf(stack).crm();
  expect(entries.filter((one) => one.contactId === phone)).toMatchObject([
    { type: 'form.submitted', message: { answers: [{ question: 'First visit?', value: 'Yes' }] } },
  ]);
});

describe('Calendly: book, move, cancel', () => {
  const old = (id: string) => ({ old_invitee: calendlyInvitee(id) });
  const replaced = (by: string) => ({ rescheduled: true, new_invitee: calendlyInvitee(by) });

  it.each(['the cancellation of the old first', 'the new booking first'])('%s', async (order) => {
    const [a, b, first] = [newId('A'), newId('B'), freshStart()];
    const second = first + 2 * DAY;
    await booked('calendly', calendly('invitee.created', a, first));
    const move = [calendly('invitee.canceled', a, first, replaced(b)), calendly('invitee.created', b, second, old(a))];
    for (const event of order === 'the new booking first' ? move.reverse() : move) await booked('calendly', event);
    await moveClock(stack, first);
    expect(await keysOf(a)).toEqual([]);
    await moveClock(stack, second - DAY);
    expect(await keysOf(a)).toEqual([`appointment:${a}:v2:24h`]);
    expect((await messageOf(`appointment:${a}:v2:24h`)).body).toContain(clockTime(second));
    await booked('calendly', calendly('invitee.canceled', b, second, old(a)));
    await moveClock(stack, second);
    expect(await keysOf(a)).toEqual([`appointment:${a}:v2:24h`]);
    expect(await keysOf(b)).toEqual([]);
    expect([...(await alarmsOf(a)), ...(await alarmsOf(b))]).toEqual([]);
  });

  it('a second move that comes before the first reminds of the last time alone, under the first id', async () => {
    const [a, b, c, first] = [newId('A'), newId('B'), newId('C'), freshStart()];
    await booked('calendly', calendly('invitee.created', a, first));
    await booked('calendly', calendly('invitee.created', c, first + 3 * DAY, old(b)));
    await booked('calendly', calendly('invitee.created', b, first + DAY, { ...old(a), ...replaced(c) }));
    await booked('calendly', calendly('invitee.canceled', a, first, replaced(b)));
    await booked('calendly', calendly('invitee.canceled', b, first, { ...old(a), ...replaced(c) }));
    await moveClock(stack, first + 4 * DAY);
    expect(await keysOf(a)).toEqual([`appointment:${a}:v2:24h`, `appointment:${a}:v2:2h`]);
    expect((await messageOf(`appointment:${a}:v2:2h`)).body).toContain(clockTime(first + 3 * DAY));
    expect([...(await keysOf(b)), ...(await keysOf(c))]).toEqual([]);
  });

  it('a cancellation that comes before its booking wins', async () => {
    const [a, start] = [newId('A'), freshStart()];
    const created = calendly('invitee.created', a, start);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await booked('calendly', calendly('invitee.canceled', a, start));
    await booked('calendly', created);
    await moveClock(stack, start);
    expect(await keysOf(a)).toEqual([]);
    expect(await alarmsOf(a)).toEqual([]);
  });

  it('a body without its meeting is looked up behind the queue', async () => {
    const [a, start] = [newId('A'), freshStart()];
    await putBooking('calendly', {
      uri: `https://api.calendly.com/scheduled_events/EV-${a}`,
      name: 'Haircut',
      start_time: iso(start),
      location: { type: 'outbound_call', location: '+972501234567' },
    });
    const over = { scheduled_event: undefined, event: `https://api.calendly.com/scheduled_events/EV-${a}` };
    await booked('calendly', calendly('invitee.created', a, start, { ...over, text_reminder_number: null }));
    await moveClock(stack, start - DAY);
    expect(await messageOf(`appointment:${a}:24h`)).toMatchObject({ to: '+972501234567' });
  });

  it('a meeting that Calendly does not know is parked with a reason', async () => {
    const a = newId('A');
    const over = { scheduled_event: undefined, event: 'https://api.calendly.com/scheduled_events/none' };
    await booked('calendly', calendly('invitee.created', a, 0, over));
    expect(await untilState(stack, `appointment:${a}:look-up`, 'REJECTED')).toMatchObject({
      reason: 'not_found_in_calendar',
    });
  });
});

describe('Cal.com', () => {
  it('book, move, cancel: exactly the right POSTs, in the words of the attendee', async () => {
    const [a, b, first] = [newId('A'), newId('B'), freshStart()];
    const second = first + 2 * DAY;
    await booked('cal-com', calCom('BOOKING_CREATED', a, first));
    await booked('cal-com', calCom('BOOKING_RESCHEDULED', b, second, { rescheduleUid: a }));
    await moveClock(stack, second - DAY);
    expect(await keysOf(a)).toEqual([`appointment:${a}:v2:24h`]);
    const { body } = await messageOf(`appointment:${a}:v2:24h`);
    expect(body).toMatch(/^שלום Dana, נתראה ביום /);
    expect(body).toContain(`בשעה ${clockTime(second)}`);
    await booked('cal-com', calCom('BOOKING_CANCELLED', b, second));
    await moveClock(stack, second);
    expect(await keysOf(a)).toEqual([`appointment:${a}:v2:24h`]);
    expect(await alarmsOf(a)).toEqual([]);
  });

  it('a cancellation of the new booking that comes before the move cancels it all', async () => {
    const [a, b, first] = [newId('A'), newId('B'), freshStart()];
    await booked('cal-com', calCom('BOOKING_CREATED', a, first));
    const moved = calCom('BOOKING_RESCHEDULED', b, first + DAY, { rescheduleUid: a });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await booked('cal-com', calCom('BOOKING_CANCELLED', b, first + DAY));
    await booked('cal-com', moved);
    await moveClock(stack, first + DAY);
    expect([...(await keysOf(a)), ...(await keysOf(b))]).toEqual([]);
    expect([...(await alarmsOf(a)), ...(await alarmsOf(b))]).toEqual([]);
  });

  it('a booking that was requested and is not confirmed is not reminded, and neither is the one that it is to replace', async () => {
    const [a, b, start] = [newId('A'), newId('B'), freshStart()];
    await booked('cal-com', calCom('BOOKING_REQUESTED', newId('R'), start, { status: 'PENDING' }));
    await booked('cal-com', calCom('BOOKING_CREATED', a, start));
    await booked('cal-com', calCom('BOOKING_RESCHEDULED', b, start + DAY, { rescheduleUid: a, status: 'PENDING' }));
    expect((await stack.state()).alarms).toEqual([]);
    await booked('cal-com', calCom('BOOKING_CREATED', b, start + DAY));
    await moveClock(stack, start + DAY);
    expect(await keysOf(a)).toEqual([`appointment:${a}:v2:24h`, `appointment:${a}:v2:2h`]);
  });

  it('a webhook without a secret is refused', async () => {
    const body = JSON.stringify(calCom('BOOKING_CREATED', newId('A'), freshStart()));
    const headers = { 'content-type': 'application/json', 'x-cal-signature-256': 'no-secret-provided' };
    expect(await post(stack, 'cal-com', { headers, body }, 'appointment-reminder')).toMatchObject({
      status: 401,
      body: { reason: 'signature_missing' },
    });
  });
});

describe('Acuity', () => {
  const acuity = (action: string, id: number) => `action=${action}&id=${id}&calendarID=5&appointmentTypeID=9`;
  const appointment = (id: number, start: number, over = {}) =>
    putBooking('acuity', {
      id,
      firstName: 'Dana',
      phone: '050-123-4567',
      type: 'Haircut',
      timezone: 'America/New_York',
      datetime: iso(start).replace(/\.\d+Z$/, '+0000'),
      canceled: false,
      ...over,
    });
  let id = 70_000;

  it('the appointment is looked up behind the queue; moved and cancelled it is as it then stands', async () => {
    id += 1;
    const first = freshStart();
    await appointment(id, first);
    await booked('acuity', acuity('scheduled', id));
    await appointment(id, first + 2 * DAY);
    await booked('acuity', acuity('rescheduled', id));
    await moveClock(stack, first + DAY);
    expect(await keysOf(String(id))).toEqual([`appointment:${id}:v2:24h`]);
    expect((await messageOf(`appointment:${id}:v2:24h`)).body).toContain(clockTime(first, 'America/New_York'));
    await booked('acuity', acuity('canceled', id));
    await moveClock(stack, first + 2 * DAY);
    expect(await keysOf(String(id))).toHaveLength(1);
    expect(await alarmsOf(String(id))).toEqual([]);
  });

  it('while its API throttles the old time is void already, and the new one comes as soon as it answers', async () => {
    id += 1;
    const first = freshStart();
    await appointment(id, first);
    await booked('acuity', acuity('scheduled', id));
    await appointment(id, first + DAY);
    await sandbox.fault('acuity', { kind: 'status', status: 429, headers: { 'retry-after': '2' } });
    await tell(stack, 'acuity', acuity('rescheduled', id));
    await expect.poll(() => alarmsOf(String(id)), { timeout: 1_900 }).toEqual([]);
    await untilIdle(stack);
    expect(await alarmsOf(String(id))).toHaveLength(2);
  });

  it('an appointment that it does not know is parked with a reason', async () => {
    await booked('acuity', acuity('scheduled', 70404));
    expect(await untilState(stack, 'appointment:70404:look-up', 'REJECTED')).toMatchObject({
      reason: 'not_found_in_calendar',
    });
  });
});

describe('alarms', () => {
  const ring = async (alarm: object): Promise<void> => {
    const { port } = new URL(stack.endpoints.sqs);
    const template = readFileSync(`${process.env.EZW_ASSEMBLY}/Ezw-demo.template.json`, 'utf8');
    const [name] = /AppointmentReminderWorkQueue\w+/.exec(template) ?? [];
    await awsClients(stack).sqs.send(
      new SendMessageCommand({
        QueueUrl: `http://sqs.us-east-1.localhost:${port}/000000000000/Ezw-demo-${name}`,
        MessageBody: JSON.stringify({ alarm }),
      }),
    );
    await untilIdle(stack);
  };

  it('one that rings twice, after its appointment was moved or cancelled, or for nothing that is known, sends nothing more', async () => {
    const [id, start] = [newId('A'), freshStart()];
    await booked('custom', customAppointment('booked', id, start));
    const alarm = { appointmentId: id, version: 1, stage: '24h', scheduledFor: iso(start - DAY) };
    await ring(alarm);
    await ring(alarm);
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`]);
    await booked('custom', customAppointment('moved', id, start + DAY));
    await ring({ ...alarm, stage: '2h' });
    await booked('custom', customAppointment('cancelled', id, start));
    await ring({ ...alarm, version: 2 });
    await ring({ ...alarm, appointmentId: newId('none') });
    expect(await keysOf(id)).toEqual([`appointment:${id}:24h`]);
    expect(await alarmsOf(id)).toEqual([]);
  });

  it('a scheduler that throttles delays the alarms and loses none', async () => {
    const [id, start] = [newId('A'), freshStart()];
    stack.throttleScheduler(6);
    await tell(stack, 'custom', customAppointment('booked', id, start));
    await untilIdle(stack);
    expect(await alarmsOf(id)).toHaveLength(2);
    expect(stack.logs().map(({ line }) => line)).toContainEqual(expect.stringContaining('ThrottlingException'));
    await booked('custom', customAppointment('cancelled', id, start));
  });

  it('a reminder that waits for the line while its appointment is cancelled does not leave any more', async () => {
    const [id, start] = [newId('A'), freshStart()];
    await booked('custom', customAppointment('booked', id, start));
    // What is due before it would be ahead of it at the line.
    await moveClock(stack, start - DAY - HOUR);
    await sandbox.line(false);
    const clock = { method: 'POST', body: JSON.stringify({ now: iso(start - DAY) }) };
    await fetch(`${stack.url}/_local/clock`, clock);
    // UNKNOWN if the line's last good health is not a minute old, so that a POST went out and was refused.
    await expect
      .poll(async () => String((await recordOf(stack, `appointment:${id}:24h`))?.state))
      .toMatch(/^(HELD|UNKNOWN)$/);
    await tell(stack, 'custom', customAppointment('cancelled', id, start));
    await expect.poll(() => alarmsOf(id)).toEqual([]);
    await sandbox.line(true);
    await untilIdle(stack);
    expect(await recordOf(stack, `appointment:${id}:24h`)).toMatchObject({
      reason: expect.stringContaining('no_longer_true'),
    });
    expect(await keysOf(id)).toEqual([]);
  });
});

describe('who is reminded', () => {
  it('is who the newest event says, also while the reminder waits for the line: the corrected number, and the old one never', async () => {
    const [id, start] = [newId('A'), freshStart()];
    await booked('custom', customAppointment('booked', id, start));
    await moveClock(stack, start - DAY - HOUR);
    // Surely not taken, and the line holds.
    await sandbox.fault('text', { kind: 'status', status: 429, headers: { 'Retry-After': '6' } });
    const clock = { method: 'POST', body: JSON.stringify({ now: iso(start - DAY) }) };
    await fetch(`${stack.url}/_local/clock`, clock);
    await untilState(stack, `appointment:${id}:24h`, 'HELD');
    await tell(stack, 'custom', customAppointment('booked', id, start, { phone: '+972501234568', name: 'Noa' }));
    expect(await messageOf(`appointment:${id}:24h`)).toMatchObject({
      to: '+972501234568',
      body: expect.stringContaining('Hi Noa'),
    });
    expect(await sandbox.posts(`appointment:${id}:24h`)).toHaveLength(2);
  });

  it('is not told again when it is corrected after the reminder has left', async () => {
    const [id, start] = [newId('A'), freshStart()];
    await booked('custom', customAppointment('booked', id, start));
    await moveClock(stack, start - DAY);
    await messageOf(`appointment:${id}:24h`);
    await booked('custom', customAppointment('booked', id, start, { phone: '+972501234568' }));
    expect(await messageOf(`appointment:${id}:24h`)).toMatchObject({ to: '+972501234567' });
    expect((await recordOf(stack, `appointment:${id}:24h`))?.conflicts).toBeUndefined();
    await moveClock(stack, start - 2 * HOUR);
    expect(await messageOf(`appointment:${id}:2h`)).toMatchObject({ to: '+972501234568' });
  });
});

describe('two moves of one and the same second', () => {
  const updated_at = iso(Date.now());
  const moved = (id: string, startsAt: number, over = {}) =>
    customAppointment('moved', id, startsAt, { updated_at, ...over });
  /** Times of the first reminders that were sent of an appointment. */
  const told = async (id: string): Promise<string[]> =>
    (await sandbox.messages())
      .filter(({ key }) => key.split(':')[1] === id && key.endsWith(':24h'))
      .map(({ raw }) => (JSON.parse(raw) as { body: string }).body);

  it('end with the one that was first heard of later, and a move that is told again is no later one', async () => {
    const [id, start] = [newId('A'), freshStart()];
    const body = JSON.stringify(moved(id, start));
    const first = signed('custom', body, undefined, new Date(), 'appointment-reminder');
    await post(stack, 'custom', first, 'appointment-reminder');
    await untilIdle(stack);
    await booked('custom', moved(id, start + 3 * HOUR));
    await post(stack, 'custom', first, 'appointment-reminder');
    await untilIdle(stack);
    await moveClock(stack, start + 3 * HOUR - DAY);
    expect(await told(id)).toEqual([expect.stringContaining(clockTime(start + 3 * HOUR))]);
  });

  it('end with the higher sequence, in whichever order they come', async () => {
    const [id, start] = [newId('A'), freshStart()];
    await booked('custom', moved(id, start + 3 * HOUR, { sequence: 2 }));
    await booked('custom', moved(id, start, { sequence: 1 }));
    await moveClock(stack, start + 3 * HOUR - DAY);
    expect(await told(id)).toEqual([expect.stringContaining(clockTime(start + 3 * HOUR))]);
  });
});

it('a custom move may give a new id and name the old one: one chain, and the old time is never told', async () => {
  const [id, next, start] = [newId('A'), newId('B'), freshStart()];
  await booked('custom', customAppointment('booked', id, start));
  await booked('custom', customAppointment('moved', next, start + 3 * HOUR, { previous_id: id }));
  await moveClock(stack, start + 3 * HOUR);
  expect(await keysOf(id)).toEqual([`appointment:${id}:v2:24h`, `appointment:${id}:v2:2h`]);
  expect(await keysOf(next)).toEqual([]);
});

it('the door says what is wrong', async () => {
  const { data } = customAppointment('booked', newId('A'), freshStart());
  const bodies: [object, object][] = [
    [
      { ...data, starts_at: undefined },
      { status: 400, body: { message: expect.stringContaining('data.starts_at') } },
    ],
    [
      { ...data, starts_at: '2026-11-25T10:00' },
      { status: 400, body: { reason: 'wrong_shape' } },
    ],
    [
      { ...data, zone: 'Jerusalem' },
      { status: 400, body: { reason: 'unknown_zone' } },
    ],
    [
      { ...data, updated_at: undefined },
      { status: 400, body: { message: expect.stringContaining('updated_at') } },
    ],
  ];
  for (const [broken, answer] of bodies) {
    expect(await tell(stack, 'custom', { type: 'appointment.booked', data: broken })).toMatchObject(answer);
  }
  expect(await tell(stack, 'custom', { type: 'appointment.seen', data: {} })).toMatchObject({ body: { queued: 0 } });
});

it('when all have rung or were cancelled no schedule is left, and nothing is among the dead letters', async () => {
  await moveClock(stack, freshStart());
  const { alarms, dlqs } = await stack.state();
  expect(alarms).toEqual([]);
  expect(Object.values(dlqs).map(({ ready }) => ready)).toEqual(Object.values(dlqs).map(() => 0));
});
