import { type Context, Hono } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { parsedJson } from '../json.ts';
import { refuse } from './answers.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import type { SandboxEnv } from './env.ts';
import type { FaultMiddleware } from './fault-effects.ts';
import type { Notification, NotifierStandIn } from './notifier.ts';
import { served, standInsOf } from './stand-ins.ts';

/** Chat tools, pagers and mail at `/notifier/<name>`: each answers as its original does (`stands`); `control` shows what came. */
export function notifiers(now: () => number, faults: FaultMiddleware) {
  const calls: CallLog = createCallLog(now);
  let taken: Notification[] = [];

  const stands = new Hono<SandboxEnv>();
  stands.use(calls.record);
  for (const found of standInsOf<NotifierStandIn>('notifiers')) {
    const { at = found.name, fault = 'notifier' } = found.standIn ?? {};
    const serve = (standIn: NotifierStandIn) =>
      new Hono<SandboxEnv>().use(faults(fault)).all('*', (c) => take(at, standIn, c));
    stands.route(`/${at}`, served(found, serve));
  }

  const control = new Hono<SandboxEnv>();
  control.get('/', (c) => c.json(taken));
  control.delete('/', (c) => {
    taken = [];
    return c.body(null, 204);
  });
  return { stands, control };

  function take(notifier: string, standIn: NotifierStandIn, c: Context<SandboxEnv>): Response {
    const body = parsedJson(c.get('bytes').toString('utf8'));
    if (body === undefined) return refuse(c, 400, 'not_json', 'the body is not JSON');
    const { pathname } = new URL(c.req.url);
    const call = { at: new Date(now()).toISOString(), notifier, path: pathname, headers: c.req.header(), body };
    taken.push(call);
    const [status, answer] = standIn.answer(call, taken.length);
    c.status(status as StatusCode);
    if (answer === undefined) return c.body(null);
    return typeof answer === 'string' ? c.text(answer) : c.json(answer);
  }
}

/** By the names in a client file, what each stand-in takes as its secret; `base` is where they are. */
export const notifierSecrets = (base: string): Record<string, string> =>
  Object.fromEntries(
    standInsOf<NotifierStandIn>('notifiers').flatMap(({ name, standIn }) => {
      const secret = standIn?.connection(`${base}/${standIn.at ?? name}`).secret;
      return secret === undefined ? [] : [[name, secret] as const];
    }),
  );
