import { afterAll, beforeAll, describe, it } from 'vitest';
import { ASSUMED } from '../../local/sandbox/contract/contract.ts';
import { startWorld } from './world/run.ts';

/**
 * The main stories of people while everything goes wrong by a plan: local/chaos/plan.ts says what may, and world/chaos.ts how it looks to whoever
 * calls. The same seed tells the same story.
 *
 *   CHAOS_SEEDS=200 npx vitest run --project 'emulated*' test/emulated/chaos.test.ts     so many seeds, from CHAOS_FROM on
 *   CHAOS_SEED=17 npx vitest run --project 'emulated*' test/emulated/chaos.test.ts     one again; CHAOS_LOG=1 with all that was logged
 */

const { CHAOS_SEEDS, CHAOS_SEED, CHAOS_FROM = '1' } = process.env;

let started: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  started = await startWorld();
});
afterAll(() => started.stop());

/**
 * Seed 1 found that a second automatic answer, seen on the line before the index of the ledger knew it, made one of thirteen hours before that
 * never came an accepted one.
 */
const FIXED = [1, 3, 6];
const seeds = (): readonly number[] => {
  if (CHAOS_SEED !== undefined) return [Number(CHAOS_SEED)];
  if (CHAOS_SEEDS === undefined) return FIXED;
  return Array.from({ length: Number(CHAOS_SEEDS) }, (_, i) => Number(CHAOS_FROM) + i);
};

describe('every promise is kept, whatever goes wrong', () => {
  it.each(seeds())('seed %i', async (seed) => {
    const again = `CHAOS_SEED=${seed} npx vitest run --project 'emulated*' test/emulated/chaos.test.ts`;
    await started.holds({ contract: ASSUMED, seed, isRough: true, again });
  });
});
