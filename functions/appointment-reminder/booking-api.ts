import * as z from 'zod/mini';
import { Permanent, Unavailable } from '../shared/runtime/errors.ts';
import type { Http } from '../shared/runtime/http.ts';
import { parseJson } from '../shared/runtime/json.ts';

/**
 * One look-up at a booking system: the checked JSON of a 200. A 404 is `Permanent` with the reason `not_found_in_calendar`;
 * anything else may pass, or an operator can mend it: `Unavailable`.
 * @param authorization undefined when the secret lacks what the look-up needs
 */
export const lookUpBooking = async <Schema extends z.ZodMiniType>(
  http: Http,
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
    const after = Number(result.headers['retry-after']);
    const seconds = after > 0 ? Math.ceil(after) : undefined;
    throw new Unavailable(`calendar_answered_${result.status}`, 'The booking system refused the look-up.', seconds);
  }
  const answer = z.safeParse(schema, jsonOf(result.body));
  if (!answer.success) throw new Unavailable('calendar_gave_no_booking', 'The booking system answered without it.');
  return answer.data;
};

const jsonOf = (body: string): unknown => {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
};
