import { heldByAnother, noteTries } from '../runtime/errors.ts';
import { sha256 } from '../runtime/hashes.ts';
import { Table } from '../runtime/table.ts';

/** The vendor may replay a delivery weeks later; what happened must still be known then. */
const KEEP_SECONDS = 60 * 24 * 3600;
/** Longer than any consumer's function may run, so an owner whose lease is over is certainly gone. */
const CONSUMER_LEASE_MS = 90_000;

/** A running owner is done within seconds, nearly always. */
const LOOK_AGAIN_SECONDS = 5;

export interface DeliveriesTools {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newOwner: () => string;
}

/** What is kept of a delivery: never its content. */
export interface DeliveryNote {
  readonly event: string;
  readonly items: number;
  /** Messages in it that customers wrote; an earlier release did not count them. */
  readonly inbound?: number;
  /** Why something of it could not be read; set where that is so. */
  readonly outcome?: string;
  /** What it said, as a SHA-256; an earlier release did not note it. */
  readonly hash?: string;
}

interface ClaimRow {
  readonly state: 'CLAIMED' | 'DONE';
  readonly owner: string;
  readonly leaseUntil: number;
  readonly attempts: number;
  /** Of what may be told again with other words: the newest of them, and since when (ISO 8601). */
  readonly words?: string;
  readonly wordsAt?: string;
  /** Whether they say that they stand in the place of others. */
  readonly revised?: boolean;
  /** Of words that do: no other that does not say so is newer unless it is later than this (ISO 8601). */
  readonly since?: string;
}

/** One telling of what may be told again with other words. */
export interface Telling {
  /** Equal for equal words. */
  readonly words: string;
  /** The same of the words as they stand, by which the release before knew them: a copy that comes over the upgrade is none of a change. For one release. */
  readonly asWritten?: string;
  /** ISO 8601; of what is told with other words only the later counts. */
  readonly at: string;
  /** The same for every copy of this telling, and for no other. */
  readonly occurrence: string;
  /** Whether it says that it stands in the place of another. */
  readonly isRevision: boolean;
  /** Whether it has no words and does not say that it is a change: a history tells less of a picture than was told when it came. */
  readonly isBare?: boolean;
  /** When it came (ISO 8601), where that is known. */
  readonly cameAt?: string | undefined;
}

/**
 * Whether a telling stands in the place of other words, and whether its time says so: one that is not later than theirs, or where those
 * did not come yet, may be the time of the first ones, and then nobody knows when they were changed.
 */
export type Change = 'dated' | 'undated' | false;

/** A claim that was won; `attempt` is 2 or more when an earlier owner may have got somewhere. */
export interface Held {
  readonly pk: string;
  readonly owner: string;
  readonly attempt: number;
}

/**
 * The table `deliveries`: which deliveries of EZWhatsApp were accepted, and what each consumer has done with their items.
 *
 *   claim     nothing ─ CLAIMED ──┬── DONE            dropped from now on
 *                         │ lease ├── released         the owner failed and said so: free at once
 *                         ▼       └── lease over       the owner vanished: free then
 *                   in progress: come back, never a success
 */
export class Deliveries {
  readonly #notes: Table<DeliveryNote>;
  readonly #claims: Table<ClaimRow>;
  readonly #tools: DeliveriesTools;

  constructor(table: string, tools: DeliveriesTools) {
    this.#notes = new Table(table);
    this.#claims = new Table(table);
    this.#tools = tools;
  }

  /**
   * Whether this delivery was accepted before; consistent reads. No vendor's id decides alone: what says something else under a known
   * one is `other`, and new.
   * @param hash of what it says
   */
  async known(lineId: string, deliveryId: string, hash: string): Promise<'new' | 'same' | 'other'> {
    const note = await this.#notes.read(deliveryPk(lineId, deliveryId));
    if (note === undefined) return 'new';
    if (note.hash === undefined || note.hash === hash) return 'same';
    return (await this.#notes.read(deliveryPk(lineId, otherId(deliveryId, hash)))) === undefined ? 'other' : 'same';
  }

  /** Notes that a delivery was accepted: everything of it is in the queues. A twin that was quicker is fine. */
  async record(lineId: string, deliveryId: string, note: DeliveryNote): Promise<void> {
    const now = this.#tools.now();
    const row = { pk: deliveryPk(lineId, deliveryId), ...note, receivedAt: now, expiresAt: this.#expiry(now) };
    await this.#notes.put(row, { if: 'attribute_not_exists(#pk)' });
  }

  /**
   * Runs an effect once for a name. `false` if it was done before. A failed effect frees the name at once; an owner that
   * vanished frees it when its lease is over. Throws `Unavailable` while another owner is at it.
   */
  async once(name: string, effect: (attempt: number) => Promise<void>): Promise<boolean> {
    const { held } = await this.#claim(name);
    if (!held) return false;
    await this.#run(held, effect);
    return true;
  }

  async #run(held: Held, effect: (attempt: number) => Promise<void>): Promise<void> {
    try {
      await effect(held.attempt);
    } catch (error) {
      await this.#move(held, 'CLAIMED').catch(() => undefined);
      noteTries(error, held.attempt);
      throw error;
    }
    await this.#move(held, 'DONE');
  }

  /**
   * Runs an effect once for each new wording under a name: a message is not final. The same words again are a copy, and what was said
   * before the newest is nothing any more. Words that revise others are newer than those, whatever time they bear.
   */
  async onceForWords(
    name: string,
    telling: Telling,
    effect: (attempt: number, change: Change) => Promise<void>,
  ): Promise<boolean> {
    const { words, at, occurrence, isRevision } = telling;
    const told = { words, wordsAt: at, revised: isRevision };
    const first = await this.#claim(name, { ...told, ...(isRevision && { since: latest(at, telling.cameAt) }) });
    if (first.held) {
      await this.#run(first.held, (attempt) => effect(attempt, isRevision && 'undated'));
      return true;
    }
    const change = changeOf(first.row, telling);
    if (!change) return false;
    const isFresh = await this.once(`${name}#${occurrence}`, (attempt) => effect(attempt, change));
    const since = latest(at, first.row.wordsAt, change === 'undated' ? telling.cameAt : undefined);
    await this.#claims.update(
      name,
      { set: { ...told, ...(isRevision && { since }) } },
      // What was told meanwhile stands unless these words are newer.
      { if: isRevision ? `${OLDER} OR #revised <> :revised` : OLDER, values: { until: endOfSecond(at) } },
    );
    return isFresh;
  }

