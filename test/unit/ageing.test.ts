import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../functions/order-ready/sources/shopify/settings.ts';
import { ageing, spokenApis } from '../../lib/ageing.ts';

const DAY = 24 * 3600_000;
const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const api = (ends?: string) => ({ kind: 'shop', what: 'API', version: 'v1', ...(ends !== undefined && { ends }) });
const inDays = (days: number) => new Date(NOW + days * DAY).toISOString();

describe('of the versions of vendors’ APIs', () => {
  it('those are ageing that end within sixty days, or have ended, the first to end first', () => {
    const apis = [inDays(60), inDays(61), inDays(-1), undefined].map(api);
    expect(ageing(NOW, apis)).toEqual([
      { ...api(inDays(-1)), isOver: true },
      { ...api(inDays(60)), isOver: false },
    ]);
  });

  it('one has ended on the day that the vendor names', () => {
    const [at] = ageing(Date.parse('2027-03-30'), [api('2027-03-30')]);
    const [before] = ageing(Date.parse('2027-03-30') - 1, [api('2027-03-30')]);
    expect([at?.isOver, before?.isOver]).toEqual([true, false]);
  });

  it('each that is spoken names itself, its version and a day', () => {
    const spoken = spokenApis();
    expect(new Set(spoken.map(({ kind }) => kind)).size).toBeGreaterThan(9);
    for (const { kind, what, version, ends } of spoken) {
      expect([kind, what, version].every((text) => text !== '')).toBe(true);
      if (ends !== undefined) expect(new Date(ends).toISOString().slice(0, 10)).toBe(ends);
    }
    expect(new Set(spoken.map(({ kind, what }) => `${kind} ${what}`)).size).toBe(spoken.length);
  });

  it('a shop’s ends twelve months after its own', () => {
    expect([endOf('2026-07'), endOf('2026-01')]).toEqual(['2027-07-01', '2027-01-01']);
    const shop = spokenApis().find(({ version }) => /^\d{4}-\d{2}$/.test(version));
    expect(shop?.ends).toBe(endOf(shop?.version ?? ''));
  });
});

/** Logins and signatures have versions of their own, and words are of no API. */
const OTHERS = /beside: |oauth\/v2|such as|write a version|API v\d|schemas?\//;

it('no call names the version of an API in another place', () => {
  const root = fileURLToPath(new URL('../../functions', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /(^|\/)(sources|crms|notifiers)\/.*\.ts$/.test(file) && !/stand-in/.test(file),
  );
  expect(files.length).toBeGreaterThan(40);
  const named = files.flatMap((file) =>
    readFileSync(`${root}/${file}`, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line) && !OTHERS.test(line))
      .filter((line) => /['"`/]v\d+(\.\d+)?['"`/]|['"`/]\d{4}-\d{2}(-\d{2})?['"`]/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  const declared = /: (export )?const [A-Z_]+ = '[\w./-]+';$/;
  expect(named.filter((line) => !declared.test(line) && !/\bends: '/.test(line))).toEqual([]);
  const versions = new Set(spokenApis().map(({ version }) => version));
  const unknown = named.filter(
    (line) => declared.test(line) && ![...versions].some((one) => line.includes(`'${one}'`)),
  );
  expect(unknown.filter((line) => !/_ENDS = /.test(line))).toEqual([]);
});
