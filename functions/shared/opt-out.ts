import { isOneOf } from './words.ts';

export interface OptOutWords {
  readonly stop: readonly string[];
  readonly start: readonly string[];
}

/** What a message says about being written to, if it says that and nothing else. */
export const optOutOf = (text: string | undefined, words: OptOutWords): 'stop' | 'start' | undefined => {
  if (text === undefined) return undefined;
  if (isOneOf(text, words.stop)) return 'stop';
  return isOneOf(text, words.start) ? 'start' : undefined;
};
