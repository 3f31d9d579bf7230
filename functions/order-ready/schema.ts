import type { PhoneCandidate } from '../shared/people/phone.ts';
import type { FormAnswer } from '../shared/wording/form-answer.ts';

/** An order that is ready to be collected, whichever shop it came from. */
export interface OrderReady {
  /** The shop's own id, exact. */
  readonly id: string;
  /** What the customer knows it by. */
  readonly number: string;
  readonly name?: string | undefined;
  readonly phones: readonly PhoneCandidate[];
  readonly locale?: string | undefined;
  readonly statusUrl?: string | undefined;
  /** Where it waits. */
  readonly location?: string | undefined;
  /** Where they are being talked with already. */
  readonly conversationId?: string | undefined;
  /** What the customer was asked at the checkout. */
  readonly answers?: readonly FormAnswer[];
  /** ISO 8601, when it became ready. */
  readonly readyAt: string;
  /** ISO 8601, of what the shop says of it: of two events about one order that has not been announced the later one counts. `readyAt` unless given. */
  readonly updatedAt?: string | undefined;
  /** ISO 8601, when it was placed, where the shop says so. */
  readonly placedAt?: string | undefined;
  /** The shop says that it became ready at `readyAt`: no edit of an old order looks like that. */
  readonly exact?: true;
  /** What the shop says means that it is ready now, and is said again whenever the order is saved; nothing says since when. */
  readonly repeats?: true;
}

/** What a source makes: by this name a new one knows it. */
export type Event = OrderReady;
