import { isDeepStrictEqual } from 'node:util';
import type { Walk, WalkTools } from '../shared/door/walk.ts';
import { encode } from '../shared/runtime/attributes.ts';
import { Table } from '../shared/runtime/table.ts';
import type { Rows } from './appointments.ts';
import type { AppointmentRow, StoredRow } from './schema.ts';
import type { SeriesRow } from './series.ts';

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

/** Rows that are read together. */
const PAGE = 50;

/** What a walk through the table `appointments` reads and writes: the appointments of a line, and how far it is. */
export const walkOf = (table: string, lineId: string): Pick<WalkTools<AppointmentRow>, 'read' | 'write' | 'page'> => {
  const rows = new Table<StoredRow | SeriesRow | Walk>(table);
  return {
    ...rowsOf<Walk>(table),
    async page(from) {
      const { rows: found, ...rest } = await rows.page(PAGE, from);
      const own = found.filter(({ pk }) => pk.startsWith(`${lineId}#`));
      return { ...rest, rows: own.flatMap((row) => ('standing' in row ? [row] : [])) };
    },
  };
};
