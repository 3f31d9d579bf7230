import type { Subscribed } from '../../functions/shared/door/connection.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import type { SecretState } from './compare.ts';
import type { AnyConnection, Place } from './place.ts';

/** What is remembered of a connection, for vendors show no secret: whether it is the stored one that they were given. */
export interface ConnectionNote {
  readonly connectedAt: string;
  readonly address: string;
  /** Of the subscriptions that were given it. */
  readonly ids: Readonly<Record<string, true>>;
  /** First digits of the secret's SHA-256. */
  readonly secret: string;
}

const digest = (secret: string): string => sha256(secret).slice(0, 12);

const rowsOf = (target: Target): Table<ConnectionNote> => new Table(tableOf(target, 'deliveries'), target.dynamodb);

const pkOf = ({ client }: Target, { template, source }: Place): string =>
  `connection#${client.lineId}#${template}/${source}`;

export const noteOf = (target: Target, place: Place): Promise<ConnectionNote | undefined> =>
  rowsOf(target).read(pkOf(target, place));

export const keepNote = async (
  target: Target,
  place: Place,
  about: Pick<ConnectionNote, 'address' | 'ids'>,
  { current }: Pick<SourceSecret, 'current'>,
): Promise<ConnectionNote> => {
  const note = { ...about, connectedAt: new Date().toISOString(), secret: digest(current) };
  await rowsOf(target).put({ pk: pkOf(target, place), ...note });
  return note;
};

/** It is of no address any more. */
export const forgetNote = (target: Target, place: Place): Promise<unknown> =>
  keepNote(target, place, { address: '', ids: {} }, { current: '' });

/** What the vendor shows of a subscription's secret is better than what is remembered of it. */
export const secretState = (
  { newSecret }: AnyConnection,
  note: ConnectionNote | undefined,
  { current, previous }: SourceSecret,
  { id, secret: shown }: Subscribed,
): SecretState => {
  if (!newSecret) return 'theirs';
  const given = shown === undefined ? note?.ids[id] && note.secret : digest(shown);
  if (!given) return 'unknown';
  if (given === digest(current)) return 'given';
  return previous && given === digest(previous) ? 'previous' : 'changed';
};
