import type { NotifierSettings } from '../functions/escalation/config.ts';
import type { Notifier } from '../functions/escalation/notifier.ts';
import * as notifiers from '../functions/escalation/notifiers.ts';

const byName: Readonly<Record<string, Notifier>> = notifiers;

/** The SES identities that the notifiers of a client file send mail from, each once. */
export const mailIdentities = (settings: NotifierSettings): string[] => {
  const named = Object.entries(settings).map(([name, own]) => own && byName[name]?.mailIdentity?.(own));
  return [...new Set(named)].filter((identity) => identity !== undefined);
};
