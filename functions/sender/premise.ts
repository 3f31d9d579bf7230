import type { Premise } from '../shared/ledger/send-command.ts';
import { Table } from '../shared/runtime/table.ts';

/**
 * One consistent read of the row that a message builds on.
 * @param table name of the table `appointments`. Without one nothing can be known, and what cannot be known does not hold
 */
export const premiseHolds = (table: string | undefined): ((premise: Premise) => Promise<boolean>) => {
  if (table === undefined) return async () => false;
  const rows = new Table<{ readonly standing?: string }>(table);
  return async ({ pk, standing }) => isStill((await rows.read(pk))?.standing, standing);
};

/** Whether a row stands as a message was told. One of an earlier release was told the version alone, without who and what. */
export const isStill = (found: string | undefined, told: string): boolean =>
  found === told || (/^v\d+$/.test(told) && found?.startsWith(`${told}.`) === true);
