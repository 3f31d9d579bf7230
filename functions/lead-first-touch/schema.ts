import type { ConsentAnswer } from '../shared/door/consent.ts';
import type { PhoneCandidate } from '../shared/people/phone.ts';
import type { FormAnswer } from '../shared/wording/form-answer.ts';

/** A person who left a number, whichever form it came from. */
export interface Lead {
  /** The source's own id, exact, or one made of the form and its answers. */
  readonly id: string;
  /** Name of the source in the client file, for the rule of consent and its evidence; its kind until the worker has it. */
  readonly source: string;
  readonly formId?: string | undefined;
  readonly name?: string | undefined;
  readonly phones: readonly PhoneCandidate[];
  readonly locale?: string | undefined;
  /** Where they are being talked with already. */
  readonly conversationId?: string | undefined;
  /** Absent when nobody was asked. */
  readonly consent?: ConsentAnswer | undefined;
  /** All of the form. */
  readonly answers?: readonly FormAnswer[];
  /** It came without a secret: anybody can have written it. */
  readonly unproven?: true;
  /** ISO 8601. */
  readonly submittedAt: string;
  readonly isTest?: boolean | undefined;
  /** Why this can never be a lead, for an update that stands in a batch with good ones. */
  readonly unreadable?: string | undefined;
}

/** What a source makes: by this name a new one knows it. */
export type Event = Lead;
