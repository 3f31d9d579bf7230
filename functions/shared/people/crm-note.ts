import { toJson } from '../runtime/json.ts';
import { enqueue } from '../runtime/queue.ts';

/** What a person answered to one question. */
export interface NotedAnswer {
  readonly question: string;
  readonly value: string;
}

/** What the CRM is told of an event beside its message, so that a conversation has its context: who, and what they answered. */
export interface CrmNote {
  readonly kind: 'note';
  /** Idempotency-Key of the event's message: one note for each. */
  readonly key: string;
  readonly template: string;
  /** E.164 */
  readonly phone: string;
  readonly name?: string | undefined;
  readonly answers: readonly NotedAnswer[];
  /** ISO 8601, when it happened at its source. */
  readonly at: string;
}

/**
 * Hands a note to the CRM's function; nothing where the client has no CRM. It is written once however often it is handed over, so
 * a caller that fails afterwards may do so again.
 */
export const tellCrm = async (note: Omit<CrmNote, 'kind'>): Promise<void> => {
  const queueUrl = process.env.CRM_SYNC_QUEUE_URL;
  if (queueUrl !== undefined) await enqueue(queueUrl, [toJson({ item: { kind: 'note', ...note } })]);
};
