import { Permanent, Unavailable } from '../shared/runtime/errors.ts';
import { parseJson } from '../shared/runtime/json.ts';
import type { Alert } from './alert.ts';
import type { NotifierName, NotifierSettings } from './config.ts';
import type { Letter } from './letter.ts';
import type { Notifier, NotifierTools } from './notifier.ts';
import * as notifiers from './notifiers.ts';

const byName: Readonly<Record<string, Notifier>> = notifiers;

const secretOf = (stored: string, name: string): string => {
  const all = parseJson(stored.trim().startsWith('{') ? stored : '{}') as Record<string, unknown>;
  const secret = all[name];
  if (typeof secret === 'string' && secret !== '') return secret;
  throw new Unavailable('notifier_secret_not_set', `No secret is stored for the notifier ${name}.`);
};

interface Tools extends Omit<NotifierTools, 'secret'> {
  /** The whole notifiers secret, by name. */
  readonly secret: () => Promise<string>;
}

/**
 * Sends one alert by one notifier. Throws `Unavailable` or `Permanent` for whatever
 * is not a clear yes.
 */
export const notify = async (
  name: NotifierName,
  alert: Alert,
  settings: NotifierSettings,
  tools: Tools,
): Promise<void> => {
  const [notifier, own] = [byName[name], settings[name]];
  if (!notifier || !own) throw new Permanent('notifier_not_set_up', `The client file has no notifier ${name}.`);
  await notifier.send(alert, own, toolsOf(name, tools));
};

/** How incidents are closed at one notifier; undefined where it keeps none. */
export const resolver = (
  name: NotifierName,
  settings: NotifierSettings,
  tools: Tools,
): ((incident: string) => Promise<void>) | undefined => {
  const [notifier, own] = [byName[name], settings[name]];
  if (!notifier?.resolve || !own) return undefined;
  return async (incident) => notifier.resolve?.(incident, own as never, toolsOf(name, tools));
};

/** The notifier of a client that writes to people outside of the team too, by its name; undefined where it has none. */
export const writerAmong = (settings: NotifierSettings): NotifierName | undefined =>
  (Object.keys(settings) as NotifierName[]).find((name) => settings[name] !== undefined && byName[name]?.write);

/** Writes one letter by that notifier; undefined where a client has none. Throws as `write` of a notifier does. */
export const writer = (settings: NotifierSettings, tools: Tools): ((letter: Letter) => Promise<void>) | undefined => {
  const name = writerAmong(settings);
  if (name === undefined) return undefined;
  return async (letter) => byName[name]?.write?.(letter, settings[name] as never, toolsOf(name, tools));
};

const toolsOf = (name: NotifierName, { secret, http, now }: Tools): NotifierTools => ({
  secret: async () => secretOf(await secret(), name),
  http,
  now,
});
