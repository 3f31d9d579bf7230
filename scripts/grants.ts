import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { synthesise } from '../lib/synthesise.ts';
import { readArguments } from '../local/read-arguments.ts';
import { grantsOf } from '../local/rehearsal.ts';
import { readAssembly } from '../local/template/assembly.ts';
import { clientWithAll, withGrantTable } from './grant-table.ts';
import { orExit } from './or-exit.ts';

// Shows what the functions of a stack with everything on may do, as docs/grants.md has it; `--accept` writes it there anew.
const usage = 'Usage: npm run grants -- [--accept]';
const PAGE = fileURLToPath(new URL('../docs/grants.md', import.meta.url));

const options = { accept: { type: 'boolean' } } as const;
const { values } = orExit(() => readArguments({ options }, usage));
const folder = mkdtempSync(join(tmpdir(), 'ezw-grants-'));
try {
  const client = clientWithAll();
  await synthesise([client], folder, Object.keys(client.templates));
  const page = withGrantTable(readFileSync(PAGE, 'utf8'), await grantsOf(readAssembly(folder, client.name), folder));
  if (values.accept) writeFileSync(PAGE, page);
  else console.log(page);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
