import { CrmFailures } from '../../../functions/crm-sync/crm-failures.ts';
import { crmName, crmsOf } from '../../../functions/crm-sync/named.ts';
import type { NotifierName } from '../../../functions/escalation/config.ts';
import { notifierFailures } from '../../../functions/escalation/notifier-failures.ts';
import type { OutsideFailure } from '../../../functions/shared/ledger/outside-failures.ts';
import { storedLineOf } from '../../../lib/client.ts';
import { mailIdentities } from '../../../lib/mail-identities.ts';
import { commandOn } from '../../target/command.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import type { Check, Sight } from '../check.ts';
import { type Finding, steps } from '../finding.ts';

/** What fails for less is tried again by itself, most often well. */
const LASTING_MS = 10 * 60_000;
/** What waits is tried at least so often, and a failure that goes on is noted as often as that: what was not noted for longer is over, or nothing waits. */
const NEWS_MS = 40 * 60_000;
/** Whoever is asked does not take the token. */
const REFUSED_TOKEN = /_(?:401|403|secret_not_set)$/;

/** What an outside system does with what it is given. @param what it is given, such as `an alert` */
const standing = (
  failure: OutsideFailure | undefined,
  now: number,
  about: string,
  what: string,
  mend: string,
  vendor: string,
): Finding => {
  if (!failure) return { level: 'good', about, found: 'takes what it is given' };
  const { reason, says, failingSince, failedAt, refusedAt, times } = failure;
  const words = says === '' ? reason : `${reason}: ${says}`;
  if (refusedAt !== undefined)
    return {
      level: 'bad',
      about,
      found: `refused ${what} at ${time(refusedAt)}, ${words}`,
      told: `refused ${what} at ${time(refusedAt)}, ${reason}`,
      todo: mend,
    };
  const since = `fails since ${time(failingSince)}, at least ${times} times, noted last at ${time(failedAt)}`;
  const [found, told] = [`${since}, ${words}`, `${since}, ${reason}`];
  if (REFUSED_TOKEN.test(reason)) return { level: 'bad', about, found, told, todo: mend };
  const todo = `does ${vendor} have an outage? What is for it waits, and is tried again by itself`;
  if (now - failingSince < LASTING_MS || now - failedAt > NEWS_MS) return { level: 'warning', about, found, todo };
  return { level: 'bad', about, found, told, todo };
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
      ? [commandOn(target, 'secrets set', `notifiers.${name}`)]
      : [`aws sesv2 get-email-identity --email-identity ${identity}`, 'verify it, and the recipients'];
  const last = `or see to escalation.notifiers.${name} in clients/${client}.ts. It is well again with the next alert that it takes`;
  return steps(...first, last);
};

const notifierFindings = async ({ target, now }: Sight): Promise<readonly Finding[]> => {
  const refusals = notifierFailures(toolsOf(target));
  const { notifiers: all } = target.client.escalation;
  const named = (Object.keys(all) as NotifierName[]).filter((name) => all[name] !== undefined);
  return Promise.all(
    named.map(async (name) =>
      standing(await refusals.failure(name), now, `notifier ${name}`, 'an alert', mend(target, name), name),
    ),
  );
};

const crmFindings = async ({ target, now }: Sight): Promise<readonly Finding[]> => {
  const all = crmsOf(target.client.crm);
  if (all.length === 0) return [];
  const failures = new CrmFailures(toolsOf(target));
  const isOnly = all.length === 1;
  return Promise.all(
    all.map(async (crm) => {
      const name = crmName(crm);
      const secret = commandOn(target, 'secrets set', isOnly ? 'crm' : `crm.${name}`);
      const todo = steps(
        `if its token has ended, or has lost a right: ${secret}`,
        `or see to crm in clients/${target.client.name}.ts`,
        `afterwards, what waited for three days: ${commandOn(target, 'dlq redrive', 'crm-sync-dlq')}`,
      );
      return standing(await failures.failure(name), now, `CRM ${name}`, 'what it was told', todo, crm.kind);
    }),
  );
};

const tables = (): readonly string[] => ['deliveries'];

export const notifiers: Check = {
  id: 'notifiers',
  about: 'notifiers',
  tables,
  look: notifierFindings,
  watched: {},
};

export const crms: Check = {
  id: 'crm',
  about: 'CRM',
  tables,
  look: crmFindings,
  // A token is made anew now and then, and one call in between is refused.
  watched: { after: 10, wavers: true },
};
