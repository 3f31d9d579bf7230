import { z } from 'zod';
import { parsedJson } from '../json.ts';
import type { SchedulerServer } from './server.ts';

const schema = z.strictObject({ now: z.iso.datetime({ offset: true }) });

/** `POST /_local/clock {"now": ISO}`: moves the scheduler's clock forward, never back, and answers where it stands and what rang. */
export function clockRoute(scheduler: SchedulerServer, body: string): { status: number; body: object } {
  const wanted = schema.safeParse(parsedJson(body));
  if (!wanted.success) return { status: 400, body: { message: 'Write {"now": "2026-11-25T10:00:00Z"}.' } };
  const fired = scheduler.moveTo(Date.parse(wanted.data.now));
  return { status: 200, body: { now: new Date(scheduler.now()).toISOString(), fired } };
}
