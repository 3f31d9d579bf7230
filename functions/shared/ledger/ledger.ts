import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Status } from '../ezwhatsapp/events.ts';
import { decode, encode } from '../runtime/attributes.ts';
import { AWS_CLIENT, bounded } from '../runtime/aws.ts';
import { type Written, whenMet, written } from '../runtime/conditional-write.ts';
import { judge, rankOf, type SendRecord, type Verdict } from './rules.ts';

const client = bounded(new DynamoDBClient(AWS_CLIENT));

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
  readonly fingerprint?: string;
  readonly asOf: string;
  readonly usefulUntil: string;
}

/** A claim that was won: the record as it stands now, and what stood there before. */
export interface Claim {
  readonly record: SendRecord;
  readonly before: SendRecord | undefined;
}

export type Settlement = Pick<SendRecord, 'state' | 'attempts'> &
  Partial<Pick<SendRecord, 'reason' | 'parked' | 'firstAttemptAt' | 'response' | 'providerId'>>;

export interface LedgerTools {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newOwner: () => string;
}

/** What a write of the sender leaves out is taken off the record; all else on it – conflicts, the delivery – stays. */
const REMOVABLE = ['reason', 'parked', 'firstAttemptAt', 'response'] as const;

/** What is known of a provider's message, also before anyone knows which send it was. Lives beside the sends. */
interface ProviderRow {
  readonly sendPk?: string;
  /** True when the message was observed and is no send of ours: a person wrote it. */
  readonly foreign?: boolean;
  readonly status?: Status;
  readonly statusAt?: string;
}

/** What the indexes hold of a send. */
export type FoundSend = Pick<SendRecord, 'pk' | 'createdAt' | 'observedId'>;

/** Whose message a status is about. `unknown` may still become known: the send's answer or the echo may be under way. */
export type Joined = 'joined' | 'foreign' | 'unknown';

/** Messages of a template that were counted in an hour, and the last of them. */
interface CountRow {
  readonly messages: number;
  readonly lastKey: string;
}

