import * as z from 'zod/mini';
import { DAYS } from './opening-hours.ts';

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

export const zoneSchema = z.string().check(z.refine(isZone, 'write an IANA time zone, such as Asia/Jerusalem'));

/** The hours in which a client's messages may reach people. Runs when a stack is synthesised and is in no bundle. */
export const sendWindowSchema = z.strictObject({
  /** The client's own zone unless given. */
  zone: z.optional(zoneSchema),
  /** A window whose `to` is not after its `from` ends on the next day. */
  hours: z
    .array(
      z.strictObject({
        days: z.array(z.enum(DAYS)).check(z.minLength(1)),
        from: z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time such as 09:00')),
        to: z.string().check(z.regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write a time such as 20:30, at most 24:00')),
      }),
    )
    .check(z.minLength(1)),
  /** Dates on which nothing is sent. */
  closed: z._default(z.array(z.iso.date()), []),
});
