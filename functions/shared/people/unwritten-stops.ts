import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Table } from '../runtime/table.ts';
import type { Person, Who } from './people.ts';

interface Row {
  /** ISO 8601, when they said stop. */
  readonly at?: string;
}

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
    const change = { set: { at }, remove: ['expiresAt'] };
    const later = { if: 'attribute_not_exists(#at) OR #at < :at' };
    await Promise.all(rowsOf(who).map((pk) => this.#rows.update(this.#pk(pk), change, later)));
  }

  /** Once the table of people has it. What is not there stays so. */
  async forget(who: Who): Promise<void> {
    const change = { set: { expiresAt: Math.floor(this.#now() / 1000) }, remove: ['at'] };
    const known = { if: 'attribute_exists(#at)' };
    await Promise.all(rowsOf(who).map((pk) => this.#rows.update(this.#pk(pk), change, known)));
  }

  /** What stands of a person, with what the table of people did not take. A consistent read. */
  async heeded(person: Person): Promise<Person> {
    if (person.stopped) return person;
    const at = (await this.#rows.read(this.#pk(person.pk)))?.at;
    return at === undefined || at < (person.said?.at ?? '') ? person : { ...person, stopped: true };
  }

  #pk(person: string): string {
    return unwrittenPk(this.#lineId, person);
  }
}

const rowsOf = ({ person, names }: Who): readonly string[] => [...names, ...(person === undefined ? [] : [person])];
