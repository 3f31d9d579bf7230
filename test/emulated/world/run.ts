import { expect } from 'vitest';
import type { Contract } from '../../../local/sandbox/contract/assumptions.ts';
import { describeContract } from '../../../local/sandbox/contract/contract.ts';
import { randomOf } from '../../../local/sandbox/contract/random.ts';
import type { Finding } from './findings.ts';
import { World } from './world.ts';

/** A run of all stories: under this contract, drawn by this seed, with or without chaos. */
export interface Run {
  readonly contract: Contract;
  readonly seed: number;
  readonly isRough?: boolean;
  /** The command that does it once more. */
  readonly again: string;
}

/** A world, and what tells stories in it and looks at what is left: loaded behind it, for it puts its own modules in the place of the outermost ones. */
export const startWorld = async () => {
  const world = await World.start();
  const [{ Scene }, { tellAll }, { findings }] = [
    await import('./scene.ts'),
    await import('./stories.ts'),
    await import('./findings.ts'),
  ];

  const findingsOf = async ({ contract, seed, isRough = false }: Run): Promise<readonly Finding[]> => {
    const random = randomOf(seed);
    await world.begin(random, contract, isRough ? seed : undefined);
    const scene = new Scene(world, contract, random);
    await tellAll(scene);
    return findings(scene);
  };

  return {
    world,
    stop: () => world.stop(),
    /** Every promise is kept. */
    holds: async (run: Run): Promise<void> => {
      const found = await findingsOf(run).catch((error: Error) => [{ promise: 'ends', says: String(error.stack) }]);
      const about = [describeContract(run.contract), `Again: ${run.again}`, ...world.story];
      expect(found, `${about.join('\n')}\n`).toEqual([]);
    },
  };
};
