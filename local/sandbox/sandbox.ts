import { Hono } from 'hono';
import { refuse } from './answers.ts';
import { api } from './api.ts';
import { type Call, createCallLog } from './call-log.ts';
import { createConnections } from './connections.ts';
import { control } from './control.ts';
import { crms } from './crms/crms.ts';
import type { SandboxEnv } from './env.ts';
import { createFaultDesk } from './fault-desk.ts';
import { faultEffects } from './fault-effects.ts';
import { createFaultPlan } from './fault-plan.ts';
import { createListener, type Listener } from './listener.ts';
import { createMessageStore, type Message } from './message-store.ts';
import { notifiers } from './notifiers.ts';
import { page } from './page.ts';
import { sources } from './sources.ts';
import { webhookSchema } from './webhook-schema.ts';
import { createWebhooks } from './webhooks.ts';
import { whatsapp } from './whatsapp.ts';
import { createWorkspace } from './workspace.ts';

export interface SandboxOptions {
  /** The one token that opens `/api/v1`, until the workspace rotates it. */
  lineToken: string;
  lineId: string;
  /** Origins that a webhook may have although they are on this machine: the local stack's own. */
  ownOrigins?: () => readonly string[];
  /** Epoch ms. */
  now?: () => number;
}

export interface Sandbox {
  /** Every route: `/api/v1`, the stand-ins, `/_sandbox` and the page at `/`. Connection faults need `listen`. */
  app: Hono<SandboxEnv>;
  listen: Listener['listen'];
  /** Accepted messages, oldest first. */
  messages(): readonly Message[];
  /** Every call of `/api/v1`, oldest first. */
  requests(): readonly Call[];
}

/** A stand-in for EZWhatsApp, strict where the contract is, and for the outside systems that the demo client talks to. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { lineToken, lineId, ownOrigins = () => [], now = Date.now } = options;
  const line = { id: lineId, sendable: true };
  const messages = createMessageStore(now);
  const calls = createCallLog(now);
  const plan = createFaultPlan();
  const connections = createConnections();
  const effects = faultEffects(plan, connections);

  const app = new Hono<SandboxEnv>();
  const webhooks = createWebhooks(lineId);
  const listener = createListener(app, () => {
    connections.releaseAll();
    webhooks.stop();
  });
  const faults = createFaultDesk(plan, listener, connections);
  const lookedUpAt = sources(now, effects);
  const crm = crms(now, effects);
  const notifier = notifiers(now, effects);

  app.get('/', page());
  const workspace = createWorkspace(line, lineToken);
  app.route(
    '/api/v1',
    api({
      lineToken: workspace.lineToken,
      line,
      messages,
      calls,
      faults: effects,
      webhooks,
      webhookOrder: webhookSchema(ownOrigins),
    }),
  );
  app.route('/api', workspace.app);
  app.route('/', lookedUpAt.app);
  app.route('/crm', crm.stands);
  app.route('/_sandbox/crm', crm.control);
  app.route('/notifier', notifier.stands);
  app.route('/_sandbox/notifications', notifier.control);
  app.route('/_sandbox', whatsapp(webhooks, messages, now));
  app.route('/_sandbox', control({ line, messages, calls, others: lookedUpAt.logs, faults }));
  app.notFound((c) => refuse(c, 404, 'not_found', `the sandbox has no ${c.req.method} ${c.req.path}`));
  app.onError((error, c) => refuse(c, 500, 'sandbox_error', error.message));

  return { app, listen: listener.listen, messages: messages.list, requests: calls.list };
}
