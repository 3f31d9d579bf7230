import * as z from 'zod/mini';

const words = z.array(z.string().check(z.minLength(1), z.maxLength(60))).check(z.minLength(1));

/**
 * A message that is one of these, and nothing else but politeness, takes its sender off, or back onto, all automatic messages. Stop
 * words are added to ours, start words take the place of ours.
 */
export const optOutSchema = z.strictObject({ stop: z.optional(words), start: z.optional(words) });
