import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { written } from '../clients/demo.ts';
import { defineClient } from '../lib/client.ts';
import { synthesise } from '../lib/synthesise.ts';
import { readArguments } from '../local/read-arguments.ts';
import { StartError } from '../local/start-error.ts';
import { orExit } from './or-exit.ts';
import { byType, table } from './resource-table.ts';

// Shows what the demo client's template holds of one type, as the reviewed table hashes it; `--accept` writes the table anew.
const usage = 'Usage: npm run resources -- [TYPE ...] [--accept]';
const REVIEWED = fileURLToPath(new URL('../test/infra/reviewed-resources.json', import.meta.url));

const options = { accept: { type: 'boolean' } } as const;
const { values, positionals } = orExit(() => readArguments({ options, allowPositionals: true }, usage));
const template = await demoTemplate();
const types = byType(template);
orExit(() => {
  for (const type of positionals) {
    if (!types[type]) throw new StartError(`There is no "${type}". There are: ${Object.keys(types).join(', ')}.`);
  }
});
for (const type of positionals) console.log(JSON.stringify(types[type], null, 2));
if (values.accept) writeFileSync(REVIEWED, `${JSON.stringify(table(template), null, 2)}\n`);
else if (positionals.length === 0) console.log(JSON.stringify(table(template), null, 2));

async function demoTemplate(): Promise<Parameters<typeof byType>[0]> {
  const outdir = mkdtempSync(join(tmpdir(), 'ezw-resources-'));
  try {
    // As the test has it: what is added to the demo is not there.
    const client = defineClient(written);
    await synthesise([client], outdir, Object.keys(client.templates));
    return JSON.parse(readFileSync(join(outdir, 'Ezw-demo.template.json'), 'utf8'));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
