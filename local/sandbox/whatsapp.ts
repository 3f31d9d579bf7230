import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { parseJson, refuse } from './answers.ts';
import type { Payloads, Said } from './contract/payloads.ts';
import type { Conversations, Spoken } from './conversations.ts';
import { contentOf, customerMessage, humanMessage, statusOrder, webhookSettings } from './customer-schema.ts';
import type { SandboxEnv } from './env.ts';
import type { Outbox } from './outbox.ts';
import type { Delivery, Webhooks } from './webhooks.ts';

interface WhatsAppParts {
  conversations: Conversations;
  payloads: Payloads;
  webhooks: Webhooks;
  outbox: Outbox;
  /** Lets webhooks go to these origins, wherever they are. */
  allowOrigins: (origins: readonly string[]) => void;
  now: () => number;
}

const idsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ id }) => id);

/** The address is what opens the door: of its last part, the token, only the first digits of its SHA-256 are shown. */
const tokenOf = (targetUrl: string): string => sha256(targetUrl.split('/').at(-1) ?? '').slice(0, 12);

/** The other end of the line: what the customer's phone and the team's inbox do, told to the webhooks. */
export function whatsapp({ conversations, payloads, webhooks, outbox, allowOrigins, now }: WhatsAppParts) {
  const say = (who: Spoken['who'], message: Omit<Said, 'id' | 'conversationId' | 'fromMe' | 'by'>) => {
    const { phone } = message;
    const [id, conversationId] = [`wamid_${randomUUID()}`, conversations.idOf(phone)];
    const said: Said = { ...message, id, conversationId, fromMe: who === 'team', by: 'person' };
    conversations.note(who, said);
    const deliveries = payloads.said(said).flatMap(([event, item]) => webhooks.emit(event, item).deliveries);
    return { id, deliveries: idsOf(deliveries) };
  };

  const control = new Hono<SandboxEnv>();
  const timeOf = (at: string | undefined) => (at === undefined ? now() : Date.parse(at));
  control.post('/customer-messages', async (c) => {
    const parsed = parseJson(customerMessage, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { phone, type, text, over, at } = parsed.value;
    const message = { phone, type, content: contentOf(parsed.value), over, at: timeOf(at) };
    return c.json(say('customer', { ...message, ...(text !== undefined && { body: text }) }), 201);
  });
  control.post('/human-messages', async (c) => {
    const parsed = parseJson(humanMessage, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { phone, text, at } = parsed.value;
    const content = { text: { body: text }, body: text };
    return c.json(say('team', { phone, type: 'text', content, over: {}, body: text, at: timeOf(at) }), 201);
  });
  control.post('/statuses', async (c) => {
    const parsed = parseJson(statusOrder, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { key, id, status, errors, at } = parsed.value;
    const observed = id === undefined ? outbox.observed(key ?? '') : { id };
    if (observed === undefined) return refuse(c, 404, 'not_found', 'no message was observed under this key');
    const { deliveries } = outbox.report(observed, status, timeOf(at), errors);
    return c.json({ id: observed.id, deliveries: idsOf(deliveries) }, 201);
  });
  control.post('/webhook-settings', async (c) => {
    const parsed = parseJson(webhookSettings, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { retryDelaysMs, bulkAfterMs, allowOrigins: origins, echoes, statuses } = parsed.value;
    if (retryDelaysMs) webhooks.retryAfter(retryDelaysMs);
    if (bulkAfterMs !== undefined) webhooks.bulkAfter(bulkAfterMs);
    if (origins) allowOrigins(origins);
    outbox.set({ ...(echoes !== undefined && { echoes }), ...(statuses && { statuses }) });
    return c.body(null, 204);
  });
  control.get('/webhooks', (c) =>
    c.json(webhooks.list().map(({ targetUrl, ...webhook }) => ({ ...webhook, token: tokenOf(targetUrl) }))),
  );
  control.get('/deliveries', (c) => c.json(webhooks.deliveries()));
  control.post('/deliveries/release', (c) => c.json({ deliveries: idsOf(webhooks.release()) }, 202));
  control.post('/deliveries/:id/repeat', (c) => {
    const delivery = webhooks.repeat(c.req.param('id'));
    return delivery ? c.json(delivery, 202) : refuse(c, 404, 'not_found', 'no delivery has this id');
  });
  control.get('/phone', (c) => c.json(outbox.phone()));
  control.get('/spoken', (c) => c.json(conversations.spoken()));
  control.delete('/spoken', (c) => {
    conversations.clear();
    payloads.forget();
    webhooks.clear();
    return c.body(null, 204);
  });
  return control;
}
