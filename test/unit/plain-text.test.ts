import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countCharacters } from '../../functions/shared/runtime/characters.ts';
import { plainText } from '../../functions/shared/wording/plain-text.ts';
import { cpuTime } from '../cpu-time.ts';

describe('a text of an outside system', () => {
  it.each([
    ['<b>Dana</b> &amp; Co', 'Dana & Co'],
    ['Café &laquo;Dana&raquo; &ndash; &Eacute;', 'Café «Dana» – É'],
    ['O&#039;Brien O&#x27;Brien O&#146;Brien', "O'Brien O'Brien O’Brien"],
    ['&#127874; &#x1f382; &#55356;&#57218;', '🎂 🎂 🎂'],
    ['&nbsp;Dana&nbsp;', 'Dana'],
    ['&amp;amp; &amp;lt;b&amp;gt;', '&amp; &lt;b&gt;'],
    ['<p class="x">Dana</p><p>Levi</p>', 'Dana Levi'],
    ['Dana<br>Levi<br/>Levi', 'Dana Levi Levi'],
    ['<a href="https://shop.example">Dana</a>', 'Dana'],
    ['<script>alert(1)</script>Dana<style>b{}</style><!-- x -->', 'Dana'],
    ['&lt;b&gt;Dana&lt;/b&gt;', 'Dana'],
    ['<IMG SRC=x onerror=alert(1)>Dana', 'Dana'],
  ])('%j is read as %j', (given, read) => {
    expect(plainText(given)).toBe(read);
  });

  it.each([
    'Dana < 3',
    'Dana <3',
    'AT&T',
    'AT&T;',
    'R&D; more',
    'Tom & Jerry',
    '1 < 2 > 0',
    'x<y>z',
    '<dana@shop.example>',
    '&unknown;',
    '&amp',
    '&#9999999;',
    '<test lead: dummy data for full_name>',
    '<bold>',
    'a &; b',
    '&#x;',
    '5 > 3',
    'https://shop.example/?a=1&b=2&copy=3',
    "D'ana",
    '"Dana"',
    'Dana\nLevi',
    'Dana  Levi',
  ])('%j stays what it is', (text) => {
    expect(plainText(text)).toBe(text);
  });

  it.each([
    '',
    '  ',
    '\ufffd',
    '\ufffd \ufffd',
    '<b></b>',
    '&nbsp;',
    '\u200b',
    '\u200e\u2069',
    '\ud83c',
    '<script>x</script>',
  ])('of which nothing can be seen, %j, counts as missing', (text) => {
    expect(plainText(text)).toBeUndefined();
  });

  it('holds no lost character, has 500 characters at most, and is never decoded into something else by being read again', () => {
    const pieces = fc.constantFrom('<b>', '</b>', '&lt;', '&amp;', '\ufffd', '\ud83c', '🎂', 'x', ' ', '<!--', '-->');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 600 }), (given) => {
        const text = plainText(given.join('')) ?? 'x';
        expect(countCharacters(text)).toBeLessThanOrEqual(500);
        expect(text).not.toMatch(/[\p{Cs}\ufffd]/u);
      }),
    );
  });

  it('is read in no time, however long it is and whatever it is made of', () => {
    const pieces = ['<!--', '<script>', '<b ', '&#', '&lt;', ' ', '<', '🎂', '\u0301', '\ufffd', '</'];
    const texts = pieces.map((piece) => piece.repeat(100_000));
    expect(cpuTime(() => texts.map((text) => plainText(text)))).toBeLessThan(1_000);
  });
});
