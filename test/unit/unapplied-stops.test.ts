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

type Part = 'people' | 'claims' | 'sends' | 'salt' | 'pagerduty';
let away: Set<Part>;
let told: string[];
let heard: string[];
let kept: string[];
let logs: string[];
let done: Set<string>;
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
    tell: async (sink, { rule, source, handOn = [] }) => {
      if (away.has(sink as Part)) throw new Unavailable('notifier_503', 'down');
      told.push(`${sink} ${rule}: ${source} ${handOn.join()}`);
    },
    log: (level, fields) => logs.push(JSON.stringify({ level, ...fields })),
  });
};

beforeEach(() => {
  [away, told, heard, kept, logs, done] = [new Set(), [], [], [], [], new Set()];
  stops = make();
});

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
  });

  const failed = (why?: object) =>
    alertOfFailed(
      {
        key: 'order:1044:ready',
        template: 'order-ready',
        because: { source: 'shopify', told: 'ready', id: '1044', at: '2026-11-22T09:59:00Z' },
        delivery: { status: 'failed', at: '2026-11-22T10:00:00Z', ...(why && { why }) },
        createdAt: Date.parse('2026-11-22T09:59:30Z'),
      } as unknown as SendRecord,
      config,
    );

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