  async #claim(
    pk: string,
    more: Pick<ClaimRow, 'words' | 'wordsAt' | 'revised' | 'since'> = {},
  ): Promise<
    { readonly held: Held; readonly row?: undefined } | { readonly held?: undefined; readonly row: ClaimRow }
  > {
    const now = this.#tools.now();
    const owner = this.#tools.newOwner();
    const set = { state: 'CLAIMED', owner, leaseUntil: now + CONSUMER_LEASE_MS, expiresAt: this.#expiry(now), ...more };
    const { mine, row } = await this.#claims.updateAndRead(
      pk,
      { set, add: { attempts: 1 } },
      {
        // A first try that arrives when its owner has let go claims nothing.
        if: 'attribute_not_exists(#pk) OR #expiresAt <= :seconds OR (#state = :state AND #leaseUntil <= :now AND #owner <> :owner)',
        values: { now, seconds: Math.floor(now / 1000) },
        isMine: (found) => found.owner === owner && found.state === 'CLAIMED',
      },
    );
    if (mine && row) return { held: { pk, owner, attempt: row.attempts } };
    if (row?.state === 'DONE') return { row };
    throw heldByAnother('in_progress', 'Another copy of this item is being handled.', {
      leaseMs: CONSUMER_LEASE_MS,
      leftMs: (row?.leaseUntil ?? now) - now,
      soonest: LOOK_AGAIN_SECONDS,
    });
  }

  /** `DONE` for good, or back to `CLAIMED` with a lease that is over; twice is as once. Nothing moves once another owner has taken over. */
  async #move({ pk, owner }: Held, state: ClaimRow['state']): Promise<void> {
    await this.#claims.update(pk, { set: { state, leaseUntil: 0 } }, { if: '#owner = :owner', values: { owner } });
  }

  #expiry(now: number): number {
    return Math.floor(now / 1000) + KEEP_SECONDS;
  }
}

const OLDER = '#wordsAt <= :until';

/** Some stamps are whole seconds: within one nothing is told apart. */
const secondOf = (at: string): number => Math.floor(Date.parse(at) / 1000);
const endOfSecond = (at: string): string => new Date(secondOf(at) * 1000 + 999).toISOString();

const latest = (...times: readonly (string | undefined)[]): string =>
  times.reduce<string>((late, at = '') => (at > late ? at : late), '');

/** Whether a telling is newer than the words that are known, and how its time says so; not where it is a copy or older. */
const changeOf = (row: ClaimRow, { words, asWritten, at, isRevision, isBare }: Telling): Change => {
  const { words: known, wordsAt = '', revised = false, since = wordsAt } = row;
  if (known === undefined || known === words || known === asWritten || isBare) return false;
  const laterSeconds = secondOf(at) - secondOf(wordsAt);
  // What was revised came behind its revision.
  if (revised && !isRevision && secondOf(at) <= secondOf(since)) return false;
  if (laterSeconds < 0 && (revised || !isRevision)) return false;
  return laterSeconds > 0 ? 'dated' : 'undated';
};

/** It stands in the keys of rows, in letters, and in a header where one of those is handed over again. */
const MAX_DELIVERY_ID = 256;

/** A delivery's id as it is kept: one that is too long, or that no header could bear again, by a hash of it. */
export const deliveryIdOf = (id: string): string =>
  id.length <= MAX_DELIVERY_ID && /^[ -~]*$/.test(id) ? id : `h_${sha256(id)}`;

/** The id of what says something else under a known id. */
export const otherId = (deliveryId: string, hash: string): string => deliveryIdOf(`${deliveryId}#${hash.slice(0, 16)}`);

const deliveryPk = (lineId: string, deliveryId: string): string => `delivery#${lineId}#${deliveryId}`;
