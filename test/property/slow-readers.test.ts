import { describe, expect, it } from 'vitest';
import { isPlace } from '../../functions/appointment-reminder/place.ts';
import { isCourtesy } from '../../functions/escalation/courtesy.ts';
import { perhapsAutomatic } from '../../functions/escalation/phone-texts.ts';
import { cancelsOrMoves } from '../../functions/escalation/reminder-answer.ts';
import { engine } from '../../functions/escalation/workflow.ts';
import { etaIn, itemsIn } from '../../functions/order-ready/order-words.ts';
import { plainNumber } from '../../functions/order-ready/tracking-number.ts';
import { answerValues, beyondContact, formAnswers, isLike } from '../../functions/shared/door/answers.ts';
import { consentNote } from '../../functions/shared/door/consent.ts';
import { assertOneRecipient, onePhone } from '../../functions/shared/door/one-recipient.ts';
import { siteNames } from '../../functions/shared/door/origin.ts';
import { agrees, choicesOf, refuses } from '../../functions/shared/door/yes-or-no.ts';
import { EVENTS, type MessageItem, readPayload } from '../../functions/shared/ezwhatsapp/events.ts';
import { lineTroubleOf } from '../../functions/shared/ezwhatsapp/line-trouble.ts';
import { wordsFingerprint } from '../../functions/shared/ledger/fingerprint.ts';
import { countryOf } from '../../functions/shared/people/country.ts';
import { optOutOf } from '../../functions/shared/people/opt-out.ts';
import { optOutWords } from '../../functions/shared/people/opt-out-words.ts';
import { isPerhapsStop } from '../../functions/shared/people/perhaps-stop.ts';
import { firstUsablePhone } from '../../functions/shared/people/phone.ts';
import { charsetOf } from '../../functions/shared/runtime/charset.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { jsonIn, toJson } from '../../functions/shared/runtime/json.ts';
import { shownWords } from '../../functions/shared/runtime/shown-words.ts';
import { personAnswer, personName } from '../../functions/shared/wording/person-name.ts';
import { plainText } from '../../functions/shared/wording/plain-text.ts';
import { fill, pickText } from '../../functions/shared/wording/texts.ts';
import { wordFinder, wordsOf } from '../../functions/shared/wording/words.ts';
import { leastTime } from '../cpu-time.ts';

const LENGTH = 100_000;
const ENOUGH_MS = 250;

const UNITS = [
  ...[
    '1',
    ' ',
    'a',
    'A',
    '+',
    'א',
    '\u200f',
    '\u0301',
    '.',
    ',',
    '-',
    '_',
    '/',
    '@',
    '[',
    '<',
    '&',
    '"',
    '\\',
    '\n',
    '☐',
    '🇮',
    '😀',
  ],
  ...[
    '1,',
    '1 ',
    'a.',
    'a@',
    'a-',
    'stop ',
    'no ',
    '[ ]',
    '<a ',
    '<!--',
    '&#48;',
    'tel:',
    '@c.us',
    'id invalid ',
    '{"a":',
    '+972501234567,',
  ],
];
const LONG = UNITS.flatMap((unit) =>
  ['', '\u0001', 'x', '@c.us'].map((last) => unit.repeat(Math.ceil(LENGTH / unit.length)) + last),
);

const LOCALES = ['he', 'en', 'ar', 'fr', 'es', 'pt', 'de', 'ru'];
const FIELDS = { topping: { fields: ['topping*', 'x'] }, size: { fields: ['topping'], choices: ['S', 'M'] } };

const item = (text: string): MessageItem => ({
  kind: 'message',
  id: 'm1',
  conversation: 'c1',
  conversationId: 'c1',
  phone: '+972501234567',
  name: text,
  fromMe: false,
  individual: true,
  type: 'text',
  text,
  at: '2026-11-22T10:00:00.000Z',
});
const rules = engine({
  rules: [
    { name: 'words', severity: 'warning', notify: ['webhook'], when: { keywords: ['urgent', 'דחוף', 'not ok'] } },
  ],
  zone: 'Asia/Jerusalem',
  optOut: optOutWords('he', {}),
});
const keywords = wordFinder(['urgent', 'דחוף', 'عاجل', 'not ok', '🆘']);
const order = (data: object) => ({ type: 'order.ready_for_pickup', data });

