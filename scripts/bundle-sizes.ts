import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Bytes a minified function may have: what is read, parsed and compiled at each cold start. Up to 53 kB of each are parts of packages
 * that never run; leaving them out saved less than a millisecond each (docs/decisions/0005). The schemas of a source's settings
 * (4 to 7 kB of a template) never run there either: it is the price of a source being one file.
 */
const BUDGET = 270_000;
/** Where a function needs more, and why. */
const BUDGETS: Readonly<Record<string, number>> = {
  // Numbering plans, patterns of mobiles, names of countries and of HTML's characters: 160 kB, most of it texts that are not compiled.
  'order-ready': 370_000,
  // The same, and DynamoDB.
  'lead-first-touch': 431_000,
  // Two clients more, for its table and for its alarms (65 kB), and Temporal for days across a change of the clocks (56 kB).
  'appointment-reminder': 511_000,
  // SES's client alone is 80 kB; nobody waits for escalation to start, which reads from a queue.
  escalation: 343_000,
};

/** Each function's size beside its budget, from `<function>/index.mjs` in a folder; none if the folder is missing. */
export function sizes(bundles: string): { readonly fits: boolean; readonly text: string }[] {
  if (!existsSync(bundles)) return [];
  return readdirSync(bundles).map((name) => {
    const { size: bytes } = statSync(join(bundles, name, 'index.mjs'));
    const budget = BUDGETS[name] ?? BUDGET;
    const fits = bytes <= budget;
    const [is, may] = [bytes, budget].map((number) => number.toLocaleString('en'));
    return { fits, text: `${name.padEnd(20)} ${is} of ${may} bytes${fits ? '' : '  ← over budget'}` };
  });
}
