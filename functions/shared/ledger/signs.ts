import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ANSWER_MS } from '../runtime/aws.ts';
import { reasonOf } from '../runtime/errors.ts';
import { isDoneIn, within } from '../runtime/in-time.ts';
import type { Log } from '../runtime/log.ts';
import { Table } from '../runtime/table.ts';

/** A sign is worth no more waiting. */
const BUDGET_MS = 500;

interface SignRow {
  readonly pk: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface SignTools {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * When the other side last gave a sign of life: one row of a line, which stays. A process notes it so often at most, and goes on whatever becomes
 * of the note: what gave the sign counts, not this.
 */
export class Sign {
  readonly #rows: Table<SignRow>;
  readonly #pk: string;
  readonly #everyMs: number;
  readonly #tools: SignTools;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(table: string, pk: string, everyMs: number, tools: SignTools) {
    this.#rows = new Table(table);
    this.#pk = pk;
    this.#everyMs = everyMs;
    this.#tools = tools;
  }

  /** Never throws, and takes half a second at most. */
  async note(): Promise<void> {
    const { now, log } = this.#tools;
    const at = now();
    if (at - this.#triedAt < this.#everyMs) return;
    this.#triedAt = at;
    const why = await this.#write(at);
    if (why !== undefined) log('warn', { event: 'sign', reason: why, outcome: 'not_noted' });
  }

  /** @returns why it was not written */
  async #write(at: number): Promise<string | undefined> {
    let why: string | undefined;
    const row = { pk: this.#pk, at };
    // A process that stood still in between may write later than another that noted a later sign.
    const write = this.#rows.put(row, { if: 'attribute_not_exists(#at) OR #at < :at', values: { at } });
    const noted = write.catch((error: unknown) => {
      why = reasonOf(error);
    });
    return (await isDoneIn(noted, within(BUDGET_MS, ANSWER_MS))) ? why : 'not_in_time';
  }
}

const MINUTE = 60_000;
const heardPk = (lineId: string): string => `heard#${lineId}`;
const acceptedPk = (lineId: string): string => `${lineId}#accepted`;

/** That EZWhatsApp delivered something by itself, to the minute. @param table `deliveries` */
export const heardSign = (table: string, lineId: string, tools: SignTools): Sign =>
  new Sign(table, heardPk(lineId), MINUTE, tools);

/** That EZWhatsApp took a message, to the hour. @param table `sends` */
export const acceptedSign = (table: string, lineId: string, tools: SignTools): Sign =>
  new Sign(table, acceptedPk(lineId), 60 * MINUTE, tools);

const lastOf = async (table: string, pk: string, client: DynamoDBClient): Promise<number | undefined> =>
  (await new Table<SignRow>(table, client).read(pk))?.at;

/** When EZWhatsApp last delivered something, epoch milliseconds; `undefined` if never since it is noted. @param table `deliveries` */
export const lastHeard = (table: string, lineId: string, client: DynamoDBClient): Promise<number | undefined> =>
  lastOf(table, heardPk(lineId), client);

/** When EZWhatsApp last took a message, epoch milliseconds; `undefined` if never since it is noted. @param table `sends` */
export const lastAccepted = (table: string, lineId: string, client: DynamoDBClient): Promise<number | undefined> =>
  lastOf(table, acceptedPk(lineId), client);
