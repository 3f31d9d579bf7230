import { beforeEach, describe, expect, it } from 'vitest';
import { alertLines, alertOfFailed, ENGLISH, NOTICE_CODES } from '../../functions/escalation/alert.ts';
import { alertWords } from '../../functions/escalation/alert-words.ts';
import type { EscalationConfig } from '../../functions/escalation/config.ts';
import { LETTER_WORDS } from '../../functions/escalation/letter-words.ts';
import { UnappliedStops } from '../../functions/escalation/unapplied-stops.ts';
import { engine } from '../../functions/escalation/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { Unavailable } from '../../functions/shared/runtime/errors.ts';

const config = {
  lineId: 'line',
  keysOf: 'line',
  client: 'bakery',
  zone: 'UTC',
  locale: 'en',
  notifiers: { slack: {}, pagerduty: {} },
  window: 'PT1H',
  conversationUrl: 'https://app.example/',
  rules: [],
  optOut: { stop: ['stop'], start: ['start'] },
} as unknown as EscalationConfig;

const item = (text: string, phone: string | undefined = '+972501234567'): MessageItem => ({
  kind: 'message',
  id: 'm1',
  conversation: 'c1',
  conversationId: 'c1',
  ...(phone !== undefined && { phone }),
  fromMe: false,
  individual: true,
  type: 'text',
  text,
  at: '2026-11-22T10:00:00.000Z',
});

const HOUR = 3600_000;

type Part = 'people' | 'claims' | 'sends' | 'salt' | 'pagerduty';
let away: Set<Part>;
let told: string[];
let heard: string[];
let kept: string[];
let logs: string[];
let done: Set<string>;
/** Of stops that the table of groups took, by code. */
let groups: Map<string, Set<string>>;
let severities: Set<string>;
let now: number;
let stops: UnappliedStops;

const make = (): UnappliedStops => {
  const isThere = (part: Part): void => {
    if (away.has(part))
      throw Object.assign(new Error('User +972501234567 is not allowed'), { name: 'AccessDeniedException' });
  };
  const named = async ({ phone }: { readonly phone?: string }) => {
    isThere('salt');
    return { person: phone && 'p', names: ['n'], older: [] };
  };
  return new UnappliedStops({
    config,
    engine: engine(config),
    deliveries: {
      once: async (name, effect) => {
        isThere('claims');
        if (done.has(name)) return false;
        await effect(1);
        done.add(name);
        return true;
      },
    },
    people: {
      named: (_, one) => named(one as MessageItem),
      meet: async (_, one) => {
        const who = await named(one as MessageItem);
        isThere('people');
        return who;
      },
      hear: async (who, word) => {
        isThere('people');
        heard.push(word);
        return who.person !== undefined;
      },
    },
    unwritten: {
      keep: async ({ person, names }, at) => {
        isThere('sends');
        kept.push(`${[...names, person].join()} ${at}`);
      },
      forget: async () => {
        kept = [];
      },
    },
    grouped: async (code, id, _, tell) => {
      const group = groups.get(code) ?? new Set([id]);
      groups.set(code, group.add(id));
      if ([...group][0] === id) await tell();
    },
    over: async (code, id) => {
      groups.get(code)?.delete(id);
    },
    tell: async (sink, { rule, source, title, severity, handOn = [] }) => {
      if (away.has(sink as Part)) throw new Unavailable('notifier_503', 'down');
      told.push(`${sink} ${rule}: ${source} ${rule.startsWith('more') ? title : ''} ${handOn.join()}`);
      severities.add(`${rule} ${severity}`);
    },
    now: () => now,
    log: (level, fields) => logs.push(JSON.stringify({ level, ...fields })),
  });
};

beforeEach(() => {
  [away, told, heard, kept, logs, done] = [new Set(), [], [], [], [], new Set()];
  [groups, severities, now] = [new Map(), new Set(), Date.parse('2026-11-22T10:00:05Z')];
  stops = make();
});
const twelve = Array.from({ length: 12 }, (_, i) => ({ ...item('STOP'), id: `m${i}`, conversation: `c${i}` }));
/** By one of the two notifiers. */
const bySlack = () => told.filter((one) => one.startsWith('slack'));

