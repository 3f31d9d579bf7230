import type * as z from 'zod/mini';
import type { escalationSchema } from '../functions/escalation/config.ts';

interface Facts {
  readonly escalation: z.infer<typeof escalationSchema>;
  readonly decisions: readonly { readonly ask: string }[];
}

/** What one part of a client file says about another: every problem with its path and what to write. */
export const inboundProblems = ({ escalation, decisions }: Facts): { path: string[]; message: string }[] => {
  const problems: { path: string[]; message: string }[] = [];
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
