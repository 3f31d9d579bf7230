import { Unavailable } from '../shared/runtime/errors.ts';
import { Table } from '../shared/runtime/table.ts';

/**
 * Longer than the function may run. And longer than any CRM's search lags behind: whoever takes over from an owner that vanished
 * finds by search what that one may have made.
 */
const LEASE_MS = 90_000;
/** A person is forgotten here after two years without a message; the CRM's own search finds them again. */
const KEEP_SECONDS = 730 * 24 * 3600;
const COME_BACK_SECONDS = 2;

interface Row {
  readonly contactId?: string;
  readonly owner?: string;
  readonly leaseUntil?: number;
  readonly tries?: number;
  readonly expiresAt?: number;
}

export interface ContactsMapTools {
  readonly table: string;
  readonly now: () => number;
  readonly newOwner: () => string;
}

/** Which contact of the CRM a person is. Only one owner at a time may find or make it, so two first messages make one contact. */
export class ContactsMap {
  readonly #rows: Table<Row>;
  readonly #tools: ContactsMapTools;

  constructor(tools: ContactsMapTools) {
    this.#rows = new Table(tools.table);
    this.#tools = tools;
  }

  /**
   * The id that stands under `pk` or, from an earlier release, under one of `older`; else what `make` finds or makes, kept from then
   * on. Throws `Unavailable` while another owner is at it.
   */
  async idOf(pk: string, make: (again: boolean) => Promise<string>, older: readonly string[] = []): Promise<string> {
    for (const one of [pk, ...older]) {
      const known = (await this.#rows.read(one))?.contactId;
      if (known) return known;
    }
    const owner = this.#tools.newOwner();
    const row = await this.#lock(pk, owner);
    if (row.contactId) return row.contactId;
    let contactId: string;
    try {
      contactId = await make((row.tries ?? 1) > 1);
    } catch (error) {
      await this.#write(pk, owner, { leaseUntil: 0 }).catch(() => undefined);
      throw error;
    }
    const expiresAt = Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS;
    await this.#write(pk, owner, { contactId, expiresAt });
    return contactId;
  }

  /** The CRM no longer knows this contact – deleted, or merged into another: the next message finds or makes it anew. */
  async forget(pk: string, contactId: string): Promise<void> {
    const change = { remove: ['contactId', 'leaseUntil'] };
    await this.#rows.update(pk, change, { if: '#contactId = :contactId', values: { contactId } });
  }

  async #lock(pk: string, owner: string): Promise<Row> {
    const now = this.#tools.now();
    const change = { set: { owner, leaseUntil: now + LEASE_MS }, add: { tries: 1 } };
    const { mine, row } = await this.#rows.updateAndRead(pk, change, {
      // A first try that arrives when its owner has let go locks nothing.
      if: 'attribute_not_exists(#contactId) AND (attribute_not_exists(#leaseUntil) OR (#leaseUntil <= :now AND #owner <> :owner))',
      values: { now },
      isMine: (found) => found.owner === owner,
    });
    if (row && (mine || row.contactId)) return row;
    throw new Unavailable(
      'contact_in_progress',
      'Another message of this person is making the contact.',
      COME_BACK_SECONDS,
    );
  }

  /** By the owner of the lock, of which twice is as once; nothing once another has taken over. */
  async #write(pk: string, owner: string, set: Row): Promise<void> {
    await this.#rows.update(pk, { set }, { if: '#owner = :owner', values: { owner } });
  }
}
