import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { builtins } from './trims/builtins.ts';
import { phone } from './trims/phone.ts';
import { sdk } from './trims/sdk.ts';

const FUNCTIONS = fileURLToPath(new URL('../functions', import.meta.url));

/** Function name → folder that holds its one file, `index.mjs`. */
export type Bundles = ReadonlyMap<string, string>;

/**
 * Bundles every function once; every stack gets the same folders, so 200 clients cost one bundling.
 * @param outdir folder that receives `<function>/index.mjs`
 * @throws esbuild's error when a function does not bundle.
 */
export async function bundleFunctions(outdir: string): Promise<Bundles> {
  const names = functionNames();
  await build({
    entryPoints: names.map((name) => ({ in: join(FUNCTIONS, name, 'handler.ts'), out: join(name, 'index') })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    format: 'esm',
    platform: 'node',
    // Node 20 runs the same file on a laptop; the deployed runtime is newer.
    target: 'node20',
    // ESM builds first: only they can be tree-shaken.
    mainFields: ['module', 'main'],
    plugins: [sdk, phone, builtins],
    logLevel: 'error',
  });
  return new Map(names.map((name) => [name, join(outdir, name)]));
}

/** Every folder in `functions/` with a `handler.ts`, sorted. */
function functionNames(): string[] {
  return readdirSync(FUNCTIONS)
    .filter((name) => statSync(join(FUNCTIONS, name, 'handler.ts'), { throwIfNoEntry: false })?.isFile())
    .sort();
}
