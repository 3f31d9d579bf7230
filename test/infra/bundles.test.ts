import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import type { Crm } from '../../functions/crm-sync/crm.ts';
import { bundle, bundleWatcher, handlers, TRIMS } from '../../lib/bundle.ts';
import { TEMPLATE_NAMES } from '../../lib/client.ts';
import { connections } from '../../lib/connections.ts';

const bundled = (entryPoint: string, nodePaths: string[] = []) =>
  build({
    entryPoints: [entryPoint],
    nodePaths,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    plugins: [...TRIMS],
  });

/** Files of each function's bundle, from the root. */
let inputs: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  const all = [...handlers()].map(async ([name, file]): Promise<[string, string[]]> => {
    const { metafile } = await bundled(file);
    return [name, Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs))];
  });
  inputs = new Map(await Promise.all(all));
});

test('no bundle holds a stand-in or anything else of the local stack', () => {
  expect(inputs.get('crm-sync')).toContain('functions/crm-sync/sync.ts');
  expect([...inputs.values()].flat().filter((path) => /\/stand-in(\.ts$|\/)|^local\//.test(path))).toEqual([]);
});

test('settings of client files are checked at synth, so their library is in no bundle that has no other use for it', () => {
  const users = [...inputs].filter(([, paths]) => paths.some((path) => path.startsWith('node_modules/zod/')));
  // The doors of templates check bodies by it, crm-sync what CRMs answer.
  expect(users.map(([name]) => name).filter((name) => !TEMPLATE_NAMES.includes(name))).toEqual(['crm-sync', 'sender']);
});

test('whoever checks settings in a bundle all the same is told so by an error, not by a yes', async () => {
  const { outputFiles } = await bundled('functions/crm-sync/crms/webhook/crm.ts');
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const { crm } = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as { crm: Crm };
  expect(() => crm.settings.parse({ url: 'https://crm.example' })).toThrow(TypeError);
  expect(() => crm.settings.safeParse({ url: 'https://crm.example' })).toThrow(TypeError);
});

test('a CRM that reads an answer by a schema has the library in its bundle, and it works there', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ezw-reads-'));
  const folder = join(root, 'functions/crm-sync/crms/reads');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'crm.ts'),
    `import * as z from 'zod/mini';
    const answer = z.object({ ok: z.boolean() });
    export const read = (value: unknown) => z.safeParse(answer, value).success;`,
  );
  const { outputFiles } = await bundled(join(folder, 'crm.ts'), [resolve('node_modules')]);
  await rm(root, { recursive: true });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const { read } = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as {
    read: (value: unknown) => boolean;
  };
  expect([read({ ok: true }), read({ ok: 1 })]).toEqual([true, false]);
});

test('the watcher, which has no folders to look into, holds how each source is connected', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ezw-connections-'));
  const wanted = TEMPLATE_NAMES.flatMap((template) =>
    readdirSync(`functions/${template}/sources`).map((kind) => [template, kind] as const),
  )
    .filter(([template, kind]) => existsSync(`functions/${template}/sources/${kind}/connection.ts`))
    .map((names) => names.join('/'));
  expect(wanted.length).toBeGreaterThan(3);
  await bundleWatcher(root);
  const watcher = await readFile(join(root, 'watcher/index.mjs'), 'utf8');
  expect(wanted.filter((name) => !watcher.includes(`"${name}":()=>`))).toEqual([]);

  await bundle(new Map([['list', resolve('cli/source/connections.ts')]]), root, [connections]);
  const { connections: all } = (await import(/* @vite-ignore */ join(root, 'list/index.mjs'))) as {
    connections: Readonly<Record<string, () => Promise<{ connection: { vendor: string } }>>>;
  };
  const vendors = await Promise.all(Object.values(all).map(async (load) => (await load()).connection.vendor));
  await rm(root, { recursive: true });
  expect(Object.keys(all).sort()).toEqual([...wanted].sort());
  expect(vendors.every((vendor) => vendor !== '')).toBe(true);
});
