import type { Subscribed } from '../../functions/shared/door/connection.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import type { SecretState } from './compare.ts';
import type { AnyConnection } from './connections.ts';
import type { Place } from './place.ts';

/** What is remembered of a connection, for vendors show no secret: which one each subscription was given. */
export interface ConnectionNote {
  readonly connectedAt: string;
  readonly address: string;
  /** First digits of the secret's SHA-256, by what the subscription is of and its id. */
  readonly given: Readonly<Record<string, string>>;
}

const digest = (secret: string): string => sha256(secret).slice(0, 12);

const rowsOf = (target: Target): Table<ConnectionNote> => new Table(tableOf(target, 'deliveries'), target.dynamodb);

const pkOf = ({ client }: Target, { template, source }: Place): string =>
  `connection#${client.lineId}#${template}/${source}`;

export const noteOf = (target: Target, place: Place): Promise<ConnectionNote | undefined> =>
  rowsOf(target).read(pkOf(target, place));

/** One may have the same id as another of another form. */
const nameOf = ({ key, id }: Pick<Subscribed, 'key' | 'id'>): string => `${key}#${id}`;

/** That these were given the secret. */
export const given = (
  those: readonly Pick<Subscribed, 'key' | 'id'>[],
  { current }: Pick<SourceSecret, 'current'>,
): ConnectionNote['given'] => Object.fromEntries(those.map((one) => [nameOf(one), digest(current)]));

export const keepNote = async (
  target: Target,
  place: Place,
  about: Pick<ConnectionNote, 'address' | 'given'>,
): Promise<ConnectionNote> => {
  const note = { ...about, connectedAt: new Date().toISOString() };
  await rowsOf(target).put({ pk: pkOf(target, place), ...note });
  return note;
};

/** It is of no address any more. */
export const forgetNote = (target: Target, place: Place): Promise<unknown> =>
  keepNote(target, place, { address: '', given: {} });

/** What the vendor shows of a subscription's secret is better than what is remembered of it. */
export const secretState = (
  { newSecret }: AnyConnection,
  note: ConnectionNote | undefined,
  { current, previous }: SourceSecret,
  found: Subscribed,
): SecretState => {
  if (!newSecret) return 'theirs';
  const known = found.secret === undefined ? note?.given[nameOf(found)] : digest(found.secret);
  if (known === undefined) return 'unknown';
  if (known === digest(current)) return 'given';
  return previous && known === digest(previous) ? 'previous' : 'changed';
};
