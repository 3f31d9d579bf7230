import { isDeepStrictEqual } from 'node:util';
import { encode } from '../shared/runtime/attributes.ts';
import { Table } from '../shared/runtime/table.ts';
import type { Rows } from './appointments.ts';
import type { StoredRow } from './schema.ts';

/** The table `appointments`. Reads are consistent; a write that finds the row moved is refused, not forced. */
export const rowsOf = <Row extends { readonly pk: string; readonly rev: number } = StoredRow>(
  table: string,
): Rows<Row> => {
  const rows = new Table<Row>(table);
  return {
    read: (pk) => rows.read(pk),
    async write(row, seen) {
      const unmoved = seen ? { if: '#rev = :rev', values: { rev: seen.rev } } : { if: 'attribute_not_exists(#pk)' };
      // A twin of the same event may have written the very same row: then it is as good as this one's.
      const { mine } = await rows.put(row, {
        ...unmoved,
        isMine: (found) => isDeepStrictEqual(encode(found), encode(row)),
      });
      return mine;
    },
  };
};
