import { Hono } from 'hono';
import { type CallLog, createCallLog } from './call-log.ts';
import type { SandboxEnv } from './env.ts';
import type { FaultMiddleware } from './fault-effects.ts';
import type { SourceStandIn } from './source.ts';
import { served, standInsOf } from './stand-ins.ts';

/** What sources look up at, one at `/<at>` and its desk at `/_sandbox/<desk>`; what was asked of each is at `…/requests`. */
export function sources(now: () => number, faults: FaultMiddleware) {
  const app = new Hono<SandboxEnv>();
  const logs: CallLog[] = [];
  for (const found of standInsOf<SourceStandIn>('sources')) {
    const { at = found.name, desk = at } = found.standIn ?? {};
    const calls = createCallLog(now);
    logs.push(calls);
    const control = new Hono<SandboxEnv>().get('/requests', (c) => c.json(calls.list()));
    const serve = (standIn: SourceStandIn) => {
      const { api, control: own } = standIn.make(now);
      control.route('/', own);
      return new Hono<SandboxEnv>().use(calls.record).use(faults(found.name)).route('/', api);
    };
    app.route(`/${at}`, served(found, serve));
    app.route(`/_sandbox/${desk}`, control);
  }
  return { app, logs };
}
