import { z } from 'zod';
import type { SchedulerServer } from './server.ts';

const schema = z.strictObject({ now: z.iso.datetime({ offset: true }) });

/** `POST /_local/clock {"now": ISO}`: moves the scheduler's clock forward and answers what rang. It never goes back. */
export function clockRoute(scheduler: SchedulerServer, body: string): { status: number; body: object } {
  const wanted = schema.safeParse(parsed(body));
  if (!wanted.success) return { status: 400, body: { message: 'Write {"now": "2026-11-25T10:00:00Z"}.' } };
  const fired = scheduler.moveTo(Date.parse(wanted.data.now));
  const now = new Date(scheduler.now()).toISOString();
  if (!fired) return { status: 409, body: { message: 'The clock only goes forward.', now } };
  return { status: 200, body: { now, fired } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
