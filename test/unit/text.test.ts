import { describe, expect, it } from 'vitest';
import { templateSchema, textsSchema } from '../../functions/shared/wording/text-schemas.ts';
import { fill, pickText } from '../../functions/shared/wording/texts.ts';

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
      const result = templateSchema(['name'], 100).safeParse(`Hi ${template}`);
      expect(result.success).toBe(false);
      expect(result.error?.issues[0]?.message).toContain('known: {name}');
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
      expect(textsSchema(['name']).safeParse({ en: text }).error?.issues).toMatchObject([{ message }]);
    }
  });

  it('counts characters and not their halves', () => {
    expect(textsSchema([]).safeParse({ en: { body: '🎂'.repeat(1000) } }).success).toBe(true);
    expect(textsSchema([]).safeParse({ en: { body: '🎂'.repeat(1001) } }).success).toBe(false);
  });

  it('refuses an unknown field, an over-long button and an unknown stand-in', () => {
    const schema = textsSchema(['name']);
    expect(schema.safeParse({ en: { body: 'x', buton: 'y' } }).success).toBe(false);
    expect(schema.safeParse({ en: { body: 'x', button: 'y'.repeat(21) } }).success).toBe(false);
    expect(schema.safeParse({ en: { body: 'x', ifMissing: { nmae: 'y' } } }).success).toBe(false);
    expect(schema.safeParse({ en: { body: 'x', button: 'y', ifMissing: { name: 'z' } } }).success).toBe(true);
  });
});
