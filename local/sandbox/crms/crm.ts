import { Hono, type HonoRequest } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type * as z from 'zod/mini';
import type { Crm, CrmSecret } from '../../../functions/crm-sync/crm.ts';
import type { SandboxEnv } from '../env.ts';
import { type CrmStand, type Fields, type Reason, Refused } from './store.ts';

/** A request as routes get it. */
export type CrmRequest = HonoRequest;

type WithStatus = [ContentfulStatusCode, object];
/** A body goes with 200, nothing is a 204. */
type Answer = object | WithStatus | undefined;

/** One CRM as a table: what it answers where, who may ask, and in which words it refuses. */
export interface CrmServer {
  /** By method and path, such as `PATCH /contacts/:id`. */
  routes: Record<string, (request: CrmRequest) => Promise<Answer> | Answer>;
  /** Whether the token is good, asked below a path: all of them unless said. */
  guard?: { below?: string; allows(request: CrmRequest): boolean };
  refusals?: { [reason in Reason]?: (detail: string) => WithStatus };
}

/** `stand-in.ts` of a CRM: what the sandbox serves in its place, and what the contract of all CRMs must know of this one. */
export interface CrmStandIn<Of extends Crm = Crm> {
  serve(stand: CrmStand): CrmServer;
  /** How to connect to it: settings as in a client file, and a secret that it takes. `base` is its address. */
  connection(base: string): { readonly settings: z.input<Of['settings']>; readonly secret: CrmSecret };
  /** Makes a contact with this phone by the vendor's own API, as somebody else would. Left out where nobody else can. */
  madeByOthers?(base: string, phone: string): Promise<unknown>;
  /** Whether a contact, as the stand-in keeps it, shows that the person has opted out. */
  showsOptOut(contact: Fields): boolean;
  /** False where it keeps no contacts of its own: then there is none to find. */
  readonly keepsContacts?: false;
  /** False where no page of the vendor's says how numbers are compared: E.164 alone is looked for. */
  readonly findsAnyForm?: false;
  /** True where an expired token is renewed within the call; others wait until a person has stored a new one. */
  readonly renewsToken?: true;
}

export function serveCrm({ routes, guard, refusals = {} }: CrmServer): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  // Most CRMs make no difference between what is gone and what never was.
  const refuse = ({ reason, message }: Refused): WithStatus | undefined =>
    (refusals[reason] ?? (reason === 'deleted' ? refusals.absent : undefined))?.(message);
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
    const refusal = error instanceof Refused ? refuse(error) : undefined;
    if (refusal === undefined) throw error;
    return c.json(refusal[1], refusal[0]);
  });
  return app;
}
