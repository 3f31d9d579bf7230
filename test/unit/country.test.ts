import { describe, expect, it } from 'vitest';
import { countryOf } from '../../functions/shared/people/country.ts';

describe('the country that an address or a form names', () => {
  it.each([
    ['il', 'IL'],
    ['GB', 'GB'],
    ['UK', 'GB'],
    ['USA', 'US'],
    ['U.S.A.', 'US'],
    ['United States', 'US'],
    ['united states of america', 'US'],
    ['GBR', 'GB'],
    ['isr', 'IL'],
    ['+44', 'GB'],
    ['00972', 'IL'],
    ['972', 'IL'],
    ['+1', 'US'],
    ['Deutschland', 'DE'],
    ['ארצות הברית', 'US'],
    ['ארה"ב', 'US'],
    ['ישראל', 'IL'],
    ['إسرائيل', 'IL'],
    ['España', 'ES'],
    ['espana', 'ES'],
    ['Côte d’Ivoire', 'CI'],
    ['Ivory Coast', 'CI'],
    ['Україна', 'UA'],
    ['日本', 'JP'],
    ['भारत', 'IN'],
    ['Turkey', 'TR'],
    ['Türkiye', 'TR'],
    ['England', 'GB'],
    ['Holland', 'NL'],
    ['🇮🇱', 'IL'],
    ['🇮🇱 Israel', 'IL'],
    ['Israel (+972)', 'IL'],
    ['Israel +972', 'IL'],
    ['IL - Israel', 'IL'],
    ['Israel / ישראל', 'IL'],
    [' Israel ', 'IL'],
  ])('%s is %s', (text, code) => {
    expect(countryOf(text, 'en')).toBe(code);
  });

  it("knows names in the client's own language", () => {
    expect(countryOf('Saksa', 'fi')).toBe('DE');
    expect(countryOf('Saksa', 'en')).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    '-',
    '--',
    'Other',
    'אחר',
    'Please select',
    'Choose it',
    'Select one in the list',
    'Atlantis',
    'XX',
    'null',
    'N/A',
    '1',
    '999',
    'Chicago, IL',
    'Georgia, USA',
    'IL – Germany',
    'x'.repeat(1_000_000),
  ])('%.20s counts as not given', (text) => {
    expect(countryOf(text, 'en')).toBeUndefined();
  });
});
