import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../local/read-arguments.ts';
import { contractTable, withContractTable } from './contract-table.ts';
import { orExit } from './or-exit.ts';

// Shows what is assumed of EZWhatsApp as the table in docs/ezwhatsapp.md has it; `--accept` writes it there anew.
const usage = 'Usage: npm run contract -- [--accept]';
const PAGE = fileURLToPath(new URL('../docs/ezwhatsapp.md', import.meta.url));

const options = { accept: { type: 'boolean' } } as const;
const { values } = orExit(() => readArguments({ options }, usage));
if (values.accept) writeFileSync(PAGE, withContractTable(readFileSync(PAGE, 'utf8')));
else console.log(contractTable());
