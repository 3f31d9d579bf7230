import { Unavailable } from '../runtime/errors.ts';
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
  /** Set when nothing was done with it: `unknown_event`, `unreadable`. */
  readonly outcome?: string;
}

interface ClaimRow {
  readonly state: 'CLAIMED' | 'DONE';
  readonly owner: string;
  readonly leaseUntil: number;
  readonly attempts: number;
}

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

  /** Whether this delivery was accepted before; a consistent read. */
  async knows(lineId: string, deliveryId: string): Promise<boolean> {
    return (await this.#notes.read(deliveryPk(lineId, deliveryId))) !== undefined;
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
    const held = await this.#claim(name);
    if (!held) return false;
    try {
      await effect(held.attempt);
    } catch (error) {
      await this.#move(held, 'CLAIMED').catch(() => undefined);
      throw error;
    }
    await this.#move(held, 'DONE');
    return true;
  }

  async #claim(pk: string): Promise<Held | undefined> {
    const now = this.#tools.now();
    const owner = this.#tools.newOwner();
    const set = { state: 'CLAIMED', owner, leaseUntil: now + CONSUMER_LEASE_MS, expiresAt: this.#expiry(now) };
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
    if (mine && row) return { pk, owner, attempt: row.attempts };
    if (row?.state === 'DONE') return undefined;
    const left = row ? Math.max(1, Math.ceil((row.leaseUntil - now) / 1000)) : 1;
    const seconds = Math.min(LOOK_AGAIN_SECONDS, left);
    throw new Unavailable('in_progress', 'Another copy of this item is being handled.', seconds);
  }

  /** `DONE` for good, or back to `CLAIMED` with a lease that is over; twice is as once. Nothing moves once another owner has taken over. */
  async #move({ pk, owner }: Held, state: ClaimRow['state']): Promise<void> {
    await this.#claims.update(pk, { set: { state, leaseUntil: 0 } }, { if: '#owner = :owner', values: { owner } });
  }

  #expiry(now: number): number {
    return Math.floor(now / 1000) + KEEP_SECONDS;
  }
}

const deliveryPk = (lineId: string, deliveryId: string): string => `delivery#${lineId}#${deliveryId}`;
