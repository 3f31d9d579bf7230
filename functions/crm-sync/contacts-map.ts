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
  /** Whether the CRM was told the person's name, or need not be. */
  readonly isNamed?: boolean;
  readonly owner?: string;
  readonly leaseUntil?: number;
  readonly tries?: number;
  readonly expiresAt?: number;
}

/** A contact as the map knows it, and the row that says so. */
export interface Known {
  readonly pk: string;
  /** The CRM's. */
  readonly id: string;
  readonly isNamed: boolean;
}

const knownBy = (pk: string, id: string, { isNamed = false }: Row): Known => ({ pk, id, isNamed });

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
   * The contact that stands under `pk` or, from an earlier release, under one of `older`; else what `make` finds or makes, kept from
   * then on. `conversation` is the row of a conversation that the person is known to be in: a message of theirs that does not say who
   * wrote it is found by it, and `make` learns whom such messages have made already (`met`). Throws `Unavailable` while another owner
   * is at either.
   */
  async contactOf(
    pk: string,
    make: (again: boolean, met?: string) => Promise<string>,
    older: readonly string[] = [],
    conversation?: string,
  ): Promise<Known> {
    const [known, talk] = await Promise.all([
      this.#first([pk, ...older]),
      conversation === undefined ? undefined : this.#rows.read(conversation),
    ]);
    if (known) {
      if (talk?.contactId !== known.id) await this.#point(conversation, known.id);
      return known;
    }
    const owner = this.#tools.newOwner();
    const row = await this.#lock(pk, owner);
    if (row.contactId) return knownBy(pk, row.contactId, row);
    let contactId: string;
    try {
      const held = conversation === undefined ? undefined : await this.#lock(conversation, owner);
      contactId = await make(
        [row, held].some((one) => (one?.tries ?? 1) > 1),
        held?.contactId,
      );
    } catch (error) {
      const mine = conversation === undefined ? [pk] : [pk, conversation];
      await Promise.allSettled(mine.map((one) => this.#write(one, owner, { leaseUntil: 0 })));
      throw error;
    }
    // The conversation first: whoever comes between the two finds the contact by it, and makes none.
    await this.#point(conversation, contactId);
    await this.#write(pk, owner, { contactId, expiresAt: this.#expiry() });
    return knownBy(pk, contactId, {});
  }

  /** The contact has a name, or will not have ours: it is not looked at again. */
  async named({ pk, id }: Known): Promise<void> {
    const change = { set: { isNamed: true } };
    await this.#rows.update(pk, change, { if: '#contactId = :contactId', values: { contactId: id } });
  }

  /** The CRM no longer knows this contact – deleted, or merged into another: the next message finds or makes it anew. */
  async forget(pk: string, contactId: string): Promise<void> {
    const change = { remove: ['contactId', 'leaseUntil', 'isNamed'] };
    await this.#rows.update(pk, change, { if: '#contactId = :contactId', values: { contactId } });
  }

  async #first(pks: readonly string[]): Promise<Known | undefined> {
    for (const pk of pks) {
      const row = await this.#rows.read(pk);
      if (row?.contactId) return knownBy(pk, row.contactId, row);
    }
    return undefined;
  }

  /** From now on this conversation is with that contact, whoever was thought to be in it. */
  async #point(conversation: string | undefined, contactId: string): Promise<void> {
    if (conversation === undefined) return;
    const set = { contactId, leaseUntil: 0, expiresAt: this.#expiry() };
    await this.#rows.update(conversation, { set });
  }

  #expiry(): number {
    return Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS;
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
