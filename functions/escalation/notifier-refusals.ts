import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Permanent, reasonOf } from '../shared/runtime/errors.ts';
import { Table } from '../shared/runtime/table.ts';
import type { NotifierName } from './config.ts';

/** The last refusal of a notifier; nothing of it once it took an alert again. */
export interface NotifierRefusal {
  readonly reason?: string;
  /** Its own words, without secrets, addresses and numbers. */
  readonly says?: string;
  /** Epoch milliseconds. */
  readonly refusedAt?: number;
}

export interface NotifierRefusalsTools {
  readonly table: string;
  /** Of its own, for a command. */
  readonly client?: DynamoDBClient;
  readonly lineId: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Which notifiers refuse for good, in the table `deliveries`: for whoever asks what is to be mended. */
export class NotifierRefusals {
  readonly #rows: Table<NotifierRefusal>;
  readonly #tools: NotifierRefusalsTools;

  constructor(tools: NotifierRefusalsTools) {
    this.#rows = new Table(tools.table, tools.client);
    this.#tools = tools;
  }

  async note(sink: NotifierName, error: Permanent): Promise<void> {
    const set = { reason: reasonOf(error), says: error.message, refusedAt: this.#tools.now() };
    await this.#rows.update(this.#pk(sink), { set });
  }

  /** It took an alert. */
  async clear(sink: NotifierName): Promise<void> {
    if ((await this.last(sink)) === undefined) return;
    await this.#rows.update(this.#pk(sink), { remove: ['reason', 'says', 'refusedAt'] });
  }

  /** Undefined where it refuses nothing. A consistent read. */
  async last(sink: NotifierName): Promise<NotifierRefusal | undefined> {
    const row = await this.#rows.read(this.#pk(sink));
    return row?.refusedAt === undefined ? undefined : row;
  }

  #pk(sink: NotifierName): string {
    return `notifier#${this.#tools.lineId}#${sink}`;
  }
}
