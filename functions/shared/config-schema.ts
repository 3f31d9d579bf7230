import * as z from 'zod/mini';
import { ISO_DURATION } from './duration.ts';
import { BRACES, MAX_BODY } from './text.ts';

/** Schemas of the client file that several templates use. They run when a stack is synthesised and are in no bundle. */

/** Months and years have no fixed length and are refused. */
export const durationSchema = z
  .string()
  .check(
    z.regex(
      ISO_DURATION,
      'write an ISO 8601 duration of days, hours, minutes or seconds, such as PT24H, PT30M or P14D',
    ),
  );

const mistakes = (template: string, known: readonly string[]): string[] =>
  [...template.matchAll(BRACES)].filter((match) => !known.includes(match[1] ?? '')).map((match) => match[0]);

/** A template that may hold the known placeholders and no other brace; the error names what was wrong and what is known. */
export const templateSchema = (known: readonly string[], maxCharacters: number) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(maxCharacters),
    z.refine((template) => mistakes(template, known).length === 0, {
      error: (issue) =>
        `unknown placeholder ${mistakes(String(issue.input), known).join(', ')}; known: ${known.map((name) => `{${name}}`).join(' ')}`,
    }),
  );

/** WhatsApp shows no more on a button. */
const MAX_BUTTON = 20;

/** Texts by locale (`he`, `en`, `en-GB`). */
export const textsSchema = (known: readonly string[]) =>
  z.record(
    z.string().check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'write a locale such as he, en or en-GB')),
    z.strictObject({
      body: templateSchema(known, MAX_BODY),
      button: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_BUTTON))),
      ifMissing: z.optional(
        z.partialRecord(z.enum(known as readonly [string, ...string[]]), z.string().check(z.minLength(1))),
      ),
    }),
  );
