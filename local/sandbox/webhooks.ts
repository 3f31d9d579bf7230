import { randomUUID } from 'node:crypto';
import type { Contract } from './contract/assumptions.ts';
import { createBulk } from './contract/bulk.ts';
import type { Timers } from './contract/later.ts';
import type { Payloads } from './contract/payloads.ts';
import { type Deliver, post } from './contract/post.ts';
import type { WebhookEvent, WebhookOrder } from './webhook-schema.ts';

export type Webhook = WebhookOrder & { id: string };

/** One delivery and what became of it. `attempts` holds the status of each answer, or why there was none. */
export interface Delivery {
  /** The first attempt's. */
  id: string;
  webhookId: string;
  event: WebhookEvent;
  body: object;
  state: 'waiting' | 'delivered' | 'given up';
  attempts: (number | string)[];
}

/** What an event led to. `tried` is when every webhook has answered, or failed, once. */
export interface Emitted {
  deliveries: Delivery[];
  tried: Promise<unknown>;
}

export interface Webhooks {
  register(order: WebhookOrder): Webhook;
  list(): readonly Webhook[];
  deliveries(): readonly Delivery[];
  /** Sends an event to every webhook that wants it, each with a delivery id of its own; or holds it, where they come in bulk. */
  emit(event: WebhookEvent, item: object): Emitted;
  /** Sends what is held. */
  release(): readonly Delivery[];
  /** Sends a delivery once more under its id, as the vendor may at any time. */
  repeat(id: string): Delivery | undefined;
  retryAfter(delaysMs: readonly number[]): void;
  /** What is held from then on comes by itself after so long. */
  bulkAfter(ms: number): void;
  clear(): void;
}

interface WebhookParts {
  lineId: string;
  contract: () => Contract;
  payloads: Payloads;
  deliver: Deliver;
  timers: Timers;
  /** Gives 0 ≤ n < 1. */
  random: () => number;
}

const USUAL_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

/** Webhooks of the line and their deliveries. Only an exact 200 is an acceptance. */
export function createWebhooks({ lineId, contract, payloads, deliver, timers, random }: WebhookParts): Webhooks {
  const webhooks = new Map<string, Webhook>();
  let deliveries: Delivery[] = [];
  let delaysMs: readonly number[] = USUAL_DELAYS_MS;

  const attempt = async (delivery: Delivery, tries: number): Promise<void> => {
    const webhook = webhooks.get(delivery.webhookId);
    if (webhook === undefined || timers.isStopped()) return;
    const deliveryId = tries > 0 && contract().retries === 'new-id' ? randomUUID() : delivery.id;
    const result = await post(deliver, webhook.targetUrl, { ...delivery, lineId, deliveryId }, contract());
    delivery.attempts.push(result);
    if (result === 200) {
      delivery.state = 'delivered';
      return;
    }
    const delay = contract().retries === 'never' ? undefined : delaysMs[tries];
    if (delay === undefined) {
      if (delivery.state !== 'delivered') delivery.state = 'given up';
      return;
    }
    timers.later(() => void attempt(delivery, tries + 1), delay);
  };

  const begin = (webhook: Webhook, event: WebhookEvent, body: object): [Delivery, Promise<void>] => {
    const id = randomUUID();
    const delivery: Delivery = { id, webhookId: webhook.id, event, body, state: 'waiting', attempts: [] };
    deliveries.push(delivery);
    return [delivery, attempt(delivery, 0)];
  };

  const send = (event: WebhookEvent, items: readonly object[]): Emitted => {
    const body = payloads.body(event, items);
    const times = contract().deliveries === 'repeated-anew' ? 2 : 1;
    const begun = [...webhooks.values()]
      .filter(({ enabled, events }) => enabled && events.includes(event))
      .flatMap((webhook) => Array.from({ length: times }, () => begin(webhook, event, body)));
    if (contract().deliveries === 'repeated') {
      for (const [delivery, tried] of begun) {
        void tried.then(() => timers.later(() => void attempt(delivery, 0), 0));
      }
    }
    return { deliveries: begun.map(([delivery]) => delivery), tried: Promise.all(begun.map(([, tried]) => tried)) };
  };

  const bulk = createBulk({ later: timers.later, random, deliver: send });

  return {
    register: (order) => {
      const { registration } = contract();
      const same = [...webhooks.values()].filter(({ targetUrl }) => targetUrl === order.targetUrl);
      if (registration === 'replaces') webhooks.clear();
      // Who turns an address off wants to hear nothing there any more, however often it was registered.
      if (!order.enabled) for (const one of same) one.enabled = false;
      const id = registration === 'doubles' && order.enabled ? undefined : same[0]?.id;
      const webhook = { ...order, id: id ?? `wh_${randomUUID()}` };
      webhooks.set(webhook.id, webhook);
      return webhook;
    },
    list: () => [...webhooks.values()],
    deliveries: () => deliveries,
    emit: (event, item) => {
      if (contract().deliveries !== 'bulk') return send(event, [item]);
      bulk.hold(event, item);
      return { deliveries: [], tried: Promise.resolve() };
    },
    release: () => {
      const before = deliveries.length;
      bulk.release();
      return deliveries.slice(before);
    },
    repeat: (id) => {
      const delivery = deliveries.find((one) => one.id === id);
      if (delivery) void attempt(delivery, 0);
      return delivery;
    },
    retryAfter: (delays) => {
      delaysMs = delays;
    },
    bulkAfter: bulk.comeAfter,
    clear: () => {
      deliveries = [];
      bulk.forget();
    },
  };
}
