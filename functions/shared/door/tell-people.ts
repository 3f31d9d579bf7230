import type { FailedSend } from '../people/failed-send.ts';
import type { Notice } from '../people/notice.ts';
import { toJson } from '../runtime/json.ts';
import { log } from '../runtime/log.ts';
import { traced } from '../runtime/marks.ts';
import { enqueue } from '../runtime/queue.ts';

/** The seconds within which a message that was delivered to one device and not to another is told both ways. */
const SECOND_THOUGHTS = 5;

/** Tells people of a send that did not arrive, by the escalation queue; nothing where nobody can be told. */
export const tellOfFailedSend = async (key: string, receivedAt: string, who?: string): Promise<void> => {
  const queueUrl = process.env.ESCALATION_QUEUE_URL;
  if (queueUrl === undefined) return;
  const item: FailedSend = { kind: 'failed-send', key, who };
  await enqueue(queueUrl, [toJson(traced({ item, receivedAt }))], SECOND_THOUGHTS);
};

/**
 * Tells people by all notifiers that the client has, once for each `id`; the log has it in any case. Whoever fails afterwards may tell
 * it again. Throws where the queue does not take it.
 */
export const tellPeople = async (notice: Omit<Notice, 'kind'>): Promise<void> => {
  const queueUrl = process.env.ESCALATION_QUEUE_URL;
  const outcome = queueUrl === undefined ? 'nobody_to_tell' : 'told';
  log('error', { event: 'notice', source: notice.source, reason: notice.code, outcome });
  if (queueUrl === undefined) return;
  const item: Notice = { kind: 'notice', ...notice };
  await enqueue(queueUrl, [toJson(traced({ item }))]);
};
