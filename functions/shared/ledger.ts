import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { decode, encode } from './attributes.ts';
import { AWS_CLIENT } from './aws.ts';
import { judge, type SendRecord, type Verdict } from './ledger-rules.ts';

const client = new DynamoDBClient(AWS_CLIENT);

/** Longer than a source may repeat an event and a person may take to look: a key must not be forgotten while it can come back. */
const KEEP_SECONDS = 60 * 24 * 3600;
/** A count matters in its own hour; a day more lets a person see what happened. */
const KEEP_COUNT_SECONDS = 24 * 3600;
/** Longer than two health checks, the pacing and two POSTs can take together (a 401 on either is tried again with a fresh token). */
export const LEASE_MS = 60_000;

export interface Claimant {
  readonly lineId: string;
  readonly key: string;
  readonly template: string;
  readonly bodyHash: string;
  readonly asOf: string;
  readonly usefulUntil: string;
}

/** A claim that was won: the record as it stands now, and what stood there before. */
export interface Claim {
  readonly record: SendRecord;
  readonly before: SendRecord | undefined;
}

export type Settlement = Pick<SendRecord, 'state' | 'attempts'> &
  Partial<Pick<SendRecord, 'reason' | 'parked' | 'firstAttemptAt' | 'response'>>;

export interface LedgerTools {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newOwner: () => string;
}

const whenMet = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/**
 * The only writer of send records. Every write is conditional and fenced by the owner of the claim; a read that decides
 * anything is consistent. The good path costs two writes: `claim` and `settle`.
 */
export class Ledger {
  readonly #table: string;
  readonly #tools: LedgerTools;

  constructor(table: string, tools: LedgerTools) {
    this.#table = table;
    this.#tools = tools;
  }

  /**
   * Takes the record for one attempt. A new key costs one put; only if something stands there is it read and judged, and taken
   * over on the condition that it has not moved since.
   */
  async claim(claimant: Claimant): Promise<Claim | Exclude<Verdict, 'claim'>> {
    const now = this.#tools.now();
    const fresh = this.#claimed(claimant, undefined, now);
    if (await this.#putIfFree(fresh, now)) return { record: fresh, before: undefined };
    const before = await this.read(fresh.pk);
    // The put was repeated by the SDK after its answer got lost: the claim is ours.
    if (before?.owner === fresh.owner) return { record: fresh, before: undefined };
    if (!before || before.expiresAt * 1000 <= now) return 'in-progress';
    const verdict = judge(before, claimant, now);
    if (verdict !== 'claim') return verdict;
    const record = this.#claimed(claimant, before, now);
    return (await this.#putIfUnmoved(record, before)) ? { record, before } : 'in-progress';
  }

  /** Writes the outcome of an attempt. False if another owner has taken over since: its outcome counts, not this one. */
  async settle(claim: SendRecord, settlement: Settlement): Promise<boolean> {
    const { reason: _, parked: __, firstAttemptAt: ___, response: ____, ...kept } = claim;
    const record: SendRecord = { ...kept, ...settlement, leaseUntil: 0, updatedAt: this.#tools.now() };
    return this.#putIfUnmoved(record, claim);
  }

  /** Counts a body that came under a key already used by another one. */
  async noteConflict(lineId: string, key: string): Promise<void> {
    await client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: encode({ pk: pkOf(lineId, key) }),
        UpdateExpression: 'ADD conflicts :one SET lastConflictAt = :now',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: encode({ ':one': 1, ':now': this.#tools.now() }),
      }),
    );
  }

  /** Counts one more message of a template in this hour (UTC) and gives the count. The row is no send: it has no key. */
  async countSend(lineId: string, template: string): Promise<number> {
    const now = this.#tools.now();
    const hour = new Date(now).toISOString().slice(0, 13);
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: encode({ pk: `${lineId}#burst#${template}#${hour}` }),
        UpdateExpression: 'ADD messages :one SET expiresAt = :expiry',
        ExpressionAttributeValues: encode({ ':one': 1, ':expiry': Math.floor(now / 1000) + KEEP_COUNT_SECONDS }),
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return Number(Attributes?.messages?.N);
  }

  /** A consistent read; `undefined` if there is none. In INIT it also opens the connection. */
  async read(pk: string): Promise<SendRecord | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: this.#table, Key: encode({ pk }), ConsistentRead: true }),
    );
    return Item && (decode(Item) as unknown as SendRecord);
  }

  #claimed(claimant: Claimant, before: SendRecord | undefined, now: number): SendRecord {
    const { lineId, ...command } = claimant;
    return {
      pk: pkOf(lineId, claimant.key),
      ...command,
      state: 'CLAIMED',
      owner: this.#tools.newOwner(),
      leaseUntil: now + LEASE_MS,
      attempts: (before?.attempts ?? 0) + 1,
      interruptions: (before?.interruptions ?? 0) + (before?.state === 'CLAIMED' ? 1 : 0),
      firstAttemptAt: before?.firstAttemptAt ?? now,
      ...(before?.conflicts !== undefined && { conflicts: before.conflicts }),
      ...(before?.lastConflictAt !== undefined && { lastConflictAt: before.lastConflictAt }),
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
      expiresAt: Math.floor(now / 1000) + KEEP_SECONDS,
    };
  }

  /** TTL may delete days late, so an expired record counts as absent here too. */
  #putIfFree(record: SendRecord, now: number): Promise<boolean> {
    const values = encode({ ':now': Math.floor(now / 1000) });
    return this.#put(record, 'attribute_not_exists(pk) OR expiresAt <= :now', values);
  }

  /** Each owner claims once and settles once, so owner and state together tell whether a record has moved. */
  #putIfUnmoved(record: SendRecord, seen: SendRecord): Promise<boolean> {
    const values = encode({ ':owner': seen.owner, ':state': seen.state });
    return this.#put(record, '#owner = :owner AND #state = :state', values, { '#owner': 'owner', '#state': 'state' });
  }

  #put(
    record: SendRecord,
    condition: string,
    values: Record<string, AttributeValue>,
    names?: Record<string, string>,
  ): Promise<boolean> {
    return whenMet(
      client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: encode(record),
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
          ...(names && { ExpressionAttributeNames: names }),
        }),
      ),
    );
  }
}

const pkOf = (lineId: string, key: string): string => `${lineId}#${key}`;
