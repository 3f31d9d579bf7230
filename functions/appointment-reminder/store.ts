import type { Walk, WalkTools } from '../shared/door/walk.ts';
import { rowsOf } from '../shared/runtime/rows.ts';
import { Table } from '../shared/runtime/table.ts';
import type { AppointmentRow, StoredRow } from './schema.ts';
import type { SeriesRow } from './series.ts';

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
