import { Hono, type HonoRequest } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { SandboxEnv } from '../env.ts';
import { type Reason, Refused } from './store.ts';

type WithStatus = [ContentfulStatusCode, object];
/** A body goes with 200, nothing is a 204. */
type Answer = object | WithStatus | undefined;

/** One CRM as a table: what it answers where, who may ask, and in which words it refuses. */
export interface Crm {
  /** By method and path, such as `PATCH /contacts/:id`. */
  routes: Record<string, (request: HonoRequest) => Promise<Answer> | Answer>;
  /** Whether the token is good, asked below a path: all of them unless said. */
  guard?: { below?: string; allows(request: HonoRequest): boolean };
  refusals?: { [reason in Reason]?: (detail: string) => WithStatus };
}

export function serveCrm({ routes, guard, refusals = {} }: Crm): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  if (guard) {
    app.use(`${guard.below ?? ''}/*`, ({ req }, next) => {
      if (guard.allows(req)) return next();
      throw new Refused('unauthorized');
    });
  }
  for (const [route, answer] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ');
    app.on(method, path, async (c) => {
      const given = await answer(c.req);
      if (given === undefined) return c.body(null, 204);
      return Array.isArray(given) ? c.json(given[1], given[0]) : c.json(given);
    });
  }
  app.onError((error, c) => {
    const refusal = error instanceof Refused ? refusals[error.reason]?.(error.message) : undefined;
    if (refusal === undefined) throw error;
    return c.json(refusal[1], refusal[0]);
  });
  return app;
}
