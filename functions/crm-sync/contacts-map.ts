import { heldByAnother, type Unavailable } from '../shared/runtime/errors.ts';
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
  /** The contact was made by a name alone, without a number. Not noted by an earlier release: `isAlone`. */
  readonly isAlone?: boolean;
  /** Of the row of a number which no message told yet: the contact that was made without it. */
  readonly met?: string;
  /** Of a contact that was made without a number: the one which that was joined with. */
  readonly joined?: string | undefined;
  /** Whether the CRM was told the person's name, or need not be. */
  readonly isNamed?: boolean;
  /** Whether the CRM was told that they said stop. Not noted by an earlier release. */
  readonly showsStop?: boolean;
  readonly owner?: string;
  readonly leaseUntil?: number;
  readonly tries?: number;
  readonly expiresAt?: number;
}

/** A name's row that was pointed to a contact has no lease any more; one under which a contact was made still bears it. */
const isAlone = (row: Row): boolean => row.isAlone ?? (row.leaseUntil ?? 0) > 0;

/** A contact as the map knows it, and the row that says so. */
export interface Known {
  readonly pk: string;
  /** The CRM's. */
  readonly id: string;
  readonly isNamed: boolean;
  /** Whether a stop stands on it, for all that this row tells. */
  readonly showsStop: boolean;
}

/** Tells that a contact which was made without a number is the same person's as another; gives the id of what is left of the two. */
export type Join = (from: string, into: string) => Promise<string>;

/** What else is known of a person. */
export interface Around {
  /** Rows of the number as an earlier release had it. */
  readonly older?: readonly string[];
  /** Rows of the conversation and of the privacy id. */
  readonly names?: readonly string[];
  /** Whether the message tells the number; else `pk` is the row of the number that is known of others, or of the first name. */
  readonly hasNumber?: boolean;
  readonly join?: Join;
}

interface Found {
  readonly pk: string;
  readonly row: Row;
  /** Whether it is the row of a number, and no name's. */
  readonly isNumber: boolean;
  readonly id: string | undefined;
  /** Whether that contact was made without a number. */
  readonly isAlone: boolean;
}

