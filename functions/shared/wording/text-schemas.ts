import * as z from 'zod/mini';
import { countCharacters, isReadable } from '../runtime/characters.ts';
import { BRACES, MAX_BODY } from './texts.ts';

/** Schemas of the client file that several templates use. They run when a stack is synthesised and are in no bundle. */

/** What people read: so many characters at most, and nothing that is none. */
export const textSchema = (maxCharacters: number) =>
  z.string().check(
    z.refine((text) => text.trim() !== '', 'write a text: nothing can be seen of this'),
    z.refine((text) => countCharacters(text) <= maxCharacters, `write at most ${maxCharacters} characters`),
    z.refine(isReadable, 'holds a character that is none, or was lost when the file was saved: save it as UTF-8'),
  );

/** WhatsApp shows no more on a button; whether an emoji counts as one or two there nobody says, so as two. */
const MAX_BUTTON = 20;

/** Texts by locale (`he`, `en`, `en-GB`). `placeholders` looks at what they hold in braces. */
export const textsSchema = z.record(
  z.string().check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'write a locale such as he, en or en-GB')),
  z.strictObject({
    body: textSchema(MAX_BODY),
    button: z.optional(textSchema(MAX_BUTTON).check(z.maxLength(MAX_BUTTON))),
    ifMissing: z.optional(z.record(z.string(), textSchema(MAX_BODY))),
  }),
);

/** A picture or document by address, with the text as its caption. The API's field names are not confirmed yet. */
export const mediaSchema = z.strictObject({
  url: textSchema(1000).check(
    z.regex(/^https:\/\//, 'write an https address'),
    z.refine(
      (url) => !/^https:\/\/[^/?#]*[{}]/.test(url),
      'write the host as it is: a placeholder may stand behind it alone',
    ),
    z.refine(
      (url) => /^\S+$/.test(url.replace(BRACES, 'x')) && URL.canParse(url.replace(BRACES, 'x')),
      'is no address',
    ),
  ),
});

const names = z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.minLength(1));

/** Answers of a form that stand in texts: the placeholder, and the questions whose first answer it is. */
export const answersSchema = z.record(
  z.string().check(
    z.regex(/^[a-z][a-z0-9_]{0,29}$/, 'write a lower-case word, such as interest'),
    z.refine((name) => !(name in {}), 'write another word: this one means something else here'),
  ),
  z.strictObject({
    /** Names of the question, most telling first, compared as those of a phone are; `*` stands for any characters. */
    fields: names,
    /** Only these answers count, and as they stand here. A form that a browser posts without a secret needs them. */
    choices: z.optional(z.array(textSchema(200)).check(z.minLength(1))),
  }),
);

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

type Group = Readonly<Record<string, unknown>>;
const groupIn = (value: unknown): Group => (typeof value === 'object' && value !== null ? (value as Group) : {});

const mistakes = (template: string, known: readonly string[]): string[] =>
  [...template.matchAll(BRACES)].filter((match) => !known.includes(match[1] ?? '')).map((match) => match[0]);

/** Of texts, and the media beside them. */
const problemsOf = ({ texts, media }: Group, known: readonly string[]): Problem[] => {
  const among = `known: ${known.map((name) => `{${name}}`).join(' ')}`;
  const unknown = (path: readonly string[], wrong: readonly string[]): Problem[] =>
    wrong.length > 0 ? [{ path, message: `unknown placeholder ${wrong.join(', ')}; ${among}` }] : [];
  const url = String(groupIn(media).url ?? '');
  const problems = Object.entries(groupIn(texts)).flatMap(([locale, text]) => {
    const { body, ifMissing } = groupIn(text);
    const standIns = Object.keys(groupIn(ifMissing));
    const path = ['texts', locale, 'ifMissing'];
    const greets = [body, url].some((one) => String(one).includes('{name}')) && !standIns.includes('name');
    const message =
      "is missing: write what stands for {name} when there is none, or what came is no name, such as ifMissing: { name: 'there' }";
    return [
      ...unknown(['texts', locale, 'body'], mistakes(String(body ?? ''), known)),
      ...standIns.flatMap((name) => unknown([...path, name], known.includes(name) ? [] : [`{${name}}`])),
      ...(greets ? [{ path: [...path, 'name'], message }] : []),
    ];
  });
  return [...problems, ...unknown(['media', 'url'], mistakes(url, known))];
};

/** Of all texts and media in a template's settings, wherever they stand. */
const problemsIn = (settings: Group, known: readonly string[]): Problem[] => {
  const { texts, sources, answers, ...others } = settings;
  const inner = Object.entries(others).flatMap(([name, value]) =>
    problemsIn(groupIn(value), known).map((problem) => ({ ...problem, path: [name, ...problem.path] })),
  );
  return [...problemsOf(settings, known), ...inner];
};

/**
 * Of a template's settings: texts and addresses of media hold known placeholders and no other brace, and what is wrong is named with
 * what is known. What people write as their name need not be one, so each text with `{name}` says what then.
 * @param later those of `own` that an answer may take the place of: client files had such answers before
 */
export const placeholders = (own: readonly string[], later: readonly string[] = []) =>
  z.check<object>(
    ({ value, issues }) => {
      const answers = Object.keys(groupIn(groupIn(value).answers));
      const taken = answers.filter((name) => own.includes(name) && !later.includes(name));
      const problems = [
        ...taken.map((name) => ({
          path: ['answers', name],
          message: `{${name}} means something already: write another word`,
        })),
        ...problemsIn(groupIn(value), [...new Set([...own, ...answers])]),
      ];
      for (const { path, message } of problems) {
        issues.push({ code: 'custom', input: value, path: [...path], message });
      }
    },
    // Beside whatever else is wrong: all of it is told at once.
    { when: () => true },
  );
