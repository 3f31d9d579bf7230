import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes a minified function may have: what is read, parsed and compiled at each cold start. */
const BUDGET = 260_000;
/** SES's client alone is 80 kB; nobody waits for escalation to start, which reads from a queue. */
const LARGER: Readonly<Record<string, number>> = { escalation: 310_000 };

const budgetOf = (name: string): number => LARGER[name] ?? BUDGET;

/** The size of each `<function>/index.mjs` in a folder; none if the folder is missing. */
export function sizes(bundles: string): { readonly bytes: number; readonly over: boolean; readonly text: string }[] {
  if (!existsSync(bundles)) return [];
  return readdirSync(bundles).map((name) => {
    const { size: bytes } = statSync(join(bundles, name, 'index.mjs'));
    const over = bytes > budgetOf(name);
    const verdict = over ? '  ← over budget' : '';
    const [is, may] = [bytes, budgetOf(name)].map((number) => number.toLocaleString('en'));
    return { bytes, over, text: `${name.padEnd(20)} ${is} of ${may} bytes${verdict}` };
  });
}
