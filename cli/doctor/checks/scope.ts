import { writerAmong } from '../../../functions/escalation/notify.ts';
import { lettersOf, turnedOn } from '../../../lib/client.ts';
import { UNSUPPORTED_ASKS } from '../../decisions/unsupported-asks.ts';
import type { Target } from '../../target/target.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';

/** What people hear of, of a template that tells more than one thing. */
const updateFindings = ({ client }: Target): readonly Finding[] =>
  turnedOn(client).flatMap(([name, { template, settings }]): Finding[] => {
    const told = template.tells?.(settings);
    return told ? [{ level: 'good', about: name, found: `tells ${told.join(', ')}` }] : [];
  });

/** Who hears that the line must be linked again, or is shut out. Addresses are in the client file, and not here. */
const toldOfTheLine = ({ client }: Target): Finding => {
  const about = 'who is told of the line';
  const { contacts, escalation, name } = client;
  const { language } = lettersOf(client);
  const named = Object.entries(escalation.notifiers).flatMap(([one, settings]) => (settings ? [one] : []));
  const team = named.length > 0 ? `the team by ${named.join(', ')}` : 'nobody of the team';
  const isWritten = contacts.client !== undefined && writerAmong(escalation.notifiers) !== undefined;
  const found = `${team}; ${contacts.client && isWritten ? `${contacts.client.name} by mail, in ${language}` : 'nobody at the client'}. They ask ${contacts.operator.name}`;
  if (isWritten) return { level: 'good', about, found };
  const missing = [
    ...(contacts.client ? [] : ['contacts.client, who holds the phone of the line']),
    ...(writerAmong(escalation.notifiers) === undefined
      ? ['a notifier that sends mail, under escalation.notifiers']
      : []),
  ];
  return { level: 'warning', about, found, todo: `write ${missing.join(', and ')}, in clients/${name}.ts` };
};

const decisionFinding = ({ client }: Target): Finding => {
  const open = UNSUPPORTED_ASKS.filter(({ ask }) => !client.decisions.some((decision) => decision.ask === ask));
  if (open.length === 0) return { level: 'good', about: 'decisions', found: 'all recorded' };
  const found = `not recorded: ${open.map(({ ask }) => ask).join(', ')}`;
  return { level: 'warning', about: 'decisions', found, todo: `npx ezw decisions --client ${client.name}` };
};

export const updates: Check = { id: 'updates', about: 'updates', look: ({ target }) => updateFindings(target) };

export const toldOfLine: Check = {
  id: 'told-of-line',
  about: 'who is told of the line',
  look: ({ target }) => toldOfTheLine(target),
};

export const decisions: Check = {
  id: 'decisions',
  about: 'decisions',
  look: ({ target }) => decisionFinding(target),
};
