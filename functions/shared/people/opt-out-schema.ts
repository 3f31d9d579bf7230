import * as z from 'zod/mini';
import { wordsOf } from '../wording/words.ts';
import { MAX_WORDS_OF_PHRASE, optOutOf } from './opt-out.ts';
import { optOutWords } from './opt-out-words.ts';

const word = z.string().check(
  z.maxLength(60),
  z.refine((text) => wordsOf(text).length > 0, 'write a word: signs do not count, so this would never be heard'),
  z.refine(
    (text) => wordsOf(text).length <= MAX_WORDS_OF_PHRASE,
    `write at most ${MAX_WORDS_OF_PHRASE} words: a longer phrase would never be heard`,
  ),
);
const words = z.array(word).check(z.minLength(1));

/** A word that says both would always be a stop, and nobody could undo one with it. */
const saysStop = (start: string, stop: readonly string[] | undefined): boolean =>
  optOutOf(start, optOutWords('', { stop })) === 'stop';

/**
 * A message that is one of these, and nothing else but politeness, takes its sender off, or back onto, all automatic messages. Stop
 * words are added to ours, start words take the place of ours.
 */
export const optOutSchema = z.strictObject({ stop: z.optional(words), start: z.optional(words) }).check(
  z.refine(({ stop, start = [] }) => !start.some((one) => saysStop(one, stop)), {
    path: ['start'],
    message: 'one of these words is a stop word too, and stop always counts: take it out of one of the two',
  }),
);