describe('a stop whose message cannot be handled', () => {
  it('is written all the same where the table of people is well: nobody need be told', async () => {
    away = new Set(['claims']);
    expect(await stops.failed(item('STOP'), 1)).toBeUndefined();
    expect([heard, told]).toEqual([['stop'], []]);
  });

  it('is kept for the sender, tried soon, and told from the third try on, once by every notifier', async () => {
    away = new Set(['people']);
    const waits: unknown[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      waits.push(await stops.failed(item('STOP'), attempt));
      expect(told).toHaveLength(attempt < 3 ? 0 : 2);
    }
    expect(waits).toEqual([5, 5, undefined, undefined, undefined, undefined]);
    expect(kept[0]).toBe('n,p 2026-11-22T10:00:00.000Z');
    expect(told[0]).toContain('slack stop_not_applied: escalation, +972 •• ••• ••67');
    expect(told[0]).toContain('npx ezw doctor bakery');
    expect(logs.join()).not.toContain('1234567');
    expect(logs.join()).toContain('AccessDeniedException');
  });

  it('is told once though no table tells what was told', async () => {
    away = new Set(['people', 'claims']);
    for (let attempt = 1; attempt <= 6; attempt += 1) await stops.failed(item('STOP'), attempt);
    expect(told).toHaveLength(2);
  });

  it('is told again by a notifier that was down, and by no other', async () => {
    away = new Set(['people', 'pagerduty']);
    for (const attempt of [3, 4]) await stops.failed(item('STOP'), attempt);
    away = new Set(['people']);
    await stops.failed(item('STOP'), 5);
    expect(told.map((one) => one.split(' ')[0])).toEqual(['slack', 'pagerduty']);
  });

  it.each([
    ['no table takes it', ['people', 'sends', 'claims'], '+972501234567'],
    ['the salt cannot be read', ['people', 'salt'], '+972501234567'],
    ['nobody knows the number', ['people'], undefined],
  ] as const)('that nothing holds, for %s, is told at once, with how the line is held', async (_, parts, phone) => {
    away = new Set(parts);
    await stops.failed({ ...item('STOP'), phone } as MessageItem, 1);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('stop_not_held');
    expect(told[0]).toContain('npx ezw line pause bakery');
  });

  it('is tried every few seconds for as long as nothing holds it', async () => {
    away = new Set(['people', 'sends', 'claims']);
    for (const attempt of [1, 3, 50, 299]) expect(await stops.failed(item('STOP'), attempt)).toBe(5);
    away = new Set(['people']);
    expect(await stops.failed(item('STOP'), 300)).toBeUndefined();
  });

  it('of twelve in one outage is told once by each notifier, the others are counted', async () => {
    away = new Set(['people']);
    for (const attempt of [3, 4]) for (const one of twelve) await stops.failed(one, attempt);
    expect(told).toHaveLength(2);
    expect(groups.get('stop_not_applied')?.size).toBe(12);
    expect([...severities]).toEqual(['stop_not_applied warning']);
  });

  it('of twelve while no table can count is told once, and then as one number a window', async () => {
    away = new Set(['people', 'sends', 'claims']);
    for (const attempt of [1, 2]) for (const one of twelve) await stops.failed(one, attempt);
    expect(bySlack()).toHaveLength(1);
    now += HOUR;
    for (const attempt of [3, 4]) for (const one of twelve) await stops.failed(one, attempt);
    expect(bySlack()).toHaveLength(2);
    expect(bySlack()[1]).toMatch(
      /more_stops_not_held: .*still be written to, since Nov 22, 2026, 10:00.AM: 11 .*ezw line/,
    );
    now += 5 * HOUR;
    for (const one of twelve) await stops.failed(one, 5);
    expect(told).toHaveLength(4);
    expect([...severities]).toEqual(['stop_not_held critical', 'more_stops_not_held critical']);
  });

  it('that was written meanwhile is counted no more', async () => {
    away = new Set(['people', 'sends', 'claims']);
    for (const one of twelve.slice(0, 3)) await stops.failed(one, 1);
    away = new Set();
    await stops.failed(twelve[1] as MessageItem, 2);
    away = new Set(['people', 'sends', 'claims']);
    now += HOUR;
    await stops.failed(twelve[2] as MessageItem, 2);
    expect(bySlack().map((one) => one.split(':')[0])).toEqual(['slack stop_not_held', 'slack stop_not_held']);
  });

  it('takes back what was kept once it is written; nothing else is a stop', async () => {
    away = new Set(['people']);
    await stops.failed(item('STOP'), 1);
    away = new Set();
    await stops.failed(item('STOP'), 2);
    expect([heard, kept]).toEqual([['stop'], []]);
    for (const text of ['Hello', 'START']) expect(await stops.failed(item(text), 3)).toBeUndefined();
    expect(heard).toEqual(['stop']);
  });
});

