import * as z from 'zod/mini';
import { countCharacters, isReadable } from '../runtime/characters.ts';
import { BRACES, MAX_BODY } from './texts.ts';

/** Schemas of the client file that several templates use. They run when a stack is synthesised and are in no bundle. */

const mistakes = (template: string, known: readonly string[]): string[] =>
  [...template.matchAll(BRACES)].filter((match) => !known.includes(match[1] ?? '')).map((match) => match[0]);

/** What people read: so many characters at most, and nothing that is none. */
export const textSchema = (maxCharacters: number) =>
  z.string().check(
    z.minLength(1),
    z.refine((text) => countCharacters(text) <= maxCharacters, `write at most ${maxCharacters} characters`),
    z.refine(isReadable, 'holds a character that is none, or was lost when the file was saved: save it as UTF-8'),
  );

/** A template that may hold the known placeholders and no other brace; the error names what was wrong and what is known. */
export const templateSchema = (known: readonly string[], maxCharacters: number) =>
  textSchema(maxCharacters).check(
    z.refine((template) => mistakes(template, known).length === 0, {
      error: (issue) =>
        `unknown placeholder ${mistakes(String(issue.input), known).join(', ')}; known: ${known.map((name) => `{${name}}`).join(' ')}`,
    }),
  );

/** WhatsApp shows no more on a button; whether an emoji counts as one or two there nobody says, so as two. */
const MAX_BUTTON = 20;

/** Texts by locale (`he`, `en`, `en-GB`). What people write as their name need not be one, so each text that greets says what then. */
export const textsSchema = (known: readonly string[]) =>
  z.record(
    z.string().check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'write a locale such as he, en or en-GB')),
    z
      .strictObject({
        body: templateSchema(known, MAX_BODY),
        button: z.optional(textSchema(MAX_BUTTON).check(z.maxLength(MAX_BUTTON))),
        ifMissing: z.optional(z.partialRecord(z.enum(known as readonly [string, ...string[]]), textSchema(MAX_BODY))),
      })
      .check(
        z.refine(({ body, ifMissing }) => !body.includes('{name}') || ifMissing?.name !== undefined, {
          path: ['ifMissing', 'name'],
          error:
            "is missing: write what stands for {name} when there is none, or what came is no name, such as ifMissing: { name: 'there' }",
        }),
      ),
  );
