import { dueAt } from '../../functions/appointment-reminder/stages.ts';
import type { Target } from '../target/target.ts';
import type { TemplateTest } from './areas/template-row.ts';
import { appointmentBooked, leadCreated, orderReady } from './events.ts';
import type { Run } from './run.ts';

const HOUR_MS = 3600_000;
/** Enough for a burst of retries, little enough for a door's own limits. */
const COPIES = 20;

/** The stage that comes last before an appointment, and how long before it, in milliseconds. */
const lastStage = ({ client }: Target): { readonly name: string; readonly ahead: number } | undefined => {
  const sample = Date.now() + 400 * 24 * HOUR_MS;
  return Object.keys(client.templates['appointment-reminder']?.stages ?? {})
    .map((name) => ({ name, ahead: sample - dueAt(name, new Date(sample).toISOString(), client.zone) }))
    .sort((a, b) => a.ahead - b.ahead)[0];
};

export const orderTest = ({ id }: Run): TemplateTest => ({
  template: 'order-ready',
  type: 'order.ready_for_pickup',
  id: `handoff-${id}`,
  key: `order:handoff-${id}:ready`,
  event: (phone) => orderReady(`handoff-${id}`, phone),
  copies: COPIES,
});

export const leadTest = ({ id }: Run): TemplateTest => ({
  template: 'lead-first-touch',
  type: 'lead.created',
  id: `handoff-${id}`,
  key: `lead:handoff-${id}:first-touch`,
  event: (phone) => leadCreated(`handoff-${id}`, phone),
  copies: 1,
});

/** The local scheduler's clock goes ahead to the reminder; there is no such clock in the cloud. */
export const appointmentTest = (run: Run): TemplateTest => {
  const { name = '2h', ahead = 2 * HOUR_MS } = lastStage(run.target) ?? {};
  const startsAt = Date.now() + ahead + HOUR_MS;
  const appointmentId = `handoff-${run.id}`;
  const ring = new Date(startsAt - ahead + 1_000).toISOString();
  return {
    template: 'appointment-reminder',
    type: 'appointment.booked',
    id: appointmentId,
    key: `appointment:${appointmentId}:${name}`,
    event: (phone) => appointmentBooked(appointmentId, phone, startsAt, run.target.client.zone),
    copies: 1,
    meanwhile: async () => run.sandbox?.moveClock(ring),
  };
};