describe('what these alerts say', () => {
  it.each(Object.keys(LETTER_WORDS))('has the same places in %s as in English', (language) => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    const words = alertWords(language);
    for (const code of NOTICE_CODES) {
      expect(places(words.notices[code].title), code).toEqual(places(ENGLISH.notices[code].title));
      expect(places(words.notices[code].todo), code).toEqual(places(ENGLISH.notices[code].todo));
    }
    expect(Object.keys(words.failures)).toEqual(Object.keys(ENGLISH.failures));
    expect(places(words.failures.other)).toEqual(['{words}']);
    expect(places(words.nowhere)).toEqual(places(ENGLISH.nowhere));
  });

  const failed = (why?: object, conversationId?: string, who?: string) =>
    alertOfFailed(
      {
        key: 'order:1044:ready',
        template: 'order-ready',
        because: { source: 'shopify', told: 'ready', id: '1044', at: '2026-11-22T09:59:00Z' },
        delivery: { status: 'failed', at: '2026-11-22T10:00:00Z', ...(why && { why }) },
        createdAt: Date.parse('2026-11-22T09:59:30Z'),
        conversationId,
      } as unknown as SendRecord,
      config,
      who,
    );

  it('leads to a person though no conversation is known: by the order, and by the end of the number', () => {
    const { handOn = [], source } = failed(undefined, undefined, '+972 •• ••• ••67');
    expect(handOn[1]).toMatch(/No conversation with them is known: find them by 1044 \(shopify\), then: npx ezw/);
    expect(source).toBe('order-ready/shopify, +972 •• ••• ••67');
    expect(failed(undefined, 'c1').handOn?.[1]).toContain('Look into the conversation');
  });

  it.each([
    [{ code: '131026', says: 'Message undeliverable' }, /cannot reach this number.*\(131026\)/],
    [{ code: '131049' }, /held it back.*\(131049\)/],
    [{ code: '131047' }, /not written for more than a day/],
    [{ says: 'Something of its own' }, /WhatsApp says: Something of its own/],
    [{ code: 'constructor' }, /gave no reason. \(constructor\)/],
    [{ code: '1' }, /gave no reason.$/],
    [undefined, /gave no reason/],
  ] as const)('why a message did not arrive: %o', (why, says) => {
    const { handOn = [], about, source, link } = failed(why);
    expect(handOn[0]).toMatch(says);
    expect(handOn[1]).toContain('npx ezw sends show bakery order:1044:ready');
    expect(alertLines(failed(why))[1]).toBe('Nov 22, 2026, 10:00 AM');
    expect([about, source, link]).toEqual([
      'We sent: order-ready 1044, Nov 22, 2026, 9:59 AM',
      'order-ready/shopify',
      'https://app.example',
    ]);
  });
});
