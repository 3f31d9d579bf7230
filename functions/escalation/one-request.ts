import { Permanent, Unavailable } from '../shared/runtime/errors.ts';
import type { HttpRequest } from '../shared/runtime/http.ts';
import { jsonIn } from '../shared/runtime/json.ts';
import { retryAfter } from '../shared/runtime/retry-after.ts';
import { shownWords, textsIn } from '../shared/runtime/shown-words.ts';
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
    const own = await secret();
    const asked = request(alert, { settings, secret: own, now: new Date(now()) });
    const result = await http(asked);
    if (result.kind !== 'answer') throw new Unavailable(`notifier_${result.code}`, 'The notifier did not answer.');
    if (result.status >= 200 && result.status < 300) return;
    if (isRefusal(result.status)) {
      const { name, phone, text } = alert as Partial<Alert>;
      const sent = [asked.body && jsonIn(asked.body), name, phone, text];
      const says = refusalIn(result.body.replaceAll(own, '…'), sent);
      throw new Permanent(`notifier_${result.status}`, says || 'The notifier refused for good.');
    }
    const seconds = retryAfter(result.headers, now()) ?? waitIn(result.body);
    throw new Unavailable(`notifier_${result.status}`, 'The notifier refused.', seconds);
  };

/** What a refusal says in words, without what was sent; a page for browsers says nothing. */
const refusalIn = (body: string, sent: unknown): string =>
  /^\s*</.test(body) ? '' : shownWords(textsIn(jsonIn(body) ?? body).join(', '), sent);

const MAY_PASS: readonly number[] = [408, 425, 429];
const isRefusal = (status: number): boolean => status >= 400 && status < 500 && !MAY_PASS.includes(status);
