import { Permanent, Unavailable } from '../shared/runtime/errors.ts';
import { parseJson } from '../shared/runtime/json.ts';
import type { Alert } from './alert.ts';
import type { NotifierName, NotifierSettings } from './config.ts';
import type { Notifier, NotifierTools } from './notifier.ts';
import * as notifiers from './notifiers.ts';

const byName: Readonly<Record<string, Notifier>> = notifiers;

const secretOf = (stored: string, name: string): string => {
  const all = parseJson(stored.trim().startsWith('{') ? stored : '{}') as Record<string, unknown>;
  const secret = all[name];
  if (typeof secret === 'string' && secret !== '') return secret;
  throw new Unavailable('notifier_secret_not_set', `No secret is stored for the notifier ${name}.`);
};

/**
 * Sends one alert by one notifier. `secret` gives the whole notifiers secret, by name. Throws `Unavailable` or `Permanent` for whatever
 * is not a clear yes.
 */
export const notify = async (
  name: NotifierName,
  alert: Alert,
  settings: NotifierSettings,
  { secret, http, now }: NotifierTools,
): Promise<void> => {
  const [notifier, own] = [byName[name], settings[name]];
  if (!notifier || !own) throw new Permanent('notifier_not_set_up', `The client file has no notifier ${name}.`);
  await notifier.send(alert, own, { secret: async () => secretOf(await secret(), name), http, now });
};
