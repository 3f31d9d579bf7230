import type { Failing } from '../shared/ledger/line-control.ts';
import type { Outcome } from './workflow.ts';

/**
 * Whether it may be this message that the API fails on, and not the line: since it took one it failed on no other. A further try says nothing
 * new of the line, so that what goes round beside it holds up nobody who comes later.
 */
export const mayBeAlone = (failing: Failing | undefined, key: string, attempts: number): boolean =>
  attempts > 1 || failing?.on === undefined || failing.on === key;

/**
 * What stands after a message, by what stood before: the very same where nothing is new.
 * @param isBeside whether it makes way for the next one, which shows whether it is the line
 */
export const failingAfter =
  ({ hold, settlement, untried }: Outcome, key: string, isBeside: boolean) =>
  (before: Failing | undefined): Failing | undefined => {
    if (untried) return before;
    if (isBeside) return before?.on === undefined ? { times: before?.times ?? 0, on: key } : before;
    if (hold) return { ...before, times: (before?.times ?? 0) + 1 };
    return settlement.response ? undefined : before;
  };
