import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes a minified function may have: what is read, parsed and compiled at each cold start. */
const BUDGET = 260_000;

export const overBudget = (bytes: number): boolean => bytes > BUDGET;

/** The size of each `<function>/index.mjs` in a folder; none if the folder is missing. */
export function sizes(bundles: string): { readonly bytes: number; readonly text: string }[] {
  if (!existsSync(bundles)) return [];
  return readdirSync(bundles).map((name) => {
    const { size: bytes } = statSync(join(bundles, name, 'index.mjs'));
    const verdict = overBudget(bytes) ? '  ← over budget' : '';
    const [is, may] = [bytes, BUDGET].map((number) => number.toLocaleString('en'));
    return { bytes, text: `${name.padEnd(20)} ${is} of ${may} bytes${verdict}` };
  });
}
