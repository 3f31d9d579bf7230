import * as z from 'zod/mini';
import type { OpeningHours } from '../shared/hours/opening-hours.ts';

export const DEFAULT_BURST_PER_HOUR = 200;

/** The sender's slice of the client file. */
export const senderSchema = z.strictObject({
  /** Least seconds between two messages of the line; up to half as much again is added at random. */
  minGapSeconds: z._default(z.number().check(z.gte(0), z.lte(60)), 3),
  /** How long the line is held after a failure that is not the message's: doubles from `from` up to `to` seconds. */
  hold: z._default(
    z.strictObject({
      from: z.int().check(z.gte(1), z.lte(900)),
      to: z.int().check(z.gte(1), z.lte(900)),
    }),
    { from: 30, to: 900 },
  ),
  /**
   * Most messages of one template in one hour. What comes above it is set aside for a person: a campaign by loop is most often
   * an accident. A higher number, or `off`, needs a `campaigns` decision.
   */
  burstPerHour: z._default(z.union([z.int().check(z.gte(1), z.lte(5000)), z.literal('off')]), DEFAULT_BURST_PER_HOUR),
  /**
   * Most automatic messages to one number on a day of the client's, over all templates; answers to their own messages are not counted.
   * What comes above it is set aside for a person: the line is a linked device, and its greatest risk is a ban.
   */
  perPersonPerDay: z._default(z.union([z.int().check(z.gte(1), z.lte(100)), z.literal('off')]), 5),
  /** Most messages in one hour because of posts that came without a secret, straight from a browser: anybody can make those. */
  browserPostsPerHour: z._default(z.union([z.int().check(z.gte(1), z.lte(5000)), z.literal('off')]), 30),
  /**
   * Whether a message that may have left is sent again with its key and bytes, for 15 minutes. `false` where EZWhatsApp is known to heed no
   * key: then it is left to a person at once.
   */
  repeatUncertain: z.optional(z.boolean()),
});

export type SenderConfig = z.infer<typeof senderSchema> & {
  readonly lineId: string;
  /** The line under whose id all that is kept by line is stored: the line itself, or an earlier one. */
  readonly keysOf: string;
  /** IANA, of the client: where its days begin. */
  readonly zone: string;
  /** The only phones (E.164) that are written to; without it, everybody. */
  readonly only?: readonly string[] | undefined;
  /** No window: messages go at any hour. */
  readonly sendWindow?: OpeningHours | undefined;
};
