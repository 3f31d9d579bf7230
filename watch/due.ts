import type { Check } from '../cli/doctor/check.ts';
import { pairOf, UNSEEN } from './causes.ts';
import type { Remembered } from './decide.ts';

/** Minutes from one run to the next, as the stack's rule has it. */
const RUN_EVERY = 5;

/** Clients beside each other ask their vendors in different runs. */
const offsetOf = (client: string): number =>
  [...client].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 997, 7);

/** Pairs of which something stands, or stood a moment ago: these are looked at each time. */
export const openPairs = (memory: readonly Remembered[]): ReadonlySet<string> =>
  new Set(
    memory
      .filter(({ wellAt }) => wellAt === undefined)
      .flatMap(({ clients, check }) => clients.map((client) => pairOf(client, check))),
  );

/** Which checks of a client are due in a run. @param open what is looked at each time @param at epoch milliseconds, when the run was to be */
export const dueOf = (
  checks: readonly Check[],
  client: string,
  open: ReadonlySet<string> | 'all',
  at: number,
): readonly Check[] => {
  const run = Math.floor(at / (RUN_EVERY * 60_000)) + offsetOf(client);
  // Whether what could not be looked at can be again is known only of what is looked at.
  const isWhole = open === 'all' || open.has(pairOf(client, UNSEEN));
  return checks.filter(({ id, watched }) => {
    if (!watched) return false;
    const runs = Math.max(1, Math.round((watched.every ?? RUN_EVERY) / RUN_EVERY));
    return isWhole || run % runs === 0 || open.has(pairOf(client, id));
  });
};
