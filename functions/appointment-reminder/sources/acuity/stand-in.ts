import { Hono } from 'hono';
import { z } from 'zod';
import { keeping, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';

const DAY_MS = 24 * 3_600_000;

/** An appointment as Acuity's API answers it, as far as a test cares. */
const appointment = z.looseObject({ id: z.union([z.int(), z.string().min(1)]) });

/** Acuity's appointments, and the desk where they are put. */
export const standIn: SourceStandIn = {
  desk: 'bookings/acuity',
  make(now) {
    const stored = new Map<string, object>();

    const api = new Hono<SandboxEnv>();
    api.get('/api/v1/appointments/:id', (c) => {
      if (!/^Basic [\w+/=]+$/.test(c.req.header('authorization') ?? '')) {
        return refuse(c, 401, 'unauthorized', 'Acuity takes basic authentication: user id and API key');
      }
      const id = c.req.param('id');
      const found = stored.get(id) ?? demoAppointment(id, now());
      if (id.endsWith('404')) return refuse(c, 404, 'not_found', 'no such appointment');
      stored.set(id, found);
      return c.json(found);
    });

    const control = new Hono<SandboxEnv>();
    control.put(
      '/',
      keeping(appointment, (one) => stored.set(String(one.id), one)),
    );
    return { api, control };
  },
};

/** For whoever posts an Acuity event by hand: someone in three days, at a full hour. */
function demoAppointment(id: string, now: number): object {
  const start = Math.ceil(now / 3_600_000) * 3_600_000 + 3 * DAY_MS;
  return {
    id: /^\d+$/.test(id) ? Number(id) : id,
    firstName: 'Dana',
    lastName: 'Levi',
    phone: '050-123-4567',
    email: 'dana@clinic.example',
    // Acuity writes the offset without a colon.
    datetime: new Date(start).toISOString().replace(/\.\d+Z$/, '+0000'),
    timezone: 'Asia/Jerusalem',
    type: 'Haircut',
    calendarID: 5,
    canceled: false,
  };
}
