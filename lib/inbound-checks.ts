import type * as z from 'zod/mini';
import type { crmSchema } from '../functions/crm-sync/config.ts';
import { crmName, crmsOf } from '../functions/crm-sync/named.ts';
import type { escalationSchema } from '../functions/escalation/config.ts';
import { writerAmong } from '../functions/escalation/notify.ts';
import type { Problem } from './client-problems.ts';
import type { contactsSchema } from './contacts-schema.ts';

interface Facts {
  readonly crm?: z.infer<typeof crmSchema> | undefined;
  readonly escalation: z.infer<typeof escalationSchema>;
  readonly decisions: readonly { readonly ask: string }[];
}

/** Rows, claims and secrets are by name. */
const crmProblems = (names: readonly string[]): { path: string[]; message: string }[] =>
  names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [{ path: ['crm', String(i), 'name'], message: `two CRMs are called ${name}; give each a name of its own` }],
  );

/** What one part of a client file says about another: every problem with its path and what to write. */
export const inboundProblems = ({ crm, escalation, decisions }: Facts): { path: string[]; message: string }[] => {
  const problems = crmProblems(crmsOf(crm).map(crmName));
  const { rules, notifiers, hours, autoReply } = escalation;
  const say = (path: string[], message: string) => problems.push({ path: ['escalation', ...path], message });
  rules.forEach((rule, i) => {
    if (rules.findIndex(({ name }) => name === rule.name) !== i) {
      say(['rules', String(i), 'name'], `two rules are called ${rule.name}; give each a name of its own`);
    }
    for (const name of rule.notify.filter((one) => !notifiers[one])) {
      say(['notifiers', name], `write its settings, for the rule ${rule.name} notifies it`);
    }
    if (rule.when.outsideHours && !hours)
      say(['hours'], `write the opening hours, for the rule ${rule.name} asks for them`);
  });
  if (!autoReply) return problems;
  if (!decisions.some(({ ask }) => ask === 'bots')) {
    say(['autoReply'], "an automatic answer needs a recorded decision: add { ask: 'bots', … } to decisions");
  }
  if (autoReply.when === 'outside-hours' && !hours)
    say(['hours'], 'write the opening hours, or autoReply.when: always');
  return problems;
};

/** Whom nobody would reach. */
export const inboundWarnings = ({
  contacts,
  escalation,
}: Pick<Facts, 'escalation'> & { readonly contacts: z.infer<typeof contactsSchema> }): Problem[] => {
  if (!contacts.client || writerAmong(escalation.notifiers) !== undefined) return [];
  const message =
    'nobody writes to them when the line must be linked again: no notifier of escalation sends mail. The text goes to the team, to be handed on; without a notifier to nobody';
  return [{ path: ['contacts', 'client'], message }];
};
