import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personName } from '../../functions/shared/wording/person-name.ts';
import { fill } from '../../functions/shared/wording/texts.ts';
import { cpuTime } from '../cpu-time.ts';

describe('a name that stands in a message', () => {
  it.each([
    'ד"ר כהן',
    'ד״ר כהן',
    'ד”ר כהן',
    'ז׳אן',
    'בן־גוריון',
    'שָׂרָה',
    'Dana & Yossi',
    'Levi, Dana',
    'José 2',
    'Jose\u0301',
    'Dana 🌸',
    "O'Brien",
    'O’Brien',
    'O´Brien',
    'J. R. Smith',
    'L.B. Johnson',
    'L.B',
    'Cohen Ph.D.',
    'Jean-Luc',
    'Lanaʻi',
    'Col·lell',
    'レオナルド・ディカプリオ',
    'प्रिया शर्मा',
    'བསྟན་འཛིན',
    'علی‌رضا',
    'ශ්‍රී',
    'Dana 👩‍👩‍👧',
    'Dana 👍🏽',
    'Dana 🇮🇱',
    'Dana 🏴󠁧󠁢󠁷󠁬󠁳󠁿',
    'Dana ❤️',
    'Dana 1️⃣',
    '7',
  ])('%s stays as it is', (name) => {
    expect(personName(name)).toBe(name);
  });

  it.each([
    ['  Dana   Levi ', 'Dana Levi'],
    ['Dana\u00a0Levi', 'Dana Levi'],
    ['<Dana> (Levi)!', 'Dana Levi'],
    ['*Dana*', 'Dana'],
    ['_Dana_ ~Levi~', 'Dana Levi'],
    ['{order} Dana', 'order Dana'],
    ['@everyone', 'everyone'],
    ['Dana/Yossi', 'Dana Yossi'],
    ['Dana_Levi', 'Dana Levi'],
    ['Levi\u2014Cohen', 'Levi Cohen'],
    ['\u200fדנה\u200e', 'דנה'],
    ['Da\u200bna\ufeff', 'Dana'],
    ['Dana\u200c', 'Dana'],
    ['Dana \ud83c', 'Dana'],
    ['Dana 🇮', 'Dana'],
    ['Dana \u{e0041}\u{e0042}', 'Dana'],
  ])('%j becomes %j: what no name holds is left out', (given, name) => {
    expect(personName(given)).toBe(name);
  });

  it.each([
    'you won! claim at https://evil.example',
    'evil://x',
    'www.evil',
    'WWW.1evil',
    'bit.ly/x',
    'dana@shop.example',
    'evil.com',
    'Dana evil.com',
    'evil。com',
    'evil．com',
    'evil｡com',
    'evil․com',
    'ⓔⓥⓘⓛ.ⓒⓞⓜ',
    'evil./com',
    'evil.\u200bcom',
    'evil.c\u200com',
    'evil.\u00adcom',
    'evil.(c)om',
    'evil.c\u0301om',
    'אתר.קום',
  ])('%j is a link to somebody, and no name', (given) => {
    expect(personName(given)).toBeUndefined();
  });

  it.each([
    'Dana\nLevi',
    'Dana\r\nClick',
    'Dana\u2028Levi',
    'Da\0na',
    'Dana\tLevi',
    'Dana \u202elevi',
    '\u2067Dana\u2069',
  ])('%j steers how the message is read, and is no name', (given) => {
    expect(personName(given)).toBeUndefined();
  });

  it.each(['call 0501 234', 'pay now ٠٥٠١٢٣', '192.0.2.7', '192.0.2.7claim', '1.2.3.4'])(
    '%j is a number to call or to go to, and no name',
    (given) => {
      expect(personName(given)).toBeUndefined();
    },
  );

  it.each(['', ' ', '...', '-', '&', '!!', '\u200b', '\u3164', '\u0301', '\ufffd'])(
    '%j shows nobody’s name',
    (given) => {
      expect(personName(given)).toBeUndefined();
    },
  );

  it('has at most 60 characters, and ends on a whole one', () => {
    expect(personName('x'.repeat(100))).toBe('x'.repeat(60));
    expect(personName(`${'x'.repeat(58)}👩‍👩‍👧`)).toBe('x'.repeat(58));
    expect(personName(`${'x'.repeat(59)} y`)).toBe('x'.repeat(59));
  });

  it('is one again when it is read again, whatever was given', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, (given) => {
        const name = personName(given);
        if (name !== undefined) expect(personName(name)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['.', 'a.', '\u0301', '.\u0301', 'a\u0301', ' ', '🏴', '👩\u200d', '\u200d', '1\ufe0f', 'www', ':/'])(
    'is read in no time from a long text of %j',
    (part) => {
      const text = part.repeat(100_000);
      expect(cpuTime(() => personName(text))).toBeLessThan(1_000);
    },
  );
});

it('the stand-in takes the place of a name that is none, in a text and in an address', () => {
  const values = { name: 'claim at https://evil.example' };
  expect(fill('Hi {name}.', values, { name: 'there' })).toBe('Hi there.');
  expect(fill('https://shop.example/{name}', values, { name: 'our guest' }, encodeURIComponent)).toBe(
    'https://shop.example/our%20guest',
  );
  expect(fill('Hi {name}.', { name: '*Dana*' })).toBe('Hi Dana.');
});
