import { sha256 } from '../shared/runtime/hashes.ts';
import { Table } from '../shared/runtime/table.ts';

/** A window is at most as long as this. */
const KEEP_SECONDS = 62 * 24 * 3600;

/** Of one window which was told at once, and how many were counted; each of these stands there too, so that none is counted twice. */
interface Row {
  readonly first?: string;
  readonly count?: number;
  /** Whatever the first told of is no longer so. */
  readonly over?: true;
}

/** Of those that are counted in a window (`i` and a hash), and of those of this window that are counted in a later one (`w`), in which. */
type Marks = Readonly<Record<`i${string}`, true | undefined>> & Readonly<Record<`w${string}`, number | undefined>>;

/** Nothing has been told of it that is still so. */
const isQuiet = ({ first, count = 0, over }: Row = {}): boolean => (first === undefined || over === true) && count <= 0;
const IS_QUIET =
  '(attribute_not_exists(#first) OR #over = :over) AND (attribute_not_exists(#count) OR #count <= :none)';

export interface GroupTools {
  readonly table: string;
  readonly lineId: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * What comes in bursts, told in groups: the first at once, the others of its window as one count when that is over, and so window after
 * window until one has none. Windows are those of the clock. In the table `deliveries`.
 *
 *   window      1              2              3             4          5
 *   comes       A    B C       D              –             –          E
 *   told        A      "2 more"      "1 more"                          E
 */
export class Groups {
  readonly #rows: Table<Row>;
  readonly #tools: GroupTools;

  constructor(tools: GroupTools) {
    this.#rows = new Table(tools.table);
    this.#tools = tools;
  }

  /**
   * Whether one is told at once; else it is counted, and this is the window that tells of it. Asking twice for the same is as once.
   * @param at epoch milliseconds, when it came
   */
  async take(name: string, id: string, at: number, windowMs: number): Promise<'first' | number> {
    const own = Math.floor(at / windowMs);
    const hash = sha256(id).slice(0, 16);
    const before = await this.#rows.read(this.#pk(name, own - 1));
    const expiresAt = Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS;
    const change = { set: { first: hash, expiresAt }, remove: ['over'] };
    const when = isQuiet(before)
      ? { if: `(${IS_QUIET}) OR #first = :first`, values: { over: true, none: 0 } }
      : { if: '#first = :first' };
    const isMine = (row: Row): boolean => row.first === hash;
    const { mine, row } = await this.#rows.updateAndRead(this.#pk(name, own), change, { ...when, isMine });
    if (mine) return 'first';
    const known = await this.#countedIn(name, hash, own, row);
    if (known !== undefined) return known;
    // What was delayed beyond its own window belongs to the one that is open; its own says which, for whoever asks again.
    const window = Math.max(own, Math.floor(this.#tools.now() / windowMs));
    if (window !== own) await this.#rows.update(this.#pk(name, own), { set: { [`w${hash}`]: window, expiresAt } });
    const counted = { add: { count: 1 }, set: { [`i${hash}`]: true, expiresAt } };
    await this.#rows.update(this.#pk(name, window), counted, { if: `attribute_not_exists(#i${hash})` });
    return window;
  }

  /** Takes back one of which there is nothing to tell any more; the next of its kind is told at once when all of its window are. */
  async over(name: string, id: string, at: number, windowMs: number): Promise<void> {
    const hash = sha256(id).slice(0, 16);
    const own = Math.floor(at / windowMs);
    const row = await this.#rows.read(this.#pk(name, own));
    if (!row) return;
    const first = { if: '#first = :first', values: { first: hash } };
    await this.#rows.update(this.#pk(name, own), { set: { over: true } }, first);
    const window = await this.#countedIn(name, hash, own, row);
    if (window === undefined) return;
    const back = { add: { count: -1 }, remove: [`i${hash}`] };
    await this.#rows.update(this.#pk(name, window), back, { if: `attribute_exists(#i${hash})` });
  }

  /** The window in which it is counted, by the row of its own. */
  async #countedIn(name: string, hash: string, own: number, row: Row | undefined): Promise<number | undefined> {
    const marks = (one: Row | undefined): Marks => (one ?? {}) as Marks;
    if (marks(row)[`i${hash}`]) return own;
    const other = marks(row)[`w${hash}`];
    if (other === undefined) return undefined;
    return marks(await this.#rows.read(this.#pk(name, other)))[`i${hash}`] ? other : undefined;
  }

  /** How many were counted in a window. A consistent read. */
  async counted(name: string, window: number): Promise<number> {
    return (await this.#rows.read(this.#pk(name, window)))?.count ?? 0;
  }

  #pk(name: string, window: number): string {
    return `group#${this.#tools.lineId}#${name}#${window}`;
  }
}
