const MINUTE = 60_000;
/** A line that is quiet hears nothing; what it was told of a message came within moments, and its note is a minute late. */
const SILENT_MS = 60 * MINUTE;
/** What is told of a message comes within seconds, and again for some minutes where a door was shut. */
const PATIENCE_MS = 30 * MINUTE;

export interface Signs {
  /** Epoch milliseconds, when EZWhatsApp last took a message; noted once an hour, so it may have taken others since. */
  readonly accepted: number | undefined;
  /** Epoch milliseconds, when it last delivered something. */
  readonly heard: number | undefined;
  /** ISO 8601, when the webhook was registered last. */
  readonly registeredAt: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Whether EZWhatsApp has forgotten the webhook: it took a message well after it was last heard, or after the address was registered, and
 * told nothing of it. Of a webhook that was neither registered by the command nor heard of nobody knows that there is one.
 */
export const isForgotten = ({ accepted, heard, registeredAt, now }: Signs): boolean => {
  const known = [heard, registeredAt === undefined ? undefined : Date.parse(registeredAt)].filter(
    (at) => at !== undefined,
  );
  if (accepted === undefined || known.length === 0) return false;
  return accepted - Math.max(...known) > SILENT_MS && now - accepted > PATIENCE_MS;
};
