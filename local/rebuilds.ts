/** Builds what the files say now. Ends early when the signal says that they have changed again; never throws. */
type Build = (files: string[], signal: AbortSignal) => Promise<void>;

/** One build at a time. What changes during one ends it and is built with the rest, so that the last build has everything. */
export class Rebuilds {
  readonly #build: Build;
  readonly #waiting = new Set<string>();
  #running: AbortController | undefined;
  #open = false;

  constructor(build: Build) {
    this.#build = build;
  }

  /** Until then changes wait: there is nothing yet that could be built anew. */
  open(): void {
    this.#open = true;
    this.#next();
  }

  changed(files: string[]): void {
    for (const file of files) this.#waiting.add(file);
    this.#running?.abort();
    this.#next();
  }

  /** Ends what is under way, and takes nothing more. */
  close(): void {
    this.#open = false;
    this.#running?.abort();
  }

  async #next(): Promise<void> {
    if (!this.#open || this.#running || this.#waiting.size === 0) return;
    const files = [...this.#waiting].sort();
    this.#waiting.clear();
    const running = new AbortController();
    this.#running = running;
    await this.#build(files, running.signal);
    this.#running = undefined;
    this.#next();
  }
}
