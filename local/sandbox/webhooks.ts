import { randomUUID } from 'node:crypto';
import type { WebhookEvent, WebhookOrder } from './webhook-schema.ts';

export type Webhook = WebhookOrder & { id: string };

/** One delivery and what became of it. `attempts` holds the status of each answer, or why there was none. */
export interface Delivery {
  id: string;
  webhookId: string;
  event: WebhookEvent;
  body: object;
  state: 'waiting' | 'delivered' | 'given up';
  attempts: (number | string)[];
}

export interface Webhooks {
  register(order: WebhookOrder): Webhook;
  list(): readonly Webhook[];
  deliveries(): readonly Delivery[];
  /** Sends an event to every webhook that wants it, each with a delivery id of its own that its retries keep. */
  emit(event: WebhookEvent, body: object): Delivery[];
  /** Sends a delivery once more under its id, as the vendor may at any time. */
  repeat(id: string): Delivery | undefined;
  retryAfter(delaysMs: readonly number[]): void;
  clear(): void;
  stop(): void;
}

const TIMEOUT_MS = 10_000;
const USUAL_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

/** Webhooks of the line and their deliveries. Only an exact 200 is an acceptance; redirects are not followed. */
export function createWebhooks(lineId: string): Webhooks {
  const webhooks = new Map<string, Webhook>();
  let deliveries: Delivery[] = [];
  let delaysMs: readonly number[] = USUAL_DELAYS_MS;
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const attempt = async (delivery: Delivery, tries: number): Promise<void> => {
    const webhook = webhooks.get(delivery.webhookId);
    if (webhook === undefined || stopped) return;
    const result = await post(webhook.targetUrl, delivery, lineId);
    delivery.attempts.push(result);
    if (result === 200) {
      delivery.state = 'delivered';
      return;
    }
    const delay = delaysMs[tries];
    if (delay === undefined) {
      if (delivery.state !== 'delivered') delivery.state = 'given up';
      return;
    }
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void attempt(delivery, tries + 1);
    }, delay);
    timers.add(timer);
  };

  return {
    register: (order) => {
      const same = [...webhooks.values()].find(({ targetUrl }) => targetUrl === order.targetUrl);
      const webhook = { ...order, id: same?.id ?? `wh_${randomUUID()}` };
      webhooks.set(webhook.id, webhook);
      return webhook;
    },
    list: () => [...webhooks.values()],
    deliveries: () => deliveries,
    emit: (event, body) =>
      [...webhooks.values()]
        .filter(({ enabled, events }) => enabled && events.includes(event))
        .map((webhook) => {
          const id = randomUUID();
          const delivery: Delivery = { id, webhookId: webhook.id, event, body, state: 'waiting', attempts: [] };
          deliveries.push(delivery);
          void attempt(delivery, 0);
          return delivery;
        }),
    repeat: (id) => {
      const delivery = deliveries.find((one) => one.id === id);
      if (delivery) void attempt(delivery, 0);
      return delivery;
    },
    retryAfter: (delays) => {
      delaysMs = delays;
    },
    clear: () => {
      deliveries = [];
    },
    stop: () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

async function post(url: string, { id, event, body }: Delivery, lineId: string): Promise<number | string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'x-ezw-delivery-id': id,
        'x-ezw-webhook-event': event,
        'x-ezw-line-id': lineId,
      },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}
