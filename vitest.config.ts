import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const env = {
  // The SDK warns on Node 20, which stays supported here; the deployed runtime is newer.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  // `npm run check` validates the template against CloudFormation's schema once; a test run need not do it again.
  CDK_VALIDATION: 'false',
};

/** It waits for a minute with idle cores: beside others that costs no time, at the end it would. */
const WAITING = 'test/emulated/sender-killed.test.ts';

class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(WAITING);
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

const LOAD = 'test/emulated/*-load.test.ts';

/** Those that put something in a module's place, or import modules that look at the environment once: their modules are theirs alone. */
const ALONE = readdirSync('test/emulated')
  .filter((name) => name.endsWith('.test.ts') && !name.endsWith('-load.test.ts'))
  .map((name) => `test/emulated/${name}`)
  .filter((file) =>
    /\bvi\.(do)?mock\(|\/(dynamo|world\/run)\.ts'|process\.env\.\w+ = /i.test(readFileSync(file, 'utf8')),
  );

const project = (name: string, more: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 180_000, ...more },
});
/** The files share processes and modules, which saves loading them a hundred times; what one lends itself, it gives back. */
const SHARED = { isolate: false, setupFiles: ['test/give-back.ts'] };
const OF_A_STACK = { globalSetup: ['test/synthesise-once.ts'], hookTimeout: 180_000 };

export default defineConfig({
  test: {
    env,
    // More than cores: those of the whole stack wait for time-outs and for processes of their own.
    maxWorkers: 4,
    sequence: { sequencer: WaitingFirst },
    // What a test waits for takes as long as the machine is busy; one second is no time.
    expect: { poll: { timeout: 60_000, interval: 100 } },
    projects: [
      project('unit', SHARED),
      project('contract'),
      project('property'),
      project('infra', OF_A_STACK),
      project('emulated', { ...OF_A_STACK, ...SHARED, exclude: [LOAD, ...ALONE] }),
      project('emulated-alone', { ...OF_A_STACK, include: ALONE }),
      // What takes all cores comes last, one file at a time: beside others it would measure them, and starve them.
      project('load', { ...OF_A_STACK, include: [LOAD], fileParallelism: false, sequence: { groupOrder: 1 } }),
    ],
  },
});
