import { reasonOf } from '../../../functions/shared/runtime/errors.ts';
import { depthOf } from '../../dead-letters/dead-letters.ts';
import { rowsOfPeople, unwrittenStops } from '../../sends/person.ts';
import { commandOn } from '../../target/command.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import type { Check, Sight } from '../check.ts';
import type { Finding } from '../finding.ts';

/** They are tried again from the queue for three days, and are dead letters only then. */
const storeThem = async (target: Target): Promise<string> => {
  const wait = `they wait in the queue and are stored by themselves within a quarter of an hour of the functions being able to write to the table contacts`;
  const letters = await depthOf(target, 'escalation-dlq');
  return letters === 0
    ? wait
    : `${wait}; what waited for three days: ${commandOn(target, 'dlq redrive', 'escalation-dlq')}`;
};

/** Whether stops are stored and can be read. */
const stopsFinding = async ({ target, control, waiting: waitingSends }: Sight): Promise<Finding> => {
  const about = 'stops';
  const waiting = async (): Promise<number> =>
    (await waitingSends()).filter(({ state, reason }) => state === 'HELD' && reason === 'suppression_list_unreadable')
      .length;
  try {
    await rowsOfPeople(target).read('suppressed#');
  } catch (error) {
    const held = await waiting().catch(() => 0);
    const found = `who said stop cannot be read (${reasonOf(error)})${held > 0 ? `, and ${held} messages wait for it` : ''}: nothing is sent`;
    const todo = `see that the table contacts (${tableOf(target, 'contacts')}) is there, and that the functions may read and write it; deploying restores what they may do, and no table that is gone`;
    return { level: 'bad', about, found, todo };
  }
  // The mark stays once it was set: without it nothing was ever kept, and the table need not be read.
  const { unwrittenStops: everKept } = await control();
  const open = everKept === undefined ? [] : await unwrittenStops(target);
  if (open.length > 0) {
    const found = `${open.length} that could not be stored, the oldest of ${time(Math.min(...open))}: nothing is sent to them, as long as this is here`;
    return { level: 'bad', about, found, todo: await storeThem(target) };
  }
  const held = await waiting();
  if (held === 0) return { level: 'good', about, found: 'stored, and can be read' };
  const found = `can be read here, and the sender could not for ${held} messages that wait`;
  return {
    level: 'warning',
    about,
    found,
    todo: 'they leave by themselves; if they do not, deploy: that restores what the sender may read',
  };
};

export const stops: Check = {
  id: 'stops',
  about: 'stops',
  tables: () => ['contacts', 'sends'],
  look: stopsFinding,
  watched: { every: 15 },
};
