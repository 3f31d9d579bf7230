import type { NotifierName } from '../../../functions/escalation/config.ts';
import { NotifierRefusals } from '../../../functions/escalation/notifier-refusals.ts';
import { storedLineOf } from '../../../lib/client.ts';
import { mailIdentities } from '../../../lib/mail-identities.ts';
import { commandOn } from '../../target/command.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';

/** What mends a notifier: what SES says of the address that it sends from, or else its secret. */
const mend = (target: Target, name: NotifierName): string => {
  const { escalation, name: client } = target.client;
  const [identity] = mailIdentities({ [name]: escalation.notifiers[name] });
  const first =
    identity === undefined
      ? commandOn(target, 'secrets set', `notifiers.${name}`)
      : `aws sesv2 get-email-identity --email-identity ${identity}, and verify it and the recipients`;
  return `${first}; or see to escalation.notifiers.${name} in clients/${client}.ts. It is well again with the next alert that it takes`;
};

/** Notifiers that refused the last alert they were given for good. */
const notifierFindings = async (target: Target): Promise<readonly Finding[]> => {
  const [table, lineId] = [tableOf(target, 'deliveries'), storedLineOf(target.client)];
  const refusals = new NotifierRefusals({ table, client: target.dynamodb, lineId, now: Date.now });
  const { notifiers: all } = target.client.escalation;
  const named = (Object.keys(all) as NotifierName[]).filter((name) => all[name] !== undefined);
  const found = await Promise.all(named.map(async (name) => [name, await refusals.last(name)] as const));
  return found.map(([name, refusal]): Finding => {
    const about = `notifier ${name}`;
    if (refusal?.refusedAt === undefined) return { level: 'good', about, found: 'refuses nothing' };
    const said = `refused an alert at ${time(refusal.refusedAt)}, ${refusal.reason}: ${refusal.says}`;
    return { level: 'bad', about, found: said, todo: mend(target, name) };
  });
};

export const notifiers: Check = {
  id: 'notifiers',
  about: 'notifiers',
  tables: () => ['deliveries'],
  look: ({ target }) => notifierFindings(target),
  watched: {},
};
