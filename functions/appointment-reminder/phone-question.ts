import * as z from 'zod/mini';
import { type Answer, textOf } from '../shared/door/answers.ts';
import type { PhoneCandidate } from '../shared/people/phone.ts';
import { normaliseWords } from '../shared/wording/words.ts';

/** Longer than any question; lengths come before patterns, for patterns on long texts take minutes. */
const MAX_TITLE = 500;

/** A title as a person reads it: without regard to case, to spaces, to marks that cannot be seen and to the colon or the star that forms put behind it. */
const read = (title: string): string =>
  normaliseWords(title)
    .replace(/[\s:*]+$/u, '')
    .trim();

const title = z.string().check(
  z.maxLength(MAX_TITLE),
  z.refine((text) => read(text) !== '', { error: 'write the words of the question, as they stand on the form' }),
);

/** The words of the questions of one's own that ask for the phone, most telling first. */
export const phoneQuestion = z.optional(z.union([title, z.array(title).check(z.minLength(1))]));

/** What was answered to them. */
export const phonesAsked = (
  answers: readonly Answer[],
  titles: z.output<typeof phoneQuestion> = [],
): readonly PhoneCandidate[] =>
  [titles].flat().flatMap((wanted) =>
    answers
      .filter(({ names }) => names.some((name) => name.length <= MAX_TITLE && read(name) === read(wanted)))
      .flatMap(({ value }) => {
        const raw = textOf(value);
        return raw === undefined ? [] : [{ raw }];
      }),
  );
