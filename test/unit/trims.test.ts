import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import examples from 'libphonenumber-js/examples.mobile.json' with { type: 'json' };
import full from 'libphonenumber-js/min/metadata';
import mobile from 'libphonenumber-js/mobile/metadata';
import { expect, test } from 'vitest';
import { mobilePatterns, trimPhoneMetadata } from '../../lib/trims/phone.ts';
import { PARAMETER_SCHEMAS, SHARED_CONFIG, takenApart } from '../../lib/trims/sdk.ts';

const trimmed = trimPhoneMetadata(full);
const countries = Object.keys(full.countries) as CountryCode[];

/** National and international spellings of a country's example, and of its neighbours one digit shorter, longer and changed. */
function spellings(country: CountryCode): string[] {
  const example = examples[country as keyof typeof examples] ?? '1234567';
  const digits = [
    example,
    example.slice(1),
    example.slice(0, -1),
    `${example}0`,
    `1${example}`,
    `9${example.slice(1)}`,
  ];
  const callingCode = full.countries[country]?.[0];
  return digits.flatMap((national) => [
    national,
    `0${national}`,
    `1${national}`,
    `+${callingCode}${national}`,
    `+${callingCode} (0) ${national}`,
    `00${callingCode}${national}`,
  ]);
}

function reading(raw: string, country: CountryCode | undefined, metadata: typeof full) {
  const number = parsePhoneNumberFromString(
    raw,
    { extract: false, ...(country && { defaultCountry: country }) },
    metadata,
  );
  return number && { e164: number.number, possible: number.isPossible(), valid: number.isValid() };
}

test('the trimmed metadata reads every number as the full metadata does', () => {
  let read = 0;
  const differences: string[] = [];
  for (const country of countries) {
    for (const raw of spellings(country)) {
      for (const home of [country, 'IL', 'US', undefined] as const) {
        const expected = reading(raw, home, full);
        if (expected) read++;
        const actual = reading(raw, home, trimmed);
        if (JSON.stringify(actual) !== JSON.stringify(expected)) differences.push(`${raw} from ${home}`);
      }
    }
  }
  expect(differences).toEqual([]);
  expect(read).toBeGreaterThan(20_000);
});

test('the bundled patterns of mobiles are those of the library, in the same place', () => {
  const patterns: Record<string, { 11: { 1: [string] } }> = mobilePatterns(mobile).countries as never;
  const known = Object.entries(mobile.countries).map(([country, places]) => [country, places?.[11]?.[1]?.[0]] as const);
  const differences = known.filter(([country, pattern]) => (patterns[country]?.[11][1][0] ?? undefined) !== pattern);
  expect(differences).toEqual([]);
  expect(Object.keys(patterns).length).toBeGreaterThan(200);
});

test('numbers that belong to no country are read alike too', () => {
  for (const callingCode of Object.keys(full.nonGeographic)) {
    for (const national of ['12345678', '123456789', '800123456']) {
      const raw = `+${callingCode}${national}`;
      expect(reading(raw, undefined, trimmed)).toEqual(reading(raw, undefined, full));
    }
  }
});

test('the trim saves 50,000 bytes and leaves the original as it was', () => {
  const before = JSON.stringify(full).length;
  expect(before - JSON.stringify(trimmed).length).toBeGreaterThan(50_000);
  expect(full.countries.IL?.[4]).toBeInstanceOf(Array);
});

test("the SDK still reads a person's profile in the file that is replaced", () => {
  expect(existsSync(new URL(`../../node_modules/${SHARED_CONFIG}`, import.meta.url))).toBe(true);
});

test('of Parameter Store a function has what it calls, and no other operation or error', async () => {
  const schemas = await readFile(new URL(`../../node_modules/${PARAMETER_SCHEMAS}`, import.meta.url), 'utf8');
  const stdin = {
    contents: `import { GetParameter$ } from './schemas_0.js'; console.log(GetParameter$);`,
    resolveDir: dirname(fileURLToPath(new URL(`../../node_modules/${PARAMETER_SCHEMAS}`, import.meta.url))),
  };
  const bundled = async (contents: string): Promise<string> => {
    const ours: Plugin = {
      name: 'ours',
      setup: ({ onLoad }) => onLoad({ filter: /schemas_0\.js$/ }, () => ({ contents })),
    };
    const built = await build({ stdin, bundle: true, write: false, format: 'esm', platform: 'node', plugins: [ours] });
    return built.outputFiles[0]?.text ?? '';
  };
  const [whole, apart] = await Promise.all([schemas, takenApart(schemas)].map(bundled));
  expect(whole).toContain('ParameterAlreadyExists');
  expect(apart).not.toMatch(/ParameterAlreadyExists|SendCommand/);
  expect(apart).toContain('WithDecryption');
});
