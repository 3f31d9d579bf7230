import { createHash } from 'node:crypto';
import type { Label, Sentence } from './wording.ts';

/** What a row may say of itself. Never more: "proven" is for what this run has seen. */
export type RowState = 'proven' | 'failed' | 'waits';

/** A sentence by its code, so that the report can be read in more than one language. */
export interface Say {
  readonly say: Sentence;
  readonly with?: Readonly<Record<string, string>>;
}

/** One piece of evidence: an id, a number, a state, or a sentence. Never a text of a customer, a whole phone number or a secret. */
export interface Fact {
  readonly label: Label;
  readonly value: string | Say;
}

export interface Row {
  /** One of the report's own, or a template's name. */
  readonly area: string;
  readonly state: RowState;
  /** Why; for what is proven, what was seen. */
  readonly because: Say;
  readonly facts: readonly Fact[];
}

/** An outbound attempt of the run, as the ledger has it. */
export interface OutboundAttempt {
  readonly key: string;
  readonly template: string;
  readonly state: string;
  readonly reason?: string;
  readonly attempts: number;
  readonly answer?: string;
  /** ISO 8601. */
  readonly acceptedAt?: string;
  /** As EZWhatsApp reported it; absent means that nothing was reported, not that it failed. */
  readonly delivery?: string;
}

/** Something that a boundary stopped and a person must decide on. */
export interface PendingEntry {
  readonly key: string;
  readonly state: string;
  readonly reason: string;
}

/** A text that would go to the client's own contact, as it would go out but for its time. */
export interface ReportedLetter {
  /** A name; absent where the team hands it on. */
  readonly to?: string;
  readonly subject: string;
  readonly text: string;
}

export interface RecordedDecision {
  readonly ask: string;
  readonly decision: string;
  readonly decidedBy: string;
  readonly on: string;
}

/** All that a signature is for. */
export interface Evidence {
  readonly client: string;
  readonly lineId: string;
  readonly where: 'aws' | 'local';
  readonly run: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Masked; absent when nothing was sent. */
  readonly recipient?: string;
  readonly rows: readonly Row[];
  readonly attempts: readonly OutboundAttempt[];
  readonly pending: readonly PendingEntry[];
  readonly decisions: readonly RecordedDecision[];
  /** Absent in reports of an earlier release. */
  readonly letters?: readonly ReportedLetter[];
}

export interface SignOff {
  readonly by: string;
  readonly note: string;
  readonly at: string;
  /** Hash of the evidence that was signed. */
  readonly evidence: string;
}

export interface Report {
  readonly report: 'ezwhatsapp-handoff';
  readonly locale: string;
  readonly evidence: Evidence;
  /** SHA-256 of `evidence`. */
  readonly hash: string;
  readonly signOffs: readonly SignOff[];
}

/** Objects with their keys in order, so that equal evidence has equal bytes. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, entry]) => [name, canonical(entry)]),
  );
};

export const hashOf = (evidence: Evidence): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(evidence)))
    .digest('hex');

/** A signature counts for the very evidence that it was given for. */
export const counts = (signOff: SignOff, { evidence }: Pick<Report, 'evidence'>): boolean =>
  signOff.evidence === hashOf(evidence);
