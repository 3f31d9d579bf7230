import * as z from 'zod/mini';
import { ISO_DURATION } from '../shared/hours/duration.ts';
import type { OpeningHours } from '../shared/hours/opening-hours.ts';
import { outsideUrl } from '../shared/runtime/address-schema.ts';
import { textsSchema } from '../shared/wording/text-schemas.ts';

/** What the texts of this template may hold in braces. */
const PLACEHOLDERS = ['name', 'time', 'date', 'day', 'service'] as const;

/** A stage stands in the Idempotency-Key, which has room for so many characters. */
const MAX_STAGE = 10;

const stageName = z.string().check(
  z.refine((stage) => stage === '24h' || stage === '2h' || ISO_DURATION.test(stage), {
    error: 'write 24h, 2h or an ISO 8601 duration such as P2D or PT30M',
  }),
  z.maxLength(MAX_STAGE),
);

export const calendlySchema = z.strictObject({
  /** The words of the booking question that asks for the phone; `text_reminder_number` comes first. */
  phoneQuestion: z.optional(z.string().check(z.minLength(1))),
  apiBase: z._default(outsideUrl, 'https://api.calendly.com'),
});

export const acuitySchema = z.strictObject({
  /** Half of the API's login, the other half of which is the API key; may stand in the secret instead. */
  userId: z.optional(z.string().check(z.minLength(1))),
  apiBase: z._default(outsideUrl, 'https://acuityscheduling.com'),
});

export const appointmentReminderSchema = z.strictObject({
  /** How long before the start, and what is said then. */
  stages: z
    .record(stageName, z.strictObject({ texts: textsSchema(PLACEHOLDERS) }))
    .check(z.refine((stages) => Object.keys(stages).length > 0, 'write at least one stage, such as 24h')),
  /** What becomes of a reminder that was due before the booking was made: nothing, or the last such one goes out at once. */
  late: z._default(z.enum(['skip', 'send']), 'skip'),
  sources: z.strictObject({
    calendly: z.optional(calendlySchema),
    'cal-com': z.optional(z.strictObject({})),
    acuity: z.optional(acuitySchema),
    custom: z.optional(z.strictObject({})),
  }),
});

export type CalendlySettings = z.infer<typeof calendlySchema>;
export type AcuitySettings = z.infer<typeof acuitySchema>;

/** What the function knows of the client: its own slice and what all templates share. */
export type AppointmentReminderConfig = z.infer<typeof appointmentReminderSchema> & {
  readonly lineId: string;
  readonly country: string;
  readonly locale: string;
  readonly zone: string;
  readonly sendWindow?: OpeningHours | undefined;
};
