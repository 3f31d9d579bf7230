import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { etaIn, type Item, itemsIn, totalIn } from '../../functions/order-ready/order-words.ts';
import { countCharacters } from '../../functions/shared/runtime/characters.ts';

/** Marks of direction that `Intl` writes, and spaces of any width: versions of the language data differ in them. */
const bare = (text: string | undefined): string | undefined =>
  text?.replace(/[\u200e\u200f\u061c]/g, '').replace(/[\u00a0\u202f]/g, ' ');

describe('the total of an order', () => {
  it.each([
    ['120.00', 'ILS', 'he', '120.00 ₪'],
    ['120.00', 'ILS', 'en-IL', '₪120.00'],
    ['1200', 'EUR', 'de', '1.200,00 €'],
    ['1234567.5', 'EUR', 'fr', '1 234 567,50 €'],
    ['120.00', 'BRL', 'pt-BR', 'R$ 120,00'],
    ['120.00', 'usd', 'en-GB', 'US$120.00'],
    ['-5.00', 'USD', 'en-US', '-$5.00'],
  ])('%s %s is said in %s as %s', (amount, currency, locale, said) => {
    expect(bare(totalIn({ amount, currency }, locale))).toBe(said);
  });

  it.each(['0', '0.00', '-0', '-0.001'])('%s is a total', (amount) => {
    expect(totalIn({ amount, currency: 'USD' }, 'en-US')).toBe('$0.00');
  });

  it.each([
    ['120.00', 'JPY', '¥120'],
    ['15990.00', 'CLP', 'CLP 15,990'],
    ['120.00', 'KRW', '₩120'],
    ['119.88', 'JPY', '¥120'],
    ['1.5', 'KWD', 'KWD 1.500'],
    ['1.2345', 'KWD', 'KWD 1.235'],
  ])('%s has as many minor units as %s: %s', (amount, currency, said) => {
    expect(bare(totalIn({ amount, currency }, 'en-US'))).toBe(said);
  });

  it.each([
    ['1200.00', 'PKR', 'PKR 1,200'],
    ['1200.50', 'PKR', 'PKR 1,200.50'],
    ['1200.05', 'HUF', 'HUF 1,200.05'],
  ])('%s %s keeps the minor units that shops count and people leave out: %s', (amount, currency, said) => {
    expect(bare(totalIn({ amount, currency }, 'en-US'))).toBe(said);
  });

  it.each([
    ['9007199254740993.01', '$9,007,199,254,740,993.01'],
    ['-9007199254740993.01', '-$9,007,199,254,740,993.01'],
    ['123456789012345678901234.55', '$123,456,789,012,345,678,901,234.55'],
    ['1.005', '$1.01'],
    ['120.004999999999999999', '$120.00'],
  ])('%s is exact: %s', (amount, said) => {
    expect(totalIn({ amount, currency: 'USD' }, 'en-US')).toBe(said);
  });

  it.each([
    '',
    ' ',
    'abc',
    '1,200.50',
    '1.200,50',
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    '12.',
    '.5',
    '₪120',
    '1 200',
    '--1',
    '9'.repeat(25),
  ])('"%s" is no amount', (amount) => {
    expect(totalIn({ amount, currency: 'USD' }, 'en')).toBeUndefined();
  });

  it.each(['', '₪', 'US', 'dollars', 'XXX', 'xxx', '123'])('"%s" is no currency', (currency) => {
    expect(totalIn({ amount: '120.00', currency }, 'en')).toBeUndefined();
  });

  it('is none where the event brought none', () => {
    expect(totalIn(undefined, 'en')).toBeUndefined();
  });

  it('is one form in all versions of the language data, and no line ends within it', () => {
    expect(totalIn({ amount: '1234.5', currency: 'EUR' }, 'fr')).toBe('1\u00a0234,50\u00a0€');
  });
});

const lines = (...names: string[]): Item[] => names.map((name) => ({ name }));
const FSI = '\u2068';
const PDI = '\u2069';

