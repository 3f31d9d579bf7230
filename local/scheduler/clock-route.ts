import { z } from 'zod';
import { parsedJson } from '../json.ts';
import type { SchedulerServer } from './server.ts';

const schema = z.strictObject({ now: z.iso.datetime({ offset: true }) });

/** It never goes back: one wrong digit of a year must not leave it there, on a data folder for good. */
const MOST_MS = 10 * 366 * 24 * 3600_000;

/** `POST /_local/clock {"now": ISO}`: moves the scheduler's clock forward, never back, and answers where it stands and what rang. */
export function clockRoute(scheduler: SchedulerServer, body: string): { status: number; body: object } {
  const wanted = schema.safeParse(parsedJson(body));
  if (!wanted.success) return { status: 400, body: { message: 'Write {"now": "2026-11-25T10:00:00Z"}.' } };
  const now = Date.parse(wanted.data.now);
  if (now > scheduler.now() + MOST_MS)
    return {
      status: 400,
      body: {
        message: 'That is more than ten years from where it stands. The clock does not go back: move it by less.',
      },
    };
  const fired = scheduler.moveTo(now);
  return { status: 200, body: { now: new Date(scheduler.now()).toISOString(), fired } };
}
