import type { Notice } from '../people/notice.ts';
import { toJson } from '../runtime/json.ts';
import { log } from '../runtime/log.ts';
import { enqueue } from '../runtime/queue.ts';

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
  await enqueue(queueUrl, [toJson({ item })]);
};
