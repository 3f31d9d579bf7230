import { describe, expect, it } from 'vitest';
import { written } from '../../clients/demo.ts';
import { LETTER_WORDS } from '../../functions/escalation/letter-words.ts';
import { defineClient, lettersOf } from '../../lib/client.ts';
import { contacts } from '../contacts.ts';

const noa = { name: 'Noa Cohen', email: 'noa@shop.example' };
const lettersIn = (locale: string | undefined, over: object = {}) =>
  lettersOf(
    defineClient({
      ...written,
      contacts: { ...contacts, client: { ...noa, ...(locale !== undefined && { locale }) } },
      ...over,
    }),
  );
const letter = (locale: string | undefined, code: string, over: object = {}) => {
  const { subject = '', text = '' } = lettersIn(locale, over).byCode[code] ?? {};
  return { subject, text };
};

/** Letters of the script that a language is written in. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  he: /\p{Script=Hebrew}/gu,
  ar: /\p{Script=Arabic}/gu,
  ru: /\p{Script=Cyrillic}/gu,
};

describe.each(Object.keys(LETTER_WORDS))('a letter to the client’s own contact, in %s', (language) => {
  it.each(['line_unlinked', 'line_banned'])('names whose line it is, what to do and whom to ask: %s', (code) => {
    const { subject, text } = letter(language, code);
    // Whoever has several lines, and whoever reads no further, must see which one it is.
    expect(subject).toContain('demo');
    for (const fact of ['Noa Cohen', 'demo', 'line-demo', '{at}', 'Dana Levi', 'dana@agency.example'])
      expect(text).toContain(fact);
    expect(`${subject}${text}`.replaceAll('{at}', '')).not.toMatch(/[{}]|undefined|NaN/);
    expect(text.match(/^\d\. /gm)?.length).toBe(code === 'line_unlinked' ? 7 : 4);
  });

  it('is written in its script', () => {
    const script = SCRIPTS[language] ?? /\p{Script=Latin}/gu;
    for (const code of ['line_unlinked', 'line_banned']) {
      const { text } = letter(language, code);
      expect((text.match(script) ?? []).length).toBeGreaterThan(text.length / 2);
    }
  });

  it('leads through linking only where that helps: to a number that is shut out it is never told', () => {
    expect(letter(language, 'line_unlinked').text).toMatch(/(Linked devices).*(Link a device|hinzufügen|vincular)/i);
    expect(letter(language, 'line_unlinked').text).toContain(' app.ezw.solutions');
    const banned = letter(language, 'line_banned').text;
    expect(banned).not.toMatch(/Linked devices|Link a device|ezw\.solutions/);
    // Nothing leaves by itself when the number is back: the operator is named as whoever lets it go.
    expect(banned.match(/Dana Levi/g)).toHaveLength(3);
  });

  it('holds no phone and nothing that opens anything', () => {
    for (const code of ['line_unlinked', 'line_banned']) {
      expect(letter(language, code).text).not.toMatch(/\+?972|ezw_line|whsec_|token|https?:/i);
    }
  });
});

it('the languages of the letters are those in which stops are understood', () => {
  expect(Object.keys(LETTER_WORDS).sort()).toEqual(['ar', 'de', 'en', 'es', 'fr', 'he', 'pt', 'ru']);
});

describe('the language of a letter', () => {
  it.each([
    ['that of the contact', 'ru', 'he', 'ru'],
    ['that of the client where the contact has none', undefined, 'en', 'en'],
    ['that of a region', 'pt-BR', 'en', 'pt-BR'],
    ['English where there is no letter', 'ja', 'en', 'en'],
    ['English for what is no language', 'constructor', 'en', undefined],
  ])('is %s', (_, own, client, expected) => {
    const open = () => lettersIn(own, { locale: client, templates: {} }).language;
    if (expected === undefined) expect(open).toThrow(/write a locale/);
    else expect(open()).toBe(expected);
  });
});

describe('how long messages still help', () => {
  const soonest = (locale: string, templates: object) =>
    /^The first messages come too late after: (.*)\.$/m.exec(letter(locale, 'line_unlinked', { templates }).text)?.[1];
  const { 'order-ready': orders, 'appointment-reminder': reminders } = written.templates;

  it.each([
    ['PT24H', '24 hours'],
    ['P2D', '2 days'],
    ['PT90M', '90 minutes'],
    ['PT1H', '1 hour'],
  ])('is told as people say it: %s', (usefulFor, words) => {
    expect(soonest('en', { 'order-ready': { ...orders, usefulFor } })).toBe(words);
  });

  it('is the shortest time of all that is told, steps of an order too', () => {
    const texts = { en: { body: 'Shipped: {order}' } };
    const updates = { shipped: { texts, usefulFor: 'PT6H' } };
    expect(soonest('en', { 'order-ready': { ...orders, usefulFor: 'PT24H', sources: { custom: {} }, updates } })).toBe(
      '6 hours',
    );
  });

  it('is not told where nothing says it', () => {
    expect(soonest('en', { 'appointment-reminder': reminders })).toBeUndefined();
  });
});

it('a contact without a name in the file is greeted without one', () => {
  const { to, byCode } = lettersOf(defineClient(written));
  expect(to).toBeUndefined();
  expect(byCode.line_unlinked?.text).toMatch(/^Hello,\n/);
});
