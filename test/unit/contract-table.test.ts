import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ASSUMPTIONS, type Assumption, NAMES } from '../../local/sandbox/contract/assumptions.ts';
import { listContract } from '../../local/sandbox/contract/contract.ts';
import { withContractTable } from '../../scripts/contract-table.ts';

const PAGE = 'docs/ezwhatsapp.md';

it('docs/ezwhatsapp.md has every assumption as the code has it', () => {
  const page = readFileSync(PAGE, 'utf8');
  const isCurrent = page === withContractTable(page);
  expect(isCurrent, `make the table in ${PAGE} anew: npm run contract -- --accept`).toBe(true);
});

it('a page without the place for the table is not written', () => {
  expect(() => withContractTable('# Another page')).toThrow('needs the lines');
});

it.each(NAMES)('%s rests on files that are there, and says what each does', (name) => {
  const { rests, variants }: Assumption = ASSUMPTIONS[name];
  expect(rests.length).toBeGreaterThan(0);
  expect(variants.length).toBeGreaterThan(1);
  for (const [path, what] of rests) {
    expect(existsSync(path), path).toBe(true);
    expect(what).not.toBe('');
  }
});

it('the list for people has every variant once, with the assumed ones marked', () => {
  const list = listContract();
  for (const name of NAMES) {
    const { variants }: Assumption = ASSUMPTIONS[name];
    const lines = variants.map(([variant, does]) =>
      list.split('\n').filter((line) => line.includes(` ${does}`) && line.trim().startsWith(`${variant} `)),
    );
    expect(lines.every((found) => found.length > 0)).toBe(true);
  }
  expect(list.match(/\(assumed\)$/gm)).toHaveLength(NAMES.length);
});
