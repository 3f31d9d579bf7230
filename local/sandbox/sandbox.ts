import { Hono } from 'hono';
import type { Guard } from '../iam/guard.ts';
import { refuse } from './answers.ts';
import { api } from './api.ts';
import { type Call, createCallLog } from './call-log.ts';
import { createConnections } from './connections.ts';
import type { Contract } from './contract/assumptions.ts';
import { ASSUMED } from './contract/contract.ts';
import { contractDesk } from './contract/desk.ts';
import { inRealTime, type Later, stoppable } from './contract/later.ts';
import { createPayloads } from './contract/payloads.ts';
import { type Deliver, overHttp } from './contract/post.ts';
import { randomOf } from './contract/random.ts';
import { control } from './control.ts';
import { createConversations } from './conversations.ts';
import { crms } from './crms/crms.ts';
import type { SandboxEnv } from './env.ts';
import { createFaultDesk } from './fault-desk.ts';
import { faultEffects } from './fault-effects.ts';
import { createFaultPlan } from './fault-plan.ts';
import { createListener, type Listener } from './listener.ts';
import { mailGuard } from './mail-guard.ts';
import { createMessageStore, type Message } from './message-store.ts';
import { notifiers } from './notifiers.ts';
import { createOutbox, type OnPhone } from './outbox.ts';
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
  /** Who may send mail by the stand-in of SES; anybody unless given. */
  guard?: Guard;
  /** Epoch ms. */
  now?: () => number;
  /** What EZWhatsApp does where no page says it; what is assumed, unless given. `PUT /_sandbox/contract` changes it. */
  contract?: Contract;
  /** Brings a webhook to its address; over the network unless given. */
  deliver?: Deliver;
  /** What waits, waits by this; by the machine's clock unless given. */
  later?: Later;
  /** Gives 0 ≤ n < 1, for what has no order. The same in each run unless given. */
  random?: () => number;
}

export interface Sandbox {
  /** Every route: `/api/v1`, the stand-ins, `/_sandbox` and the page at `/`. Connection faults need `listen`. */
  app: Hono<SandboxEnv>;
  listen: Listener['listen'];
  /** Accepted messages, oldest first. */
  messages(): readonly Message[];
  /** What really went out, oldest first: a second send under a key is a second message. */
  phone(): readonly OnPhone[];
  /** Every call of `/api/v1`, oldest first. */
  requests(): readonly Call[];
}

/** A stand-in for EZWhatsApp, strict where the contract is, and for the outside systems that the demo client talks to. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { lineToken, lineId, ownOrigins = () => [], now = Date.now } = options;
  const { deliver = overHttp, later = inRealTime, random = randomOf(1) } = options;
  let current = options.contract ?? ASSUMED;
  const contract = () => current;
  const line = { id: lineId, sendable: true };
  const messages = createMessageStore(now, contract);
  const calls = createCallLog(now);
  const plan = createFaultPlan();
  const connections = createConnections();
  const effects = faultEffects(plan, connections);

  const app = new Hono<SandboxEnv>();
  const timers = stoppable(later);
  const conversations = createConversations();
  const payloads = createPayloads(contract);
  const webhooks = createWebhooks({ lineId, contract, payloads, deliver, timers, random });
  const outbox = createOutbox({ contract, line, conversations, payloads, webhooks, timers, now });
  let allowed: readonly string[] = [];
  const listener = createListener(app, () => {
    connections.releaseAll();
    timers.stop();
  });
  const faults = createFaultDesk(plan, listener, connections);
  const lookedUpAt = sources(now, effects);
  const crm = crms(now, effects);
  const notifier = notifiers(now, effects);

  app.get('/', page());
  const workspace = createWorkspace(line, lineToken, contract);
  app.route(
    '/api/v1',
    api({
      contract,
      lineTokens: workspace.lineTokens,
      line,
      messages,
      outbox,
      calls,
      faults: effects,
      webhooks,
      webhookOrder: webhookSchema(() => [...ownOrigins(), ...allowed]),
    }),
  );
  app.route('/api', workspace.app);
  app.route('/', lookedUpAt.app);
  app.route('/crm', crm.stands);
  app.route('/_sandbox/crm', crm.control);
  if (options.guard) app.use('/notifier/*', mailGuard(options.guard));
  app.route('/notifier', notifier.stands);
  app.route('/_sandbox/notifications', notifier.control);
  const change = (to: Contract) => {
    // What is held was told under the contract before, and leaves under it.
    webhooks.release();
    current = to;
  };
  const allowOrigins = (origins: readonly string[]) => {
    allowed = origins;
  };
  app.route('/_sandbox/contract', contractDesk(contract, change));
  app.route('/_sandbox', whatsapp({ conversations, payloads, webhooks, outbox, allowOrigins, now }));
  app.route('/_sandbox', control({ line, messages, outbox, calls, others: lookedUpAt.logs, faults }));
  app.notFound((c) => refuse(c, 404, 'not_found', `the sandbox has no ${c.req.method} ${c.req.path}`));
  app.onError((error, c) => refuse(c, 500, 'sandbox_error', error.message));

  return { app, listen: listener.listen, messages: messages.list, phone: outbox.phone, requests: calls.list };
}
