import type { FormAnswer } from '../wording/form-answer.ts';

/** What the CRM is told of an event beside its message, so that a conversation has its context: who, and what they answered. */
export interface CrmNote {
  readonly kind: 'note';
  /** One note for each: the Idempotency-Key of the event's message, where it has one. */
  readonly key: string;
  readonly template: string;
  /** E.164 */
  readonly phone: string;
  readonly name?: string | undefined;
  /** Where it came from: the source's name in the client file, and the form. Not of what anybody can have written. */
  readonly from?: string | undefined;
  readonly answers: readonly FormAnswer[];
  /** ISO 8601, when it happened at its source. */
  readonly at: string;
}
