import { type Fields, fields } from '../../functions/shared/ezwhatsapp/fields.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { jsonIn } from '../../functions/shared/runtime/json.ts';

/** A word of the vendor's, not of a person's. */
const word = (value: unknown): string => {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Math.abs(value) < 1000) return String(value);
  return typeof value === 'string' && /^[A-Za-z_-]{1,24}$/.test(value) ? value : '?';
};

const bodyOf = (result: HttpResult): Fields => fields(result.kind === 'answer' ? jsonIn(result.body) : undefined);

/** What health says in its four documented fields: the vendor publishes no list of these words. */
export const healthWords = (result: HttpResult): string => {
  const { health, line } = bodyOf(result);
  const status = fields(fields(health).status);
  const { lifecycleState, effectiveSendState, sendable } = fields(line);
  return `health ${word(status.code)} ${word(status.text)} · lifecycle ${word(lifecycleState)} · send state ${word(effectiveSendState)} · sendable ${word(sendable)}`;
};
