import { Failed } from './errors.ts';

/** The local stack answers within moments, and its doors within the five seconds that shops wait. */
const ANSWER_MS = 10_000;

export interface Called {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

/**
 * One call over HTTP that ends within `limitMs`, its body included. Whoever stands still (a stopped or overloaded process) still
 * takes connections: without a limit the command would wait for ever.
 *
 * @throws Failed that tells who did not answer
 */
export const call = async (url: string, init: RequestInit = {}, limitMs = ANSWER_MS): Promise<Called> => {
  const { origin } = new URL(url);
  const signal = AbortSignal.timeout(limitMs);
  try {
    const response = await fetch(url, { ...init, signal });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch {
    const hint = origin.startsWith('https:') ? '' : ' Run "npm start" first and wait for "Ready".';
    if (!signal.aborted) throw new Failed(`Nothing answers at ${origin}.${hint}`);
    const seconds = limitMs / 1000;
    throw new Failed(
      `${origin} takes the call and has not answered within ${seconds} s: it is stopped, or much too busy.`,
    );
  }
};
