import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Table } from '../runtime/table.ts';

/** Longer than a line is tried before it goes live. */
const KEEP_SECONDS = 30 * 24 * 3600;

/** What a message would have said. Beside the sends, for a record of those holds no text; nobody's number stands in it. */
export interface ShadowText {
  /** `{line}#shadow#{key}` */
  readonly pk: string;
  readonly body: string;
  readonly button?: string;
  /** The number with most of its digits hidden; absent where it would have gone into a conversation. */
  readonly to?: string;
  /** Epoch seconds; DynamoDB's TTL. */
  readonly expiresAt: number;
}

export const shadowPk = (lineId: string, key: string): string => `${lineId}#shadow#${key}`;

/** `+972•••••••67`: enough to know one's own number by, and no more. */
const masked = (phone: string): string =>
  `${phone.slice(0, 4)}${'•'.repeat(Math.max(3, phone.length - 6))}${phone.slice(-2)}`;

/** What messages would have said that did not leave because the client is only tried yet. */
export class ShadowTexts {
  readonly #rows: Table<ShadowText>;
  readonly #lineId: string;
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(table: string, lineId: string, now: () => number, client?: DynamoDBClient) {
    this.#rows = new Table(table, client);
    this.#lineId = lineId;
    this.#now = now;
  }

  /** @param body of the request that is not made */
  async keep(key: string, body: string): Promise<void> {
    const { to, body: text, caption, ctaUrlButton } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const said = [text, caption].find((one) => typeof one === 'string');
    const { displayText } = (ctaUrlButton ?? {}) as { displayText?: unknown };
    await this.#rows.put({
      pk: shadowPk(this.#lineId, key),
      body: String(said ?? ''),
      ...(typeof displayText === 'string' && { button: displayText }),
      ...(typeof to === 'string' && { to: masked(to) }),
      expiresAt: Math.floor(this.#now() / 1000) + KEEP_SECONDS,
    });
  }

  read(key: string): Promise<ShadowText | undefined> {
    return this.#rows.read(shadowPk(this.#lineId, key));
  }
}
