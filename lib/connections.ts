import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const FUNCTIONS = fileURLToPath(new URL('../functions', import.meta.url));

/** `<template>/<kind>` and the file, of every source that says how it is connected. */
const files = (): readonly (readonly [name: string, file: string])[] =>
  readdirSync(FUNCTIONS).flatMap((template) => {
    const folder = join(FUNCTIONS, template, 'sources');
    return (existsSync(folder) ? readdirSync(folder) : []).flatMap((kind) => {
      const file = join(folder, kind, 'connection.ts');
      return existsSync(file) ? [[`${template}/${kind}`, file] as const] : [];
    });
  });

/** How sources are connected is found by their folders, which a bundle has not: it gets a list of them, made when it is. */
export const connections: Plugin = {
  name: 'connections',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]cli[\\/]source[\\/]connections\.ts$/ }, ({ path }) => ({
      resolveDir: dirname(path),
      contents: `export const connections = {${files().map(
        ([name, file]) => `${JSON.stringify(name)}: () => import(${JSON.stringify(file)})`,
      )}};`,
    }));
  },
};
