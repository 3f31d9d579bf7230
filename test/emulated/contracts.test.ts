import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../local/sandbox/contract/assumptions.ts';
import {
  ASSUMED,
  anyContract,
  describeContract,
  VARIANTS,
  withVariant,
} from '../../local/sandbox/contract/contract.ts';
import { randomOf } from '../../local/sandbox/contract/random.ts';
import type { Finding } from './world/findings.ts';
import { World } from './world/world.ts';

/**
 * The main stories of people under everything that EZWhatsApp may do where no page of its says it. How the world is made, and what of it is
 * real, stands in world/world.ts.
 *
 *   CONTRACT_SEEDS=200 npx vitest run --project 'emulated*' test/emulated/contracts.test.ts     so many combinations
 *   CONTRACT_SEED=17 npx vitest run --project 'emulated*' test/emulated/contracts.test.ts -t 'seed 17'     one again
 */

/** A run takes a second of an idle core, and two where others work beside it. */
const SEEDS = Number(process.env.CONTRACT_SEEDS ?? 15);
const ONE = process.env.CONTRACT_SEED;
const FILE = 'test/emulated/contracts.test.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 60_000);
afterAll(() => world.stop());

const findingsOf = async (contract: Contract, seed: number): Promise<readonly Finding[]> => {
  // Loaded behind the world, which puts its own modules in the place of the outermost ones.
  const { Scene } = await import('./world/scene.ts');
  const { tellAll } = await import('./world/stories.ts');
  const { findings } = await import('./world/findings.ts');
  const random = randomOf(seed);
  await world.begin(random, contract);
  const scene = new Scene(world, contract, random);
  await tellAll(scene);
  return findings(scene);
};

const holds = async (contract: Contract, seed: number, test: string): Promise<void> => {
  const repeat = `CONTRACT_SEED=${seed} npx vitest run --project 'emulated*' ${FILE} -t '${test}'`;
  const about = `${describeContract(contract)}\nAgain: ${repeat}\n`;
  const found = await findingsOf(contract, seed).catch((error: Error) => [
    { promise: 'ends', says: String(error.stack) },
  ]);
  expect(found, about).toEqual([]);
};

describe('every promise is kept', () => {
  const seed = Number(ONE ?? 1);
  it('as assumed', () => holds(ASSUMED, seed, 'as assumed'));

  it.each(VARIANTS.map(([name, variant]) => [`${name}=${variant}`, withVariant(name, variant)] as const))(
    '%s',
    (test, contract) => holds(contract, seed, test),
  );

  const seeds = ONE === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(ONE)];
  it.each(seeds.map((one) => [one, describeContract(anyContract(randomOf(one)))] as const))('seed %i: %s', (one) =>
    holds(anyContract(randomOf(one)), one, `seed ${one}:`),
  );
});
