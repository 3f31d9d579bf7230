import { CrmFailures } from '../../../functions/crm-sync/crm-failures.ts';
import { crmName, crmsOf } from '../../../functions/crm-sync/named.ts';
import type { NotifierName } from '../../../functions/escalation/config.ts';
import { NotifierRefusals } from '../../../functions/escalation/notifier-refusals.ts';
import type { OutsideFailure } from '../../../functions/shared/ledger/outside-failures.ts';
import { storedLineOf } from '../../../lib/client.ts';
import { mailIdentities } from '../../../lib/mail-identities.ts';
import { commandOn } from '../../target/command.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';

/** What fails for less is tried again by itself, most often well. */
const LASTING_MS = 20 * 60_000;

/** What an outside system does with what it is given. @param what it is given, such as `an alert` */
const standing = (
  failure: OutsideFailure | undefined,
  about: string,
  what: string,
  mend: string,
  vendor: string,
): Finding => {
  if (!failure) return { level: 'good', about, found: 'takes what it is given' };
  const { reason, says, failingSince, failedAt, refusedAt, times } = failure;
  const words = says === '' ? reason : `${reason}: ${says}`;
  if (refusedAt !== undefined)
    return { level: 'bad', about, found: `refused ${what} at ${time(refusedAt)}, ${words}`, todo: mend };
  const found = `fails since ${time(failingSince)}, ${times} times, last at ${time(failedAt)}, ${words}`;
  const todo = `does ${vendor} have an outage? What is for it waits, and is tried again by itself`;
  if (failedAt - failingSince < LASTING_MS) return { level: 'warning', about, found, todo };
  return { level: 'bad', about, found, todo, outage: vendor };
};

const toolsOf = (target: Target) => ({
  table: tableOf(target, 'deliveries'),
  client: target.dynamodb,
  lineId: storedLineOf(target.client),
  now: Date.now,
});

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

const notifierFindings = async (target: Target): Promise<readonly Finding[]> => {
  const refusals = new NotifierRefusals(toolsOf(target));
  const { notifiers: all } = target.client.escalation;
  const named = (Object.keys(all) as NotifierName[]).filter((name) => all[name] !== undefined);
  return Promise.all(
    named.map(async (name) =>
      standing(await refusals.failure(name), `notifier ${name}`, 'an alert', mend(target, name), name),
    ),
  );
};

const crmFindings = async (target: Target): Promise<readonly Finding[]> => {
  const all = crmsOf(target.client.crm);
  if (all.length === 0) return [];
  const failures = new CrmFailures(toolsOf(target));
  const isOnly = all.length === 1;
  return Promise.all(
    all.map(async (crm) => {
      const name = crmName(crm);
      const secret = commandOn(target, 'secrets set', isOnly ? 'crm' : `crm.${name}`);
      const todo = `${secret}, if its token has ended; or see to crm in clients/${target.client.name}.ts. What waited for three days: ${commandOn(target, 'dlq redrive', 'crm-sync-dlq')}`;
      return standing(await failures.failure(name), `CRM ${name}`, 'what it was told', todo, crm.kind);
    }),
  );
};

const tables = (): readonly string[] => ['deliveries'];

export const notifiers: Check = {
  id: 'notifiers',
  about: 'notifiers',
  tables,
  look: ({ target }) => notifierFindings(target),
  watched: {},
};

export const crms: Check = {
  id: 'crm',
  about: 'CRM',
  tables,
  look: ({ target }) => crmFindings(target),
  watched: {},
};
