import { Permanent, Unavailable } from '../shared/runtime/errors.ts';
import type { HttpRequest } from '../shared/runtime/http.ts';
import { retryAfter } from '../shared/runtime/retry-after.ts';
import type { Alert } from './alert.ts';
import type { NotifierTools } from './notifier.ts';

export interface RequestFacts<Settings> {
  readonly settings: Settings;
  /** This notifier's entry of the notifiers secret. */
  readonly secret: string;
  readonly now: Date;
}

/**
 * `send` of a chat tool or pager that takes one HTTP request; any 2xx means that it was taken. Throws `Permanent` for a refusal that the
 * same words will meet every time, and `Unavailable` for every other answer, with the seconds of its `Retry-After`, and for none.
 * @param waitIn reads the seconds to wait out of the body of a refusal, for those that say it there
 */
export const oneRequest =
  <Settings, About = Alert>(
    request: (alert: About, facts: RequestFacts<Settings>) => HttpRequest,
    waitIn: (body: string) => number | undefined = () => undefined,
  ) =>
  async (alert: About, settings: Settings, { secret, http, now }: NotifierTools): Promise<void> => {
    const result = await http(request(alert, { settings, secret: await secret(), now: new Date(now()) }));
    if (result.kind !== 'answer') throw new Unavailable(`notifier_${result.code}`, 'The notifier did not answer.');
    if (result.status >= 200 && result.status < 300) return;
    if (isRefusal(result.status)) throw new Permanent(`notifier_${result.status}`, 'The notifier refused for good.');
    const seconds = retryAfter(result.headers, now()) ?? waitIn(result.body);
    throw new Unavailable(`notifier_${result.status}`, 'The notifier refused.', seconds);
  };

const MAY_PASS: readonly number[] = [408, 425, 429];
const isRefusal = (status: number): boolean => status >= 400 && status < 500 && !MAY_PASS.includes(status);
