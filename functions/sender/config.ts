import * as z from 'zod/mini';
import type { SendWindow } from '../shared/send-window.ts';

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
});

export type SenderConfig = z.infer<typeof senderSchema> & {
  readonly lineId: string;
  /** No window: messages go at any hour. */
  readonly sendWindow?: SendWindow | undefined;
};
