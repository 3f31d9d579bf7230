import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseWords, wordFinder } from '../../functions/shared/wording/words.ts';

describe('a keyword', () => {
  it.each([
    ['urgent', 'URGENT!!'],
    ['urgent', 'this is urgent, please'],
    ['urgent', '"urgent"'],
    ['broken pipe', 'a broken\n  pipe'],
    ['דחוף', 'זה דחוף'],
    ['דחוף', 'דחוף!'],
    ['דחוף', 'ודחוף מאוד'],
    ['דחוף', 'שהדחוף'],
    ['דחוף', 'דָּחוּף'],
    ['עזרה', 'לעזרה, בבקשה'],
    ['عاجل', 'أمر عاجل'],
    ['عاجل', 'والعاجل'],
    ['عاجل', 'عَاجِل'],
    ['срочно', 'Срочно!'],
    ['परेशानी', 'बहुत परेशानी है'],
    ['緊急', 'これは緊急です'],
    ['ด่วน', 'เรื่องด่วนมาก'],
    ['c++', 'I wrote c++ code'],
    ['🆘', 'help🆘now'],
    ['ＵＲＧＥＮＴ', 'urgent'],
    ['urgent', 'x\u200furgent\u200f'.slice(1)],
  ])('%s is found in %j', (word, text) => {
    expect(wordFinder([word])(text)).toBe(true);
  });

  it.each([
    ['urgent', 'insurgents'],
    ['urgent', 'urgently'],
    ['urgent', 'urgent_1'],
    ['help', 'helpful'],
    ['דחוף', 'דחופים'],
    ['דחוף', 'בדחיפות'],
    ['בת', 'שבת שלום'],
    ['عاجل', 'معاجلة'],
    ['परेशान', 'परेशानी'],
    ['срочно', 'бессрочно'],
    ['.*', 'anything'],
  ])('%s is not found in %j', (word, text) => {
    expect(wordFinder([word])(text)).toBe(false);
  });

  it('of any characters is found by itself and never breaks the pattern', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), (word) => {
        const finds = wordFinder([word]);
        if (normaliseWords(word) !== '') expect(finds(`(${word})`)).toBe(true);
      }),
    );
  });
});
