import * as z from 'zod/mini';
import { sourcesSchema } from '../shared/door/sources-schema.ts';
import type { ClientFacts } from '../shared/door/template.ts';
import { ISO_DURATION } from '../shared/hours/duration.ts';
import { answersSchema, mediaSchema, placeholders, textsSchema } from '../shared/wording/text-schemas.ts';
import * as sources from './sources.ts';

/** What the texts of this template may hold in braces. */
const PLACEHOLDERS = ['name', 'time', 'date', 'day', 'when', 'zone', 'service'] as const;

/** Of these, what came later: a client file may have an answer of this name, and then that is what it means. */
export const LATER = ['when', 'zone'] as const;

/** A stage stands in the Idempotency-Key, which has room for so many characters. */
const MAX_STAGE = 10;

const stageName = z.string().check(
  z.refine((stage) => stage === '24h' || stage === '2h' || ISO_DURATION.test(stage), {
    error: 'write 24h, 2h or an ISO 8601 duration such as P2D or PT30M',
  }),
  z.maxLength(MAX_STAGE),
);

export const appointmentReminderSchema = z
  .strictObject({
    /** How long before the start, and what is said then. */
    stages: z
      .record(stageName, z.strictObject({ texts: textsSchema, media: z.optional(mediaSchema) }))
      .check(z.refine((stages) => Object.keys(stages).length > 0, 'write at least one stage, such as 24h')),
    /** What becomes of a reminder that was due before the booking was made: nothing, or the last such one goes out at once. */
    late: z._default(z.enum(['skip', 'send']), 'skip'),
    answers: z.optional(answersSchema),
    sources: sourcesSchema(sources),
  })
  .check(placeholders(PLACEHOLDERS, LATER));

export type AppointmentReminderConfig = z.infer<typeof appointmentReminderSchema> & ClientFacts;
