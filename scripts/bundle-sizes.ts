import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes a minified function may have: what is read, parsed and compiled at each cold start. */
const BUDGET = 260_000;

/** Functions that need more, and why. */
const BUDGETS: Readonly<Record<string, number>> = {
  // Two clients more, for its table and for its alarms (65 kB), and Temporal for days across a change of the clocks (56 kB).
  'appointment-reminder': 390_000,
};

/** The size of each `<function>/index.mjs` in a folder; none if the folder is missing. */
export function sizes(bundles: string): { readonly good: boolean; readonly text: string }[] {
  if (!existsSync(bundles)) return [];
  return readdirSync(bundles).map((name) => {
    const { size: bytes } = statSync(join(bundles, name, 'index.mjs'));
    const budget = BUDGETS[name] ?? BUDGET;
    const good = bytes <= budget;
    const verdict = good ? '' : '  ← over budget';
    const [is, may] = [bytes, budget].map((number) => number.toLocaleString('en'));
    return { good, text: `${name.padEnd(20)} ${is} of ${may} bytes${verdict}` };
  });
}
