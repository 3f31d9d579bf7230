import { Hono } from 'hono';
import { parseJson, refuse } from './answers.ts';
import { createConversations } from './conversations.ts';
import { contentOf, customerMessage, humanMessage, statusOrder, webhookSettings } from './customer-schema.ts';
import type { SandboxEnv } from './env.ts';
import type { Message, MessageStore } from './message-store.ts';
import type { Webhooks } from './webhooks.ts';

/** The other end of the line: what the customer's phone and the team's inbox do, told to the webhooks. */
export function whatsapp(webhooks: Webhooks, messages: MessageStore, now: () => number) {
  const conversations = createConversations();
  const providerIds = new Map<string, string>();
  let echoes = true;
  let statuses = ['sent', 'delivered'];

  const say = (message: Parameters<typeof conversations.say>[0]) => {
    const { providerId, events } = conversations.say(message);
    const deliveries = events.flatMap(([event, body]) => webhooks.emit(event, body)).map(({ id }) => id);
    return { id: providerId, deliveries };
  };
  const report = (id: string, status: string, at: number, errors?: object) =>
    webhooks.emit('statuses.post', {
      event: 'statuses.post',
      statuses: [{ id, message_id: id, status, timestamp: Math.floor(at / 1000), ...(errors && { errors }) }],
    });

  /** What the vendor tells of an accepted send: the outbound message as observed, and how far it got. */
  const accepted = (message: Message): void => {
    if (webhooks.list().length === 0) return;
    const { to, conversationId } = message as { to?: string; conversationId?: string };
    const phone = to ?? conversations.phoneOf(conversationId ?? '');
    if (phone === undefined || !echoes) return;
    const body = 'caption' in message ? message.caption : 'body' in message ? message.body : undefined;
    const isMedia = 'media' in message;
    const fields = isMedia ? { image: { link: message.media, caption: body } } : { text: { body }, body };
    const { id } = say({
      phone,
      fromMe: true,
      type: isMedia ? 'image' : 'text',
      fields,
      at: now(),
      ...(body !== undefined && { body }),
    });
    providerIds.set(message.key, id);
    for (const status of statuses) report(id, status, now());
  };

  const control = new Hono<SandboxEnv>();
  const timeOf = (at: string | undefined) => (at === undefined ? now() : Date.parse(at));
  control.post('/customer-messages', async (c) => {
    const parsed = parseJson(customerMessage, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { phone, type, text, over, at } = parsed.value;
    const fields = { ...contentOf(parsed.value), ...over };
    const said = { phone, fromMe: false, type, fields, at: timeOf(at), who: 'customer' as const };
    return c.json(say({ ...said, ...(text !== undefined && { body: text }) }), 201);
  });
  control.post('/human-messages', async (c) => {
    const parsed = parseJson(humanMessage, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { phone, text, at } = parsed.value;
    const fields = { text: { body: text }, body: text };
    return c.json(say({ phone, fromMe: true, type: 'text', fields, body: text, at: timeOf(at), who: 'team' }), 201);
  });
  control.post('/statuses', async (c) => {
    const parsed = parseJson(statusOrder, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { key, id = providerIds.get(key ?? ''), status, errors, at } = parsed.value;
    if (id === undefined) return refuse(c, 404, 'not_found', 'no message was observed under this key');
    return c.json({ id, deliveries: report(id, status, timeOf(at), errors).map((delivery) => delivery.id) }, 201);
  });
  control.post('/webhook-settings', async (c) => {
    const parsed = parseJson(webhookSettings, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    if (parsed.value.retryDelaysMs) webhooks.retryAfter(parsed.value.retryDelaysMs);
    echoes = parsed.value.echoes ?? echoes;
    statuses = parsed.value.statuses ?? statuses;
    return c.body(null, 204);
  });
  control.get('/webhooks', (c) => c.json(webhooks.list().map(({ targetUrl: _, ...webhook }) => webhook)));
  control.get('/deliveries', (c) => c.json(webhooks.deliveries()));
  control.post('/deliveries/:id/repeat', (c) => {
    const delivery = webhooks.repeat(c.req.param('id'));
    return delivery ? c.json(delivery, 202) : refuse(c, 404, 'not_found', 'no delivery has this id');
  });
  control.get('/spoken', (c) => c.json(conversations.spoken()));
  control.delete('/spoken', (c) => {
    conversations.clear();
    webhooks.clear();
    return c.body(null, 204);
  });

  messages.onAdd(accepted);
  return control;
}
