import * as z from 'zod/mini';
import { ISO_DURATION } from '../shared/hours/duration.ts';
import type { SendCommand } from '../shared/ledger/send-command.ts';
import { traceOf } from '../shared/runtime/marks.ts';

const text = z.optional(z.string());

/** A part that decides nothing: one that another release wrote in another way is left out, and no reason to set the message aside. */
const perhaps = <Value>(schema: z.ZodMiniType<Value>) =>
  z.pipe(
    z.unknown(),
    z.transform((value) => schema.safeParse(value).data),
  );

const because = z.looseObject({
  source: text,
  told: z.string(),
  id: z.string(),
  number: text,
  at: z.string(),
  consent: z.optional(z.looseObject({ field: z.string(), value: z.string(), statement: text, at: text })),
  by: text,
  why: text,
});

const instant = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text))));

/** What a message of `sends.fifo` must be; our own templates write them, so anything else is a fault of a deployment. What is not known here, at any depth, a later release wrote: it stays on what is queued anew. */
export const sendCommandSchema: z.ZodMiniType<SendCommand> = z.looseObject({
  key: z.string().check(z.minLength(1), z.maxLength(128)),
  template: z.string(),
  asOf: instant,
  usefulUntil: instant,
  decidedFor: z.optional(instant),
  premise: z.optional(z.looseObject({ pk: z.string(), standing: z.string() })),
  corrects: z.optional(z.boolean()),
  quietFor: z.optional(z.string().check(z.regex(ISO_DURATION))),
  unproven: z.optional(z.boolean()),
  queuedAt: z.optional(instant),
  because: z.optional(perhaps(because)),
  trace: z.optional(z.pipe(z.unknown(), z.transform(traceOf))),
  to: z.optional(perhaps(z.string())),
  outcome: z.union([
    z.looseObject({
      path: z.enum(['/messages/text', '/messages/media']),
      body: z.string().check(z.minLength(2)),
      conversationId: z.optional(z.string()),
    }),
    z.looseObject({ state: z.enum(['REJECTED', 'EXPIRED']), reason: z.string() }),
  ]),
});
