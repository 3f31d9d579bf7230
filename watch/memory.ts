import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Table } from '../functions/shared/runtime/table.ts';
import { LOOKED } from '../lib/watch-names.ts';
import type { Remembered } from './decide.ts';

/** What nobody wrote for so long is of nothing that stands. */
const KEEP_SECONDS = 30 * 24 * 3600;
const PAGE = 100;

const CLIENTS = 'clients';

/** Names of clients have no commas, and rows no lists. */
type Row = Omit<Remembered, 'clients'> & { readonly clients: string; readonly expiresAt: number };

interface RunRow {
  /** Who runs, and until when that is believed; epoch milliseconds. */
  readonly by: string;
  readonly until: number;
  /** When a run ended well, last; epoch milliseconds. */
  readonly lookedAt?: number;
}

/** All that had a stack, with commas. */
interface ClientsRow {
  readonly names: string;
}

/** What is known from the runs before. */
export interface Known {
  readonly causes: readonly Remembered[];
  /** All that had a stack; undefined where nobody looked yet. */
  readonly clients: readonly string[] | undefined;
}

const rememberedOf = ({ expiresAt: _, clients, ...row }: Row): Remembered => ({ ...row, clients: clients.split(',') });

const pkOf = (key: string): string => `cause#${key}`;

/** What the watcher told, in its own table. */
export class Memory {
  readonly #causes: Table<Row>;
  readonly #runs: Table<RunRow>;
  readonly #clients: Table<ClientsRow>;

  constructor(table: string, client?: DynamoDBClient) {
    this.#causes = new Table(table, client);
    this.#runs = new Table(table, client);
    this.#clients = new Table(table, client);
  }

  /** One run at a time: two would tell everything twice. @returns whether it is this one's turn */
  async begin(by: string, now: number, leaseMs: number): Promise<boolean> {
    return this.#runs.update(
      LOOKED,
      { set: { by, until: now + leaseMs } },
      { if: 'attribute_not_exists(#pk) OR #until <= :now', values: { now }, isMine: (row) => row.by === by },
    );
  }

  /** @param lookedAt epoch milliseconds; undefined of a run that did not end well */
  async end(by: string, lookedAt: number | undefined): Promise<void> {
    const set = { until: 0, ...(lookedAt !== undefined && { lookedAt }) };
    await this.#runs.update(LOOKED, { set }, { if: '#by = :own', values: { own: by } });
  }

  async all(): Promise<Known> {
    const causes: Remembered[] = [];
    let after: string | undefined;
    do {
      const page = await this.#causes.page(PAGE, after);
      causes.push(...page.rows.flatMap((row) => (row.key === undefined ? [] : [rememberedOf(row)])));
      after = page.after;
    } while (after !== undefined);
    const clients = (await this.#clients.read(CLIENTS))?.names.split(',').filter(Boolean);
    return { causes, clients };
  }

  /** All that have a stack now. */
  async know(clients: readonly string[]): Promise<void> {
    await this.#clients.put({ pk: CLIENTS, names: [...clients].sort().join(',') });
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
