import { Table } from '../runtime/table.ts';
import { wordsFingerprint, wordsPk } from './fingerprint.ts';

/** An echo comes within minutes. */
const KEEP_SECONDS = 24 * 3600;

interface Words {
  readonly pk: string;
  readonly fingerprint: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What words left, beside the sends: by them an echo is known that does not tell whom it was for. Nothing of them can be read there. */
export class WordsNote {
  readonly #rows: Table<Words>;
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(table: string, now: () => number) {
    this.#rows = new Table(table);
    this.#now = now;
  }

  async note(sendPk: string, text: string): Promise<void> {
    const now = this.#now();
    const expiresAt = Math.floor(now / 1000) + KEEP_SECONDS;
    await this.#rows.put({ pk: wordsPk(sendPk), fingerprint: wordsFingerprint(text), createdAt: now, expiresAt });
  }
}
