import { isCancel, select, text } from '@clack/prompts';

const output = process.stderr;

/** Somebody with the phone before them. */
export interface Person {
  /** Asks for something to be done; false where they skip it. @throws Stopped */
  does(what: string): Promise<boolean>;
  /** Asks how many there are; undefined where they do not know. @throws Stopped */
  counts(question: string): Promise<number | undefined>;
}

/** They want no more of it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** For so long nobody answers before it goes on without them. */
const PATIENCE_MS = 10 * 60_000;

const answered = <T>(answer: T, isLate: boolean): Exclude<T, symbol> | undefined => {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  if (isLate) return undefined;
  throw new Stopped('Stopped.');
};

/** Whoever sits at the terminal; undefined where nobody does. */
export const personHere = (stop: AbortSignal): Person | undefined => {
  if (!process.stdin.isTTY) return undefined;
  const asked = async <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<Exclude<T, symbol> | undefined> => {
    const late = AbortSignal.timeout(PATIENCE_MS);
    return answered(await ask(AbortSignal.any([late, stop])), late.aborted);
  };
  return {
    does: async (message) =>
      (await asked((signal) =>
        select({
          message,
          output,
          signal,
          options: [
            { value: true, label: 'It is done' },
            { value: false, label: 'Skip this' },
          ],
        }),
      )) ?? false,
    counts: async (message) => {
      const validate = (value: string | undefined) =>
        /^\d{0,3}$/.test(value?.trim() ?? '') ? undefined : 'A number, or nothing if you do not know.';
      const given = (await asked((signal) => text({ message, output, signal, validate })))?.trim() ?? '';
      return given === '' ? undefined : Number(given);
    },
  };
};
