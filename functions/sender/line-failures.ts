import type { FailedPosts, Failing } from '../shared/ledger/line-control.ts';
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
  ({ hold, settlement, untried, failedAt }: Outcome, key: string, isBeside: boolean) =>
  (before: Failing | undefined): Failing | undefined => {
    if (untried) return before;
    // Of a line that is not well no POST is to be expected to go well: what failed before that is no news of the API any more.
    const posts = failedAt === undefined ? undefined : postsAfter(before?.posts, failedAt, settlement.response?.status);
    if (isBeside) return before?.on === undefined ? { times: before?.times ?? 0, on: key, posts } : before;
    if (hold) return { ...before, times: (before?.times ?? 0) + 1, posts };
    return settlement.response ? undefined : before;
  };

const postsAfter = (before: FailedPosts | undefined, at: number, status: number | undefined): FailedPosts => ({
  count: (before?.count ?? 0) + 1,
  at,
  ...(status !== undefined && { status }),
});
