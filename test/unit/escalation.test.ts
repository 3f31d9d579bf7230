import { beforeEach, describe, expect, it } from 'vitest';
import { alertLines, alertOf, alertOfStop, ENGLISH } from '../../functions/escalation/alert.ts';
import { alertWords } from '../../functions/escalation/alert-words.ts';
import type { EscalationConfig } from '../../functions/escalation/config.ts';
import type { Wait } from '../../functions/escalation/conversation-state.ts';
import { type EscalateTools, Escalation } from '../../functions/escalation/escalate.ts';
import type { Letter } from '../../functions/escalation/letter.ts';
import { LETTER_WORDS } from '../../functions/escalation/letter-words.ts';
import { engine } from '../../functions/escalation/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { wordsHash } from '../../functions/shared/ledger/fingerprint.ts';
import type { Sent } from '../../functions/shared/people/people.ts';
import { isPermanent, Permanent, Unavailable } from '../../functions/shared/runtime/errors.ts';

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
let handedOn: string[];
let letters: Letter[];
let write: ((letter: Letter) => Promise<void>) | undefined;
/** Until when a window is open. */
let windows: Map<string, { by: string; openedAt: number; until: number; done: boolean }>;
let messages: number;
let waits: Map<string, Wait>;
let incidents: Map<string, string>;
let resolved: string[];
let triggered: (string | undefined)[];
let refusing: string[];
let isAway: () => boolean;
let onTold: () => Promise<void>;
let refuses: (name: string) => boolean;
let abouts: (string | undefined)[];
let titles: string[];
let whens: string[];
let inboundAt: string | undefined;
let sent: Sent | undefined;
let replied: Sent | undefined;
/** In which conversation a text was first seen. */
let saidIn: Map<string, string>;

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
  reminders: ['appointment-reminder'],
  letters: {
    to: { name: 'Noa', email: 'noa@shop.example' },
    replyTo: 'dana@agency.example',
    language: 'en',
    byCode: { line_unlinked: { subject: 'Link it again', text: 'Since {at}.\n\nScan it.' } },
  },
} as unknown as EscalationConfig;

beforeEach(() => {
  [now, queue, told, answeredAt] = [NOON, [], [], ''];
  [done, isDown] = [new Set(), () => false];
  [handedOn, letters, windows, messages] = [[], [], new Map(), 0];
  waits = new Map();
  [incidents, resolved, triggered] = [new Map(), [], []];
  [refuses, refusing, isAway, onTold] = [() => false, [], () => false, async () => undefined];
  [abouts, titles, whens] = [[], [], []];
  [inboundAt, sent, replied, saidIn] = [undefined, undefined, undefined, new Map()];
  write = async (letter) => {
    letters.push(letter);
  };
  escalation = makeEscalation();
});

const inWindow = async (
  name: string,
  by: string,
  windowMs: number,
  effect: () => Promise<void>,
  isAnother: (openedAt: number) => boolean,
) => {
  const open = windows.get(name);
  if (open && (open.by === by ? open.done : open.until > now && !isAnother(open.openedAt))) return false;
  const mine = { by, openedAt: now, until: now + windowMs, done: false };
  windows.set(name, mine);
  await effect();
  mine.done = true;
  return true;
};

