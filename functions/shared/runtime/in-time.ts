import type { Context } from 'aws-lambda';

/** When the invocation that runs is over, epoch milliseconds: Lambda runs one at a time in a process. */
let endsAt = Number.POSITIVE_INFINITY;

/** Lets every call to the outside end before Lambda ends the function, with time left to write down what became of it. */
export const inTime =
  <Event, Result>(handle: (event: Event, context: Context) => Promise<Result>) =>
  async (event: Event, context: Context): Promise<Result> => {
    endsAt = Date.now() + context.getRemainingTimeInMillis();
    try {
      return await handle(event, context);
    } finally {
      endsAt = Number.POSITIVE_INFINITY;
    }
  };

/** What the invocation leaves of so many milliseconds when it keeps others for what comes after; 0 if nothing. */
export const within = (ms: number, keptMs: number): number => Math.max(0, Math.min(ms, endsAt - Date.now() - keptMs));

/** INIT has ten seconds, and whoever waits for the first answer five. */
export const WARM_UP_MS = 2_000;

/**
 * Opens connections and fetches what will be needed, in INIT, where the CPU is not throttled and nobody waits. What fails here, or is not
 * there in time, is fetched with the first event, with a state to show for it.
 */
export const warmUp = async (...calls: readonly Promise<unknown>[]): Promise<void> => {
  await isDoneIn(Promise.allSettled(calls), WARM_UP_MS);
};

/** Whether it was done within so many milliseconds; no more are waited for. */
export const isDoneIn = async (work: Promise<unknown>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), over]);
  } finally {
    clearTimeout(timer);
  }
};
