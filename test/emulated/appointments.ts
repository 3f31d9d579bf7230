import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { post, signed, untilIdle } from './demo.ts';

export const HOUR = 3600_000;
export const DAY = 24 * HOUR;
export const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** The next full hour so many days ahead: signatures are of today, appointments lie in the future. */
export const daysAhead = (days: number): number => Math.ceil(Date.now() / HOUR) * HOUR + days * DAY;

/** Sends a signed event to the appointment door. */
export const tell = (stack: LocalStack, source: string, body: unknown) =>
  post(stack, source, signed(source, body, undefined, new Date(), 'appointment-reminder'), 'appointment-reminder');

/** Starts in days that no test of the file before has moved the clock into; in the morning, so that hours later is the same day. */
export const freshStarts = (): (() => number) => {
  let days = 0;
  return () => {
    days += 10;
    return Math.ceil(daysAhead(days) / DAY) * DAY + 6 * HOUR;
  };
};

/** Tells the door, which takes it, and waits until nothing is under way any more. */
export const tellAndWait = async (stack: LocalStack, source: string, body: unknown): Promise<void> => {
  expect(await tell(stack, source, body)).toMatchObject({ status: 200, body: { ok: true } });
  await untilIdle(stack);
};

export const customAppointment = (type: string, id: string, startsAt: number, over: Record<string, unknown> = {}) => ({
  type: `appointment.${type}`,
  timestamp: iso(Date.now()),
  data: {
    appointment_id: id,
    starts_at: iso(startsAt),
    zone: 'Asia/Jerusalem',
    name: 'Dana',
    phone: '+972501234567',
    service: 'Haircut',
    updated_at: iso(Date.now()),
    ...over,
  },
});

const EVENTS = 'https://api.calendly.com/scheduled_events';
export const calendlyInvitee = (id: string): string => `${EVENTS}/EV-${id}/invitees/${id}`;

export const calendly = (event: string, id: string, startsAt: number, over: Record<string, unknown> = {}) => ({
  event,
  created_at: iso(Date.now()),
  created_by: 'https://api.calendly.com/users/AAA',
  payload: {
    uri: calendlyInvitee(id),
    name: 'Dana Levi',
    first_name: 'Dana',
    status: 'active',
    timezone: 'Asia/Jerusalem',
    text_reminder_number: '+972 50-123-4567',
    rescheduled: false,
    old_invitee: null,
    new_invitee: null,
    questions_and_answers: [],
    scheduled_event: { uri: `${EVENTS}/EV-${id}`, name: 'Haircut', start_time: iso(startsAt), location: null },
    ...over,
  },
});

export const calCom = (triggerEvent: string, uid: string, startsAt: number, over: Record<string, unknown> = {}) => ({
  triggerEvent,
  createdAt: iso(Date.now()),
  payload: {
    uid,
    startTime: iso(startsAt),
    eventTitle: 'Haircut',
    status: 'ACCEPTED',
    attendees: [{ name: 'Dana', timeZone: 'Asia/Jerusalem', language: { locale: 'he' }, phoneNumber: '+972501234567' }],
    responses: { attendeePhoneNumber: { label: 'phone_number', value: '+972501234567' } },
    ...over,
  },
});

/** Moves the scheduler's clock and waits until nothing is under way any more. Answers what rang. */
export const moveClock = async (stack: LocalStack, to: number): Promise<{ name: string }[]> => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ now: iso(to) }),
  };
  const response = await fetch(`${stack.url}/_local/clock`, init);
  if (response.status !== 200) throw new Error(`the clock answered ${response.status}: ${await response.text()}`);
  const { fired } = (await response.json()) as { fired: { name: string }[] };
  await untilIdle(stack);
  return fired;
};

export const newId = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;
