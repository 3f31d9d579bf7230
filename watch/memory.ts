import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Table } from '../functions/shared/runtime/table.ts';
import type { Remembered } from './decide.ts';

/** What nobody wrote for so long is of nothing that stands. */
const KEEP_SECONDS = 30 * 24 * 3600;
const PAGE = 100;

const RUN = 'run';

/** Names of clients have no commas, and rows no lists. */
type Row = Omit<Remembered, 'clients'> & { readonly clients: string; readonly expiresAt: number };

interface RunRow {
  /** Who runs, and until when that is believed; epoch milliseconds. */
  readonly by: string;
  readonly until: number;
}

const rememberedOf = ({ expiresAt: _, clients, ...row }: Row): Remembered => ({ ...row, clients: clients.split(',') });

const pkOf = (key: string): string => `cause#${key}`;

/** What the watcher told, in its own table. */
export class Memory {
  readonly #causes: Table<Row>;
  readonly #runs: Table<RunRow>;

  constructor(table: string, client?: DynamoDBClient) {
    this.#causes = new Table(table, client);
    this.#runs = new Table(table, client);
  }

  /** One run at a time: two would tell everything twice. @returns whether it is this one's turn */
  async begin(by: string, now: number, leaseMs: number): Promise<boolean> {
    const { mine } = await this.#runs.put(
      { pk: RUN, by, until: now + leaseMs },
      { if: 'attribute_not_exists(#pk) OR #until <= :now', values: { now }, isMine: (row) => row.by === by },
    );
    return mine;
  }

  async end(by: string): Promise<void> {
    await this.#runs.update(RUN, { set: { until: 0 } }, { if: '#by = :own', values: { own: by } });
  }

  async all(): Promise<readonly Remembered[]> {
    const all: Remembered[] = [];
    let after: string | undefined;
    do {
      const page = await this.#causes.page(PAGE, after);
      all.push(...page.rows.flatMap((row) => (row.key === undefined ? [] : [rememberedOf(row)])));
      after = page.after;
    } while (after !== undefined);
    return all;
  }

  async keep(row: Remembered, now: number): Promise<void> {
    const clients = row.clients.join(',');
    await this.#causes.put({ ...row, clients, pk: pkOf(row.key), expiresAt: Math.floor(now / 1000) + KEEP_SECONDS });
  }

  /** It is gone with the next one that cleans up, and is nothing till then. */
  async forget(key: string, now: number): Promise<void> {
    await this.#causes.update(pkOf(key), { set: { expiresAt: Math.floor(now / 1000) }, remove: ['key'] });
  }
}
