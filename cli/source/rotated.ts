import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ProofsRow, proofsPk } from '../../functions/shared/door/proofs-row.ts';
import { Table } from '../../functions/shared/runtime/table.ts';

const [MINUTE_MS, DAY_MS] = [60_000, 24 * 3600_000];
/** Fewer, or all in a moment, may be somebody who tries. */
const LEAST = 3;
const LEAST_MS = 2 * MINUTE_MS;
/** Nobody sends any more. */
const OVER_MS = DAY_MS;
/** A source that was quiet for longer may have gone. */
const QUIET_MS = 60 * DAY_MS;

/** What a table's row says of the proofs of one source; a consistent read. Empty where nothing was noted. */
export const refusedProofs = async (
  table: string,
  client: DynamoDBClient,
  template: string,
  source: string,
): Promise<ProofsRow> => (await new Table<ProofsRow>(table, client).read(proofsPk(template, source))) ?? {};

/**
 * Whether a source's secret is another one there than here: one event after another was refused, lately and for a while, at a door that
 * took some within 60 days, or never any.
 * @param now epoch milliseconds
 */
export const isRotated = ({
  refused = 0,
  firstAt,
  lastAt,
  goodAt,
  now,
}: ProofsRow & { readonly now: number }): boolean =>
  firstAt !== undefined &&
  lastAt !== undefined &&
  refused >= LEAST &&
  lastAt - firstAt >= LEAST_MS &&
  now - lastAt < OVER_MS &&
  (goodAt === undefined || now - goodAt < QUIET_MS);

/** What that is, for people. Of good ones the time is noted now and then: others were taken since, so it is no beginning. */
export const rotatedWords = ({ refused = 0, firstAt, goodAt }: ProofsRow): string =>
  goodAt === undefined
    ? `${refused} events in a row refused, and none was ever accepted: is the stored secret that of this shop?`
    : `${refused} events in a row refused since ${new Date(firstAt ?? goodAt).toISOString()}: their secret may be another one than is stored here, or somebody tries the door`;
