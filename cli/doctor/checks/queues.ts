import { turnPk } from '../../../functions/shared/ledger/line-pace.ts';
import { Table } from '../../../functions/shared/runtime/table.ts';
import { stackNameOf, storedLineOf } from '../../../lib/client.ts';
import { depthsOf } from '../../dead-letters/dead-letters.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import type { Check, Sight } from '../check.ts';
import type { Finding } from '../finding.ts';
import { crms, notifiers } from './failing.ts';

const SENDS = 'sends';
const CRM_SYNC = 'crm-sync';
const ESCALATION = 'escalation';
/** A line that posts one message after the other has a queue for hours, and nothing is wrong. */
const GOES_MS = 10 * 60_000;

/** Whether messages leave, or something holds them that is told by itself. */
const isAccountedFor = async ({ target, control, health, now }: Sight): Promise<boolean> => {
  const { paused, trouble, failing, templates = {} } = await control();
  if (paused || trouble || failing?.times || Object.keys(templates).length > 0) return true;
  const turns = new Table<{ readonly nextAt?: number }>(tableOf(target, SENDS), target.dynamodb);
  const turn = await turns.read(turnPk(storedLineOf(target.client)));
  return now - (turn?.nextAt ?? 0) < GOES_MS || !(await health()).sendable;
};

const fails = async ({ look }: Check, sight: Sight): Promise<boolean> =>
  [await look(sight)].flat().some(({ level }) => level !== 'good');

/** Whether what is in a queue is told of by itself. */
const isTold = (name: string, sight: Sight): Promise<boolean> => {
  if (name === SENDS) return isAccountedFor(sight);
  if (name === CRM_SYNC) return fails(crms, sight);
  return name === ESCALATION ? fails(notifiers, sight) : Promise.resolve(false);
};

/** A send that waits has its message here, and is told of by itself where it waits too long. */
const waitingIn = async (name: string, { waiting }: Sight): Promise<number> =>
  name === SENDS ? (await waiting()).filter(({ parked }) => !parked).length : 0;

const todoOf = ({ where, client }: Target): string =>
  where === 'aws'
    ? `does its function start? Look at its log (Lambda, the functions of ${stackNameOf(client)}) for "config_mismatch" and errors of INIT; a deployment that broke it is taken back by deploying the one before: docs/upgrades.md`
    : 'does its function start? The lines of "npm start" say why not';

const ofQueue = async (name: string, sight: Sight): Promise<readonly Finding[]> => {
  const { target } = sight;
  const { ready, held } = await depthsOf(target, name);
  if (ready + held === 0) return [];
  const size = ready + held - (await waitingIn(name, sight));
  if (size <= 0 || (await isTold(name, sight))) return [];
  const [about, todo] = [`queue ${name}`, todoOf(target)];
  const many = `${size} message${size === 1 ? '' : 's'}`;
  if (ready > 0) {
    const found = `${many} wait that no function has taken; bad where that lasts`;
    return [{ level: 'warning', about, found, todo, size }];
  }
  // A function that does not start is called with each of them once in minutes; between, they look like work.
  const told = `${many} in work for half an hour or more, and not done: tried again and again, most likely`;
  return [{ level: 'good', about, found: `${many} in work`, told, todo, size, lasting: true }];
};

const queueFindings = async (sight: Sight): Promise<readonly Finding[]> => {
  const names = Object.keys(sight.target.queues).filter((name) => !name.endsWith('-dlq'));
  return (await Promise.all(names.sort().map((name) => ofQueue(name, sight)))).flat();
};

/** Whether what was accepted is worked on: a function that does not start takes nothing, and says nothing. */
export const queues: Check = {
  id: 'queues',
  about: 'queues',
  tables: () => ['sends', 'deliveries'],
  look: queueFindings,
  watched: { every: 15, after: 30, alsoWarnings: true },
};
