import * as z from 'zod/mini';

/** What crm-sync and escalation share of the client file. Runs at synth and is in no bundle. */

const words = z.array(z.string().check(z.minLength(1), z.maxLength(60))).check(z.minLength(1));

/**
 * A message that is one of these, and nothing else but politeness, takes its sender off, or back onto, all automatic messages. Stop
 * words are added to ours, start words take the place of ours.
 */
export const optOutSchema = z.strictObject({ stop: z.optional(words), start: z.optional(words) });

/** Plain http is for this machine alone: the stand-ins of the local stack. */
export const outsideUrl = z
  .string()
  .check(z.regex(/^(https:\/\/[^\s/@]+|http:\/\/127\.0\.0\.1(:\d+)?)(\/\S*)?$/, 'write an https address'));
