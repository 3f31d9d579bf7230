import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

interface Outcome {
  readonly name: string;
  readonly command: string;
  readonly good: boolean;
  readonly text: string;
  readonly seconds: number;
}

async function run(name: string, command: string): Promise<Outcome> {
  const began = performance.now();
  const env = { ...process.env, CDK_OUTDIR: outdir, NO_COLOR: '1' };
  const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { name, command, good: code === 0, text, seconds: (performance.now() - began) / 1000 };
}

function report({ name, command, good, text, seconds }: Outcome): void {
  if (!good) failed.push(name);
  console.log(`${good ? '✓' : '✗'} ${name.padEnd(28)} ${seconds.toFixed(1)} s`);
  if (!good) console.log(`  $ ${command}\n${text.trim().replace(/^/gm, '  ')}`);
}

try {
  // Most of these leave a core idle, so they run side by side; the tests, of which many wait for something, have the machine to themselves.
  const structure = 'vitest run test/unit/structure.test.ts';
  const steps = [
    run('format and lint', 'biome ci --colors=off --error-on-warnings .'),
    run('types', 'tsc --noEmit -p .'),
    run('dead code', 'knip'),
    ...(values['without-tests'] ? [run('structure', structure)] : []),
    run('synth with cdk-nag', 'tsx bin/app.ts'),
  ];
  for (const step of steps) report(await step);
  if (!values['without-tests']) report(await run('tests', 'vitest run'));

  const bundles = sizes(join(outdir, 'bundles'));
  const fit = bundles.length > 0 && bundles.every(({ fits }) => fits);
  if (!fit) failed.push('bundle sizes');
  console.log(`${fit ? '✓' : '✗'} bundle sizes`);
  for (const { text } of bundles) console.log(`  ${text}`);
} finally {
  rmSync(outdir, { recursive: true, force: true });
}

console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
