import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { encode } from './attributes.ts';
import { Table } from './table.ts';

/** Rows of a kind. A write succeeds only if the row is still as it was seen. */
export interface Rows<Row> {
  read(pk: string): Promise<Row | undefined>;
  write(row: Row, seen: Row | undefined): Promise<boolean>;
}

/** Rows of a table, each with a `rev` that rises with every write. Reads are consistent; a write that finds the row moved is refused, not forced. */
export const rowsOf = <Row extends { readonly pk: string; readonly rev: number }>(
  table: string,
  client?: DynamoDBClient,
): Rows<Row> => {
  const rows = new Table<Row>(table, client);
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
