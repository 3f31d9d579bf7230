import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EscalationConfig, Hours, Rule } from '../../functions/escalation/config.ts';
import { autoReply, autoReplyKey, engine } from '../../functions/escalation/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';

const AT = '2026-11-22T10:00:00.000Z';
const NOW = Date.parse(AT);
const item = (over: Partial<MessageItem> = {}): MessageItem => ({
  kind: 'message',
  id: 'm1',
  conversation: 'c1',
  conversationId: 'c1',
  phone: '+972501234567',
  fromMe: false,
  individual: true,
  type: 'text',
  text: 'Hello',
  at: AT,
  ...over,
});
const hours: Hours = {
  days: {
    sun: [['09:00', '18:00']],
    mon: [
      ['09:00', '13:00'],
      ['16:00', '19:00'],
    ],
    tue: [],
    wed: [['20:00', '02:00']],
    thu: [['00:00', '24:00']],
    fri: [],
    sat: [],
  },
  closed: ['2026-12-03'],
};
const rule = (name: string, when: Rule['when']): Rule => ({ name, severity: 'warning', notify: ['webhook'], when });
const settings = (...rules: Rule[]) => ({
  rules,
  hours,
  zone: 'Asia/Jerusalem',
  optOut: { stop: ['stop'], start: ['start'] },
});
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

describe('rules', () => {
  const all = engine(
    settings(
      rule('words', { keywords: ['urgent'] }),
      rule('vip', { numbers: ['+972501234567', '+5511987654321'] }),
      rule('media', { types: ['image', 'voice'] }),
      rule('night', { outsideHours: true }),
      rule('late', { unanswered: 'PT15M' }),
      rule('vip-night', { numbers: ['+972501234567'], outsideHours: true }),
    ),
  );

  it.each([
    ['a plain message of a stranger', { phone: '+972501234560' }, []],
    ['a keyword', { text: 'Urgent!', phone: '+972501234560' }, ['words']],
    ['an important number', {}, ['vip']],
    ['an important number as WhatsApp writes it', { phone: '+551187654321' }, ['vip']],
    ['a picture', { type: 'image', phone: '+972501234560' }, ['media']],
    ['the night', { at: '2026-11-22T22:00:00.000Z', phone: '+972501234560' }, ['night']],
    ['an important number at night', { at: '2026-11-22T22:00:00.000Z' }, ['vip', 'night', 'vip-night']],
  ])('%s raises what it should', (_, over, raised) => {
    expect(names(all.decide(item(over as Partial<MessageItem>)).notify)).toEqual(raised);
  });

  it('wait for an answer until so long after the message was written', () => {
    const { wait } = all.decide(item());
    expect(wait.map(({ rule: { name }, due }) => [name, due])).toEqual([['late', '2026-11-22T10:15:00.000Z']]);
  });

  it('never hold for what must not be acted on', () => {
    for (const over of [{ fromMe: true }, { individual: false }, { type: 'system' }, { type: 'action' }]) {
      expect(all.decide(item({ text: 'urgent stop', ...over }))).toEqual({
        notify: [],
        wait: [],
        optOut: undefined,
        perhapsStop: false,
      });
    }
  });
});

