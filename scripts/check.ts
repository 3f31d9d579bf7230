import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../local/read-arguments.ts';
import { sizes } from './bundle-sizes.ts';
import { orExit } from './or-exit.ts';

// Every gate, in the order in which it is quickest to fix. All run, so one visit shows everything that is wrong.
// `--without-tests` is for a pipeline that has just run them.
const options = { 'without-tests': { type: 'boolean' } } as const;
const { values } = orExit(() => readArguments({ options }, 'Usage: npm run check -- [--without-tests]'));
const outdir = mkdtempSync(join(tmpdir(), 'ezw-check-'));
const failed: string[] = [];

function step(name: string, command: string): void {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(command, {
    shell: true,
    encoding: 'utf8',
    env: { ...process.env, CDK_OUTDIR: outdir, NO_COLOR: '1' },
  });
  report(name, status === 0, began);
  if (status !== 0) console.log(`  $ ${command}\n${indented(stdout + stderr)}`);
}

function report(name: string, good: boolean, began: number): void {
  if (!good) failed.push(name);
  console.log(`${good ? '✓' : '✗'} ${name.padEnd(28)} ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

const indented = (text: string): string => text.trim().replace(/^/gm, '  ');

try {
  step('format and lint', 'biome ci --colors=off --error-on-warnings .');
  step('types', 'tsc --noEmit -p .');
  step('dead code', 'knip');
  if (values['without-tests']) step('structure', 'vitest run test/unit/structure.test.ts');
  else step('tests', 'vitest run');
  step('synth with cdk-nag', 'tsx bin/app.ts');

  const began = performance.now();
  const bundles = sizes(join(outdir, 'bundles'));
  report('bundle sizes', bundles.length > 0 && bundles.every(({ fits }) => fits), began);
  for (const { text } of bundles) console.log(`  ${text}`);
} finally {
  rmSync(outdir, { recursive: true, force: true });
}

console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
