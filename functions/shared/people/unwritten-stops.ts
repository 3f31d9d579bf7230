import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Table } from '../runtime/table.ts';
import type { Person, Who } from './people.ts';

interface Row {
  /** ISO 8601, when they said stop. */
  readonly at?: string;
}

/** What the row that a sender reads before each message says of them: since when (epoch milliseconds) some may be kept; it stays. */
export interface Marked {
  readonly unwrittenStops?: number | undefined;
}

/** In the index `waits` of that table: what waits there to be stored. */
export const waitingStops = (lineId: string): string => `${lineId}#unwritten-stops`;

/** Before the row of a person, in the table of sends. */
export const unwrittenPk = (lineId: string, person: string): string => `${lineId}#unwritten-stop#${person}`;

/**
 * Stops that the table `contacts` does not take, kept in the table of sends until it does: the sender looks there too, so nobody is written
 * to meanwhile. They are tried again all the time, and a later start in the table of people outweighs what was left here.
 */
export class UnwrittenStops {
  readonly #rows: Table<Row>;
  readonly #lineId: string;
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(table: string, lineId: string, now: () => number, client?: DynamoDBClient) {
    this.#rows = new Table(table, client);
    this.#lineId = lineId;
    this.#now = now;
  }

  /** @param at ISO 8601 */
  async keep(who: Who, at: string): Promise<void> {
    // First the mark: who sees it looks for the rows.
    const mark = { set: { unwrittenStops: this.#now() }, add: { rev: 1 } };
    await this.#rows.update(`${this.#lineId}#control`, mark);
    const change = { set: { at, waits: waitingStops(this.#lineId) }, remove: ['expiresAt'] };
    // The same once more: an earlier release left it out of the index.
    const later = { if: 'attribute_not_exists(#at) OR #at <= :at' };
    await Promise.all(rowsOf(who).map((pk) => this.#rows.update(this.#pk(pk), change, later)));
  }

  /** Once the table of people has it. What is not there stays so. */
  async forget(who: Who): Promise<void> {
    const change = { set: { expiresAt: Math.floor(this.#now() / 1000) }, remove: ['at', 'waits'] };
    const known = { if: 'attribute_exists(#at)' };
    await Promise.all(rowsOf(who).map((pk) => this.#rows.update(this.#pk(pk), change, known)));
  }

  /** Whether a stop of theirs is kept that nothing later outweighs. A consistent read, of a line that ever kept one. */
  async isKept({ pk, said }: Pick<Person, 'pk' | 'said'>, { unwrittenStops }: Marked): Promise<boolean> {
    if (unwrittenStops === undefined) return false;
    const at = (await this.#rows.read(this.#pk(pk)))?.at;
    return at !== undefined && at >= (said?.at ?? '');
  }

  #pk(person: string): string {
    return unwrittenPk(this.#lineId, person);
  }
}

const rowsOf = ({ person, names }: Who): readonly string[] => [...names, ...(person === undefined ? [] : [person])];