describe('the items of an order', () => {
  it.each([
    [lines('Basil'), 'Basil'],
    [lines('Basil', 'Pot'), 'Basil and Pot'],
    [lines('Basil', 'Pot', 'Soil'), 'Basil, Pot and Soil'],
    [lines('Basil', 'Pot', 'Soil', 'Rose'), 'Basil, Pot, Soil and 1 more'],
    [
      [{ name: 'Basil' }, { name: 'Pot', quantity: 2 }, ...lines('Soil', 'A', 'B', 'C')],
      'Basil, 2 × Pot, Soil and 3 more',
    ],
  ])('are the first three and how many lines more: %j', (items, said) => {
    expect(itemsIn(items, 'en-GB')).toBe(said);
  });

  it('counts further lines, not pieces', () => {
    const items = [...lines('Basil', 'Pot', 'Soil'), { name: 'Rose', quantity: 12 }, { name: 'Lily', quantity: 7 }];
    expect(itemsIn(items, 'en-GB')).toBe('Basil, Pot, Soil and 2 more');
  });

  it.each([
    ['en-US', 'A, B, C, and 1 more', 'A, B, C, and 3 more'],
    ['he', 'א, ב, ג ועוד אחד', 'א, ב, ג ועוד 3'],
    ['es', 'A, B, C y 1 más', 'A, B, C y 3 más'],
    ['pt', 'A, B, C e mais 1', 'A, B, C e mais 3'],
    ['fr', 'A, B, C et 1 autre', 'A, B, C et 3 autres'],
    ['de', 'A, B, C und 1 weiterer Artikel', 'A, B, C und 3 weitere Artikel'],
    ['ru', 'A, B, C и ещё 1', 'A, B, C и ещё 3'],
    ['ar', 'א وב وג ومنتج آخر', 'א وב وג و3 منتجات أخرى'],
    ['it', 'A, B, C e +1', 'A, B, C e +3'],
    ['xx', '+1', '+3'],
  ])('says "3 more" in %s', (locale, one, three) => {
    const shown = /[א-ת]/.test(one) ? ['א', 'ב', 'ג'] : ['A', 'B', 'C'];
    expect(itemsIn(lines(...shown, 'x'), locale)).toContain(one);
    expect(itemsIn(lines(...shown, 'x', 'y', 'z'), locale)).toContain(three);
  });

  it.each([
    [2, 'منتجان آخران'],
    [10, '10 منتجات أخرى'],
    [11, '11 منتجًا آخر'],
    [100, '100 منتج آخر'],
  ])('counts %i more by the grammar of Arabic', (count, said) => {
    const items = lines('א', 'ב', 'ג', ...Array.from({ length: count }, () => 'x'));
    expect(itemsIn(items, 'ar')).toBe(`א وב وג و${said}`);
  });

  it.each([undefined, 1, 0, -2, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_000])(
    'does not say the quantity %s',
    (quantity) => {
      expect(itemsIn([{ name: 'Basil', quantity }], 'en-GB')).toBe('Basil');
    },
  );

  it('writes quantities as the locale does', () => {
    expect(itemsIn([{ name: 'Erde', quantity: 1200 }], 'de')).toBe('1.200 × Erde');
  });

  it.each([
    ['Basil &amp; Mint', 'Basil & Mint'],
    ['Pot <b>large</b>', 'Pot large'],
    ['Pot<br>large', 'Pot large'],
    ['Caf&eacute;', 'Café'],
    ['Pot\r\n\tlarge\u0007', 'Pot large'],
    ['Pot\u2028large&#10;red', 'Pot large red'],
    ['  Pot \u00a0 large ', 'Pot large'],
    ['\u202eBasil', 'Basil'],
    ['Pot\u2069\u200f', 'Pot'],
    ['Basil \ufffd', 'Basil'],
  ])('are plain text: %j is %s', (name, said) => {
    expect(itemsIn(lines(name), 'en-GB')).toBe(said);
  });

  it.each([
    ['x'.repeat(40), 'x'.repeat(40)],
    ['x'.repeat(41), `${'x'.repeat(39)}…`],
    [`${'x'.repeat(38)} yy`, `${'x'.repeat(38)}…`],
    [`${'x'.repeat(36)}👨‍👩‍👧‍👦`, `${'x'.repeat(36)}…`],
    [`${'x'.repeat(38)}e\u0301yy`, `${'x'.repeat(38)}…`],
    [`${'\u200b'.repeat(50)}Basil`, 'Basil'],
  ])('have names of at most 40 characters, whole as they are seen: %j', (name, said) => {
    expect(itemsIn(lines(name), 'en-GB')).toBe(said);
  });

  it('have no empty name, and a line without one is a line more', () => {
    expect(itemsIn(lines('', 'Basil', '<br>', '\u200b', 'Pot'), 'en-GB')).toBe('Basil, Pot and 3 more');
    expect(itemsIn(lines('', '&nbsp;', '\u200f'), 'en-GB')).toBeUndefined();
  });

  it('are none where there are none', () => {
    expect(itemsIn([], 'en')).toBeUndefined();
    expect(itemsIn(undefined, 'en')).toBeUndefined();
  });

  it.each([
    ['en-GB', 'בזיל', true],
    ['en-GB', 'Pot בזיל 10', true],
    ['en-GB', 'Pot ٥', true],
    ['en-GB', 'Café 10', false],
    ['ja', '鉢', false],
    ['he', 'Pot', true],
    ['he', 'עציץ XL', true],
    ['he', 'עציץ 10', false],
    ['he', '501', false],
    ['he', '🌸', false],
    ['ar', 'عطر', false],
    ['fa', 'Pot', true],
    ['pa-PK', 'Pot', true],
  ])('in %s the name %s is isolated where it holds letters of the other direction: %s', (locale, name, isIsolated) => {
    expect(
      itemsIn([{ name, quantity: 2 }], locale)?.endsWith(isIsolated ? ` × ${FSI}${name}${PDI}` : ` × ${name}`),
    ).toBe(true);
  });

  it('are of at most 200 characters, in one line, whatever came', () => {
    const item = fc.record({
      name: fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom('ש'.repeat(90), '<p>\n</p>')),
      quantity: fc.oneof(fc.double(), fc.nat(), fc.constant(999_999)),
    });
    const locale = fc.constantFrom('en', 'he', 'ar', 'ar-EG', 'de', 'es', 'fr', 'pt', 'ru', 'it', 'fa', 'hi', 'ja');
    fc.assert(
      fc.property(fc.array(item, { maxLength: 200 }), locale, (items, at) => {
        const said = itemsIn(items, at) ?? '';
        expect(countCharacters(said)).toBeLessThanOrEqual(200);
        expect(said).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(said.split(FSI).length).toBe(said.split(PDI).length);
      }),
    );
  });
});