/** What strangers' words are read by, each with one of them. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'a phone': (text) => firstUsablePhone([{ raw: text, country: text }], { country: 'IL', locale: 'he' }),
  'a country': (text) => countryOf(text, 'en'),
  'one recipient, of a phone': (text) => assertOneRecipient(order({ phone: text, customer: { phone: text } })),
  'one recipient, of a list': (text) => assertOneRecipient(order({ to: [text, text], x: { recipients: text } })),
  'one recipient, of a type and a name': (text) =>
    assertOneRecipient({ type: text, data: { customers: { [text]: 1 } } }),
  'a phone in a list': (text) => onePhone([text, text]),
  'a text': (text) => plainText(text),
  'a name': (text) => personName(text),
  'an answer': (text) => personAnswer(text),
  'the name of a question': (text) => isLike(text, '*consent*whatsapp*'),
  'answers that are passed on': (text) => formAnswers([{ names: [text], question: text, value: [text] }]),
  'answers that stand in a text': (text) => answerValues([{ question: 'topping', names: [text], value: text }], FIELDS),
  'answers beyond the contact': (text) => beyondContact({ answers: [{ question: 'x', value: text }] }),
  'a yes or a no': (text) => [agrees(choicesOf(text), ['yes', '*']), refuses(choicesOf([text]), ['yes'])],
  'a note of a consent': (text) =>
    consentNote({ field: text, value: text, question: text, text } as Parameters<typeof consentNote>[0], AT),
  'where it comes from': (text) => [siteNames(text), siteNames(`https://shop.example/${text}`)],
  'an id in a key': (text) => keyPart(text),
  'a charset': (text) => charsetOf(`text/plain; charset=${text}`),
  'JSON, perhaps': (text) => jsonIn(text),
  'JSON with a long text, a long number and deep lists': (text) =>
    [`"${'\\"'.repeat(LENGTH)}"`, `[${text},1${'1'.repeat(20)}]`, `{"a":"${text}"}`].map(jsonIn),
  'JSON for a queue': (text) => toJson({ text }),
  'a text with a value': (text) => fill('Hello {name}, {x}', { name: text, x: text }, { name: 'you', x: 'it' }),
  'a locale': (text) => pickText({ en: { body: 'Hello' } }, text, 'en'),
  words: (text) => wordsOf(text),
  keywords: (text) => keywords(text),
  'an escalation': (text) => rules.decide(item(text)),
  thanks: (text) => isCourtesy(item(text)),
  'an answer to a reminder': (text) => cancelsOrMoves(item(text)),
  'what a phone says by itself': (text) => perhapsAutomatic(item(text), { inboundAt: AT } as never),
  'what may be a stop': (text) => isPerhapsStop(text),
  'a stop': (text) => LOCALES.map((locale) => optOutOf(text, optOutWords(locale, {}))),
  'the words of a send': (text) => wordsFingerprint(text),
  'a place': (text) => isPlace(text),
  'the number of a parcel': (text) => plainNumber(text),
  'what was bought': (text) => itemsIn([{ name: text, quantity: 2 }], 'he'),
  'a day': (text) => etaIn(text, 'he', 'Asia/Jerusalem'),
  'the state of a line': (text) => lineTroubleOf({ sendable: false, healthText: text, lifecycleState: text } as never),
  'the words of another system': (text) => shownWords(text, { text }),
};
const AT = '2026-11-22T10:00:00.000Z';

describe('whatever somebody sends is read in no time, or refused', () => {
  it.each(Object.entries(READERS))('%s', (_, read) => {
    const slow = LONG.filter((text) => leastTime(() => quietly(read, text), ENOUGH_MS) > ENOUGH_MS);
    expect(slow.map((text) => JSON.stringify([text.slice(0, 12), text.slice(-5)]))).toEqual([]);
  });
});

const quietly = (read: (text: string) => unknown, text: string): unknown => {
  try {
    return read(text);
  } catch (error) {
    return error;
  }
};

describe('a megabyte of a webhook is read in no time', () => {
  const MEGABYTE = 1024 * 1024;
  const message = { id: 'm1', from: '972501234567', chat_id: '972501234567@c.us', timestamp: 1, type: 'text' };
  const named = ['id', 'from', 'chat_id', 'timestamp', 'type', 'from_name', 'body', 'status'];

  it.each(EVENTS)('%s', (event) => {
    const list = event.split('.')[0] ?? '';
    const slow: string[] = [];
    for (const unit of UNITS) {
      const text = unit.repeat(Math.ceil(MEGABYTE / Buffer.byteLength(JSON.stringify(unit).slice(1, -1))));
      for (const name of named.filter((_, i) => (i + UNITS.indexOf(unit)) % 3 === 0)) {
        const body = Buffer.from(JSON.stringify({ [list]: [{ ...message, text: { body: text }, [name]: text }] }));
        const read = () => quietly(() => readPayload(event, body, 0), '');
        if (leastTime(read, ENOUGH_MS) > ENOUGH_MS) slow.push(`${name} ${JSON.stringify(unit)}`);
      }
    }
    expect(slow).toEqual([]);
  });

  it('and ten times as many items take ten times as long, or little more', () => {
    const timeOf = (length: number) => {
      const messages = Array.from({ length }, (_, i) => ({ ...message, id: `m${i}`, text: { body: 'hello' } }));
      const body = Buffer.from(JSON.stringify({ messages }));
      return leastTime(() => readPayload('messages.post', body, 0), 0);
    };
    timeOf(200);
    expect(timeOf(2_000) / timeOf(200)).toBeLessThan(20);
  });
});
