import { Table } from '../runtime/table.ts';
import type { SendRecord } from './rules.ts';

/** What is kept here matters in its own hour; a day more lets a person see what happened. */
const KEEP_SECONDS = 24 * 3600;

/** Messages of a template that were counted in an hour, and the last of them. */
interface CountRow {
  readonly messages: number;
  readonly lastKey: string;
}

/** When a line may post next, who took the last turn, and when it last failed; epoch milliseconds. */
interface TurnRow {
  readonly nextAt?: number;
  readonly turnOf?: string;
  readonly failedAt?: number;
}

/**
 * How fast a line may go: how many messages of a template left in this hour, whose turn it is to post, when the line last failed.
 * Rows beside the sends, without a key of a send.
 */
export class LinePace {
  readonly #counts: Table<CountRow>;
  readonly #turns: Table<TurnRow>;
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(table: string, now: () => number) {
    this.#counts = new Table(table);
    this.#turns = new Table(table);
    this.#now = now;
  }

  /**
   * Counts the message of a key among those of its template in this hour (UTC), if it is one of the first `most`: what does not go
   * out takes nobody's place. The last key is known and not counted again: a line's messages go out one by one, so a repeat can
   * only be of the last.
   * @returns whether it may go
   */
  countSend(lineId: string, { template, key }: Pick<SendRecord, 'template' | 'key'>, most: number): Promise<boolean> {
    const hour = new Date(this.#now()).toISOString().slice(0, 13);
    const change = { add: { messages: 1 }, set: { lastKey: key, expiresAt: this.#expiry() } };
    return this.#counts.update(`${lineId}#burst#${template}#${hour}`, change, {
      if: 'attribute_not_exists(#lastKey) OR (#lastKey <> :lastKey AND #messages < :most)',
      values: { most },
      isMine: ({ lastKey }) => lastKey === key,
    });
  }

  /**
   * Takes the next turn of the line to post: two turns are at least `gapMs` apart, whichever processes take them. A repeat of the
   * write whose answer was lost is known by `owner`.
   * @param owner anew for each turn
   * @returns milliseconds to wait before asking again, 0 when the turn is taken; and when the line last failed, epoch milliseconds
   */
  async takeTurn(lineId: string, owner: string, gapMs: number): Promise<{ waitMs: number; failedAt: number }> {
    const now = this.#now();
    const change = { set: { nextAt: now + gapMs, turnOf: owner, expiresAt: this.#expiry() } };
    const { mine, row } = await this.#turns.updateAndRead(turnPk(lineId), change, {
      if: 'attribute_not_exists(#nextAt) OR #nextAt <= :now',
      values: { now },
      isMine: ({ turnOf }) => turnOf === owner,
    });
    return { waitMs: mine ? 0 : Math.max(1, (row?.nextAt ?? now) - now), failedAt: row?.failedAt ?? 0 };
  }

  /** Notes that the line failed, for the processes that did not see it. */
  async noteFailure(lineId: string): Promise<void> {
    await this.#turns.update(turnPk(lineId), { set: { failedAt: this.#now(), expiresAt: this.#expiry() } });
  }

  #expiry(): number {
    return Math.floor(this.#now() / 1000) + KEEP_SECONDS;
  }
}

export const turnPk = (lineId: string): string => `${lineId}#turn`;
