import { Table } from '../../../functions/shared/runtime/table.ts';
import { ALARMS_TOPIC, LOOKED, TOLD_TOPIC, WATCH_STACK } from '../../../lib/watch-names.ts';
import { resourcesOf, stackOf } from '../../target/stack.ts';
import { type Deployed, isDeployed, type Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import type { Check, Sight } from '../check.ts';
import type { Finding } from '../finding.ts';
import type { Listening, Topics } from '../listeners.ts';

const ABOUT = 'who is told';

/** It looks every five minutes, and an alarm goes off when it did not three times. */
const BLIND_MS = 15 * 60_000;

/** The watcher of an account and region. */
interface Known {
  readonly table: string | undefined;
  /** ARNs, by name. */
  readonly topics: Readonly<Record<string, string>>;
  readonly ask: Topics;
}

/** `undefined` where there is none. */
const find = async ({ cloudFormation, client }: Deployed): Promise<Known | undefined> => {
  if (!(await stackOf(cloudFormation, WATCH_STACK))) return undefined;
  const resources = await resourcesOf(cloudFormation, WATCH_STACK);
  const idsOf = (type: string): readonly string[] =>
    resources.flatMap(({ ResourceType, PhysicalResourceId: id }) => (ResourceType === type && id ? [id] : []));
  const topics = Object.fromEntries(idsOf('AWS::SNS::Topic').map((arn) => [arn.split(':').at(-1) ?? '', arn]));
  const { Topics } = await import('../listeners.ts');
  return { table: idsOf('AWS::DynamoDB::Table')[0], topics, ask: new Topics(client) };
};

const NOT_LOOKED = {
  aws: `look at the log of the function "watcher" of ${WATCH_STACK}`,
  local: 'the lines of "npm start" say why',
} as const;

const lookedFinding = async ({ target, now }: Sight, table: string): Promise<Finding> => {
  const row = await new Table<{ readonly lookedAt?: number }>(table, target.dynamodb).read(LOOKED);
  const at = row?.lookedAt;
  const todo = NOT_LOOKED[target.where];
  if (at === undefined)
    return {
      level: 'warning',
      about: ABOUT,
      found: 'the watcher has not looked yet; it does every five minutes',
      todo,
    };
  const found = `the watcher looked at ${time(at)}`;
  if (now - at < BLIND_MS) return { level: 'good', about: ABOUT, found };
  return { level: 'bad', about: ABOUT, found: `${found}, and not since: nobody is told of anything`, todo };
};

const DEPLOY = `npx cdk deploy ${WATCH_STACK}`;
const HOW: Readonly<Record<Exclude<Listening, 'hears it'>, { readonly says: string; readonly todo: string }>> = {
  'not confirmed': {
    says: 'was sent a mail by SNS and has not confirmed it, so nothing is told there',
    todo: 'docs/deploy.md "Who is told" says how; look for the mail among the unwanted ones, or let SNS send it again (console, "Request confirmation")',
  },
  'not of this client': {
    says: 'does not hear of this client, which is newer than the stack that tells',
    todo: DEPLOY,
  },
  'not subscribed': {
    says: 'is not subscribed, or was unsubscribed: by a scanner of mails that follows each link, perhaps',
    todo: `${DEPLOY}\nwhere that changes nothing, subscribe the address by hand: docs/deploy.md "Who is told"`,
  },
};

const mailFindings = async ({ client }: Target, { topics, ask }: Known): Promise<readonly Finding[]> => {
  const { email } = client.contacts.operator;
  const each = [TOLD_TOPIC, ALARMS_TOPIC].map(async (name): Promise<readonly Finding[]> => {
    const topic = topics[name];
    const how = topic === undefined ? 'not subscribed' : await ask.listening(topic, email, client.name);
    if (how === 'hears it') return [];
    const { says, todo } = HOW[how];
    return [{ level: 'warning', about: ABOUT, found: `the operator's mail address ${says} (${name})`, todo }];
  });
  return (await Promise.all(each)).flat();
};

const NOBODY: Finding = {
  level: 'warning',
  about: ABOUT,
  found: `nobody is told when something goes wrong: there is no ${WATCH_STACK} in this account and region`,
  todo: DEPLOY,
};

const look = async (sight: Sight): Promise<readonly Finding[]> => {
  const { target } = sight;
  const known = isDeployed(target) ? await find(target) : undefined;
  if (isDeployed(target) && !known) return [NOBODY];
  const table = known ? known.table : target.tables.watch;
  const looked = table === undefined ? [] : [await lookedFinding(sight, table)];
  return [...looked, ...(known ? await mailFindings(target, known) : [])];
};

/** Whether the watcher looks at all, and whoever is responsible hears it: what nobody hears is as good as not looked at. */
export const watcher: Check = { id: 'watcher', about: ABOUT, look };
