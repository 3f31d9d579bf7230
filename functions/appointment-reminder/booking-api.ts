import * as z from 'zod/mini';
import type { LookUpTools } from '../shared/door/source.ts';
import { Permanent, Unavailable } from '../shared/runtime/errors.ts';
import { jsonIn } from '../shared/runtime/json.ts';
import { retryAfter } from '../shared/runtime/retry-after.ts';

/**
 * One look-up at a booking system: the checked JSON of a 200. A 404 is `Permanent` with the reason `not_found_in_calendar`;
 * anything else may pass, or an operator can mend it: `Unavailable`.
 * @param authorization undefined when the secret lacks what the look-up needs
 */
export const lookUpBooking = async <Schema extends z.ZodMiniType>(
  { http, now }: Pick<LookUpTools<unknown>, 'http' | 'now'>,
  url: string,
  authorization: string | undefined,
  schema: Schema,
): Promise<z.infer<Schema>> => {
  if (!authorization) {
    throw new Unavailable('look_up_login_not_set', 'The secret of this source lacks what its look-up needs.');
  }
  const result = await http({ method: 'GET', url, headers: { authorization } });
  if (result.kind !== 'answer') throw new Unavailable('calendar_unreachable', 'The booking system did not answer.');
  if (result.status === 404) throw new Permanent('not_found_in_calendar', 'The booking system does not know it.');
  if (result.status !== 200) {
    const seconds = retryAfter(result.headers, now());
    throw new Unavailable(`calendar_answered_${result.status}`, 'The booking system refused the look-up.', seconds);
  }
  const answer = z.safeParse(schema, jsonIn(result.body));
  if (!answer.success) throw new Unavailable('calendar_gave_no_booking', 'The booking system answered without it.');
  return answer.data;
};
