import { beforeEach, describe, expect, it } from 'vitest';
import type { EscalationConfig } from '../../functions/escalation/config.ts';
import { Escalation } from '../../functions/escalation/escalate.ts';
import { engine } from '../../functions/escalation/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { Unavailable } from '../../functions/shared/runtime/errors.ts';

/** Waiting for an answer, on a clock and a queue of the test's own. */
const HALF_HOUR = 30 * 60_000;
const NOON = Date.parse('2026-03-02T12:00:00Z');
const MAX_DELAY_MS = 900_000;

let now: number;
let queue: { body: string; at: number }[];
let told: string[];
let answeredAt: string;
let escalation: Escalation;
let done: Set<string>;
let isDown: (name: string) => boolean;

const config = {
  lineId: 'line',
  keysOf: 'line',
  client: 'demo',
  zone: 'UTC',
  locale: 'en',
  notifiers: { slack: {}, pagerduty: {} },
  window: 'PT1H',
  conversationUrl: 'https://app.example/',
  rules: [{ name: 'late', when: { unanswered: 'PT30M' }, severity: 'error', notify: ['slack'] }],
  optOut: { stop: [], start: [] },
} as unknown as EscalationConfig;

beforeEach(() => {
  [now, queue, told, answeredAt] = [NOON, [], [], ''];
  [done, isDown] = [new Set(), () => false];
  escalation = new Escalation({
    config,
    engine: engine(config),
    deliveries: {
      once: async (name, effect) => {
        if (done.has(name)) return false;
        await effect(2);
        if (name.includes('#notice#')) done.add(name);
        return true;
      },
    },
    observed: { withFingerprint: async () => [] },
    state: {
      oncePerWindow: async (_name, _conversation, _by, _windowMs, effect) => {
        await effect();
        return true;
      },
    },
    people: {
      meet: async () => ({ person: 'p', names: [], older: [] }),
      hear: async () => true,
      wrote: async () => {},
      answered: async (_, at) => {
        answeredAt = at;
      },
      answeredSince: async (_, at) => answeredAt >= at,
      isSilent: async () => false,
    },
    notify: async (name, { rule }) => {
      if (isDown(name)) throw new Unavailable('notifier_503', 'down');
      told.push(`${name} ${rule} ${new Date(now).toISOString().slice(11, 19)}`);
    },
    remind: async (bodies, seconds) => {
      queue.push(...bodies.map((body) => ({ body, at: now + Math.min(seconds * 1000, MAX_DELAY_MS) })));
    },
    send: async () => {},
    log: () => {},
    now: () => now,
  });
});

const says = (fromMe: boolean, atMs = now) => {
  const item: MessageItem = {
    kind: 'message',
    id: `m-${now}`,
    conversation: 'c',
    phone: '+972501234567',
    fromMe,
    individual: true,
    type: 'text',
    text: 'Hello',
    at: new Date(atMs).toISOString(),
  } as MessageItem;
  return escalation.handle(JSON.stringify({ deliveryId: 'd', index: 0, item }));
};

/** Lets the time pass; what is not due when it comes out goes back for as long as it says. */
const until = async (end: number): Promise<void> => {
  for (;;) {
    queue.sort((a, b) => a.at - b.at);
    const [next] = queue;
    if (!next || next.at > end) break;
    queue.shift();
    now = next.at;
    await escalation.handle(next.body).catch((error: unknown) => {
      if (!(error instanceof Unavailable) || error.retryAfterSeconds === undefined) throw error;
      queue.push({ ...next, at: now + Math.min(error.retryAfterSeconds * 1000, MAX_DELAY_MS) });
    });
  }
  now = end;
};

describe('a customer who waits for an answer', () => {
  it('wakes people when the time is over, and not a second earlier', async () => {
    await says(false);
    await until(NOON + HALF_HOUR - 1000);
    expect(told).toEqual([]);
    await until(NOON + HALF_HOUR);
    expect(told).toEqual(['slack late 12:30:00']);
    expect(queue).toEqual([]);
  });

  it('wakes nobody when a person answered in the last second', async () => {
    await says(false);
    await until(NOON + HALF_HOUR - 1000);
    await says(true);
    await until(NOON + 2 * HALF_HOUR);
    expect([told, queue]).toEqual([[], []]);
  });

  it('wakes people when what a person wrote last was before the question', async () => {
    await says(true, NOON - 1000);
    await says(false);
    await until(NOON + HALF_HOUR);
    expect(told).toEqual(['slack late 12:30:00']);
  });
});

describe('what a source has for people to see to', () => {
  const item = {
    kind: 'notice',
    id: 'n1',
    code: 'app_uninstalled',
    says: 'It is gone.',
    source: 'order-ready/shopify',
  };
  const comes = () =>
    escalation.handle(JSON.stringify({ item: { ...item, severity: 'critical', at: new Date(now).toISOString() } }));

  it('is told by every notifier, once', async () => {
    await comes();
    await comes();
    expect(told).toEqual(['slack app_uninstalled 12:00:00', 'pagerduty app_uninstalled 12:00:00']);
  });

  it('is told again by the notifier that failed, and by no other', async () => {
    isDown = (name) => name === 'slack';
    await expect(comes()).rejects.toThrow('down');
    isDown = () => false;
    await comes();
    expect(told).toEqual(['pagerduty app_uninstalled 12:00:00', 'slack app_uninstalled 12:00:00']);
  });
});
