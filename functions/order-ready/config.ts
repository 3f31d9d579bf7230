import * as z from 'zod/mini';
import { sourcesSchema } from '../shared/door/sources-schema.ts';
import type { ClientFacts } from '../shared/door/template.ts';
import { durationSchema } from '../shared/hours/duration-schema.ts';
import { answersSchema, mediaSchema, placeholders, textsSchema } from '../shared/wording/text-schemas.ts';
import * as sources from './sources.ts';
import { updateProblems } from './update-problems.ts';

/** What the texts of this template may hold in braces. */
const PLACEHOLDERS = ['name', 'order', 'location'] as const;
/** What an answer of that name in a client file may still take the place of. */
const LATER_PLACEHOLDERS = ['carrier', 'tracking', 'total', 'items', 'eta'] as const;

const updateSchema = z.strictObject({
  texts: z.optional(textsSchema),
  /** False: the address that it leads to stands at the end of the text instead of on a button. */
  button: z.optional(z.boolean()),
  /** A picture or document by address, or the invoice or label that the shop names. */
  media: z.optional(z.union([mediaSchema, z.literal('document')])),
  /** How long the message still helps, from the first moment within the client's hours after the event. */
  usefulFor: z.optional(durationSchema),
  /** Told once for the whole order, or once for each parcel or place that the shop tells of. */
  per: z.optional(z.enum(['order', 'parcel'])),
  /** Where a step of the shop's own stands: confirmed is 10, ready 20, shipped 30, delivered 40. */
  rank: z.optional(z.int().check(z.gte(1), z.lte(98))),
  /** How long one without a tracking number waits for it; it goes without then. */
  waitForTracking: z.optional(durationSchema),
  /** Of `cancelled`: told to whoever was told nothing of the order before, too. */
  always: z.optional(z.boolean()),
});

export type UpdateSettings = z.infer<typeof updateSchema>;

export const orderReadySchema = z
  .strictObject({
    /** How long a message still helps, from the first moment within the client's hours after the event. */
    usefulFor: z._default(durationSchema, 'PT24H'),
    /**
     * An order placed longer ago is not announced where an edit or a refund of an old one looks the same. What itself says that an
     * order is ready now knows no such age.
     */
    maxOrderAge: z._default(durationSchema, 'P14D'),
    /** Of `ready`. */
    texts: z.optional(textsSchema),
    /** False: the order's address stands at the end of the text instead of on a button. */
    button: z._default(z.boolean(), true),
    /** Of `ready`. */
    media: z.optional(mediaSchema),
    /** What is told beside `ready`, each only if it stands here. */
    updates: z.optional(
      z.record(
        z.string().check(z.regex(/^[a-z][a-z0-9-]{0,19}$/, 'write lower-case letters, digits and hyphens, at most 20')),
        updateSchema,
      ),
    ),
    /** What is no purchase that somebody collects or waits for, and is told of all the same. */
    alsoTell: z.optional(
      z.array(z.enum(['test', 'draft', 'deposit', 'gift-card', 'point-of-sale', 'renewal', 'download'])),
    ),
    answers: z.optional(answersSchema),
    sources: sourcesSchema(sources),
  })
  .check(
    placeholders([...PLACEHOLDERS, ...LATER_PLACEHOLDERS], LATER_PLACEHOLDERS),
    z.check<object>(
      ({ value, issues }) => {
        for (const { path, message } of updateProblems(value)) {
          issues.push({ code: 'custom', input: value, path: [...path], message });
        }
      },
      { when: () => true },
    ),
  );

export type OrderReadyConfig = z.infer<typeof orderReadySchema> & ClientFacts;
