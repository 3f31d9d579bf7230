import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBClient, GetItemCommand, paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { decode, encode } from '../runtime/attributes.ts';
import { written } from '../runtime/conditional-write.ts';
import type { SendRecord } from './rules.ts';

/** Who did something to a record by hand, and why. */
export interface ByHand {
  readonly by: string;
  readonly reason: string;
}

export type Settled = 'accepted' | 'not-sent';

/**
 * The part of the ledger that a person writes, through the operator's command. Every write is conditional and leaves who and
 * why in the record. No deployed function holds it.
 */
export class LedgerByHand {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #lineId: string;
  readonly #now: () => number;

  constructor(client: DynamoDBClient, table: string, lineId: string, now: () => number) {
    this.#client = client;
    this.#table = table;
    this.#lineId = lineId;
    this.#now = now;
  }

  /** Every send of the line, in no order. The table holds rows of other kinds too; a send is what has a key. */
  async *all(): AsyncGenerator<SendRecord> {
    const pages = paginateScan(
      { client: this.#client },
      {
        TableName: this.#table,
        FilterExpression: 'begins_with(pk, :line) AND attribute_exists(#key) AND attribute_exists(#state)',
        ExpressionAttributeNames: { '#key': 'key', '#state': 'state' },
        ExpressionAttributeValues: encode({ ':line': `${this.#lineId}#` }),
      },
    );
    for await (const { Items = [] } of pages) yield* Items.map((item) => decode(item) as unknown as SendRecord);
  }

  async read(key: string): Promise<SendRecord | undefined> {
    const Key = encode({ pk: this.#pk(key) });
    const { Item } = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item && (decode(Item) as unknown as SendRecord);
  }

  /**
   * Settles an UNKNOWN that is parked. `accepted` is final. `not-sent` frees the key: the same event, come again, is sent under
   * it, and should the API remember the key after all, it answers with the attempt it knows.
   * @returns false if the record is no parked UNKNOWN (any more)
   */
  settle(key: string, as: Settled, hand: ByHand): Promise<boolean> {
    const state = as === 'accepted' ? 'ACCEPTED' : 'REJECTED';
    const why = as === 'accepted' ? 'accepted_says_a_person' : 'not_sent_says_a_person';
    const forgotten = as === 'accepted' ? 'parked' : 'parked, firstAttemptAt';
    return this.#update(
      key,
      { name: 'resolved', hand },
      `SET #state = :state, reason = :why, resolved = :note, updatedAt = :now REMOVE ${forgotten}`,
      '#state = :unknown AND parked = :true',
      { ':state': state, ':why': why, ':unknown': 'UNKNOWN', ':true': true },
      { '#state': 'state' },
    );
  }

  /** Notes that a message goes out once more, under a key of its own with this number. @returns false if the number is taken */
  noteResend(key: string, number: number, hand: ByHand): Promise<boolean> {
    return this.#update(
      key,
      { name: 'resent', hand },
      'SET resends = :number, resent = :note, updatedAt = :now',
      'attribute_exists(pk) AND (attribute_not_exists(resends) OR resends < :number)',
      { ':number': number },
    );
  }

  /** The note of who did it, why and when is also what a write is known by again. */
  async #update(
    key: string,
    { name, hand }: { readonly name: 'resolved' | 'resent'; readonly hand: ByHand },
    UpdateExpression: string,
    ConditionExpression: string,
    values: Readonly<Record<string, unknown>>,
    names?: Record<string, string>,
  ): Promise<boolean> {
    const now = this.#now();
    const note = { by: hand.by, reason: hand.reason, at: now };
    const update = this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: encode({ pk: this.#pk(key) }),
        UpdateExpression,
        ConditionExpression,
        ExpressionAttributeValues: encode({ ...values, ':note': note, ':now': now }),
        ...(names && { ExpressionAttributeNames: names }),
        ReturnValues: 'ALL_NEW',
      }),
    );
    const { mine } = await written(
      update.then(({ Attributes = {} }) => decode(Attributes) as unknown as SendRecord),
      () => this.read(key),
      (found) => isDeepStrictEqual(found[name], note),
    );
    return mine;
  }

  #pk(key: string): string {
    return `${this.#lineId}#${key}`;
  }
}