const knownBy = (pk: string, id: string, { isNamed = false, showsStop = false }: Row): Known => ({
  pk,
  id,
  isNamed,
  showsStop,
});

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
   * then on. By its names' rows a message of theirs that does not say their number is found, and `make` learns whom such messages have made
   * already (`met`). Where one that was made so turns out to be somebody who has another, `join` is told. Throws `Unavailable` while another
   * owner is at any of them.
   */
  async contactOf(
    pk: string,
    make: (again: boolean, met?: string) => Promise<string>,
    { older = [], names = [], hasNumber = true, join = async (_, into) => into }: Around = {},
  ): Promise<Known> {
    const ofNumber = hasNumber ? [pk, ...older] : names.includes(pk) ? [] : [pk];
    const rows = await Promise.all([...new Set([...ofNumber, ...names])].map((one) => this.#found(one, ofNumber)));
    const sure = rows.find((one) => one.id !== undefined && !one.isAlone && (!hasNumber || one.isNumber));
    const home = sure ?? (hasNumber ? undefined : rows.find(({ id }) => id !== undefined));
    return home
      ? this.#gather(home, rows, join)
      : this.#made(pk, make, {
          hasNumber,
          names: names.filter((one) => one !== pk),
          join,
          isNumber: ofNumber.includes(pk),
        });
  }

  async #found(pk: string, ofNumber: readonly string[]): Promise<Found> {
    const row = (await this.#rows.read(pk)) ?? {};
    const isNumber = ofNumber.includes(pk);
    return { pk, row, isNumber, id: row.contactId ?? row.met, isAlone: isNumber ? !row.contactId : isAlone(row) };
  }

  /** Everything that tells of this person leads to one contact from now on. */
  async #gather(home: Found, rows: readonly Found[], join: Join): Promise<Known> {
    let { id = '' } = home;
    for (const row of rows) {
      if (row.isAlone && row.id !== undefined && row.id !== id) id = await this.#joined(row.pk, row.id, id, join);
    }
    const stale = rows.filter((row) => {
      // A number has a contact by a message that tells it alone: until then it only knows of one that was made without it.
      if (row !== home && row.isNumber && !(row.isAlone && (home.isAlone || row.id !== undefined))) return false;
      return row.id !== id || (row.isAlone && !home.isAlone);
    });
    await Promise.all(stale.map((row) => this.#point(row, id, home.isAlone)));
    return knownBy(home.pk, id, home.row);
  }

  /** Whoever is the first tells of two contacts that they are one person's; others wait, and find it done. */
  async #joined(pk: string, from: string, into: string, join: Join): Promise<string> {
    const own = `${pk.slice(0, pk.lastIndexOf('#'))}#joined#${from}`;
    const owner = this.#tools.newOwner();
    const { joined } = await this.#lock(own, owner);
    let left = joined;
    try {
      left = joined === into ? joined : await join(from, into);
      return left;
    } finally {
      await this.#write(own, owner, { joined: left, leaseUntil: 0, expiresAt: this.#expiry() }).catch(() => undefined);
    }
  }

  async #made(
    pk: string,
    make: (again: boolean, met?: string) => Promise<string>,
    { hasNumber, names, join, isNumber }: Required<Omit<Around, 'older'>> & { readonly isNumber: boolean },
  ): Promise<Known> {
    const owner = this.#tools.newOwner();
    const locked: Row[] = [];
    let contactId: string;
    try {
      for (const one of [pk, ...names]) locked.push(await this.#lock(one, owner));
      const isMade = locked.some((row, i) => row.contactId && (i === 0 || !hasNumber));
      if (isMade) throw inProgress(LEASE_MS);
      const alone = locked.flatMap((row) => row.met ?? (row.contactId && isAlone(row) ? row.contactId : []));
      const [met] = alone;
      contactId = await make(
        locked.some((row) => row.owner === owner && (row.tries ?? 1) > 1),
        met,
      );
      for (const one of new Set(alone)) if (one !== contactId) contactId = await this.#joined(pk, one, contactId, join);
    } catch (error) {
      await Promise.allSettled([pk, ...names].map((one) => this.#write(one, owner, { leaseUntil: 0 })));
      throw error;
    }
    // The names first: whoever comes between the two finds the contact by them, and makes none.
    for (const one of names) await this.#point({ pk: one, isNumber: false }, contactId, !hasNumber);
    const made = { expiresAt: this.#expiry(), leaseUntil: 0 };
    if (isNumber && !hasNumber) await this.#write(pk, owner, { ...made, met: contactId });
    else await this.#write(pk, owner, { ...made, contactId, isAlone: !hasNumber }, ['met']);
    return knownBy(pk, contactId, {});
  }

  /** The contact has a name, or will not have ours: it is not looked at again. */
  async named({ pk, id }: Known): Promise<void> {
    const change = { set: { isNamed: true } };
    await this.#rows.update(pk, change, { if: IS_THIS, values: { contactId: id } });
  }

  /** The CRM shows whether they said stop: it is told again when that changes. */
  async showed({ pk, id }: Known, showsStop: boolean): Promise<void> {
    await this.#rows.update(pk, { set: { showsStop } }, { if: IS_THIS, values: { contactId: id } });
  }

  /** The CRM no longer knows this contact – deleted, or merged into another: the next message finds or makes it anew. */
  async forget(pk: string, contactId: string): Promise<void> {
    const change = { remove: ['contactId', 'met', 'leaseUntil', 'isNamed', 'showsStop', 'isAlone'] };
    await this.#rows.update(pk, change, { if: IS_THIS, values: { contactId } });
  }

  /** From now on this name, or number, is with that contact, whoever was thought to have it. */
  async #point({ pk, isNumber }: Pick<Found, 'pk' | 'isNumber'>, contactId: string, alone: boolean): Promise<void> {
    const expiresAt = this.#expiry();
    if (isNumber && alone) {
      await this.#rows.update(pk, { set: { met: contactId, expiresAt } }, { if: 'attribute_not_exists(#contactId)' });
      return;
    }
    await this.#rows.update(pk, { set: { contactId, isAlone: alone, leaseUntil: 0, expiresAt }, remove: ['met'] });
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
    throw inProgress((row?.leaseUntil ?? now) - now);
  }

  /** By the owner of the lock, of which twice is as once; nothing once another has taken over. */
  async #write(pk: string, owner: string, set: Row, remove: readonly string[] = []): Promise<void> {
    await this.#rows.update(pk, { set, remove }, { if: '#owner = :owner', values: { owner } });
  }
}

const IS_THIS = '#contactId = :contactId OR #met = :contactId';

const inProgress = (leftMs: number): Unavailable =>
  heldByAnother('contact_in_progress', 'Another message of this person is making the contact.', {
    leaseMs: LEASE_MS,
    leftMs,
    soonest: COME_BACK_SECONDS,
  });