describe('the day that an order is expected', () => {
  it.each([
    ['en-IL', 'Tuesday, 1 December'],
    ['en-US', 'Tuesday, December 1'],
    ['he', 'יום שלישי, 1 בדצמבר'],
    ['ru', 'вторник, 1 декабря'],
    ['de', 'Dienstag, 1. Dezember'],
  ])('is written in %s as %s', (locale, said) => {
    expect(etaIn('2026-12-01', locale, 'Asia/Jerusalem')).toBe(said);
  });

  it.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC'])('is the same day in %s where a day is given', (zone) => {
    expect(etaIn('2026-12-01', 'en-IL', zone)).toBe('Tuesday, 1 December');
  });

  it.each([
    ['2026-12-01T22:30:00Z', 'Asia/Jerusalem', 'Wednesday, 2 December'],
    ['2026-12-01T22:30:00.123Z', 'UTC', 'Tuesday, 1 December'],
    ['2026-12-01T02:00:00+02:00', 'America/New_York', 'Monday, 30 November'],
  ])('is, of the instant %s, the day in %s', (eta, zone, said) => {
    expect(etaIn(eta, 'en-IL', zone)).toBe(said);
  });

  it.each([
    '',
    'soon',
    '2026-02-30',
    '2027-02-29',
    '2026-12',
    '01/12/2026',
    '2026-12-01T10:00:00',
    '2026-12-01T25:00Z',
    ' 2026-12-01',
    '1796083200',
  ])('"%s" is none', (eta) => {
    expect(etaIn(eta, 'en', 'UTC')).toBeUndefined();
  });

  it('is none where the event brought none', () => {
    expect(etaIn(undefined, 'en', 'UTC')).toBeUndefined();
  });
});
