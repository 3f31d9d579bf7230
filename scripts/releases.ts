import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { written } from '../clients/demo.ts';
import { defineClient } from '../lib/client.ts';
import { synthesise } from '../lib/synthesise.ts';
import { readArguments } from '../local/read-arguments.ts';
import { StartError } from '../local/start-error.ts';
import { readAssembly } from '../local/template/assembly.ts';
import { orExit } from './or-exit.ts';

// Keeps the demo's functions as they are now, as the release that the next one must get along with: test/emulated/releases.test.ts.
const usage =
  'Usage: npm run releases -- freeze <name> [--assembly <cdk.out of another checkout, of all templates of the demo>]';
const RELEASES = fileURLToPath(new URL('../test/releases', import.meta.url));

const options = { assembly: { type: 'string' } } as const;
const { values, positionals } = orExit(() => readArguments({ options, allowPositionals: true }, usage));
const [command, name = ''] = positionals;
orExit(() => {
  if (command !== 'freeze' || !/^[\w.-]+$/.test(name) || positionals.length > 2) throw new StartError(usage);
});

const made = values.assembly === undefined ? mkdtempSync(join(tmpdir(), 'ezw-release-')) : undefined;
try {
  if (made !== undefined) {
    const client = defineClient(written);
    await synthesise([client], made, Object.keys(client.templates));
  }
  freeze(made ?? values.assembly ?? '');
} finally {
  if (made !== undefined) rmSync(made, { recursive: true, force: true });
}

/** One release is kept: what a release before it wrote is read by none of both. */
function freeze(assembly: string): void {
  const { template } = readAssembly(assembly, 'demo');
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const named = functions.map((one) => [String(one.Metadata['ezw:name']), one.Properties] as const).sort();
  const about = named.map(([fn, { Environment }]) => {
    const { Variables } = Environment as { readonly Variables: object };
    const config: unknown = JSON.parse(readFileSync(join(assembly, 'layers', 'demo', `${fn}.json`), 'utf8'));
    return [fn, { variables: Object.keys(Variables).sort(), config }] as const;
  });
  const code = named.map(([fn]) => [fn, readFileSync(join(assembly, 'bundles', fn, 'index.mjs'), 'utf8')] as const);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(code)));
  // A window over all of them: what one function has in common with the others is kept once.
  const params = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
  mkdirSync(RELEASES, { recursive: true });
  for (const before of readdirSync(RELEASES)) rmSync(join(RELEASES, before), { recursive: true });
  const folder = join(RELEASES, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'functions.br'), brotliCompressSync(text, { params }));
  writeFileSync(join(folder, 'functions.json'), `${JSON.stringify(Object.fromEntries(about), null, 2)}\n`);
}
