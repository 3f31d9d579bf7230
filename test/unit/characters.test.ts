import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countCharacters,
  cut,
  isReadable,
  isWhole,
  onlyCharacters,
} from '../../functions/shared/runtime/characters.ts';

const graphemes = (text: string): string[] =>
  [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)].map(({ segment }) => segment);
const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));

describe('a text that is too long', () => {
  it.each([
    ['a cake', 'xx🎂', 2, 'xx'],
    ['a cake that fits', 'xx🎂', 3, 'xx🎂'],
    ['a family', 'x👨‍👩‍👧y', 4, 'x'],
    ['a flag, whose half is another country’s', '🇮🇱🇺🇸', 3, '🇮🇱'],
    ['an accent', 'ae\u0301', 2, 'a'],
    ['a point', 'אבּ', 2, 'א'],
    ['a tone of skin', '👍👍🏽', 2, '👍'],
    ['a variation', '❤❤\ufe0f', 2, '❤'],
  ])('is not cut through %s', (_, text, max, kept) => {
    expect(cut(text, max)).toBe(kept);
  });

  it('ends on a whole character, and no earlier than it must', () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 20 }), (text, max) => {
        const kept = cut(text, max);
        expect(text.startsWith(kept)).toBe(true);
        expect(countCharacters(kept)).toBeLessThanOrEqual(max);
        const [first = '', ...rest] = graphemes(text);
        if (countCharacters(first) > max) return;
        let fitting = first;
        for (const one of rest) {
          if (countCharacters(fitting + one) > max) break;
          fitting += one;
        }
        expect(kept).toBe(fitting);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of one letter under very many marks is cut all the same', () => {
    expect(cut(`e${'\u0301'.repeat(1_000)}`, 10)).toBe(`e${'\u0301'.repeat(9)}`);
  });
});

describe('what is no character', () => {
  it.each(['\ud83c', '\udf82', 'a\udf82\ud83cb', '\ufffe', '\uffff', '\ufdd0', '\u{10ffff}', '\0'])(
    'is left out of %j',
    (text) => {
      expect(onlyCharacters(`x${text}y`).replace(/[ab]/g, '')).toBe('xy');
      expect(isReadable(`x${text}y`)).toBe(false);
    },
  );

  it('is never in a text that a person can read, and nothing else is left out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(onlyCharacters(text)).toBe(text.replaceAll('\0', ''));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        const text = onlyCharacters(String.fromCharCode(...units));
        expect(Buffer.from(text).toString()).toBe(text);
      }),
    );
  });

  it.each([
    ['🎂-7', true],
    ['a\uffff', true],
    ['a\ud83c', false],
    ['a\ufffd', false],
  ])('makes an id such as %j whole: %s', (id, whole) => {
    expect(isWhole(id)).toBe(whole);
  });
});
