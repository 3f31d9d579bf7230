import { plainWords } from './characters.ts';

/**
 * Addresses of people and of places, what is long enough to be a token, and numbers of people; each by a form, and by what such a run
 * holds. A form takes whole runs: one that ends at an `@` or a digit would look for it from every letter of a long run anew.
 */
const NOT_TO_BE_SHOWN: readonly (readonly [form: RegExp, holds: RegExp])[] = [
  [/https?:\/\/\S+/gi, /./],
  [/[\w.+-]+(?:@[\w-]+\.[\w.-]+)?/g, /@/],
  [/\b[\w-]{24,}\b/g, /\d/],
  [/\+?\d[\d\s().-]{4,}\d/g, /./],
];

/** All texts in a body. */
export const textsIn = (body: unknown): readonly string[] => {
  if (typeof body === 'string') return [body];
  return typeof body === 'object' && body !== null ? Object.values(body).flatMap(textsIn) : [];
};

/** Their lines, but for names of fields and constants, which tell people what to mend. */
const linesIn = (body: unknown): readonly string[] =>
  textsIn(body).flatMap((text) =>
    text.split(/\n|<br>/).filter((line) => line.length > 2 && !(line.includes('_') && /^\w+$/.test(line))),
  );

/** Another system's words as people may see them: nothing of what was sent, which vendors like to repeat. */
export const shownWords = (words: string, sent: unknown): string => {
  const own = linesIn(sent).reduce((text, one) => text.replaceAll(one, '…'), words);
  const shown = NOT_TO_BE_SHOWN.reduce(
    (text, [form, holds]) => text.replace(form, (run) => (holds.test(run) ? '…' : run)),
    own,
  );
  return plainWords(shown);
};
