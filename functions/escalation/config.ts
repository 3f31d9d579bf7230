import * as z from 'zod/mini';
import { CONTENT } from '../shared/ezwhatsapp/message-types.ts';
import { durationMs } from '../shared/hours/duration.ts';
import { durationSchema } from '../shared/hours/duration-schema.ts';
import type { OptOutWords } from '../shared/people/opt-out.ts';
import { textSchema } from '../shared/wording/text-schemas.ts';
import { MAX_BODY } from '../shared/wording/texts.ts';
import type { AlertWords } from './alert.ts';
import type { Notifier } from './notifier.ts';
import * as notifiers from './notifiers.ts';

type Notifiers = typeof notifiers;
const ofNotifiers = Object.entries<Notifier>(notifiers).map(([name, { settings }]) => [name, z.optional(settings)]);

/** One optional entry per line of the registry, each with the settings of its notifier. */
export const notifiersSchema = z.strictObject(
  Object.fromEntries(ofNotifiers) as { [Name in keyof Notifiers]: z.ZodMiniOptional<Notifiers[Name]['settings']> },
);

const clock = z.string().check(z.regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write a time such as 09:00'));
const span = z.tuple([clock, clock]);
const day = z._default(z.array(span), []);

/** Opening hours per weekday, in the client's zone; a day without spans is closed. */
export const hoursSchema = z.strictObject({
  days: z.strictObject({ sun: day, mon: day, tue: day, wed: day, thu: day, fri: day, sat: day }),
  /** Dates on which it is closed whatever the weekday. */
  closed: z._default(z.array(z.iso.date()), []),
});

/** SQS hides a waiting message for at most twelve hours. */
const MAX_WAIT_MS = 12 * 3600_000;

export const ruleSchema = z.strictObject({
  name: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/, 'write lower-case letters, digits and hyphens')),
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  notify: z.array(z.keyof(notifiersSchema)).check(z.minLength(1)),
  /** All that is named must hold. */
  when: z
    .strictObject({
      keywords: z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
      /** Messages of these numbers, in E.164. */
      numbers: z.optional(z.array(z.string().check(z.regex(/^\+[1-9]\d{6,14}$/, 'write E.164 such as +972501234567')))),
      /** Message types, as the webhook names them: `image`, `voice`, `document`. Only what a person writes can hold. */
      types: z.optional(
        z
          .array(z.string().check(z.refine((type) => CONTENT.has(type), `write one of ${[...CONTENT].join(', ')}`)))
          .check(z.minLength(1)),
      ),
      outsideHours: z.optional(z.literal(true)),
      /** Nobody of the team answered for so long, of the opening hours where there are any (all hours beside `outsideHours`). */
      unanswered: z.optional(
        durationSchema.check(
          z.refine((text) => durationMs(text) <= MAX_WAIT_MS && durationMs(text) > 0, 'write at most PT12H'),
        ),
      ),
    })
    .check(z.refine((when) => Object.values(when).some((value) => value !== undefined), 'name at least one condition')),
});

const autoReplySchema = z.strictObject({
  /** By locale; the client's own is used, for nobody knows the customer's. */
  texts: z.record(z.string(), textSchema(MAX_BODY)),
  when: z._default(z.enum(['always', 'outside-hours']), 'outside-hours'),
  /** One reply to a conversation in this time. */
  window: z._default(durationSchema, 'PT12H'),
  /** Older messages are left to people: a replayed delivery must not be answered hours later. */
  maxAge: z._default(durationSchema, 'PT10M'),
});

export const escalationSchema = z.strictObject({
  rules: z._default(z.array(ruleSchema), []),
  notifiers: z.prefault(notifiersSchema, {}),
  /** One notification for a conversation and rule in this time; of `unanswered` one for each wait. */
  window: z._default(durationSchema, 'PT1H'),
  hours: z.optional(hoursSchema),
  /** Whether the words of the message stand in the notification. */
  text: z._default(z.boolean(), false),
  /**
   * What the WhatsApp app on the phone sends by itself, word for word: its greeting and its away message. They are no answer. The app tells
   * nobody that it wrote them.
   */
  automaticTexts: z.optional(z.array(z.string().check(z.minLength(1)))),
  /** A message that comes more than so long after it was written is old news: none is told by itself, and none is answered. A day where it is left out. */
  lateAfter: z.optional(
    durationSchema.check(
      z.refine((text) => durationMs(text) >= 3600_000 && durationMs(text) <= 30 * 24 * 3600_000, 'write PT1H to P30D'),
    ),
  ),
  /** Old news is told in one digest, when none has come for so long: ten minutes where it is left out. */
  digestAfter: z.optional(
    durationSchema.check(
      z.refine((text) => durationMs(text) > 0 && durationMs(text) <= 900_000, 'write at most PT15M'),
    ),
  ),
  /** Whether "cancel" or "move" in answer to a reminder is told by every notifier. It is, unless this is false. */
  answersToReminders: z.optional(z.boolean()),
  /** Needs a `bots` decision in the client file. */
  autoReply: z.optional(autoReplySchema),
});

export type Rule = z.infer<typeof ruleSchema>;
export type Hours = z.infer<typeof hoursSchema>;
export type NotifierSettings = z.infer<typeof notifiersSchema>;
export type NotifierName = keyof NotifierSettings;

/** What the client's own contact is written when the line is in trouble; composed when the client file is read. */
export interface LineLetters {
  /** Absent where the client file names nobody. */
  readonly to?: { readonly name: string; readonly email: string };
  /** The operator's address: whom they may ask. */
  readonly replyTo: string;
  /** A locale. */
  readonly language: string;
  /** By the code of the notice. `{at}` in a text is when it happened. */
  readonly byCode: Readonly<Record<string, { readonly subject: string; readonly text: string }>>;
}

export type EscalationConfig = z.infer<typeof escalationSchema> & {
  readonly lineId: string;
  /** The line under whose id all that is kept by line is stored: the line itself, or an earlier one. */
  readonly keysOf: string;
  readonly client: string;
  readonly zone: string;
  readonly locale: string;
  readonly conversationUrl: string;
  readonly optOut: OptOutWords;
  readonly letters: LineLetters;
  /** An earlier release had none. */
  readonly alertWords?: AlertWords;
  /** Templates whose messages people answer with "cancel" or "move"; an earlier release had none. */
  readonly reminders?: readonly string[];
};
