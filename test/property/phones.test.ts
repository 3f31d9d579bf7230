import { readFileSync } from 'node:fs';
import { type CountryCode, getCountries, parsePhoneNumberFromString as parseMax } from 'libphonenumber-js/max';
import { parsePhoneNumberFromString as parseMin } from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { firstUsablePhone } from '../../functions/shared/people/phone.ts';

/** How many random numbers of each leading pair of digits. `PHONES=10000` takes a minute. */
const EACH = Number(process.env.PHONES ?? 300);

/** The same numbers in every run: a linear congruential generator. */
const digitsFrom = (seed: number) => {
  let state = seed;
  return (count: number): string =>
    Array.from({ length: count }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * 10);
    }).join('');
};

const read = (raw: string, country: string) => firstUsablePhone([{ raw }], { country, locale: 'en' });
const exampleOf = (country: CountryCode) => {
  const number = parseMax(examples[country], country);
  if (!number) throw new Error(`no example of ${country}`);
  return number;
};

it("no country's example mobile is refused, nor read as another number, however it is written", () => {
  const wrong = getCountries().flatMap((country) => {
    const number = exampleOf(country);
    const written = [
      [number.number, 'IL'],
      [number.formatInternational(), 'US'],
      [`00${number.number.slice(1)}`, 'IL'],
      [number.number.slice(1), country],
      [number.formatNational(), country],
      [number.nationalNumber, country],
    ] as const;
    return written.filter(([raw, home]) => {
      const found = read(raw, home);
      return !('phone' in found) || found.phone !== number.number;
    });
  });
  expect(wrong).toEqual([]);
  expect(getCountries().length).toBeGreaterThan(200);
});

/** Pairs of digits that begin the mobiles of a country's published numbering plan, and how many digits they have. */
const PLANS: readonly (readonly [CountryCode, readonly string[], number])[] = [
  ['IL', ['50', '51', '52', '53', '54', '55', '56', '57', '58', '59'], 9],
  ['GB', ['71', '72', '73', '74', '75', '77', '78', '79'], 10],
  ['FR', ['60', '61', '62', '63', '64', '65', '66', '67', '68', '69', '73', '74', '75', '76', '77', '78', '79'], 9],
  ['DE', ['17'], 10],
  ['DE', ['15'], 11],
  ['ES', ['60', '61', '62', '63', '64', '65', '66', '67', '68', '69', '71', '72', '73', '74'], 9],
  ['AR', ['911', '922', '934'], 11],
  ['BR', ['119', '219', '319', '419', '519', '619', '719', '819', '919'], 11],
  ['US', ['20', '21', '30', '31', '41', '51', '61', '70', '71', '81', '91'], 10],
  ['MX', ['22', '33', '44', '55', '77', '81', '99'], 10],
];

describe('numbers of a country that its numbering plan lets begin so', () => {
  it.each(PLANS)('%s %j: none that is valid is refused', (country, beginnings, length) => {
    const digits = digitsFrom(1);
    let valid = 0;
    const refused = beginnings.flatMap((beginning) =>
      Array.from({ length: EACH }, () => `${beginning}${digits(length - beginning.length)}`).filter((national) => {
        // Area codes of North America that nobody has, say.
        if (!parseMin(national, country)?.isValid()) return false;
        valid += 1;
        return 'refusal' in read(national, country);
      }),
    );
    expect(refused).toEqual([]);
    expect(valid).toBeGreaterThan((beginnings.length * EACH) / 2);
  });
});

describe('national numbers of other countries, given to a client without their country', () => {
  const CLIENTS = ['IL', 'GB', 'US', 'BR', 'FR', 'DE', 'ES', 'AR', 'MX'] as const;
  const OF_EACH = 20;
  const digits = digitsFrom(7);
  /** As they are written at home. */
  const mobiles = getCountries().map((country) => {
    const example = examples[country];
    const found: string[] = [];
    for (let tries = 0; tries < OF_EACH * 20 && found.length < OF_EACH; tries += 1) {
      const number = parseMax(`${example[0]}${digits(example.length - 1)}`, country);
      if (number?.country === country && number.isValid() && /MOBILE/.test(number.getType() ?? '')) {
        found.push(number.formatNational());
      }
    }
    return { country, callingCode: exampleOf(country).countryCallingCode, found };
  });

  const row = (client: (typeof CLIENTS)[number]): string => {
    const own = exampleOf(client).countryCallingCode;
    const others = mobiles.filter(({ callingCode }) => callingCode !== own);
    const passing = others
      .map(({ country, found }) => ({ country, pass: found.filter((raw) => 'phone' in read(raw, client)).length }))
      .filter(({ pass }) => pass > 0)
      .sort((a, b) => b.pass - a.pass || a.country.localeCompare(b.country));
    const all = others.reduce((sum, { found }) => sum + found.length, 0);
    const pass = passing.reduce((sum, one) => sum + one.pass, 0);
    const where = passing.map((one) => (one.pass === OF_EACH ? one.country : `${one.country} (in part)`)).join(', ');
    return `| ${client} | ${((100 * pass) / all).toFixed(1)} % | ${where || 'none'} |`;
  };

  it('pass only where they look like mobiles of the client’s country; the documentation lists them', () => {
    const documented = readFileSync('docs/phone-numbers.md', 'utf8').split('\n');
    expect(documented.filter((line) => /^\| [A-Z]{2} \|/.test(line))).toEqual(CLIENTS.map(row));
  });
});

it('no landline of a country that is named becomes a number of the client’s', () => {
  const digits = digitsFrom(3);
  const wrong: string[] = [];
  let seen = 0;
  for (const country of getCountries()) {
    const { length } = examples[country];
    for (let tries = 0; tries < 200; tries += 1) {
      const number = parseMax(digits(length), country);
      if (number?.country !== country || number.getType() !== 'FIXED_LINE') continue;
      seen += 1;
      for (const home of ['IL', 'FR', 'US', 'AE']) {
        const found = firstUsablePhone([{ raw: number.formatNational(), country }], { country: home, locale: 'en' });
        if ('phone' in found && found.phone !== number.number) wrong.push(`${number.number} of a client in ${home}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(2000);
});
