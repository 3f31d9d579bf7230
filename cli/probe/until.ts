import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Whether it became so within the time. Rejects where it is stopped before. */
export const until = async (
  good: () => boolean | Promise<boolean>,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const end = Date.now() + ms;
  for (;;) {
    if (await good()) return true;
    if (Date.now() >= end) return false;
    await sleep(POLL_MS, undefined, { signal });
  }
};