const makeEscalation = (own = config, tools: Partial<EscalateTools> = {}) =>
  new Escalation({
    config: own,
    engine: engine(own),
    deliveries: {
      once: async (name, effect) => {
        if (done.has(name)) return false;
        await effect(2);
        done.add(name);
        return true;
      },
      onceForWords: async (_, __, effect) => {
        await effect(2, false);
        return true;
      },
    },
    observed: {
      withFingerprint: async () => [],
      firstLeft: async () => undefined,
      found: async () => undefined,
      withProviderId: async (_, id) => (id === 'named' ? [{ pk: 'line#order:1:ready', createdAt: NOON }] : []),
    },
    state: {
      oncePerWindow: (name, _conversation, by, windowMs, effect) => inWindow(name, by, windowMs, effect, () => false),
      noteIncident: async (name, _conversation, openedFor, incident) => {
        incidents.set(name, openedFor);
        return incident;
      },
      closeIncident: async (name, _conversation, at, close) => {
        if ((incidents.get(name) ?? '9') > at) return false;
        await close(undefined);
        return incidents.delete(name);
      },
      wasSaidElsewhere: async (text, names) => {
        const first = saidIn.get(text) ?? names.own.at(-1) ?? '';
        saidIn.set(text, first);
        return first !== names.own.at(-1);
      },
      oncePerWait: (name, _conversation, { by, writtenAt }, windowMs, effect) =>
        inWindow(name, by, windowMs, effect, (openedAt) => openedAt < writtenAt + 1000),
      letGo: async (name, _conversation, by) => {
        const open = windows.get(name);
        if (open?.by === by && !open.done) open.until = 0;
      },
      waitOf: async (message) => waits.get(message) ?? {},
      noteWait: async (message, wait) => {
        waits.set(message, wait);
      },
    },
    unwritten: { keep: async () => undefined, forget: async () => undefined },
    groups: { take: async () => 'first', counted: async () => 0, over: async () => undefined },
    sendOf: async () => undefined,
    people: {
      meet: async () => {
        if (isAway()) throw new Error('away');
        return { person: 'p', names: [], older: [] };
      },
      named: async () => ({ person: 'p', names: [], older: [] }),
      hear: async () => true,
      wrote: async (_, at) => {
        inboundAt = at;
      },
      answered: async (_, at) => {
        answeredAt = at;
      },
      answeredSince: async (_, at) => answeredAt >= at,
      isSilent: async () => false,
      latest: async () => ({ inboundAt, sent, replied }),
    },
    resolver: (name) =>
      name === 'pagerduty'
        ? async (incident) => {
            if (isDown(name)) throw new Unavailable('notifier_503', 'down');
            resolved.push(incident);
          }
        : undefined,
    write,
    replayed: { add: async () => undefined, close: async () => 0 },
    refusals: {
      failed: async (name, error) => {
        if (isPermanent(error)) refusing.push(name);
      },
      taken: async () => undefined,
    },
    notify: async (name, { rule, handOn = [], about, title, when, incident }) => {
      if (isDown(name)) throw new Unavailable('notifier_503', 'down');
      if (refuses(name)) throw new Permanent('notifier_404', 'gone');
      abouts.push(about);
      if (name === 'pagerduty') {
        triggered.push(incident);
        await onTold();
      }
      titles.push(title);
      whens.push(when);
      if (handOn.length > 0) handedOn.push(`${name} ${handOn.join(' | ')}`);
      told.push(`${name} ${rule} ${new Date(now).toISOString().slice(11, 19)}`);
    },
    remind: async (bodies, seconds) => {
      queue.push(...bodies.map((body) => ({ body, at: now + Math.min(seconds * 1000, MAX_DELAY_MS) })));
    },
    send: async () => {},
    log: () => {},
    now: () => now,
    ...tools,
  });

