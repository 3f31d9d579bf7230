import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Contract } from '../../local/sandbox/contract/assumptions.ts';
import { ASSUMED } from '../../local/sandbox/contract/contract.ts';
import { randomOf } from '../property/order-world.ts';
import { World } from './world/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 60_000);
afterAll(() => world.stop());

const run = async (contract: Contract, seed: number) => {
  const { Scene } = await import('./world/scene.ts');
  const { tellAll } = await import('./world/stories.ts');
  const { findings } = await import('./world/findings.ts');
  const random = randomOf(seed);
  await world.begin(random, contract);
  const scene = new Scene(world, contract, random);
  await tellAll(scene);
  return findings(scene);
};

it('as assumed', async () => {
  for (let i = 0; i < 5; i += 1) {
    const t = performance.now();
    const found = await run(ASSUMED, i);
    process.stderr.write(`${Math.round(performance.now() - t)} ms\n`);
    process.stderr.write(JSON.stringify(found,null,1));

  }
});
