import { type Context, Hono } from 'hono';
import { parsedJson } from '../json.ts';
import { refuse } from './answers.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import type { SandboxEnv } from './env.ts';
import type { FaultMiddleware } from './fault-effects.ts';

/** One call that a notifier took. */
interface Notification {
  at: string;
  notifier: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

/** Chat tools, pagers and mail at `/notifier/<name>`: each answers as its original does (`stands`); `control` shows what came. */
export function notifiers(now: () => number, faults: FaultMiddleware) {
  const calls: CallLog = createCallLog(now);
  let taken: Notification[] = [];

  const stands = new Hono<SandboxEnv>();
  stands.use(calls.record);
  stands.use((c, next) => faults(c.req.path.includes('/ses/') ? 'mail' : 'notifier')(c, next));
  stands.all('/:notifier/*', (c) => take(c.req.param('notifier'), c));
  stands.all('/:notifier', (c) => take(c.req.param('notifier'), c));

  const control = new Hono<SandboxEnv>();
  control.get('/', (c) => c.json(taken));
  control.delete('/', (c) => {
    taken = [];
    return c.body(null, 204);
  });
  return { stands, control };

  function take(notifier: string, c: Context<SandboxEnv>): Response {
    const body = parsedJson(c.get('bytes').toString('utf8'));
    if (body === undefined) return refuse(c, 400, 'not_json', 'the body is not JSON');
    const { pathname } = new URL(c.req.url);
    taken.push({ at: new Date(now()).toISOString(), notifier, path: pathname, headers: c.req.header(), body });
    const fields = body as { dedup_key?: string };
    if (notifier === 'slack') return c.text('ok');
    if (notifier === 'teams') return c.body(null, 202);
    if (notifier === 'pagerduty') return c.json({ status: 'success', dedup_key: fields.dedup_key }, 202);
    if (notifier === 'ses') return c.json({ MessageId: `mail-${taken.length}` });
    return c.json({ ok: true });
  }
}
