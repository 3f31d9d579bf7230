/** Long enough to cost nothing, short enough that a rotated secret is in use before its overlap ends. */
const REFRESH_MS = 5 * 60_000;
/** A failed proof may mean a secret rotated a moment ago: tried again then, but never more often than this. */
const REREAD_MS = 60_000;
/** Whoever waits has a value to go on with: for a newer one he waits no longer than that. */
export const PATIENCE_MS = 1_000;

/** How long a read may take, where it may not take as long as calls do. */
interface Patience {
  readonly abortSignal?: AbortSignal;
}

/** One secret kept in memory: one call in INIT, then one every five minutes. */
export class CachedSecret {
  readonly #stored: (patience: Patience) => Promise<string>;
  #value: string | undefined;
  #readAt = 0;
  /** The latest read, under way or over, whatever came of it. */
  #last: Promise<string> | undefined;
  #triedAt = 0;

  /** @param stored reads it where it is stored. It rejects where none is, so that nothing is ever proved, hidden or sent with nothing. */
  constructor(stored: (patience: Patience) => Promise<string>) {
    this.#stored = stored;
  }

  /** The value. When it is due to be read again and cannot be, the old one is given: a wrong one is refused where it is used. */
  async get(): Promise<string> {
    if (this.#value === undefined) return this.reread();
    // Who comes meanwhile does not wait, and after a failure a minute passes without another.
    const isDue = Date.now() - this.#readAt >= REFRESH_MS && this.#mayTry();
    if (isDue) await this.#read(PATIENCE_MS).catch(() => undefined);
    return this.#value;
  }

  reread(): Promise<string> {
    return this.#read();
  }

  /**
   * True if a newer value was there and is in memory now. False if the value in memory was the stored one within the last minute.
   * Throws what the latest read threw, if that failed within the last minute: whether the proof is wrong is not known then, and
   * the sender who comes second must fare no worse than the first. Only the first one of a minute waits for it.
   */
  async refreshAfterMismatch(): Promise<boolean> {
    const before = this.#value;
    if (before === undefined) return false;
    return (await (this.#mayTry() ? this.#read(PATIENCE_MS) : this.#last)) !== before;
  }

  #mayTry(): boolean {
    return Date.now() - this.#triedAt >= REREAD_MS;
  }

  #read(patienceMs?: number): Promise<string> {
    this.#triedAt = Date.now();
    this.#last = this.#load(patienceMs);
    return this.#last;
  }

  async #load(patienceMs?: number): Promise<string> {
    const value = await this.#stored(patienceMs === undefined ? {} : { abortSignal: AbortSignal.timeout(patienceMs) });
    this.#value = value;
    this.#readAt = Date.now();
    return value;
  }
}
