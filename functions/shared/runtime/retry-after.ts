import type { HttpResult } from './http.ts';

type Headers = Pick<Extract<HttpResult, { kind: 'answer' }>['headers'], 'retry-after'>;

/**
 * Whole seconds that an answer's `Retry-After` asks for, written as seconds or as an HTTP date; `undefined` where it asks for
 * no waiting. How long is too long is for the queue to say.
 * @param now epoch milliseconds
 */
export const retryAfter = ({ 'retry-after': value = '' }: Headers, now: number): number | undefined => {
  // Date.parse finds a year in almost any text: without a time of day it is no date.
  const at = /\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (at - now) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
};
