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

const project = (name: string, more: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 60_000, ...more },
});
const OF_A_STACK = { globalSetup: ['test/synthesise-once.ts'], hookTimeout: 60_000 };

export default defineConfig({
  test: {
    env,
    // More than cores: those of the whole stack wait for time-outs and for processes of their own.
    maxWorkers: 4,
    sequence: { sequencer: WaitingFirst },
    // What a test waits for takes as long as the machine is busy; one second is no time.
    expect: { poll: { timeout: 20_000, interval: 100 } },
    projects: [
      project('unit', { isolate: false, setupFiles: ['test/unit/give-back.ts'] }),
      project('contract'),
      project('property', { testTimeout: 120_000 }),
      project('infra', OF_A_STACK),
      project('emulated', { ...OF_A_STACK, exclude: [LOAD] }),
      // What takes all cores comes last, one file at a time: beside others it would measure them, and starve them.
      project('load', { ...OF_A_STACK, include: [LOAD], fileParallelism: false, sequence: { groupOrder: 1 } }),
    ],
  },
});
