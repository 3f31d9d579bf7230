import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { connections } from './connections.ts';
import { builtins } from './trims/builtins.ts';
import { phoneTrims } from './trims/phone.ts';
import { sdkTrims } from './trims/sdk.ts';
import { settings } from './trims/settings.ts';

const WATCHER = fileURLToPath(new URL('../watch/handler.ts', import.meta.url));
const FUNCTIONS = fileURLToPath(new URL('../functions', import.meta.url));

/** What every bundle leaves out, part by part; `npm run bench -- trims` measures each. */
export const TRIMS: readonly Plugin[] = [...sdkTrims, ...phoneTrims, settings, builtins];

/** Function name → folder that holds its one file, `index.mjs`. */
export type Bundles = ReadonlyMap<string, string>;

/**
 * Bundles every function once; every stack gets the same folders, so 200 clients cost one bundling.
 * @param outdir folder that receives `<function>/index.mjs`
 * @throws esbuild's error when a function does not bundle.
 */
export function bundleFunctions(outdir: string): Promise<Bundles> {
  return bundle(handlers(), outdir);
}

/** Bundles the watcher as it is, into `<outdir>/watcher/index.mjs`: nobody waits for it to start, and it reads with what the trims take out. */
export function bundleWatcher(outdir: string): Promise<Bundles> {
  return bundle(new Map([['watcher', WATCHER]]), outdir, [builtins, connections]);
}

/**
 * Bundles files by name as the functions are bundled.
 * @param trims what to leave out; all that there is, unless the trims themselves are measured
 */
export async function bundle(
  files: ReadonlyMap<string, string>,
  outdir: string,
  trims: readonly Plugin[] = TRIMS,
): Promise<Bundles> {
  await build({
    entryPoints: [...files].map(([name, file]) => ({ in: file, out: join(name, 'index') })),
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
    plugins: [...trims],
    logLevel: 'error',
  });
  return new Map([...files.keys()].map((name) => [name, join(outdir, name)]));
}

/** Every folder in `functions/` with a `handler.ts`, sorted, and that file. */
export function handlers(): Map<string, string> {
  const names = readdirSync(FUNCTIONS).sort();
  const files = names.map((name): [string, string] => [name, join(FUNCTIONS, name, 'handler.ts')]);
  return new Map(files.filter(([, file]) => existsSync(file)));
}
