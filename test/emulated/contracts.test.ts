import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Contract } from '../../local/sandbox/contract/assumptions.ts';
import {
  ASSUMED,
  anyContract,
  describeContract,
  VARIANTS,
  withVariant,
} from '../../local/sandbox/contract/contract.ts';
import { randomOf } from '../../local/sandbox/contract/random.ts';
import { startWorld } from './world/run.ts';

/**
 * The main stories of people under everything that EZWhatsApp may do where no page of its says it. How the world is made, and what of it is
 * real, stands in world/world.ts.
 *
 *   CONTRACT_SEEDS=200 npx vitest run --project 'emulated*' test/emulated/contracts.test.ts     so many combinations
 *   CONTRACT_SEED=17 npx vitest run --project 'emulated*' test/emulated/contracts.test.ts -t 'seed 17'     one again
 */

/** A run takes a second of an idle core, and two where others work beside it. */
const SEEDS = Number(process.env.CONTRACT_SEEDS ?? 6);
const ONE = process.env.CONTRACT_SEED;
const FILE = 'test/emulated/contracts.test.ts';

let started: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  started = await startWorld();
});
afterAll(() => started.stop());

const holds = (contract: Contract, seed: number, test: string): Promise<void> => {
  const again = `CONTRACT_SEED=${seed} npx vitest run --project 'emulated*' ${FILE} -t '${test}'`;
  return started.holds({ contract, seed, again });
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
