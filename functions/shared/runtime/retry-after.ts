import type { HttpResult } from './http.ts';

type Headers = Pick<Extract<HttpResult, { kind: 'answer' }>['headers'], 'retry-after'>;

/**
 * Whoever says longer is asked again after so long all the same: what waits for hours comes too late, and how often a queue delivers a message
 * counts on a quarter of an hour, so that what never ends is among the dead letters before the queue forgets it.
 */
const MOST_SECONDS = 900;

/**
 * Whole seconds that an answer's `Retry-After` asks for, written as seconds or as an HTTP date, 900 at most; `undefined` where it asks for
 * no waiting.
 * @param now epoch milliseconds
 */
export const retryAfter = ({ 'retry-after': value = '' }: Headers, now: number): number | undefined => {
  // Date.parse finds a year in almost any text: without a time of day it is no date.
  const at = /\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (at - now) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(MOST_SECONDS, Math.ceil(seconds)) : undefined;
};
