import { Hono } from 'hono';
import { z } from 'zod';
import { keeping, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';

/** A scheduled event as Calendly's API answers it; its id is the last part of `uri`. */
const scheduledEvent = z.looseObject({ uri: z.string().regex(/\/[^/]+$/, 'must end in /<id>') });

/** Calendly's scheduled events, and the desk where they are put. */
export const standIn: SourceStandIn = {
  desk: 'bookings/calendly',
  make() {
    const stored = new Map<string, object>();

    const api = new Hono<SandboxEnv>();
    api.get('/scheduled_events/:id', (c) => {
      if (!/^Bearer \S+$/.test(c.req.header('authorization') ?? '')) {
        return refuse(c, 401, 'unauthorized', 'Calendly takes a bearer token');
      }
      const found = stored.get(c.req.param('id'));
      return found ? c.json({ resource: found }) : refuse(c, 404, 'not_found', 'no such scheduled event');
    });

    const control = new Hono<SandboxEnv>();
    control.put(
      '/',
      keeping(scheduledEvent, (one) => stored.set(one.uri.slice(one.uri.lastIndexOf('/') + 1), one)),
    );
    return { api, control };
  },
};
