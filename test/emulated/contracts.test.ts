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

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 60_000);
afterAll(() => world.stop());

const run = async (contract: Contract, seed: number): Promise<readonly Finding[]> => {
  const { Scene } = await import('./world/scene.ts');
  const { tellAll } = await import('./world/stories.ts');
  const { findings } = await import('./world/findings.ts');
  const random = randomOf(seed);
  await world.begin(random, contract);
  const scene = new Scene(world, contract, random);
  await tellAll(scene);
  return findings(scene);
};

const look = async (contract: Contract, seed = 1) => {
  const t = performance.now();
  let found: readonly Finding[];
  try { found = await run(contract, seed); } catch (e) { found = [{ promise: 'threw', says: String((e as Error).stack) }]; }
  process.stderr.write(`\n## ${describeContract(contract)} ${Math.round(performance.now() - t)} ms\n${found.map(({ promise, says }) => `  ${promise}: ${says.slice(0, 300)}`).join('\n')}`);
};

it('as assumed', async () => {
  for (let i = 1; i < 6; i += 1) await look(ASSUMED, i);
});
it('variants', async () => {
  for (const [name, variant] of VARIANTS) await look(withVariant(name, variant));
}, 600_000);
