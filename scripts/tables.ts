import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../local/read-arguments.ts';
import { StartError } from '../local/start-error.ts';
import { budgetTable, withBudgets } from './budget-table.ts';
import { contractTable, withContractTable } from './contract-table.ts';
import { orExit } from './or-exit.ts';

// Shows a table that is made of the code as its page in docs/ has it: what is assumed of EZWhatsApp, what a call of each port may take.
// `--accept` writes it there anew.
const TABLES = {
  contract: { page: 'docs/ezwhatsapp.md', table: contractTable, within: withContractTable },
  budgets: { page: 'docs/aws.md', table: budgetTable, within: withBudgets },
} as const;
const usage = `Usage: npm run ${Object.keys(TABLES).join('|')} -- [--accept]`;

const options = { accept: { type: 'boolean' } } as const;
const { values, positionals } = orExit(() => readArguments({ options, allowPositionals: true }, usage));
const { page, table, within } = orExit(() => {
  const [name] = positionals;
  if (name === 'contract' || name === 'budgets') return TABLES[name];
  throw new StartError(usage);
});
const path = fileURLToPath(new URL(`../${page}`, import.meta.url));
if (values.accept) writeFileSync(path, within(readFileSync(path, 'utf8')));
else console.log(table());