describe('no alarm for what asks nothing', () => {
  const late = engine({
    ...settings(rule('late', { unanswered: 'PT15M' }), rule('night', { outsideHours: true })),
    optOut: { stop: ['stop'], start: ['start'] },
  });
  const night = '2026-11-22T22:00:00.000Z';
  const raisedBy = (over: Partial<MessageItem>) => {
    const { notify, wait } = late.decide(item({ at: night, ...over }));
    return [...names(notify), ...wait.map(({ rule: { name } }) => name)];
  };

  it.each([
    ['thanks'],
    ['Thanks!!'],
    ['ok, thank you so much 🙏🏽'],
    ['👍'],
    ['👍🏾👍🏾'],
    ['❤️'],
    ['Great :)'],
    ['תודה רבה'],
    ['סבבה תודה 🙂'],
    ['شكراً جزيلاً'],
    ['تمام شكرا'],
    ['Спасибо большое!'],
    ['ок, спасибо'],
    ['¡Muchas gracias!'],
    ['Merci beaucoup'],
    ["d'accord merci"],
    ['Vielen Dank'],
    ['Danke schön 😊'],
    ['Muito obrigada'],
    ['Thanks in advance'],
    ['no thanks'],
    ['No, thank you!'],
    ['Thank you so much for everything'],
    ['Happy holidays!'],
    ['תודה רבה לך על הכל'],
    ['תודה מראש'],
    ['לא תודה'],
    ['חג שמח'],
    ['שבת שלום'],
    ['شكرا جزيلا لكم'],
    ['شكرا مقدما'],
    ['لا شكرا'],
    ['عيد مبارك'],
    ['Заранее спасибо'],
    ['Нет, спасибо'],
    ['Спасибо вам большое за всё'],
    ['С праздником!'],
    ['Gracias de antemano'],
    ['No, gracias'],
    ['Muchas gracias por todo'],
    ['Felices fiestas'],
    ["Merci d'avance"],
    ['Non merci'],
    ['Merci beaucoup pour tout'],
    ['Bonnes fêtes'],
    ['Vielen lieben Dank'],
    ['Danke im Voraus'],
    ['Nein danke'],
    ['Frohe Weihnachten'],
    ['Obrigada desde já'],
    ['Não, obrigado'],
    ['Muito obrigada por tudo'],
    ['Boas festas'],
    ['STOP'],
    ['start'],
  ])('%s', (text) => {
    expect(raisedBy({ text })).toEqual([]);
  });

  it('a sticker, though it has words', () => {
    expect(raisedBy({ type: 'sticker', text: 'Hello' })).toEqual([]);
  });

  it.each([
    ['thanks, but when?'],
    ['Thanks?'],
    ['ok when'],
    ['תודה, מתי זה מגיע'],
    ['شكرا لكن متى'],
    ['спасибо, а когда'],
    ['gracias pero cuándo'],
    ['merci mais quand'],
    ['danke aber wann'],
    ['obrigado mas quando'],
    ['thanks 🆘'],
    ['👎'],
    ['❓'],
    ['?'],
    ['Thanks in advance, when do you open?'],
    ['thanks in advance when do you open'],
    ['no'],
    ['לא'],
    ['חג שמח, מתי פתוח'],
    ['yes'],
    ['ok 3'],
    ['!!!'],
  ])('%s rings', (text) => {
    expect(raisedBy({ text })).toEqual(['night', 'late']);
  });

  it('a picture of which the caption says thanks may be a receipt, and rings', () => {
    expect(raisedBy({ type: 'image', text: 'thanks' })).toEqual(['night', 'late']);
  });

  it('rules that name the word, the number or the kind ring all the same, at any hour', () => {
    const named = engine(
      settings(
        rule('word', { keywords: ['thanks', 'stop'] }),
        rule('vip', { numbers: ['+972501234567'] }),
        rule('vip-late', { numbers: ['+972501234567'], unanswered: 'PT15M' }),
        rule('kind', { types: ['sticker'] }),
      ),
    );
    for (const at of [AT, night]) {
      expect(names(named.decide(item({ text: 'Thanks', at })).notify)).toEqual(['word', 'vip']);
      expect(names(named.decide(item({ text: 'STOP', at })).notify)).toEqual(['word', 'vip']);
      expect(names(named.decide(item({ type: 'sticker', text: '', at })).notify)).toEqual(['vip', 'kind']);
      expect(named.decide(item({ text: 'Thanks', at })).wait).toEqual([]);
    }
  });
});

