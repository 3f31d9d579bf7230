import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import { isFields } from './items.ts';

/** A word of the vendor's, not of a person's. */
const word = (value: unknown): string => {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Math.abs(value) < 1000) return String(value);
  return typeof value === 'string' && /^[A-Za-z_-]{1,24}$/.test(value) ? value : '?';
};

const bodyOf = (result: HttpResult): Readonly<Record<string, unknown>> => {
  const body = result.kind === 'answer' ? jsonIn(result.body) : undefined;
  return isFields(body) ? body : {};
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (isFields(value) ? value : {});

/** What health says in its four documented fields: the vendor publishes no list of these words. */
export const healthWords = (result: HttpResult): string => {
  const { health, line } = bodyOf(result);
  const status = fieldsOf(fieldsOf(health).status);
  const { lifecycleState, effectiveSendState, sendable } = fieldsOf(line);
  return `health ${word(status.code)} ${word(status.text)} · lifecycle ${word(lifecycleState)} · send state ${word(effectiveSendState)} · sendable ${word(sendable)}`;
};

/** As the sender takes it. */
export const isSendableIn = (result: HttpResult): boolean =>
  result.kind === 'answer' && result.status === 200 && fieldsOf(bodyOf(result).line).sendable === true;
