import { isSupportedCountry } from 'libphonenumber-js/min';
import * as z from 'zod/mini';
import { sourcesSchema } from '../shared/door/sources-schema.ts';
import type { ClientFacts } from '../shared/door/template.ts';
import { durationSchema } from '../shared/hours/duration-schema.ts';
import { httpsUrl } from '../shared/runtime/address-schema.ts';
import { answersSchema, mediaSchema, placeholders, textsSchema } from '../shared/wording/text-schemas.ts';
import * as sources from './sources.ts';

/** What the texts of this template may hold in braces. */
const PLACEHOLDERS = ['name'] as const;

export const leadFirstTouchSchema = z
  .strictObject({
    /** How long a lead is still touched, from the first moment within the client's hours after it was submitted. */
    usefulFor: z._default(durationSchema, 'PT2H'),
    /** One phone is touched once in this time, however many forms it fills. */
    oncePerPhone: z._default(durationSchema, 'P30D'),
    /** No first touch into a conversation in which the person, or one of the team, wrote within so long. */
    quietFor: z._default(durationSchema, 'PT12H'),
    /** Countries of the phones that are touched; all of them unless given. */
    countries: z.optional(
      z
        .array(z.string().check(z.refine(isSupportedCountry, 'write ISO country codes in capitals, such as IL')))
        .check(z.minLength(1)),
    ),
    texts: textsSchema,
    /** Where the text's button leads; at the end of a text that has none, or that is a caption. */
    link: z.optional(httpsUrl),
    media: z.optional(mediaSchema),
    answers: z.optional(answersSchema),
    sources: sourcesSchema(sources),
  })
  .check(placeholders(PLACEHOLDERS));

export type LeadFirstTouchConfig = z.infer<typeof leadFirstTouchSchema> & ClientFacts;
