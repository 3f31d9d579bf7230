import { reasonOf, Unavailable } from '../shared/runtime/errors.ts';

/** A vendor that throttles without a word of how long. */
const THROTTLED_MS = 60_000;
/** Somebody who does not answer costs each call its whole time, and with it that of the other CRMs' messages. */
const SILENT_MS = 15_000;
const MAX_MS = 900_000;

/**
 * What a call came to that was made without any answer: `sink_timeout`, `sink_ECONNREFUSED`; one with a status says `sink_503`. One that was not
 * made, for the invocation left no time for it, says nothing of the CRM.
 */
const isSilence = (reason: string): boolean => /^sink_(?!\d|answer|gave|token|no_time_left)/.test(reason);

/** For how long nothing should be asked of a CRM after this, in milliseconds, and whether it said so itself. */
const pauseAfter = (error: unknown): { readonly ms: number; readonly isTold: boolean } | undefined => {
  if (!(error instanceof Error) || error.name !== 'Unavailable') return undefined;
  const reason = reasonOf(error);
  const { retryAfterSeconds } = error as Unavailable;
  if (!reason.startsWith('sink_')) return undefined;
  if (retryAfterSeconds !== undefined) return { ms: Math.min(retryAfterSeconds * 1000, MAX_MS), isTold: true };
  if (reason === 'sink_429') return { ms: THROTTLED_MS, isTold: false };
  return isSilence(reason) ? { ms: SILENT_MS, isTold: false } : undefined;
};

/**
 * One CRM's rest: where it throttles or does not answer, what comes next does not ask it again and again, which it would count, nor wait for
 * it. In memory: each container learns it by itself.
 */
export class Pause {
  readonly #now: () => number;
  #until = 0;
  #isTold = false;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws `Unavailable` without a call while it lasts. */
  async around<T>(call: () => Promise<T>): Promise<T> {
    const left = this.#until - this.#now();
    // Where the vendor named no time, each message keeps its own growing distance.
    if (left > 0)
      throw new Unavailable('sink_paused', 'This CRM is left alone for now.', this.#isTold ? left / 1000 : undefined);
    try {
      return await call();
    } catch (error) {
      const pause = pauseAfter(error);
      if (pause) {
        this.#until = Math.max(this.#until, this.#now() + pause.ms);
        this.#isTold = pause.isTold;
      }
      throw error;
    }
  }
}
