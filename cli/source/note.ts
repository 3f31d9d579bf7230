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
  /** First digits of the secret's SHA-256. */
  readonly secret: string;
}

const digest = (secret: string): string => sha256(secret).slice(0, 12);

const rowsOf = (target: Target): Table<ConnectionNote> => new Table(tableOf(target, 'deliveries'), target.dynamodb);

const pkOf = ({ client }: Target, { template, source }: Place): string =>
  `connection#${client.lineId}#${template}/${source}`;

export const noteOf = (target: Target, place: Place): Promise<ConnectionNote | undefined> =>
  rowsOf(target).read(pkOf(target, place));

export const keepNote = async (target: Target, place: Place, address: string, secret: SourceSecret): Promise<void> => {
  const note = { connectedAt: new Date().toISOString(), address, secret: digest(secret.current) };
  await rowsOf(target).put({ pk: pkOf(target, place), ...note });
};

/** It is of no address any more. */
export const forgetNote = async (target: Target, place: Place): Promise<void> => {
  const none = { connectedAt: new Date().toISOString(), address: '', secret: '' };
  await rowsOf(target).put({ pk: pkOf(target, place), ...none });
};

/** @param shown what the vendor shows of it, which is better than what is remembered of a connection that was made for this address */
export const secretState = (
  { newSecret }: AnyConnection,
  note: ConnectionNote | undefined,
  address: string,
  { current, previous }: SourceSecret,
  shown: string | undefined,
): SecretState => {
  if (!newSecret) return 'theirs';
  const given = shown === undefined ? note?.address === address && note.secret : digest(shown);
  if (!given) return 'unknown';
  if (given === digest(current)) return 'given';
  return previous && given === digest(previous) ? 'previous' : 'changed';
};
