import { Permanent, Unavailable } from '../shared/runtime/errors.ts';
import type { Http } from '../shared/runtime/http.ts';
import { parseJson } from '../shared/runtime/json.ts';
import { retryAfter } from '../shared/runtime/retry-after.ts';
import type { Alert } from './alert.ts';
import type { NotifierName, NotifierSettings } from './config.ts';
import type { Notifier } from './notifier.ts';
import { email } from './notifiers/email.ts';
import { pagerduty } from './notifiers/pagerduty.ts';
import { slack } from './notifiers/slack.ts';
import { teams } from './notifiers/teams.ts';
import { webhook } from './notifiers/webhook.ts';

/** By the name in the client file; `email` is no HTTP call of ours. */
// biome-ignore lint/suspicious/noExplicitAny: each notifier has settings of its own, which only it reads
export const notifiers: Readonly<Record<Exclude<NotifierName, 'email'>, Notifier<any>>> = {
  pagerduty,
  slack,
  teams,
  webhook,
};

const secretOf = (stored: string, name: string): string => {
  const all = parseJson(stored.trim().startsWith('{') ? stored : '{}') as Record<string, unknown>;
  const secret = all[name];
  if (typeof secret === 'string' && secret !== '') return secret;
  throw new Unavailable('notifier_secret_not_set', `No secret is stored for the notifier ${name}.`);
};

/** Sends one alert by one notifier. Throws `Unavailable` or `Permanent` for whatever is not a clear yes. */
export const notify = async (
  name: NotifierName,
  alert: Alert,
  settings: NotifierSettings,
  tools: { readonly secret: () => Promise<string>; readonly http: Http; readonly now: () => number },
): Promise<void> => {
  if (name === 'email') {
    if (!settings.email) throw new Permanent('notifier_not_set_up', 'The client file has no e-mail notifier.');
    return email.send(alert, settings.email);
  }
  const secret = secretOf(await tools.secret(), name);
  const request = notifiers[name].request(alert, { settings: settings[name], secret, now: new Date(tools.now()) });
  const result = await tools.http(request);
  if (result.kind !== 'answer') throw new Unavailable(`notifier_${result.code}`, 'The notifier did not answer.');
  if (result.status >= 200 && result.status < 300) return;
  const seconds = retryAfter(result.headers, tools.now());
  throw new Unavailable(`notifier_${result.status}`, 'The notifier refused.', seconds);
};
