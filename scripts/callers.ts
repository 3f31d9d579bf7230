import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CARRIERS } from './ports.ts';

const FUNCTIONS = fileURLToPath(new URL('../functions', import.meta.url));

/** A stand-in runs in the sandbox, and in no function. */
const isStandIn = (path: string): boolean => /\/stand-in(\.ts|\/)/.test(path);

/** Every module of the functions, by its path below `functions/`. */
export const modules = (): ReadonlyMap<string, string> => {
  const files = readdirSync(FUNCTIONS, { recursive: true, encoding: 'utf8' });
  const paths = files
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !isStandIn(path));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(FUNCTIONS, path), 'utf8')]));
};

const CALLS = new RegExp(`\\b(?:${Object.values(CARRIERS).flat().join('|')})\\s*(?:<[^>()]*>)?\\(`);
const CLIENT = /\bnew \w+Client\(/;
/** What needs none of ours: the network itself. */
const BARE = /\bfetch\(|(?:^import (?!type\b)[^;]*|getBuiltinModule\()'node:(?:https?|http2|net|tls|dgram)'/m;

/** Whether a module calls somebody outside, or makes what does. */
export const isCaller = (code: string): boolean => CALLS.test(code) || CLIENT.test(code) || BARE.test(code);

const IMPORTED = /^(?:import|export) (?!type\b)[^;]*?\bfrom '(\.[^']+)'|^import '(\.[^']+)'/gm;

/** Every module that a function is made of, from its `handler.ts` on. */
export const partsOf = (name: string, all = modules()): ReadonlySet<string> => {
  const found = new Set<string>();
  const walk = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const [, from, bare] of (all.get(path) ?? '').matchAll(IMPORTED))
      walk(relative(FUNCTIONS, join(FUNCTIONS, dirname(path), from ?? bare ?? '')).replaceAll('\\', '/'));
  };
  walk(`${name}/handler.ts`);
  return found;
};