/** When a line may post next, who took the last turn, and when it last failed; epoch milliseconds. */
interface TurnRow {
  readonly nextAt?: number;
  readonly turnOf?: string;
  readonly failedAt?: number;
}

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
    const { mine, row: before } = await this.#putIfFree(fresh, now);
    if (mine) return { record: fresh, before: undefined };
    if (!before || before.expiresAt * 1000 <= now) return 'in-progress';
    const verdict = judge(before, claimant, now);
    if (verdict !== 'claim') return verdict;
    const record = this.#claimed(claimant, before, now);
    return (await this.#moveIfUnmoved(record, before)) ? { record, before } : 'in-progress';
  }

  /** Writes the outcome of an attempt. False if another owner has taken over since: its outcome counts, not this one. */
  async settle(claim: SendRecord, settlement: Settlement): Promise<boolean> {
    const { reason: _, parked: __, firstAttemptAt: ___, response: ____, ...kept } = claim;
    const record: SendRecord = { ...kept, ...settlement, leaseUntil: 0, updatedAt: this.#tools.now() };
    return this.#moveIfUnmoved(record, claim);
  }

  /** Counts a body that came under a key already used by another one; at one instant only one, so that a repeat counts nothing. */
  async noteConflict(lineId: string, key: string): Promise<void> {
    await whenMet(
      client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: encode({ pk: pkOf(lineId, key) }),
          UpdateExpression: 'ADD conflicts :one SET lastConflictAt = :now',
          ConditionExpression:
            'attribute_exists(pk) AND (attribute_not_exists(lastConflictAt) OR lastConflictAt <> :now)',
          ExpressionAttributeValues: encode({ ':one': 1, ':now': this.#tools.now() }),
        }),
      ),
    );
  }

  /**
   * Counts the message of a key among those of its template in this hour (UTC) and gives the count. The last key is known and
   * not counted again: a line's messages go out one by one, so a repeat can only be of the last. The row is no send: it has no key.
   */
  async countSend(lineId: string, { template, key }: Pick<SendRecord, 'template' | 'key'>): Promise<number> {
    const now = this.#tools.now();
    const pk = `${lineId}#burst#${template}#${new Date(now).toISOString().slice(0, 13)}`;
    const update = client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: encode({ pk }),
        UpdateExpression: 'ADD messages :one SET expiresAt = :expiry, lastKey = :key',
        ConditionExpression: 'attribute_not_exists(lastKey) OR lastKey <> :key',
        ExpressionAttributeValues: encode({
          ':one': 1,
          ':key': key,
          ':expiry': Math.floor(now / 1000) + KEEP_COUNT_SECONDS,
        }),
        ReturnValues: 'ALL_NEW',
      }),
    );
    const { row } = await written(
      update.then(({ Attributes = {} }) => decode(Attributes) as unknown as CountRow),
      () => this.#get<CountRow>(pk),
      ({ lastKey }) => lastKey === key,
    );
    return row?.messages ?? 1;
  }

  /**
   * Takes the next turn of the line to post: two turns are at least `gapMs` apart, whichever processes take them. A repeat of the
   * write whose answer was lost is known by `owner`.
   * @param owner anew for each turn
   * @returns milliseconds to wait before asking again, 0 when the turn is taken; and when the line last failed, epoch milliseconds
   */
  async takeTurn(lineId: string, owner: string, gapMs: number): Promise<{ waitMs: number; failedAt: number }> {
    const now = this.#tools.now();
    const pk = turnPk(lineId);
    const update = client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: encode({ pk }),
        UpdateExpression: 'SET nextAt = :next, turnOf = :owner, expiresAt = :expiry',
        ConditionExpression: 'attribute_not_exists(nextAt) OR nextAt <= :now',
        ExpressionAttributeValues: encode({
          ':next': now + gapMs,
          ':owner': owner,
          ':now': now,
          ':expiry': Math.floor(now / 1000) + KEEP_COUNT_SECONDS,
        }),
        ReturnValues: 'ALL_NEW',
      }),
    );
    const { mine, row } = await written(
      update.then(({ Attributes = {} }) => decode(Attributes) as unknown as TurnRow),
      () => this.#get<TurnRow>(pk),
      ({ turnOf }) => turnOf === owner,
    );
    return { waitMs: mine ? 0 : Math.max(1, (row?.nextAt ?? now) - now), failedAt: row?.failedAt ?? 0 };
  }

  /** Notes that the line failed, for the processes that did not see it. */
  async noteFailure(lineId: string): Promise<void> {
    const now = this.#tools.now();
    await client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: encode({ pk: turnPk(lineId) }),
        UpdateExpression: 'SET failedAt = :now, expiresAt = :expiry',
        ExpressionAttributeValues: encode({ ':now': now, ':expiry': Math.floor(now / 1000) + KEEP_COUNT_SECONDS }),
      }),
    );
  }

  /**
   * Sends with this fingerprint, oldest first. The index follows the table within moments, but a send is claimed, and so
   * written, before its POST.
   */
  async withFingerprint(lineId: string, fingerprint: string): Promise<readonly FoundSend[]> {
    return this.#query('fingerprint', lineId, fingerprint);
  }

  /**
   * Notes what the provider says of a message and joins it to its send: by the id that the echo taught (`observe`), or by the id
   * in the send's own answer. What cannot be joined yet stays noted under the provider's id. Never moves a send backwards.
   */
  async noteStatus(lineId: string, providerId: string, status: Status, at: string): Promise<Joined> {
    const row = await this.#noteProvider(lineId, providerId, { status, at });
    if (row.foreign) return 'foreign';
    const pk = row.sendPk ?? (await this.#query('providerId', lineId, providerId)).at(-1)?.pk;
    if (pk === undefined) return 'unknown';
    await this.#deliver(pk, row);
    return 'joined';
  }

  /** Notes which send an observed outbound message was – `undefined`: none of ours – and hands on what was said of it before. */
  async observe(lineId: string, providerId: string, sendPk: string | undefined): Promise<void> {
    const row = await this.#noteProvider(lineId, providerId, sendPk === undefined ? { foreign: true } : { sendPk });
    if (sendPk === undefined) return;
    await whenMet(
      client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: encode({ pk: sendPk }),
          UpdateExpression: 'SET observedId = :id',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: encode({ ':id': providerId }),
        }),
      ),
    );
    await this.#deliver(sendPk, row);
  }

  /** The row of a provider's message after this was added; a status that is not ahead of the noted one changes nothing. */
  async #noteProvider(
    lineId: string,
    providerId: string,
    note: { status: Status; at: string } | { sendPk: string } | { foreign: true },
  ): Promise<ProviderRow> {
    const pk = providerPk(lineId, providerId);
    const about = 'status' in note ? { status: note.status, statusAt: note.at, rank: rankOf(note.status) } : note;
    const set = { ...about, expiresAt: Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS };
    const met = await whenMet(
      client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: encode({ pk }),
          UpdateExpression: `SET ${Object.keys(set)
            .map((name) => `#${name} = :${name}`)
            .join(', ')}`,
          ...('rank' in about && { ConditionExpression: 'attribute_not_exists(#rank) OR #rank < :rank' }),
          ExpressionAttributeNames: Object.fromEntries(Object.keys(set).map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: encode(
            Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
          ),
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
    if (met?.Attributes) return decode(met.Attributes);
    return (await this.#get<ProviderRow>(pk)) ?? {};
  }

  async #deliver(pk: string, { status, statusAt }: ProviderRow): Promise<void> {
    if (status === undefined || statusAt === undefined) return;
    await whenMet(
      client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: encode({ pk }),
          UpdateExpression: 'SET delivery = :delivery, deliveryRank = :rank',
          ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(deliveryRank) OR deliveryRank < :rank)',
          ExpressionAttributeValues: encode({ ':delivery': { status, at: statusAt }, ':rank': rankOf(status) }),
        }),
      ),
    );
  }

  async #query(index: 'fingerprint' | 'providerId', lineId: string, value: string): Promise<readonly FoundSend[]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: index,
        KeyConditionExpression: '#name = :value',
        ExpressionAttributeNames: { '#name': index },
        ExpressionAttributeValues: encode({ ':value': value }),
      }),
    );
    const records = Items.map((item) => decode(item) as unknown as FoundSend);
    return records.filter(({ pk }) => pk.startsWith(`${lineId}#`)).sort((a, b) => a.createdAt - b.createdAt);
  }

  /** What stands under a key; a consistent read. */
  ofKey(lineId: string, key: string): Promise<SendRecord | undefined> {
    return this.read(pkOf(lineId, key));
  }

  /** A consistent read; `undefined` if there is none. In INIT it also opens the connection. */
  read(pk: string): Promise<SendRecord | undefined> {
    return this.#get<SendRecord>(pk);
  }

  async #get<Row>(pk: string): Promise<Row | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: this.#table, Key: encode({ pk }), ConsistentRead: true }),
    );
    return Item && (decode(Item) as Row);
  }

  /** Owners are made anew for every claim: a record that bears this one's was written by it, whatever the write's answer was. */
  #written(write: Promise<unknown>, record: SendRecord): Promise<Written<SendRecord>> {
    return written(
      write.then(() => record),
      () => this.read(record.pk),
      ({ owner }) => owner === record.owner,
    );
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
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
      expiresAt: Math.floor(now / 1000) + KEEP_SECONDS,
    };
  }

  /** TTL may delete days late, so an expired record counts as absent here too. */
  #putIfFree(record: SendRecord, now: number): Promise<Written<SendRecord>> {
    const put = client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: encode(record),
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        ExpressionAttributeValues: encode({ ':now': Math.floor(now / 1000) }),
      }),
    );
    return this.#written(put, record);
  }

  /**
   * Each owner claims once and settles once, so owner and state together tell whether a record has moved. An update and not a
   * put: a status or a conflict that was noted meanwhile must not be lost.
   */
  async #moveIfUnmoved(moved: SendRecord, seen: SendRecord): Promise<boolean> {
    const { pk, ...record } = moved;
    const set = Object.entries(record).filter(([, value]) => value !== undefined);
    const gone = REMOVABLE.filter((name) => record[name] === undefined);
    const names = [...set.map(([name]) => name), ...gone];
    const remove = gone.length > 0 ? ` REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : '';
    const update = client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: encode({ pk }),
        UpdateExpression: `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}${remove}`,
        ConditionExpression: '#owner = :seenOwner AND #state = :seenState',
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: encode({
          ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
          ':seenOwner': seen.owner,
          ':seenState': seen.state,
        }),
      }),
    );
    return (await this.#written(update, moved)).mine;
  }
}

const pkOf = (lineId: string, key: string): string => `${lineId}#${key}`;

/** Beside the sends; no key of a send holds a `#`. */
const turnPk = (lineId: string): string => `${lineId}#turn`;

/** Beside the sends as well. */
const providerPk = (lineId: string, providerId: string): string => `${lineId}#provider#${providerId}`;
