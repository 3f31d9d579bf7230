import * as z from 'zod/mini';
import { patterns } from './pattern-schema.ts';

/** Answers that mean yes; one of several choices is enough. */
export const yesValues = z._default(patterns, ['true', 'yes', 'on', '1', 'checked', 'consented *', 'whatsapp']);

/**
 * What proves that the person agreed to a WhatsApp message, where the question is always asked. Names and answers are compared
 * without regard to case, spaces and punctuation; `*` stands for any characters.
 */
export const consentSchema = z.strictObject({
  /** Questions whose answer is the consent. The first of them that is there decides, answered or not. */
  fields: patterns,
  values: yesValues,
});