const says = (fromMe: boolean, atMs = now, over: Partial<MessageItem> = {}) => {
  messages += 1;
  const item: MessageItem = {
    kind: 'message',
    id: `m-${messages}`,
    conversation: 'c',
    phone: '+972501234567',
    fromMe,
    individual: true,
    type: 'text',
    text: 'Hello',
    at: new Date(atMs).toISOString(),
    ...over,
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

describe('a person whose number WhatsApp hides', () => {
  const rule = { name: 'late', when: { unanswered: 'PT30M' }, severity: 'error', notify: ['slack'] } as const;
  const item = {
    kind: 'message',
    id: 'm',
    conversation: 'conv-1',
    conversationId: 'conv-1',
    privacyId: '4639135154355',
    fromMe: false,
    individual: true,
    type: 'text',
    at: '2026-03-02T12:00:00.000Z',
  } as const;
  const lines = (over: Partial<MessageItem>, own = config) => {
    const alert = alertOf(rule as unknown as Parameters<typeof alertOf>[0], { ...item, ...over } as MessageItem, own);
    expect(JSON.stringify(alert)).not.toContain(item.privacyId);
    expect(alert.link).toBe('https://app.example/conv-1');
    return alertLines(alert)[0];
  };

  it('is told so in the client’s language, beside the name where that is known', () => {
    expect(lines({})).toBe('number hidden by WhatsApp');
    expect(lines({ name: 'Dana' })).toBe('Dana, number hidden by WhatsApp');
    expect(lines({ privacyId: undefined } as object)).toBe('number hidden by WhatsApp');
    expect(lines({ name: 'Dana', phone: '+972501234567' })).toBe('Dana, +972501234567');
    for (const locale of ['he', 'ar', 'ru', 'es', 'fr', 'de', 'pt']) {
      const said = lines({}, { ...config, alertWords: alertWords(locale) } as EscalationConfig);
      expect(said).toMatch(/WhatsApp/);
      expect(said).not.toBe(ENGLISH.hidden);
    }
  });

  it('is unknown where a message names nothing at all', () => {
    const { privacyId: _, conversationId: __, ...nothing } = item;
    const alert = alertOf(rule as never, { ...nothing, conversation: 'unknown' }, config);
    expect(alertLines(alert)[0]).toBe('Unknown sender');
  });

  it('is told so of a stop that cannot be stored or shown too', () => {
    const stop = alertOfStop(item, true, config);
    expect(alertLines(stop)[0]).toBe('escalation, number hidden by WhatsApp');
    expect(alertLines(alertOfStop({ ...item, phone: '+972501234567' }, true, config))[0]).toBe(
      'escalation, +972 •• ••• ••67',
    );
  });
});

describe('a stop that nothing holds', () => {
  it('is a new message of the queue before that would make it wait, or give it up', async () => {
    const away = async () => {
      throw new Error('no table');
    };
    const of = (remind: EscalateTools['remind']) =>
      makeEscalation(
        { ...config, optOut: { stop: ['stop'], start: [] } },
        {
          people: { meet: away, named: away, hear: away } as unknown as EscalateTools['people'],
          deliveries: { once: away, onceForWords: away },
          remind,
        },
      );
    const item = { kind: 'message', id: 'm', conversation: 'c', fromMe: false, individual: true, type: 'text' };
    const at = new Date(now).toISOString();
    const body = JSON.stringify({ deliveryId: 'd', index: 0, item: { ...item, text: 'STOP', at } });
    const put: unknown[] = [];
    const works = of(async (bodies, seconds) => void put.push(bodies, seconds));
    await expect(works.handle(body, 49)).rejects.toMatchObject({ retryAfterSeconds: 5 });
    expect(put).toEqual([]);
    await works.handle(body, 50);
    expect(put).toEqual([[body], 5]);
    // What its queue does not take stays where it is.
    await expect(of(away).handle(body, 50)).rejects.toMatchObject({ retryAfterSeconds: 5 });
  });
});

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

describe('each question that waits has its own end', () => {
  const MINUTE = 60_000;
  const at = async (minute: number, fromMe = false) => {
    await until(NOON + minute * MINUTE);
    await says(fromMe);
  };

  it('one that comes after people were told of the first is told in the same window', async () => {
    await at(0);
    await at(35);
    await until(NOON + 3 * 60 * MINUTE);
    expect(told).toEqual(['slack late 12:30:00', 'slack late 13:05:00']);
  });

  it('one that comes after the first was told and answered is told in the same window', async () => {
    await at(0);
    await at(31, true);
    await at(32);
    await until(NOON + 3 * 60 * MINUTE);
    expect(told).toEqual(['slack late 12:30:00', 'slack late 13:02:00']);
  });

  it('one that comes after the first was answered in time is told', async () => {
    await at(0);
    await at(20, true);
    await at(21);
    await until(NOON + 3 * 60 * MINUTE);
    expect(told).toEqual(['slack late 12:51:00']);
  });

  it('messages of one stretch that nobody answered are one wait', async () => {
    for (const minute of [0, 1, 20, 29]) await at(minute);
    await until(NOON + 3 * 60 * MINUTE);
    expect(told).toEqual(['slack late 12:30:00']);
  });
});

describe('a message that is changed while it may wait for an answer', () => {
  const MINUTE = 60_000;
  const telling = async (minute: number, text: string, revises?: string) => {
    await until(NOON + minute * MINUTE);
    await says(false, now, { text, ...(revises === undefined ? { id: 'm-first' } : { revises }) });
  };
  const later = async () => {
    await until(NOON + 3 * 60 * MINUTE);
    return told;
  };

  it('from a question into thanks wakes nobody', async () => {
    await telling(0, 'When is it ready?');
    await telling(10, 'thanks', 'm-first');
    expect(await later()).toEqual([]);
    expect(queue).toEqual([]);
  });

  it('from thanks into a question is waited for from then on, once', async () => {
    await telling(0, 'thanks');
    await telling(10, 'When is it ready?', 'm-first');
    expect(await later()).toEqual(['slack late 12:40:00']);
  });

  it('from a question into another wakes people once, for the new one, when the first was due', async () => {
    await telling(0, 'When is it redy?');
    await telling(10, 'When is it ready, please?', 'm-first');
    const texts: string[] = [];
    for (const { body } of queue) texts.push(JSON.parse(body).item.text);
    expect(texts).toEqual(['When is it redy?', 'When is it ready, please?']);
    expect(await later()).toEqual(['slack late 12:30:00']);
  });

  it('from a question into thanks and back is waited for from then on, once', async () => {
    await telling(0, 'When is it ready?');
    await telling(5, 'thanks', 'm-first');
    await telling(10, 'When is it ready?', 'm-first');
    expect(await later()).toEqual(['slack late 12:40:00']);
  });

  it('from a question that was answered into another is waited for from then on', async () => {
    await telling(0, 'When is it ready?');
    await says(true, NOON + 2 * MINUTE);
    await telling(10, 'And where?', 'm-first');
    expect(await later()).toEqual(['slack late 12:40:00']);
  });

  it('from a question that people were told of into another wakes nobody once more', async () => {
    await telling(0, 'When is it ready?');
    await telling(40, 'And where?', 'm-first');
    expect(await later()).toEqual(['slack late 12:30:00']);
  });

  it('and leaves what else was asked waiting', async () => {
    await telling(0, 'When is it ready?');
    await says(false, NOON, { text: 'Do you deliver?' });
    await telling(10, 'thanks', 'm-first');
    expect(await later()).toEqual(['slack late 12:30:00']);
  });
});

describe('only what a person of the team wrote is an answer', () => {
  const GREETING = 'Thank you for writing to us. How can we help you?';
  const AWAY = 'We are closed now and answer in the morning.';
  const rings = async () => {
    await until(NOON + HALF_HOUR);
    return told.length > 0;
  };

  it.each([
    ['a text', { text: 'Yes' }, false],
    ['a picture without words', { type: 'image' }, false],
    ['a voice message', { type: 'voice' }, false],
    ['a thumb under a message', { type: 'action', text: '👍' }, true],
    ['a reaction', { type: 'reaction', text: '👍' }, true],
    ['a call', { type: 'call' }, true],
    ['what the app notes', { type: 'system', text: 'Messages are encrypted.' }, true],
    ['what is not known', { type: 'unknown' }, true],
    ['an edit of an older message', { type: 'edit', text: 'Corrected' }, true],
    ['what is deleted', { type: 'revoke' }, true],
  ])('%s', async (_, over, wakes) => {
    await says(false);
    await until(NOON + 60_000);
    await says(true, now, over);
    expect(await rings()).toBe(wakes);
  });

  it('a greeting that the client file lists is none, at whatever time and however it is spaced', async () => {
    escalation = makeEscalation({ ...config, automaticTexts: [`${GREETING}\n`, 'Hi'] });
    await says(false);
    await says(true, NOON + 1000, { text: GREETING.replace('. ', '.\n') });
    await until(NOON + 60_000);
    await says(true, now, { text: 'Hi' });
    expect([await rings(), answeredAt]).toEqual([true, '']);
  });

  it('one that nobody listed is none once it was said at once to somebody else too', async () => {
    await says(false);
    await says(true, NOON + 2000, { text: GREETING });
    expect(await rings()).toBe(false);
    answeredAt = '';
    const conversation = 'another';
    await says(false, now, { conversation });
    await says(true, now + 2000, { text: GREETING, conversation });
    expect(answeredAt).toBe('');
  });

  it('one with their name in it is the same sentence to everybody', async () => {
    const greets = async (name: string, by: string) => {
      const about = { conversation: name, name };
      await says(false, now, about);
      answeredAt = '';
      await says(true, now + 2000, { ...about, text: `Hello ${by}, thanks for writing to us!` });
      return answeredAt;
    };
    expect(await greets('Dana Levi', 'Dana')).not.toBe('');
    expect(await greets('Noa', 'Noa')).toBe('');
    expect(await greets('Omer Tal', 'Omer Tal')).toBe('');
  });

  it('what the phone says by itself after our own first message is no talk', async () => {
    saidIn.set(AWAY, 'another');
    sent = { key: 'order:1:ready', template: 'order-ready', at: new Date(NOON - 1500).toISOString() };
    await says(true, NOON, { text: AWAY });
    expect(answeredAt).toBe('');
  });

  it('a quick "yes" is an answer, and so are words that others got later, or that nobody else got', async () => {
    saidIn.set('Yes', 'another');
    await says(false);
    await says(true, NOON + 1000, { text: 'Yes' });
    expect(await rings()).toBe(false);
    saidIn.set(GREETING, 'another');
    await says(false);
    await says(true, now + 60_000, { text: GREETING });
    expect(answeredAt).toBe(new Date(now + 60_000).toISOString());
    answeredAt = '';
    await says(true, now + 1000, { text: 'Your order will be here by noon' });
    expect(answeredAt).not.toBe('');
  });
});

describe('what we sent is never taken for a person’s, however it is seen', () => {
  const TEXT = 'Hi Dana, your order 1 is ready.';
  beforeEach(() => {
    const at = new Date(NOON - 1000).toISOString();
    sent = { key: 'order:1:ready', template: 'order-ready', id: '1', words: wordsHash(TEXT), at };
  });

  it.each([
    ['with buttons, its words elsewhere', { type: 'interactive', text: 'Track it' }],
    ['with buttons and no words', { type: 'buttons', text: undefined }],
    ['as a template', { type: 'hsm', text: undefined }],
    ['as a picture whose caption was lost', { type: 'image', text: undefined }],
    ['in its words, under another name of theirs', { text: `${TEXT} `, phone: undefined }],
    ['a while later', { text: TEXT, at: new Date(NOON + 10 * 60_000).toISOString() }],
    ['under the id of its answer', { id: 'named', text: 'Track it' }],
  ])('%s', async (_, over) => {
    await says(true, NOON, over as Partial<MessageItem>);
    expect(answeredAt).toBe('');
  });

  it.each([
    ['other words', { text: 'Hi Dana, it is not ready yet.' }],
    ['buttons long after', { type: 'interactive', text: 'Track it', at: new Date(NOON + 10 * 60_000).toISOString() }],
    ['a picture a minute later', { type: 'image', text: undefined, at: new Date(NOON + 60_000).toISOString() }],
    ['a voice message', { type: 'voice', text: undefined }],
    ['buttons before we sent anything', { type: 'interactive', text: 'x', at: new Date(NOON - 60_000).toISOString() }],
  ])('%s are a person’s', async (_, over) => {
    await says(true, NOON, over as Partial<MessageItem>);
    expect(answeredAt).not.toBe('');
  });

  it('the same of an automatic answer', async () => {
    [sent, replied] = [undefined, sent];
    await says(true, NOON, { text: TEXT, phone: '+972501230000' });
    expect(answeredAt).toBe('');
  });
});

describe('"cancel" or "move" in answer to a reminder is told by every notifier', () => {
  const reminded = (hoursAgo: number, template = 'appointment-reminder'): Sent => ({
    key: 'appointment:77:24h',
    template,
    id: '77',
    at: new Date(NOON - hoursAgo * 2 * HALF_HOUR).toISOString(),
  });
  const TOLD = ['slack answer-to-reminder 12:00:00', 'pagerduty answer-to-reminder 12:00:00'];

  it.each([
    ['Cancel'],
    ['Please cancel, thanks'],
    ['I need to reschedule my appointment'],
    ['can’t make it'],
    ['לבטל'],
    ['אני רוצה להזיז את התור'],
    ['لا أستطيع الحضور'],
    ['إلغاء الموعد'],
    ['отмена'],
    ['хочу перенести запись'],
    ['Cancelar'],
    ['quiero cambiar la cita por favor'],
    ['Annuler mon rdv svp'],
    ['Termin absagen bitte'],
    ['preciso remarcar'],
    ['can we reschedule?'],
    ['Hi, could I move it to another day please?'],
    ['I need to reschedule'],
    ['Sorry, I can’t make it today'],
    ['unfortunately I won’t be able to come tomorrow'],
    ['לא אוכל להגיע היום'],
    ['אפשר לדחות?'],
    ['היי, אני לא יכולה להגיע מחר, מצטערת'],
    ['אפשר יום אחר?'],
    ['ممكن تأجيل الموعد؟'],
    ['للأسف لن أتمكن من الحضور اليوم'],
    ['можно перенести?'],
    ['К сожалению, завтра не смогу прийти'],
    ['¿Podemos cambiar la cita?'],
    ['Hoy no puedo ir, lo siento'],
    ['Est-ce que je peux déplacer mon rendez-vous ?'],
    ['Je ne pourrai pas venir demain'],
    ['Können wir den Termin verschieben?'],
    ['Ich kann heute leider nicht kommen'],
    ['Posso remarcar para outro dia?'],
    ['Não vou conseguir ir hoje'],
  ])('%s', async (text) => {
    sent = reminded(2);
    await says(false, NOON, { text });
    expect(told).toEqual(TOLD);
    expect(abouts[0]).toBe('We sent: appointment-reminder 77, Mar 2, 2026, 10:00 AM');
  });

  it.each([
    ['a question', { text: 'where can I park, and when do you open?' }, reminded(2)],
    ['another answer', { text: 'See you' }, reminded(2)],
    ['a promise', { text: 'see you tomorrow, I will not move it' }, reminded(2)],
    ['a yes', { text: 'I can make it' }, reminded(2)],
    ['a yes of today', { text: 'Yes, I can make it today' }, reminded(2)],
    ['a yes in Hebrew', { text: 'כן, אוכל להגיע מחר' }, reminded(2)],
    ['a wish to keep it', { text: 'please do not cancel' }, reminded(2)],
    ['the same in Hebrew', { text: 'לא לבטל' }, reminded(2)],
    ['a yes in Spanish', { text: 'Sí, puedo ir mañana' }, reminded(2)],
    ['a yes in German', { text: 'Ich komme heute' }, reminded(2)],
    ['words to an order', { text: 'Cancel' }, reminded(2, 'order-ready')],
    ['words to nothing that we sent', { text: 'Cancel' }, undefined],
    ['words four days after the reminder', { text: 'Cancel' }, reminded(96)],
    ['a system note', { text: 'Cancel', type: 'system' }, reminded(2)],
  ])('but not %s', async (_, over, last) => {
    sent = last;
    await says(false, NOON, over);
    expect(told).toEqual([]);
  });

  it('nor where the client file turns it off', async () => {
    sent = reminded(2);
    escalation = makeEscalation({ ...config, answersToReminders: false });
    await says(false, NOON, { text: 'Cancel' });
    expect(told).toEqual([]);
  });
});

describe('an alert', () => {
  it('speaks the client’s language and time, and shows what we sent last', async () => {
    sent = { key: 'order:1044:ready', template: 'order-ready', id: '1044', at: new Date(NOON - 1000).toISOString() };
    const hebrew = { ...config, zone: 'Asia/Jerusalem', alertWords: alertWords('he') };
    escalation = makeEscalation(hebrew);
    await says(false);
    await until(NOON + HALF_HOUR);
    expect(abouts).toEqual(['שלחנו: order-ready 1044, 2 במרץ 2026, 13:59']);
    expect(titles).toEqual(['demo: עדיין לא ענו']);
    expect(whens).toEqual(['2 במרץ 2026, 14:00']);
  });

  it('has all its words in every language that letters have', () => {
    for (const language of Object.keys(LETTER_WORDS)) {
      const words = alertWords(`${language}-XX`);
      expect(words.language).toBe(`${language}-XX`);
      expect(Object.keys(words).sort()).toEqual(Object.keys(ENGLISH).sort());
      expect(words.sent).toMatch(/\{what\}.*\{at\}/);
    }
    expect(alertWords('sv')).toEqual(ENGLISH);
  });

  it('shows nothing of what was sent after they wrote', async () => {
    sent = { key: 'order:1:ready', template: 'order-ready', at: new Date(NOON + 60_000).toISOString() };
    await says(false);
    await until(NOON + HALF_HOUR);
    expect(abouts).toEqual([undefined]);
  });

  it('shows nothing of what was sent long before', async () => {
    sent = { key: 'order:1:ready', template: 'order-ready', at: new Date(NOON - 15 * 48 * HALF_HOUR).toISOString() };
    await says(false);
    await until(NOON + HALF_HOUR);
    expect(abouts).toEqual([undefined]);
  });
});

describe('a pager has one incident for a conversation and rule', () => {
  const paged = {
    ...config,
    window: 'PT1S',
    rules: [
      { name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['slack', 'pagerduty'] },
      { name: 'help', when: { keywords: ['help'] }, severity: 'critical', notify: ['pagerduty'] },
    ],
  } as unknown as EscalationConfig;
  const writes = async (text: string, over: Partial<MessageItem> = {}) => {
    now += 2000;
    await says(false, now, { text, ...over });
  };
  beforeEach(() => {
    escalation = makeEscalation(paged);
  });

  it('whatever follows is a part of it, and a person’s answer resolves it, once', async () => {
    for (const text of ['urgent', 'URGENT!', 'urgent please']) await writes(text);
    expect(triggered).toHaveLength(3);
    expect(new Set(triggered).size).toBe(1);
    await says(true, now + 1000, { text: 'On it' });
    await says(true, now + 2000, { text: 'Done' });
    expect(resolved).toEqual([triggered[0]]);
  });

  it('another rule and another conversation have their own, and who names none shares with nobody', async () => {
    await writes('urgent');
    await writes('help');
    await writes('urgent', { conversation: 'another' });
    expect(new Set(triggered).size).toBe(3);
    await writes('urgent', { conversation: 'unknown' });
    expect(triggered.at(-1)).toBeUndefined();
  });

  it('a thumb, a greeting or an older answer resolves nothing; one that was not taken is tried again', async () => {
    escalation = makeEscalation({ ...paged, automaticTexts: ['We are closed.'] });
    await writes('urgent');
    await says(true, now + 1000, { text: '👍', type: 'action' });
    await says(true, now + 1000, { text: 'We are closed.' });
    await says(true, now - 1000, { text: 'Hello' });
    expect(resolved).toEqual([]);
    isDown = () => true;
    await expect(says(true, now + 1000, { text: 'On it' })).rejects.toThrow('down');
    isDown = () => false;
    messages -= 1;
    await says(true, now + 1000, { text: 'On it' });
    expect(resolved).toEqual([triggered[0]]);
  });
});

describe('a pager and an answer that comes meanwhile', () => {
  const paged = {
    ...config,
    rules: [{ name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['slack', 'pagerduty'] }],
  } as unknown as EscalationConfig;
  beforeEach(() => {
    escalation = makeEscalation(paged);
  });
  const again = async () => {
    messages = 0;
    await says(false, NOON, { text: 'urgent' });
  };

  it('rings for nothing that was answered before it could', async () => {
    isDown = (name) => name === 'pagerduty';
    await expect(again()).rejects.toThrow('down');
    isDown = () => false;
    await says(true, NOON + 5000, { text: 'On it' });
    now = NOON + 30_000;
    await again();
    expect([triggered, told]).toEqual([[], ['slack urgent 12:00:00']]);
  });

  it('rings for what is written next, for nobody was told there', async () => {
    isDown = (name) => name === 'pagerduty';
    await expect(again()).rejects.toThrow('down');
    isDown = () => false;
    await says(true, NOON + 5000, { text: 'On it' });
    now = NOON + 30_000;
    await again();
    now = NOON + 70_000;
    messages = 5;
    await says(false, now, { text: 'urgent!! it burns now' });
    expect(triggered).toHaveLength(1);
  });

  it('closes what was answered while it was being opened', async () => {
    onTold = async () => {
      answeredAt = new Date(NOON + 1000).toISOString();
    };
    await again();
    expect(triggered).toHaveLength(1);
    expect(resolved).toEqual(triggered);
  });
});

describe('while nobody can look up who wrote', () => {
  const urgent = {
    ...config,
    rules: [{ name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['slack'] }],
  } as unknown as EscalationConfig;

  it.each([
    ['a keyword', 'urgent! water everywhere', ['slack urgent 12:00:00']],
    ['what may be a stop', 'who is this? stop', ['slack perhaps-stop 12:00:00', 'pagerduty perhaps-stop 12:00:00']],
  ])('%s is told all the same, once, and the message comes again', async (_, text, expected) => {
    escalation = makeEscalation(urgent);
    isAway = () => true;
    await expect(says(false, NOON, { text })).rejects.toThrow('away');
    expect([...told].sort()).toEqual([...expected].sort());
    messages = 0;
    await expect(says(false, NOON, { text })).rejects.toThrow('away');
    isAway = () => false;
    messages = 0;
    await says(false, NOON, { text });
    expect([...told].sort()).toEqual([...expected].sort());
  });

  it('what the team wrote rings nothing', async () => {
    escalation = makeEscalation(urgent);
    isAway = () => true;
    await expect(says(true, NOON, { text: 'urgent' })).rejects.toThrow('away');
    expect(told).toEqual([]);
  });
});

it('a question that comes hours late waits for the answer that may come with it', async () => {
  const arrived = NOON + 10 * HALF_HOUR;
  now = arrived;
  const receivedAt = new Date(arrived).toISOString();
  const item = {
    kind: 'message',
    conversation: 'c',
    individual: true,
    type: 'text',
    text: 'When?',
    phone: '+972501234567',
  };
  const tell = (id: string, fromMe: boolean, at: number) =>
    escalation.handle(
      JSON.stringify({
        deliveryId: 'd',
        index: 0,
        receivedAt,
        item: { ...item, id, fromMe, at: new Date(at).toISOString() },
      }),
    );
  await tell('q', false, NOON);
  await until(arrived + 2000);
  expect(told).toEqual([]);
  await tell('a', true, NOON + 60_000);
  await until(arrived + 10 * 60_000);
  expect(told).toEqual([]);
  now = arrived;
  await tell('q2', false, NOON + 120_000);
  await until(arrived + 5 * 60_000 - 1000);
  expect(told).toEqual([]);
  await until(arrived + 5 * 60_000);
  expect(told).toHaveLength(1);
});

describe('a notifier that refuses for good', () => {
  const urgent = {
    ...config,
    rules: [{ name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['pagerduty'] }],
  } as unknown as EscalationConfig;
  beforeEach(() => {
    refuses = (name) => name === 'pagerduty';
    escalation = makeEscalation(urgent);
  });

  it('is not tried for days: the other notifiers have the alert in its place, once, and are told that it refuses', async () => {
    await says(false, now, { text: 'urgent' });
    expect(told).toEqual(['slack urgent 12:00:00']);
    expect(handedOn).toEqual(['slack pagerduty refused this (notifier_404): see to its settings and its secret']);
  });

  it('and is the only one is tried again, and is no dead letter: somebody may mend it', async () => {
    escalation = makeEscalation({ ...urgent, notifiers: { pagerduty: { api: 'https://events.example' } } });
    const failed = says(false, now, { text: 'urgent' });
    await expect(failed).rejects.toMatchObject({ name: 'Unavailable', reason: 'notifier_404' });
  });

  it('and whatever else refuses in its place are all noted as refusing', async () => {
    refuses = () => true;
    await says(false, now, { text: 'urgent' }).catch(() => undefined);
    expect(refusing).toEqual(['pagerduty', 'slack']);
  });

  it('while the other is down is tried again, and the other told once it is up', async () => {
    isDown = (name) => name === 'slack';
    await expect(says(false, now, { text: 'urgent' })).rejects.toMatchObject({ name: 'Unavailable' });
    isDown = () => false;
    messages -= 1;
    await says(false, now, { text: 'urgent' });
    expect(told).toEqual(['slack urgent 12:00:00']);
  });
});

it('a wait over a long holiday is put into the queue anew before the queue forgets it', async () => {
  await says(false);
  const [{ body } = { body: '' }] = queue;
  const waits = { ...JSON.parse(body), due: new Date(NOON + 20 * 24 * 2 * HALF_HOUR).toISOString() };
  queue = [{ body: JSON.stringify(waits), at: now }];
  let oldest = 0;
  for (let hour = 0; hour < 21 * 24; hour += 1) {
    await until(now + 2 * HALF_HOUR);
    for (const { body } of queue) oldest = Math.max(oldest, now - JSON.parse(body).queuedAt);
  }
  expect(told).toEqual(['slack late 12:00:00']);
  expect(oldest).toBeLessThan(4 * 24 * 2 * HALF_HOUR);
});

it('a notifier that is down ten times leaves one reminder in the queue, not ten', async () => {
  const urgent = {
    ...config,
    rules: [...config.rules, { name: 'urgent', when: { keywords: ['urgent'] }, notify: ['slack'] }],
  };
  escalation = makeEscalation(urgent as EscalationConfig);
  isDown = () => true;
  for (let i = 0; i < 10; i += 1) {
    messages = 0;
    await expect(says(false, now, { text: 'urgent' })).rejects.toThrow('down');
  }
  expect(queue).toHaveLength(1);
  isDown = () => false;
  messages = 0;
  await says(false, now, { text: 'urgent' });
  expect([told, queue.length]).toEqual([['slack urgent 12:00:00'], 1]);
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

describe('a line that needs the client’s own hands', () => {
  const comes = (id = 'n1', code = 'line_unlinked', at = now) => {
    const says = 'The line must be linked again.';
    const item = { kind: 'notice', id, code, says, source: 'sender', severity: 'critical', at: new Date(at) };
    return escalation.handle(JSON.stringify({ item }));
  };
  const team = () => told.map((line) => line.split(' ').slice(0, 2).join(' ')).sort();

  it('is told to the team by every notifier, and to the client’s contact by one mail that answers to the operator', async () => {
    await comes();
    await comes();
    expect(team()).toEqual(['pagerduty line_unlinked', 'slack line_unlinked']);
    expect(handedOn).toEqual([]);
    expect(letters).toEqual([
      {
        id: expect.stringMatching(/^letter_[0-9a-f]{40}$/),
        to: { name: 'Noa', email: 'noa@shop.example' },
        replyTo: 'dana@agency.example',
        subject: 'Link it again',
        text: expect.stringMatching(/^Since Mar 2, 2026, 12:00\sPM\.\n\nScan it\.$/),
      },
    ]);
  });

  it('makes no second mail within the window, though it came and went in between, and one after it', async () => {
    for (const id of ['n1', 'n2', 'n3']) {
      await comes(id);
      now += 10 * 60_000;
    }
    expect([letters.length, team().length]).toEqual([1, 6]);
    now += HALF_HOUR;
    await comes('n4');
    expect(letters).toHaveLength(2);
  });

  it('mails nobody about what is no trouble of the line', async () => {
    await comes('n1', 'app_uninstalled');
    await comes('n2', 'constructor');
    expect([letters, handedOn]).toEqual([[], []]);
  });

  it('whose mail is refused loses no alert: the team is told so, once, with the text and for whom it is', async () => {
    write = async () => {
      throw new Permanent('mail_refused', 'not verified');
    };
    escalation = makeEscalation();
    await comes();
    await comes();
    expect(team()).toEqual([
      'pagerduty letter_refused',
      'pagerduty line_unlinked',
      'slack letter_refused',
      'slack line_unlinked',
    ]);
    expect(handedOn[0]).toMatch(
      /^slack Hand this on to Noa, noa@shop.example: \| Link it again \| Since Mar 2, 2026, 12:00\sPM\. \| Scan it\.$/,
    );
    expect(handedOn).toHaveLength(2);
  });

  it('whose mail cannot be sent just now is tried again, and after a quarter of an hour handed to the team', async () => {
    write = async () => {
      throw new Unavailable('mail_503', 'busy');
    };
    escalation = makeEscalation();
    const at = now;
    await expect(comes('n1', 'line_unlinked', at)).rejects.toThrow('busy');
    expect(team()).toEqual(['pagerduty line_unlinked', 'slack line_unlinked']);
    now += 15 * 60_000;
    await comes('n1', 'line_unlinked', at);
    expect(team().filter((line) => line.endsWith('letter_refused'))).toHaveLength(2);
    expect(handedOn).toHaveLength(2);
  });

  it('is mailed though no notifier of the team answers', async () => {
    isDown = () => true;
    await expect(comes()).rejects.toThrow('down');
    expect(letters).toHaveLength(1);
    isDown = () => false;
    await comes();
    expect([letters.length, team().length]).toEqual([1, 2]);
  });

  it.each([
    ['nobody can write to the contact', () => {}, 'Noa, noa@shop.example'],
    [
      'the client file names none',
      () => Object.assign(config.letters, { to: undefined }),
      'whoever holds the phone of the line',
    ],
  ])('comes to the team with the text to hand on where %s', async (_, change, whom) => {
    const { to } = config.letters;
    change();
    write = undefined;
    escalation = makeEscalation();
    await comes();
    Object.assign(config.letters, { to });
    expect(team()).toEqual(['pagerduty line_unlinked', 'slack line_unlinked']);
    expect(handedOn).toHaveLength(2);
    expect(handedOn[0]).toMatch(new RegExp(`^slack Hand this on to ${whom}: \\| Link it again \\| Since `));
  });
});

describe('an automatic answer', () => {
  const own = {
    ...config,
    autoReply: { texts: { en: 'A person will answer soon.' }, when: 'always', window: 'PT12H', maxAge: 'PT10M' },
  } as unknown as EscalationConfig;
  let answered: string[];
  let outcomes: unknown[];
  const asks = (id: string, at = now, cameAt = at) => {
    const [said, receivedAt] = [new Date(at).toISOString(), new Date(cameAt).toISOString()];
    const item = {
      kind: 'message',
      id,
      conversation: 'c',
      conversationId: 'c',
      phone: '+972501234567',
      fromMe: false,
      individual: true,
      type: 'text',
      text: 'Hello?',
      at: said,
    };
    return escalation.handle(JSON.stringify({ deliveryId: id, receivedAt, index: 0, item }));
  };

  beforeEach(() => {
    [answered, outcomes] = [[], []];
    escalation = makeEscalation(own, {
      send: async ({ key }) => {
        if (isDown('slack')) throw new Unavailable('sqs', 'down');
        answered.push(key);
      },
      log: (_, { event, outcome }) => {
        if (event === 'auto-reply') outcomes.push(outcome);
      },
    });
  });

  it('that could not be given in its time leaves its window to whoever asks again, and is named', async () => {
    isDown = () => true;
    await expect(asks('first')).rejects.toThrow('down');
    isDown = () => false;
    const at = now;
    now += 11 * 60_000;
    await asks('first', at);
    await asks('second');
    expect([answered, outcomes]).toEqual([['delivery:second:auto-reply'], ['too_late', 'queued']]);
  });

  it('to what came late in the first place is none, and no word is said of it', async () => {
    await asks('of-yesterday', now - 24 * 3_600_000, now);
    expect([answered, outcomes]).toEqual([[], []]);
  });
});
