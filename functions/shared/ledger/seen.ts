import type { Table } from '../runtime/table.ts';
import { SEEN_ON_LINE, type SendRecord } from './rules.ts';

/** Settles a send that waits for a person because it may have left, if its message was seen on the line: then it left. */
export const acceptSeen = async (sends: Table<SendRecord>, pk: string): Promise<void> => {
  await sends.update(
    pk,
    { set: { state: 'ACCEPTED', reason: SEEN_ON_LINE }, remove: ['parked', 'waits'] },
    {
      if: '#state = :unknown AND #parked = :true AND attribute_exists(#observedId)',
      values: { unknown: 'UNKNOWN', true: true },
    },
  );
};
