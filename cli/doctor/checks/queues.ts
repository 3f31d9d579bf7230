import { turnPk } from '../../../functions/shared/ledger/line-pace.ts';
import { Table } from '../../../functions/shared/runtime/table.ts';
import { stackNameOf, storedLineOf } from '../../../lib/client.ts';
import { depthsOf } from '../../dead-letters/dead-letters.ts';
import { tableOf } from '../../target/named.ts';
import type { Check, Sight } from '../check.ts';
import type { Finding } from '../finding.ts';

const SENDS = 'sends';
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

const queueFindings = async (sight: Sight): Promise<readonly Finding[]> => {
  const { target } = sight;
  const names = Object.keys(target.queues).filter((name) => !name.endsWith('-dlq'));
  const each = names.sort().map(async (name): Promise<readonly Finding[]> => {
    // What is being worked on, or put off, does not count.
    const { ready: waiting } = await depthsOf(target, name);
    if (waiting === 0 || (name === SENDS && (await isAccountedFor(sight)))) return [];
    const found = `${waiting} messages wait that no function has taken; bad where that lasts`;
    const todo =
      target.where === 'aws'
        ? `does its function start? Look at its log (Lambda, the functions of ${stackNameOf(target.client)}) for "config_mismatch" and errors of INIT; a deployment that broke it is taken back by deploying the one before: docs/upgrades.md`
        : 'does its function start? The lines of "npm start" say why not';
    return [{ level: 'warning', about: `queue ${name}`, found, todo, size: waiting }];
  });
  return (await Promise.all(each)).flat();
};

/** Whether what was accepted is worked on: a function that does not start takes nothing, and says nothing. */
export const queues: Check = {
  id: 'queues',
  about: 'queues',
  tables: () => ['sends'],
  look: queueFindings,
  watched: { every: 15, after: 30, alsoWarnings: true },
};
