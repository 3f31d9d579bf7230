import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../functions/escalation/alert.ts';
import { alertWords } from '../../functions/escalation/alert-words.ts';
import type { EscalationConfig } from '../../functions/escalation/config.ts';
import type { EscalateTools, Escalation } from '../../functions/escalation/escalate.ts';
import { engine } from '../../functions/escalation/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { Unavailable } from '../../functions/shared/runtime/errors.ts';
import { startDynamo } from './dynamo.ts';

/** Escalation on a real table; the clock and the queue are the test's own. */
const START = Date.parse('2026-03-10T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const BASE = 'https://app.example/c';

const config = {
  lineId: 'line',
  client: 'demo',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  notifiers: { slack: {}, pagerduty: {} },
  window: 'PT1H',
  conversationUrl: BASE,
  text: false,
  rules: [{ name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['pagerduty'] }],
  optOut: { stop: ['stop'], start: ['start'] },
  letters: { replyTo: 'dana@agency.example', language: 'en', byCode: {} },
} as unknown as EscalationConfig;

let stop: () => Promise<void>;
let make: (own?: (real: EscalateTools) => Partial<EscalateTools>, over?: Partial<EscalationConfig>) => Escalation;
beforeAll(async () => {
  ({ stop } = await startDynamo());
  process.env.AWS_ENDPOINT_URL_SQS = 'http://127.0.0.1:1';
  const { Deliveries } = await import('../../functions/shared/ledger/deliveries.ts');
  const { ObservedSends } = await import('../../functions/shared/ledger/observed-sends.ts');
  const { Escalation } = await import('../../functions/escalation/escalate.ts');
  const { ConversationState } = await import('../../functions/escalation/conversation-state.ts');
  const { notifierFailures } = await import('../../functions/escalation/notifier-failures.ts');
  const { Replayed } = await import('../../functions/escalation/replayed.ts');
  const { UnwrittenStops } = await import('../../functions/shared/people/unwritten-stops.ts');
  const { Groups } = await import('../../functions/escalation/groups.ts');
  const { People } = await import('../../functions/shared/people/people.ts');
  make = (own = () => ({}), over = {}) => {
    const all = { ...config, keysOf: line, ...over };
    const clock = { now: () => now };
    const ofLine = { table: 'deliveries', lineId: line, ...clock };
    const real: EscalateTools = {
      config: all,
      engine: engine(all),
      deliveries: new Deliveries('deliveries', { ...clock, newOwner: randomUUID }),
      observed: new ObservedSends('sends', clock.now),
      state: new ConversationState(ofLine),
      unwritten: new UnwrittenStops('sends', line, clock.now),
      groups: new Groups(ofLine),
      sendOf: async () => undefined,
      replayed: new Replayed({ ...ofLine, quietMs: 10 * MINUTE }),
      refusals: notifierFailures(ofLine),
      people: new People({ table: 'contacts', salt: async () => 'salt', ...clock }),
      resolver: () => undefined,
      write: undefined,
      notify: async (name, alert) => void told.push({ name, at: now, alert }),
      remind: async (bodies, seconds) =>
        void queue.push(...bodies.map((body) => ({ body, at: now + Math.min(900, seconds) * 1000 }))),
      send: async () => undefined,
      log: () => undefined,
      now: clock.now,
    };
    return new Escalation({ ...real, ...own(real) });
  };
});
afterAll(() => stop());

let now: number;
let line: string;
let queue: { body: string; at: number }[];
let told: { name: string; at: number; alert: Alert }[];
beforeEach(() => {
  [now, line, queue, told] = [START, randomUUID(), [], []];
});

const telling = (
  id: string,
  conversation: string,
  writtenAt: number,
  text = 'urgent',
  deliveryId = 'd',
  phone = '+972501234567',
) => {
  const item = { kind: 'message', id, conversation, conversationId: conversation, fromMe: false, individual: true };
  const times = { receivedAt: new Date(now).toISOString() };
  const said = { ...item, type: 'text', text, phone, at: new Date(writtenAt).toISOString() };
  return JSON.stringify({ deliveryId, ...times, index: 0, item: said });
};

/** Lets the time pass; what is not due when it comes out goes back for as long as it says. */
const until = async (end: number, escalation: Pick<Escalation, 'handle'>): Promise<void> => {
  for (;;) {
    queue.sort((a, b) => a.at - b.at);
    const [next] = queue;
    if (!next || next.at > end) break;
    queue.shift();
    now = next.at;
    await escalation.handle(next.body).catch((error: unknown) => {
      const seconds = error instanceof Unavailable ? (error.retryAfterSeconds ?? 30) : 30;
      queue.push({ ...next, at: now + seconds * 1000 });
    });
  }
  now = end;
};
const digests = (name = 'slack') => told.filter((one) => one.name === name).map(({ alert }) => alert);

describe('messages that come more than a day late', () => {
  it('are one digest by every notifier when the burst is over, with times, numbers and ten links', async () => {
    const escalation = make();
    for (let i = 0; i < 50; i += 1) {
      now += 1000;
      await escalation.handle(telling(`m-${i}`, `c-${i % 22}`, START - 3 * DAY + i * MINUTE, i < 30 ? 'urgent' : 'hi'));
    }
    expect(told).toEqual([]);
    await until(now + 10 * MINUTE - 2000, escalation);
    expect(told).toEqual([]);
    await until(now + DAY, escalation);
    expect(told.map(({ name }) => name).sort()).toEqual(['pagerduty', 'slack']);
    const [alert] = digests();
    expect(alert).toMatchObject({ rule: 'messages-came-late', severity: 'warning', source: 'ezw/webhook' });
    expect(alert?.title).toBe('demo: messages that came late: 50, in conversations: 22');
    expect(alert?.about).toMatch(/^written: Mar 7, 2026, 2:00.PM – Mar 7, 2026, 2:49.PM; a rule holds for: 30$/);
    expect(alert?.links).toHaveLength(11);
    expect(alert?.links?.[0]?.says).toBe('Open conversation: urgent');
    expect(alert?.links?.[0]?.url).toMatch(`${BASE}/c-`);
    expect(alert?.links?.at(-1)).toEqual({ says: 'and 12 more', url: BASE });
  });

  it('are old news after as long as the client file says, a day where it says nothing', async () => {
    await make().handle(telling('of-hours', 'c-1', now - 23 * 60 * MINUTE));
    expect(told.map(({ alert }) => alert.rule)).toContain('urgent');
    told = [];
    await make(() => ({}), { lateAfter: 'PT2H' }).handle(telling('of-three-hours', 'c-2', now - 3 * 60 * MINUTE));
    expect(told).toEqual([]);
    await until(
      now + DAY,
      make(() => ({}), { lateAfter: 'PT2H' }),
    );
    expect(digests()).toHaveLength(1);
  });

  it('of a second burst within the hour are told an hour after the first, and no sooner', async () => {
    const escalation = make();
    await escalation.handle(telling('first', 'c', now - 2 * DAY));
    await until(START + 15 * MINUTE, escalation);
    expect(digests()).toHaveLength(1);
    const firstAt = told[0]?.at ?? 0;
    for (const id of ['second', 'third']) await escalation.handle(telling(id, 'c', now - 2 * DAY));
    await until(START + DAY, escalation);
    expect(digests().map(({ title }) => title)).toEqual([
      'demo: messages that came late: 1, in conversations: 1',
      'demo: messages that came late: 2, in conversations: 1',
    ]);
    expect((told.at(-1)?.at ?? 0) - firstAt).toBeGreaterThanOrEqual(60 * MINUTE);
  });

  it('and do not stop coming are told after an hour', async () => {
    const escalation = make();
    for (let i = 0; i < 90; i += 1) {
      await escalation.handle(telling(`m-${i}`, 'c', now - 2 * DAY));
      await until(now + MINUTE, escalation);
    }
    expect(digests()).toHaveLength(1);
    await until(now + DAY, escalation);
    const counts = digests().map(({ title }) => Number(/late: (\d+)/.exec(title)?.[1]));
    expect(counts).toHaveLength(2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(90);
  });

  it('and twice, also after the digest, are counted once and told once', async () => {
    const escalation = make();
    const bodies = ['a', 'b', 'c'].map((id) => telling(id, 'c', now - 2 * DAY));
    const again = ['a', 'b', 'c'].map((id) => telling(id, 'c', now - 2 * DAY, 'urgent', 'another'));
    for (const body of [...bodies, ...bodies, ...again]) await escalation.handle(body);
    await until(now + DAY, escalation);
    for (const body of [...bodies, ...again]) await escalation.handle(body);
    await until(now + DAY, escalation);
    expect(digests().map(({ title }) => title)).toEqual(['demo: messages that came late: 3, in conversations: 1']);
  });

  type Step = 'add' | 'remind' | 'close' | 'notify';
  /** Escalation whose worker is killed once. It lets go of nothing: its lease runs out, and the queue brings its message back. */
  const killedOnce = (when: string, step: Step, nth: number, backAfter: number) => {
    let kill = (): void => undefined;
    const killed = new Promise<void>((resolve) => {
      kill = resolve;
    });
    let isKilled = false;
    let calls = 0;
    const dies =
      (name: Step) =>
      <Given extends unknown[], Result>(effect: (...given: Given) => Promise<Result>) =>
      async (...given: Given): Promise<Result> => {
        if (name !== step) return effect(...given);
        calls += 1;
        if (calls !== nth) return effect(...given);
        isKilled = true;
        if (when === 'after') await effect(...given);
        kill();
        return new Promise(() => undefined);
      };
    const escalation = make(({ replayed, remind, notify }) => ({
      remind: dies('remind')(remind),
      notify: dies('notify')(notify),
      replayed: {
        add: dies('add')((...given) => replayed.add(...given)),
        close: dies('close')((...given) => replayed.close(...given)),
      },
    }));
    return {
      isKilled: () => isKilled,
      handle: async (body: string) => {
        if (isKilled) return escalation.handle(body);
        await Promise.race([escalation.handle(body), killed]);
        if (isKilled) queue.push({ body, at: now + backAfter });
      },
    };
  };

  const STEPS = [
    ['add', 1],
    ['add', 2],
    ['remind', 1],
    ['close', 1],
    ['close', 2],
    ['notify', 1],
  ] as const;
  it.each(STEPS.flatMap(([step, nth]) => ['before', 'after'].map((when) => [when, step, nth] as const)))(
    'are told once though a worker is killed %s "%s", the %ith time',
    async (when, step, nth) => {
      const worker = killedOnce(when, step, nth, 6 * MINUTE);
      for (const [i, id] of ['a', 'b', 'c'].entries()) {
        queue.push({ body: telling(id, 'c', now - 2 * DAY), at: now + i * 1000 });
      }
      await until(now + DAY, worker);
      expect(worker.isKilled()).toBe(true);
      expect(queue).toEqual([]);
      for (const name of ['slack', 'pagerduty']) {
        const different = new Set(digests(name).map(({ id, title }) => `${id} ${title}`));
        expect([...different]).toEqual([expect.stringMatching(/late: 3, in conversations: 1$/)]);
        // What a killed worker told without noting it is told again under the same id: chat tools keep nothing once.
        expect(digests(name).length).toBeLessThanOrEqual(step === 'notify' && when === 'after' ? 2 : 1);
      }
    },
  );

  it.each([
    ['makes no second digest', []],
    ['is not counted once more in the next', ['d']],
  ])('of which one comes back after the digest, for its worker was killed when it was counted, %s', async (_, more) => {
    const worker = killedOnce('after', 'add', 2, 30 * MINUTE);
    for (const id of ['a', 'b']) queue.push({ body: telling(id, 'c', now - 2 * DAY), at: now });
    for (const id of more) queue.push({ body: telling(id, 'c', now - 2 * DAY), at: now + 20 * MINUTE });
    await until(now + DAY, worker);
    expect(worker.isKilled()).toBe(true);
    expect(digests().map(({ title }) => Number(/late: (\d+)/.exec(title)?.[1]))).toEqual([2, ...more.map(() => 1)]);
  });

  it('are heard where they say stop, and no newer start is beaten', async () => {
    const phone = '+972501230001';
    let people: EscalateTools['people'] | undefined;
    const escalation = make((real) => {
      people = real.people;
      return {};
    });
    const isSilent = async () => {
      const item = JSON.parse(telling('asks', 'c', now, 'x', 'd', phone)).item as MessageItem;
      return people?.isSilent(await people.meet(line, item));
    };
    const said = (id: string, text: string, at: number) => escalation.handle(telling(id, 'c', at, text, 'd', phone));
    await said('old-stop', 'stop', now - 3 * DAY);
    expect(await isSilent()).toBe(true);
    await said('start', 'start', now);
    await said('older-stop', 'stop', now - 2 * DAY);
    expect(await isSilent()).toBe(false);
  });

  it('speak the language of the client, and say what a person must see to first', async () => {
    const escalation = make(undefined, { locale: 'he', alertWords: alertWords('he') });
    await escalation.handle(telling('a', 'c-1', now - 2 * DAY, 'hello'));
    await escalation.handle(telling('b', 'c-2', now - 3 * DAY, 'no stop it already please guys'));
    await until(now + DAY, escalation);
    const [alert] = digests();
    expect(alert?.title).toBe('demo: הודעות שהגיעו באיחור: 2, בשיחות: 2');
    expect(alert?.links?.map(({ says, url }) => [says, url])).toEqual([
      ['לשיחה: אולי מישהו לא רוצה לקבל עוד הודעות: קראו והחליטו', `${BASE}/c-2`],
      ['לשיחה', `${BASE}/c-1`],
    ]);
  });
});

describe('how late a message came', () => {
  it.each([
    [4 * MINUTE, undefined],
    [7 * MINUTE, 'it came late, by 7 minutes'],
    [90 * MINUTE, 'it came late, by 1 hour, 30 minutes'],
    [119.6 * MINUTE, 'it came late, by 2 hours'],
    [9 * 60 * MINUTE + 59 * MINUTE, 'it came late, by 9 hours, 59 minutes'],
    [12.9 * 60 * MINUTE, 'it came late, by 13 hours'],
    [DAY, 'it came late, by 24 hours'],
  ])('is in the alert after minutes: %i ms', async (delay, late) => {
    const escalation = make();
    await escalation.handle(telling('m', 'c', now - delay));
    expect(digests('pagerduty').map((alert) => [alert.rule, alert.late])).toEqual([['urgent', late]]);
    expect(queue).toEqual([]);
  });

  it('counts from when it came, not from when it is worked on', async () => {
    const escalation = make();
    const body = telling('m', 'c', now - MINUTE);
    now += 2 * DAY;
    await escalation.handle(body);
    expect(digests('pagerduty').map(({ rule, late }) => [rule, late])).toEqual([['urgent', undefined]]);
  });
});

describe('what comes in groups', () => {
  const MINUTE_MS = 60_000;
  const groups = async () => {
    const { Groups } = await import('../../functions/escalation/groups.ts');
    return new Groups({ table: 'deliveries', lineId: line, now: () => now });
  };
  const take = async (id: string, at = now) => (await groups()).take('stops', id, at, MINUTE_MS);
  const over = async (id: string, at = now) => (await groups()).over('stops', id, at, MINUTE_MS);
  const window = () => Math.floor(now / MINUTE_MS);
  const counted = async (nth = window()) => (await groups()).counted('stops', nth);

  it('is told at once, then counted, each once, until a window has none', async () => {
    expect([await take('a'), await take('a'), await take('b'), await take('b'), await take('c')]).toEqual([
      'first',
      'first',
      window(),
      window(),
      window(),
    ]);
    expect(await counted()).toBe(2);
    now += MINUTE_MS;
    expect(await take('d')).toBe(window());
    now += 2 * MINUTE_MS;
    expect(await take('e')).toBe('first');
  });

  it('is counted once though it is asked again in a later window', async () => {
    const at = now;
    await take('a');
    const own = await take('b');
    now += MINUTE_MS;
    expect(await take('b', at)).toBe(own);
    const later = await take('late', at);
    expect(later).toBe(window());
    now += MINUTE_MS;
    expect(await take('late', at)).toBe(later);
    expect([await counted(Number(own)), await counted(Number(later)), await counted()]).toEqual([1, 1, 0]);
    await over('late', at);
    expect(await counted(Number(later))).toBe(0);
  });

  it('is not counted once it is over, and when all are the next is told at once, in the same window and the next', async () => {
    for (const id of ['a', 'b', 'c']) await take(id);
    await over('b');
    await over('b');
    expect(await counted()).toBe(1);
    await over('a');
    expect(await take('d')).toBe(window());
    for (const id of ['c', 'd']) await over(id);
    expect(await counted()).toBe(0);
    expect(await take('e')).toBe('first');
    await over('e');
    now += MINUTE_MS;
    expect(await take('f')).toBe('first');
  });
});
