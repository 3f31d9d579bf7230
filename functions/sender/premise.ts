import type { Premise } from '../shared/ledger/send-command.ts';
import { Table } from '../shared/runtime/table.ts';

/**
 * One consistent read of the row that a message builds on.
 * @param table name of the table `appointments`. Without one nothing can be known, and what cannot be known does not hold
 */
export const premiseHolds = (table: string | undefined): ((premise: Premise) => Promise<boolean>) => {
  if (table === undefined) return async () => false;
  const rows = new Table<{ readonly standing?: string }>(table);
  return async ({ pk, standing }) => {
    const found = (await rows.read(pk))?.standing;
    // A message of an earlier release knows the version alone.
    return found === standing || (/^v\d+$/.test(standing) && found?.startsWith(`${standing}.`) === true);
  };
};
