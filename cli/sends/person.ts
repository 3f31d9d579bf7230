import { scanned } from '../../functions/shared/ledger/by-hand.ts';
import { contactHash } from '../../functions/shared/people/contact-hash.ts';
import type { Stake } from '../../functions/shared/people/contacts.ts';
import { identityOf } from '../../functions/shared/people/identity.ts';
import { People, type Said } from '../../functions/shared/people/people.ts';
import { firstUsablePhone } from '../../functions/shared/people/phone.ts';
import { unwrittenPk, waitingStops } from '../../functions/shared/people/unwritten-stops.ts';
import { encode } from '../../functions/shared/runtime/attributes.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { storedLineOf } from '../../lib/client.ts';
import { readSecret } from '../secrets/store.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';

/** What a lead agreed to, in full, as the table `contacts` keeps it for its number. */
export interface Evidence {
  readonly key: string;
  readonly field: string;
  readonly question?: string;
  readonly value: string;
  readonly text?: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Somebody, as the tables know them. */
export interface Somebody {
  /** The rows that stand for them: of their number, and of conversations that are known to be theirs. */
  readonly rows: ReadonlySet<string>;
  /** Their last word about being written to. */
  readonly said: Said | undefined;
  /** Of the last lead of theirs that was written to. */
  readonly evidence: Evidence | undefined;
}

/** Several numbers in one field, of which a source may mean any. A few digits behind a sign are an extension. */
const areSeveral = (raw: string): boolean =>
  raw.split(/[,;|/\n]/).filter((part) => part.replace(/\D/g, '').length >= 7).length > 1;

/** One number as people write it, also without its country where that is the client's: E.164. @throws WrongInput, which does not repeat it */
export const phoneOfPerson = (raw: string, { client }: Target, option = '--phone'): string => {
  const found = firstUsablePhone([{ raw }], client);
  if ('phone' in found && !areSeveral(raw)) return found.phone;
  throw new WrongInput(`${option} takes one number, with its country or as a mobile of ${client.country}.`);
};

/** Rows of numbers (E.164), as records of sends name a person. */
export const rowsOfNumbers = async (target: Target, phones: readonly string[]): Promise<ReadonlySet<string>> => {
  const people = await peopleOf(target);
  return new Set(await Promise.all(phones.map((phone) => people.rowOf(phone))));
};

/** People as the sender reads them. @throws Failed on a stack without a salt */
export const peopleOf = async (target: Target): Promise<People> => {
  const salt = await saltOf(target);
  return new People({
    table: tableOf(target, 'contacts'),
    salt: async () => salt,
    now: Date.now,
    client: target.dynamodb,
  });
};

/** What the table of people holds. */
export const rowsOfPeople = (target: Target) =>
  new Table<{ readonly said?: string; readonly at?: string }>(tableOf(target, 'contacts'), target.dynamodb);

/** When each of the stops was said that the table of people did not take yet; epoch milliseconds. */
export const unwrittenStops = async (target: Target): Promise<readonly number[]> => {
  const people = rowsOfPeople(target);
  const line = storedLineOf(target.client);
  const prefix = unwrittenPk(line, '');
  const sends = new Table<{ readonly at?: string }>(tableOf(target, 'sends'), target.dynamodb);
  const open = new Set<number>();
  for (const { pk } of await sends.byIndex<{ readonly pk: string }>('waits', waitingStops(line))) {
    const [kept, row] = await Promise.all([sends.read(pk), people.read(pk.slice(prefix.length))]);
    if (kept?.at !== undefined && (row?.at ?? '') < kept.at) open.add(Date.parse(kept.at));
  }
  return [...open];
};

/** The lead that holds a number (E.164) as touched, if one does. `expiresAt` in epoch seconds. */
export const touchOf = async (target: Target, phone: string): Promise<Stake | undefined> => {
  const rows = new Table<Stake>(tableOf(target, 'contacts'), target.dynamodb);
  const row = await rows.read(`touch#${contactHash(await saltOf(target), identityOf(phone))}`);
  return row && row.expiresAt * 1000 > Date.now() ? row : undefined;
};

/** What stands of a number (E.164), however it is written. Reads, and changes nothing. */
export const somebody = async (target: Target, phone: string): Promise<Somebody> => {
  const salt = await saltOf(target);
  const table = tableOf(target, 'contacts');
  const people = await peopleOf(target);
  const [{ said }, own, evidence] = await Promise.all([
    people.read(phone),
    people.rowOf(phone),
    new Table<Evidence>(table, target.dynamodb).read(`consent#${contactHash(salt, identityOf(phone))}`),
  ]);
  const rows = new Set([own]);
  // A message into a conversation may have been sent before anybody knew whose it is.
  const theirs = scanned<{ readonly pk: string }>(target.dynamodb, table, {
    FilterExpression: '#person = :own',
    ProjectionExpression: 'pk',
    ExpressionAttributeNames: { '#person': 'person' },
    ExpressionAttributeValues: encode({ ':own': own }),
  });
  for await (const { pk } of theirs) rows.add(pk);
  return { rows, said, evidence };
};

const saltOf = async (target: Target): Promise<string> => {
  const salt = (await readSecret(target, 'contact-salt'))?.value;
  if (salt) return salt;
  throw new Failed('This stack has no salt for the table contacts, so nobody can be found in it. Deploy it again.');
};
