import { isRequest, type SendCommand } from '../ledger/send-command.ts';
import type { CrmNote } from '../people/crm-note.ts';
import { toJson } from '../runtime/json.ts';
import { traced } from '../runtime/marks.ts';
import { enqueue } from '../runtime/queue.ts';
import { personName } from '../wording/person-name.ts';

/**
 * Hands a note to the CRM's function; nothing where the client has no CRM. It is written once however often it is handed over, so
 * whoever fails afterwards may do so again.
 */
export const tellCrm = async ({ name, ...note }: Omit<CrmNote, 'kind'>): Promise<void> => {
  const queueUrl = process.env.CRM_SYNC_QUEUE_URL;
  if (queueUrl === undefined) return;
  const item: CrmNote = { kind: 'note', ...note, name: name && personName(name) };
  await enqueue(queueUrl, [toJson(traced({ item }))]);
};

/** The note of an event that becomes this command; undefined if it becomes no message to a number. */
export const noteOf = (
  { key, template, asOf: at, outcome }: SendCommand,
  { name, from, answers }: Pick<CrmNote, 'name' | 'from' | 'answers'>,
): Omit<CrmNote, 'kind'> | undefined => {
  const to: unknown = isRequest(outcome) ? JSON.parse(outcome.body).to : undefined;
  return typeof to === 'string' ? { key, template, phone: to, name, from, answers, at } : undefined;
};
