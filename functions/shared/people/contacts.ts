import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AWS_CLIENT, bounded } from '../runtime/aws.ts';
import { Table } from '../runtime/table.ts';
import { contactHash } from './contact-hash.ts';

/** For what must not be done twice and may be left undone. */
export const ONE_TRY = { maxAttempts: 1 };
const oneTry = bounded(new DynamoDBClient({ ...AWS_CLIENT, ...ONE_TRY }));

/** The table `contacts`. It knows people by a salted hash of their phone; no row of it holds a number. */
export interface Contacts {
  readonly table: string;
  /** The line's own salt: without it a list of hashes could be tried against all numbers of a country in minutes. */
  readonly salt: () => Promise<string>;
}

/** A key of the table that stands for a phone (E.164) or an address, and tells nobody which. */
export const hashed = async ({ salt }: Contacts, kind: string, value: string): Promise<string> =>
  `${kind}#${contactHash(await salt(), value)}`;

/** Writes a row over whatever stands there. */
export const putContact = async <Row extends { readonly pk: string }>({ table }: Contacts, row: Row): Promise<void> => {
  await new Table<Row>(table).put(row);
};

/** A row that one of several rivals may write: it is free, or over (`expiresAt`, epoch seconds), or still `over`'s. */
export interface Stake {
  readonly pk: string;
  readonly holder: string;
  readonly expiresAt: number;
}

/** Writes a stake if nobody holds it, or if `from` does, and gives whoever holds it then; `undefined` if it went just now. */
export const stake = async (
  contacts: Contacts,
  own: Stake,
  nowSeconds: number,
  from?: string,
): Promise<string | undefined> => {
  const free = 'attribute_not_exists(#pk) OR #expiresAt <= :now';
  const { row } = await new Table<Stake>(contacts.table).put(own, {
    if: from === undefined ? free : `${free} OR #holder = :from`,
    values: { now: nowSeconds, from },
    isMine: ({ holder }) => holder === own.holder,
  });
  return row?.holder;
};

/**
 * Adds one to a counter that goes by itself at `expiresAt` (epoch seconds), and gives what it is now. Tried once: a repeat of a
 * try that took effect would count the same thing twice. At worst, when only the answer is lost, one is counted that was let through.
 */
export const count = async ({ table }: Contacts, pk: string, expiresAt: number): Promise<number> => {
  const counters = new Table<{ readonly seen: number }>(table, oneTry);
  const { row } = await counters.updateAndRead(pk, { add: { seen: 1 }, set: { expiresAt } });
  return row?.seen ?? 0;
};
