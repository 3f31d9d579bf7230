import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { mediaSchema, placeholders, textsSchema } from '../../functions/shared/wording/text-schemas.ts';
import { fill, pickText } from '../../functions/shared/wording/texts.ts';

/** What is said of texts, or of media beside them. */
const said = (known: readonly string[], texts: unknown, media?: unknown): string[] => {
  const settings = z.strictObject({ texts: textsSchema, media: z.optional(mediaSchema) }).check(placeholders(known));
  const { error } = settings.safeParse({ texts, ...(media !== undefined && { media }) });
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
};

describe('placeholders', () => {
  it('fills every one in a single pass, so a value with braces stays as it is', () => {
    expect(fill('At {location}: {order}', { location: '{order}', order: '7' })).toBe('At {order}: 7');
  });

  it.each([undefined, '', '   ', '\n'])('parks the message when the value is %j', (name) => {
    expect(() => fill('Hi {name}', { name })).toThrow(
      expect.objectContaining({ name: 'Permanent', reason: 'missing_value:name' }),
    );
  });

  it('uses the stand-in for a missing value', () => {
    expect(fill('Hi {name}', {}, { name: 'there' })).toBe('Hi there');
  });

  it('keeps line breaks of a value out of the message', () => {
    expect(fill('At {location}.', { location: 'Haifa\r\nNorth' })).toBe('At Haifa North.');
  });

  it.each(['{nmae}', '{first name}', '{{name}}', '{', '}', '{}', '{Name}'])(
    'refuses %s in a client file and says so',
    (template) => {
      const ifMissing = { name: 'x' };
      expect(said(['name'], { en: { body: `Hi ${template}`, ifMissing } })).toEqual([
        expect.stringMatching(/^texts\.en\.body: unknown placeholder .*; known: \{name\}$/),
      ]);
      expect(said(['name'], { en: { body: 'x', ifMissing } }, { url: `https://shop.example/${template}` })).toEqual([
        expect.stringMatching(/^media\.url: unknown placeholder .*; known: \{name\}$/),
      ]);
    },
  );
});

describe('locales', () => {
  const texts = { en: { body: 'en' }, 'en-GB': { body: 'gb' }, he: { body: 'he' } };

  it.each([
    ['he', 'he'],
    ['he-IL', 'he'],
    ['en-GB', 'gb'],
    ['en_GB', 'gb'],
    ['fr', 'en'],
    [undefined, 'en'],
    ['toString', 'en'],
  ])('%s gets the text of %s', (locale, expected) => {
    expect(pickText(texts, locale, 'en').body).toBe(expected);
  });

  it.each(['Hi \ufffd', 'Hi \ud83c', 'Hi \uffff', 'Hi \0'])('refuses %j, in which a character is none', (body) => {
    const message = expect.stringContaining('save it as UTF-8');
    for (const text of [{ body }, { body: 'x', button: body }, { body: 'x', ifMissing: { name: body } }]) {
      expect(said(['name'], { en: text })).toEqual([message]);
    }
  });

  it('counts characters and not their halves', () => {
    expect(said([], { en: { body: '🎂'.repeat(1000) } })).toHaveLength(0);
    expect(said([], { en: { body: '🎂'.repeat(1001) } })).toHaveLength(1);
  });

  it('refuses an unknown field, an over-long button and an unknown stand-in', () => {
    expect(said(['name'], { en: { body: 'x', buton: 'y' } })).not.toEqual([]);
    expect(said(['name'], { en: { body: 'x', button: 'y'.repeat(21) } })).not.toEqual([]);
    expect(said(['name'], { en: { body: 'x', ifMissing: { nmae: 'y' } } })).toEqual([
      'texts.en.ifMissing.nmae: unknown placeholder {nmae}; known: {name}',
    ]);
    expect(said(['name'], { en: { body: 'x', button: 'y', ifMissing: { name: 'z' } } })).toEqual([]);
  });

  it('says what is wrong beside whatever else is wrong', () => {
    expect(said(['name'], { en: { body: 'Hi {nmae}', buton: 'y' }, fr: 7 })).toHaveLength(3);
  });

  it('asks what stands for a name that stands in the address of the media alone', () => {
    const media = { url: 'https://shop.example/{name}.png' };
    expect(said(['name'], { en: { body: 'x' } }, media)).toEqual([
      expect.stringMatching(/^texts\.en\.ifMissing\.name: is missing/),
    ]);
    expect(said(['name'], { en: { body: 'x', ifMissing: { name: 'you' } } }, media)).toEqual([]);
  });

  it('takes media over https alone', () => {
    expect(said([], { en: { body: 'x' } }, { url: 'http://shop.example/x.png' })).toEqual([
      'media.url: write an https address',
    ]);
  });
});