describe('a wait for an answer stops its clock outside the hours', () => {
  const due = (at: string, unanswered: string, over: Partial<Hours> = {}, when: Rule['when'] = {}) =>
    engine({ ...settings(rule('late', { ...when, unanswered })), hours: { ...hours, ...over } }).decide(item({ at }))
      .wait[0]?.due;

  it.each([
    ['within them', '2026-11-22T10:00:00Z', 'PT30M', '2026-11-22T10:30:00.000Z'],
    ['at their very end', '2026-11-22T15:30:00Z', 'PT30M', '2026-11-22T16:00:00.000Z'],
    ['across a night', '2026-11-22T15:50:00Z', 'PT30M', '2026-11-23T07:20:00.000Z'],
    ['across a pause', '2026-11-23T10:45:00Z', 'PT30M', '2026-11-23T14:15:00.000Z'],
    ['from within the pause', '2026-11-23T12:00:00Z', 'PT30M', '2026-11-23T14:30:00.000Z'],
    ['over a closed day, into a span past midnight', '2026-11-23T16:55:00Z', 'PT5H30M', '2026-11-25T23:25:00.000Z'],
    ['over several spans', '2026-11-22T15:00:00Z', 'PT6H', '2026-11-23T15:00:00.000Z'],
    ['on a day without end', '2026-11-26T19:00:00Z', 'PT3H', '2026-11-26T22:00:00.000Z'],
    ['over a closed weekend', '2026-11-26T21:50:00Z', 'PT30M', '2026-11-29T07:20:00.000Z'],
    ['to the midnight of a closed date', '2026-12-02T21:50:00Z', 'PT30M', '2026-12-06T07:20:00.000Z'],
  ])('%s', (_, at, unanswered, expected) => {
    expect(due(at, unanswered)).toBe(expected);
  });

  it('but not where the rule is about those hours, nor where they never begin', () => {
    expect(due('2026-11-22T22:00:00Z', 'PT30M', {}, { outsideHours: true })).toBe('2026-11-22T22:30:00.000Z');
    const never = Object.fromEntries(Object.keys(hours.days).map((day) => [day, []])) as unknown as Hours['days'];
    expect(due('2026-11-22T22:00:00Z', 'PT30M', { days: never })).toBe('2026-11-22T22:30:00.000Z');
  });

  it('counts every hour where none are written', () => {
    const plain = engine({ ...settings(rule('late', { unanswered: 'PT30M' })), hours: undefined });
    expect(plain.decide(item({ at: '2026-11-22T22:00:00Z' })).wait[0]?.due).toBe('2026-11-22T22:30:00.000Z');
  });
});

describe('opening hours', () => {
  const isOpen = (at: string, over: Partial<Hours> = {}, zone = 'Asia/Jerusalem'): boolean => {
    const night = { ...settings(rule('night', { outsideHours: true })), hours: { ...hours, ...over }, zone };
    return engine(night).decide(item({ at })).notify.length === 0;
  };

  it.each([
    ['2026-11-22T07:00:00Z', true],
    ['2026-11-22T06:59:00Z', false],
    ['2026-11-22T16:00:00Z', false],
    ['2026-11-23T12:00:00Z', false],
    ['2026-11-23T15:00:00Z', true],
    ['2026-11-24T10:00:00Z', false],
    ['2026-11-25T23:59:00Z', true],
    ['2026-11-25T18:00:00Z', true],
    ['2026-11-26T21:59:00Z', true],
    ['2026-11-26T22:00:00Z', false],
    ['2026-12-03T10:00:00Z', false],
  ])('at %s in Jerusalem: open %s', (at, open) => {
    expect(isOpen(at)).toBe(open);
  });

  it('end at midnight before a closed date, in the middle of a night', () => {
    expect(isOpen('2026-12-02T21:59:00Z')).toBe(true);
    expect(isOpen('2026-12-02T22:00:00Z')).toBe(false);
    expect(isOpen('2026-12-02T23:00:00Z')).toBe(false);
    expect(isOpen('2026-12-02T23:00:00Z', { closed: [] })).toBe(true);
  });

  it('of a closed date’s own night do not begin', () => {
    const closed = ['2026-12-02'];
    expect(isOpen('2026-12-02T21:00:00Z', { closed })).toBe(false);
    expect(isOpen('2026-12-02T23:00:00Z', { closed, days: { ...hours.days, thu: [] } })).toBe(false);
  });

  it('follow the wall clock of the zone across a change to summer time', () => {
    const nine: Partial<Hours> = { days: { ...hours.days, sun: [['09:00', '10:00']] } };
    expect(isOpen('2026-03-29T07:30:00Z', nine, 'Europe/Berlin')).toBe(true);
    expect(isOpen('2026-03-22T08:30:00Z', nine, 'Europe/Berlin')).toBe(true);
    expect(isOpen('2026-03-29T08:30:00Z', nine, 'Europe/Berlin')).toBe(false);
  });

  it('that begin at a time the clocks skip begin as long after the skip, as for messages', () => {
    const early: Partial<Hours> = { days: { ...hours.days, sun: [['02:30', '05:00']] } };
    expect(isOpen('2026-03-29T01:29:00Z', early, 'Europe/Berlin')).toBe(false);
    expect(isOpen('2026-03-29T01:30:00Z', early, 'Europe/Berlin')).toBe(true);
  });

  it('that end at a time the clocks show twice end at the first', () => {
    const late: Partial<Hours> = { days: { ...hours.days, sun: [['01:00', '02:30']] } };
    expect(isOpen('2026-10-25T00:29:00Z', late, 'Europe/Berlin')).toBe(true);
    expect(isOpen('2026-10-25T01:15:00Z', late, 'Europe/Berlin')).toBe(false);
  });
});

