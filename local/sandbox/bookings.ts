import { Hono } from 'hono';
import { z } from 'zod';
import { parseJson, refuse } from './answers.ts';
import type { CallLog } from './call-log.ts';
import type { SandboxEnv } from './env.ts';
import type { FaultMiddleware } from './fault-effects.ts';

const DAY_MS = 24 * 3_600_000;

/** An appointment as Acuity's API answers it, as far as a test cares. */
const acuityAppointment = z.looseObject({ id: z.union([z.int(), z.string().min(1)]) });
/** A scheduled event as Calendly's API answers it; its id is the last part of `uri`. */
const calendlyEvent = z.looseObject({ uri: z.string().regex(/\/[^/]+$/, 'must end in /<id>') });

/** The look-up APIs of booking systems (`acuity`, `calendly`) and the desks where tests fill them. */
export function bookings(now: () => number, calls: CallLog, faults: FaultMiddleware) {
  const acuityStore = new Map<string, object>();
  const calendlyStore = new Map<string, object>();

  const acuity = new Hono<SandboxEnv>();
  acuity.use(calls.record);
  acuity.use(faults('acuity'));
  acuity.get('/api/v1/appointments/:id', (c) => {
    if (!/^Basic [\w+/=]+$/.test(c.req.header('authorization') ?? '')) {
      return refuse(c, 401, 'unauthorized', 'Acuity takes basic authentication: user id and API key');
    }
    const id = c.req.param('id');
    const found = acuityStore.get(id) ?? demoAppointment(id, now());
    if (id.endsWith('404')) return refuse(c, 404, 'not_found', 'no such appointment');
    acuityStore.set(id, found);
    return c.json(found);
  });

  const calendly = new Hono<SandboxEnv>();
  calendly.use(calls.record);
  calendly.get('/scheduled_events/:id', (c) => {
    if (!/^Bearer \S+$/.test(c.req.header('authorization') ?? '')) {
      return refuse(c, 401, 'unauthorized', 'Calendly takes a bearer token');
    }
    const found = calendlyStore.get(c.req.param('id'));
    return found ? c.json({ resource: found }) : refuse(c, 404, 'not_found', 'no such scheduled event');
  });

  const control = new Hono<SandboxEnv>();
  control.get('/requests', (c) => c.json(calls.list()));
  control.put('/acuity', async (c) => {
    const parsed = parseJson(acuityAppointment, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    acuityStore.set(String(parsed.value.id), parsed.value);
    return c.body(null, 204);
  });
  control.put('/calendly', async (c) => {
    const parsed = parseJson(calendlyEvent, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { uri } = parsed.value;
    calendlyStore.set(uri.slice(uri.lastIndexOf('/') + 1), parsed.value);
    return c.body(null, 204);
  });

  return { acuity, calendly, control };
}

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
