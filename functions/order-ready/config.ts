import * as z from 'zod/mini';
import { sourcesSchema } from '../shared/door/sources-schema.ts';
import type { ClientFacts } from '../shared/door/template.ts';
import { durationSchema } from '../shared/hours/duration-schema.ts';
import { answersSchema, mediaSchema, placeholders, textsSchema } from '../shared/wording/text-schemas.ts';
import * as sources from './sources.ts';

/** What the texts of this template may hold in braces. */
const PLACEHOLDERS = ['name', 'order', 'location'] as const;

export const orderReadySchema = z
  .strictObject({
    /** How long the message still helps, from the first moment within the client's hours after the event. */
    usefulFor: z._default(durationSchema, 'PT24H'),
    /**
     * An order placed longer ago is not announced where an edit or a refund of an old one looks the same. What itself says that an
     * order is ready now knows no such age.
     */
    maxOrderAge: z._default(durationSchema, 'P14D'),
    texts: textsSchema,
    /** False: the order's address stands at the end of the text instead of on a button. */
    button: z._default(z.boolean(), true),
    media: z.optional(mediaSchema),
    answers: z.optional(answersSchema),
    sources: sourcesSchema(sources),
  })
  .check(placeholders(PLACEHOLDERS));

export type OrderReadyConfig = z.infer<typeof orderReadySchema> & ClientFacts;
