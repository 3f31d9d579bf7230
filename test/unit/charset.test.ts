import { describe, expect, it } from 'vitest';
import { asUtf8, charsetOf, decodeText } from '../../functions/shared/runtime/charset.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

describe('the charset', () => {
  it.each([
    ['application/json', undefined],
    ['application/json; charset=utf-8', 'utf-8'],
    ['application/json;CHARSET="ISO-8859-1"; x=y', 'ISO-8859-1'],
    ["text/plain; x=y; charset = 'utf-16le'", 'utf-16le'],
    [undefined, undefined],
  ])('of %j is %j', (contentType, charset) => {
    expect(charsetOf(contentType)).toBe(charset);
  });

  it.each([
    ['iso-8859-1', latin('Jos\xe9'), 'José'],
    ['latin1', latin('\x80 \x92'), '€ ’'],
    ['windows-1255', latin('\xe3\xf0\xe4'), 'דנה'],
    ['iso-8859-8', latin('\xe3\xf0\xe4'), 'דנה'],
    ['windows-1251', latin('\xcf\xb8\xf2\xf0'), 'Пётр'],
    ['shift_jis', latin('\x8e\x52\x93\x63'), '山田'],
    ['gbk', latin('\xc0\xee'), '李'],
    ['utf-16le', utf16('José 🎂'), 'José 🎂'],
    ['iso-2022-jp', latin('\x1b$B;3ED\x1b(B'), '山田'],
    ['UTF8', Buffer.from('José 🎂'), 'José 🎂'],
  ])('%s is honoured', (label, bytes, text) => {
    expect(decodeText(bytes, label)).toBe(text);
  });

  it.each(['iso-8859-1', 'windows-1255', 'no-such-charset', '', undefined])(
    '%j does not make something else of what is UTF-8',
    (label) => {
      expect(decodeText(Buffer.from('José דנה 🎂'), label)).toBe('José דנה 🎂');
    },
  );

  it('that nobody knows, or is not named, leaves a mark where a byte is none of UTF-8', () => {
    for (const label of ['no-such-charset', undefined]) expect(decodeText(latin('Jos\xe9'), label)).toBe('Jos\ufffd');
  });

  it('of a byte order mark counts before any label, and the mark is no part of the text', () => {
    expect(decodeText(Buffer.concat([latin('\xff\xfe'), utf16('{}')]), 'utf-8')).toBe('{}');
    expect(decodeText(Buffer.concat([latin('\xfe\xff'), utf16('{}').swap16()]))).toBe('{}');
    expect(decodeText(Buffer.from('\ufeff{}'), 'iso-8859-1')).toBe('{}');
    for (const marks of ['\ufeff', '\ufeff\ufeff']) {
      expect(decodeText(Buffer.concat([latin('\xff\xfe'), utf16(`${marks}{}`)]))).toBe('{}');
      expect(Buffer.from(asUtf8(Buffer.from(`${marks}{}`), undefined)).toString()).toBe('{}');
    }
  });

  it('of bytes that need no change leaves them the very same', () => {
    const bytes = Buffer.from('{"name":"José"}');
    expect(asUtf8(bytes, 'application/json')).toBe(bytes);
    expect(Buffer.from(asUtf8(bytes, 'application/json; charset=utf-8'))).toEqual(bytes);
  });
});
