import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Table } from '../runtime/table.ts';

interface NoteRow {
  readonly line: string;
}

/** No line before it, as all other rows of the table have: no line's keys can be it. It never expires. */
const PK = 'keys-of';

/**
 * Which line the keys of the table `sends` are stored under: one item. Whoever looks under another line knows nothing of what was
 * told, and would tell everybody again.
 */
export class KeysNote {
  readonly #rows: Table<NoteRow>;

  constructor(table: string, client?: DynamoDBClient) {
    this.#rows = new Table(table, client);
  }

  /** `undefined` where nothing was noted yet. A consistent read; in INIT it also opens the connection. */
  async read(): Promise<string | undefined> {
    return (await this.#rows.read(PK))?.line;
  }

  /** As noted; where nothing was, this line is noted now, once in the table's life. */
  async readOrNote(line: string): Promise<string> {
    const noted = await this.read();
    if (noted !== undefined) return noted;
    const isMine = (row: NoteRow): boolean => row.line === line;
    const { row } = await this.#rows.put({ pk: PK, line }, { if: 'attribute_not_exists(#pk)', isMine });
    return row?.line ?? line;
  }
}
