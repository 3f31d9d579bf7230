import { Table } from '../runtime/table.ts';
import {
  type Because,
  type Ending,
  endOf,
  judge,
  KEEP_SECONDS,
  type SendRecord,
  sendPk,
  type Verdict,
  waitsOf,
} from './rules.ts';
import { acceptSeen } from './seen.ts';

/** Longer than two health checks, the pacing and two POSTs can take together (a 401 on either is tried again with a fresh token, and a conversation that is refused by the number). */
export const LEASE_MS = 60_000;

export interface Claimant {
  readonly lineId: string;
  readonly key: string;
  readonly template: string;
  readonly person?: string | undefined;
  readonly because?: Because | undefined;
  readonly trace?: string | undefined;
  readonly bodyHash: string;
  readonly fingerprint?: string;
  readonly inThread?: boolean;
  readonly asOf: string;
  readonly usefulUntil: string;
  readonly queuedAt?: number;
}

/** A claim that was won: the record as it stands now, and what stood there before. */
export interface Claim {
  readonly record: SendRecord;
  readonly before: SendRecord | undefined;
}

/** The key whose message ends before it left, and why. */
export interface End extends Ending {
  readonly lineId: string;
  readonly key: string;
  readonly template: string;
}

export type Settlement = Pick<SendRecord, 'state' | 'attempts'> &
  Partial<
    Pick<
      SendRecord,
      | 'reason'
      | 'parked'
      | 'firstAttemptAt'
      | 'response'
      | 'providerId'
      | 'inThread'
      | 'asText'
      | 'fingerprint'
      | 'ended'
      | 'dropped'
      | 'asOf'
    >
  >;

export interface LedgerTools {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newOwner: () => string;
}

/** What a write of the sender leaves out is taken off the record; all else on it – conflicts, the delivery – stays. */
const REMOVABLE = [
  'reason',
  'dropped',
  'parked',
  'waits',
  'firstAttemptAt',
  'response',
  'inThread',
  'asText',
  'person',
  'because',
  'trace',
] as const;

/**
 * The only writer of what became of a send. Every write is conditional and fenced by the owner of the claim; a read that decides
 * anything is consistent. The good path costs two writes: `claim` and `settle`.
 */
export class Ledger {
  readonly #sends: Table<SendRecord>;
  readonly #tools: LedgerTools;

  constructor(table: string, tools: LedgerTools) {
    this.#sends = new Table(table);
    this.#tools = tools;
  }

  /**
   * Takes the record for one attempt. A new key costs one put; only if something stands there is it read and judged, and taken
   * over on the condition that it has not moved since.
   */
  async claim(claimant: Claimant): Promise<Claim | Exclude<Verdict, 'claim'>> {
    const now = this.#tools.now();
    const fresh = this.#claimed(claimant, undefined, now);
    // TTL may delete days late, so an expired record counts as absent here too.
    const { mine, row: before } = await this.#sends.put(fresh, {
      if: 'attribute_not_exists(#pk) OR #expiresAt <= :seconds',
      values: { seconds: Math.floor(now / 1000) },
      isMine: ownedBy(fresh),
    });
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
    const isWritten = await this.#moveIfUnmoved(record, claim);
    // Its message may have been seen while the attempt was under way: whoever saw it found nothing to settle then.
    if (isWritten && record.state === 'UNKNOWN' && record.parked) await acceptSeen(this.#sends, record.pk);
    return isWritten;
  }

  /** Counts a body that came under a key already used by another one; at one instant only one, so that a repeat counts nothing. */
  async noteConflict(lineId: string, key: string): Promise<void> {
    const change = { add: { conflicts: 1 }, set: { lastConflictAt: this.#tools.now() } };
    await this.#sends.update(sendPk(lineId, key), change, {
      if: 'attribute_exists(#pk) AND (attribute_not_exists(#lastConflictAt) OR #lastConflictAt <> :lastConflictAt)',
    });
  }

  /**
   * Ends what waits under a key, at once and wherever its message is: of a key that stands so the sender lets no older message go.
   * What may have left stays as it is.
   * @returns whether something left, or may have; `in-progress` while it is just being sent: ask again
   */
  async end(end: End): Promise<'ended' | 'left' | 'in-progress'> {
    const { lineId, key, template } = end;
    const now = this.#tools.now();
    const before = await this.read(lineId, key);
    const change = endOf(before, end, now);
    if (typeof change === 'string') return change;
    const stands = before && before.expiresAt * 1000 > now ? before : undefined;
    const { parked: _, ...record }: SendRecord = {
      ...(stands ?? { attempts: 0, interruptions: 0, usefulUntil: change.asOf, bodyHash: '', createdAt: now }),
      pk: sendPk(lineId, key),
      key,
      template,
      ...change,
      owner: this.#tools.newOwner(),
      leaseUntil: 0,
      updatedAt: now,
      expiresAt: Math.floor(now / 1000) + KEEP_SECONDS,
    };
    const isWritten = before
      ? await this.#moveIfUnmoved(record, before)
      : (await this.#sends.put(record, { if: 'attribute_not_exists(#pk)', isMine: ownedBy(record) })).mine;
    return isWritten ? 'ended' : 'in-progress';
  }

  /** What stands under a key; a consistent read. In INIT it also opens the connection. */
  read(lineId: string, key: string): Promise<SendRecord | undefined> {
    return this.#sends.read(sendPk(lineId, key));
  }

  #claimed(claimant: Claimant, before: SendRecord | undefined, now: number): SendRecord {
    const { lineId, inThread: wanted, ...command } = claimant;
    const inThread = before?.firstAttemptAt === undefined ? wanted : before.inThread;
    const replaced = before && replacedBy(command, before);
    return {
      pk: sendPk(lineId, claimant.key),
      ...command,
      ...(inThread !== undefined && { inThread }),
      ...(before?.firstAttemptAt !== undefined && before.asText && { asText: true }),
      ...(replaced && { replaced }),
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

  /**
   * Each owner claims once and settles once, so owner and state together tell whether a record has moved. An update and not a
   * put: a status or a conflict that was noted meanwhile must not be lost.
   */
  #moveIfUnmoved(moved: SendRecord, seen: SendRecord): Promise<boolean> {
    const { pk, ...record } = { ...moved, waits: waitsOf(moved) };
    const change = { set: record, remove: REMOVABLE.filter((name) => record[name] === undefined) };
    return this.#sends.update(pk, change, {
      if: '#owner = :seenOwner AND #state = :seenState',
      values: { seenOwner: seen.owner, seenState: seen.state },
      isMine: ownedBy(record),
    });
  }
}

/** A shop corrects an order a few times, not dozens of times, before it is announced. */
const MAX_REPLACED = 10;

const replacedBy = ({ bodyHash }: Pick<Claimant, 'bodyHash'>, before: SendRecord): SendRecord['replaced'] => {
  if (before.bodyHash === bodyHash) return before.replaced;
  const all = [before.bodyHash, ...Object.keys(before.replaced ?? {})].slice(0, MAX_REPLACED);
  return Object.fromEntries(all.map((hash) => [hash, true as const]));
};

/** Owners are made anew for every claim: a record that bears this one's was written by it, whatever the write's answer was. */
const ownedBy =
  ({ owner }: Pick<SendRecord, 'owner'>) =>
  (found: SendRecord): boolean =>
    found.owner === owner;