describe('the automatic answer', () => {
  const config = (over: Partial<NonNullable<EscalationConfig['autoReply']>> = {}): EscalationConfig => ({
    ...settings(),
    letters: { replyTo: 'dana@agency.example', language: 'en', byCode: {} },
    client: 'demo',
    lineId: 'line',
    keysOf: 'line',
    locale: 'en',
    window: 'PT1H',
    notifiers: {},
    text: false,
    conversationUrl: 'https://app.example',
    autoReply: { texts: { en: 'We are closed.' }, when: 'always', window: 'PT12H', maxAge: 'PT10M', ...over },
  });
  const delivered = (over: Partial<MessageItem> = {}, index = 0) => ({ deliveryId: 'd1', index, item: item(over) });

  it('goes to the number in its conversation, and into the conversation alone where WhatsApp hides the number', () => {
    const outcomeOf = (over: object) => autoReply(delivered(over), config(), NOW)?.outcome;
    const to = { path: '/messages/text', body: '{"to":"+972501234567","body":"We are closed."}' };
    expect(outcomeOf({ phone: '+972501234567', conversationId: 'c1' })).toEqual({ ...to, conversationId: 'c1' });
    expect(outcomeOf({ phone: '+972501234567', conversationId: undefined })).toEqual(to);
    expect(outcomeOf({ phone: undefined, conversationId: 'c1' })).toEqual({
      path: '/messages/text',
      body: '{"conversationId":"c1","body":"We are closed."}',
    });
    expect(outcomeOf({ phone: undefined, conversationId: undefined })).toBeUndefined();
  });

  it('has the contract’s key', () => {
    expect(autoReply(delivered({ phone: '+972501234567' }), config(), NOW)).toEqual({
      key: 'delivery:d1:auto-reply',
      template: 'auto-reply',
      asOf: AT,
      usefulUntil: '2026-11-22T10:10:00.000Z',
      because: { source: 'auto-reply', told: 'always', id: 'm1', at: AT },
      outcome: {
        path: '/messages/text',
        body: '{"to":"+972501234567","body":"We are closed."}',
        conversationId: 'c1',
      },
    });
  });

  it('names the message that it answers, and no number where the id of that is made of one', () => {
    const id = 'false_972501234567@c.us_3EB0';
    const reply = autoReply(delivered({ id, phone: '+972501234567' }), config(), NOW);
    expect(reply?.because?.id).toMatch(/^h_[0-9a-f]{32}$/);
  });

  it.each([
    ['without a setting', { ...config(), autoReply: undefined }, {}],
    ['to our own message', config(), { fromMe: true }],
    ['to a group', config(), { individual: false }],
    ['to system noise', config(), { type: 'unknown' }],
    ['to a word about being written to', config(), { text: 'STOP' }],
    ['to what may be such a word', config(), { text: 'STOP START' }],
    ['to an old message', config(), { at: '2026-11-22T09:49:59.000Z' }],
    ['while it is open', config({ when: 'outside-hours' }), {}],
    ['without a text in the client’s language', config({ texts: { he: 'x' } }), {}],
  ])('is not given %s', (_, settingsOfIt, over) => {
    expect(autoReply(delivered(over), settingsOfIt as EscalationConfig, NOW)).toBeUndefined();
  });

  it('has a key of at most 64 safe characters, of its own for each message of a delivery', () => {
    expect(autoReplyKey('0b5f6a0e-6f0c-4a55-9f51-0d8f3d1f2a11', 0)).toBe(
      'delivery:0b5f6a0e-6f0c-4a55-9f51-0d8f3d1f2a11:auto-reply',
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(9999), fc.nat(9999), (a, b, i, j) => {
        expect(autoReplyKey(a, i)).toMatch(/^[A-Za-z0-9:_-]{1,64}$/);
        expect(autoReplyKey(a, i) === autoReplyKey(b, j)).toBe(a === b && i === j);
      }),
    );
  });
});
