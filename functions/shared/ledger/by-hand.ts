import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBClient, paginateScan, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { decode, encode } from '../runtime/attributes.ts';
import { type Change, Table, type When } from '../runtime/table.ts';
import { endOf, type SendRecord, waitsOf } from './rules.ts';
import { type ShadowText, shadowPk } from './shadow-texts.ts';

/** Who did something to a record by hand, and why. */
export interface ByHand {
  readonly by: string;
  readonly reason: string;
}

/** A message that a person wrote on the line. */
export interface Answered {
  /** ISO 8601; an earlier release did not note it. */
  readonly writtenAt?: string;
}

/** A whole table, page by page. */
export async function* scanned<Row>(
  client: DynamoDBClient,
  table: string,
  filter: Omit<ScanCommandInput, 'TableName'>,
): AsyncGenerator<Row> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ...filter })) {
    yield* Items.map((item) => decode(item) as unknown as Row);
  }
}

export type Settled = 'accepted' | 'not-sent';

/**
 * The part of the ledger that a person writes, through the operator's command. Every write is conditional and leaves who and
 * why in the record. No deployed function holds it.
 */
export class LedgerByHand {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #sends: Table<SendRecord>;
  readonly #lineId: string;
  readonly #now: () => number;

  constructor(client: DynamoDBClient, table: string, lineId: string, now: () => number) {
    this.#client = client;
    this.#table = table;
    this.#sends = new Table(table, client);
    this.#lineId = lineId;
    this.#now = now;
  }

  /** Every send of the line, in no order. The table holds rows of other kinds too; a send is what has a key. */
  all(): AsyncGenerator<SendRecord> {
    return scanned(this.#client, this.#table, {
      FilterExpression: 'begins_with(pk, :line) AND attribute_exists(#key) AND attribute_exists(#state)',
      ExpressionAttributeNames: { '#key': 'key', '#state': 'state' },
      ExpressionAttributeValues: encode({ ':line': `${this.#lineId}#` }),
    });
  }

  /** Every message that a person wrote on the line to somebody, in no order. */
  answers(): AsyncGenerator<Answered> {
    return scanned(this.#client, this.#table, {
      FilterExpression: 'begins_with(pk, :line) AND #foreign = :true',
      ExpressionAttributeNames: { '#foreign': 'foreign' },
      ExpressionAttributeValues: encode({ ':line': `${this.#lineId}#provider#`, ':true': true }),
    });
  }

  read(key: string): Promise<SendRecord | undefined> {
    return this.#sends.read(this.#pk(key));
  }

  /**
   * Settles an UNKNOWN that is parked. `accepted` is final. `not-sent` frees the key: the same event, come again, is sent under
   * it, and should the API remember the key after all, it answers with the attempt it knows.
   * @returns false if the record is no parked UNKNOWN (any more)
   */
  settle(key: string, as: Settled, hand: ByHand): Promise<boolean> {
    const outcomes = {
      accepted: { set: { state: 'ACCEPTED', reason: 'accepted_says_a_person' }, remove: ['parked', 'waits'] },
      'not-sent': {
        set: { state: 'REJECTED', reason: 'not_sent_says_a_person' },
        remove: ['parked', 'waits', 'firstAttemptAt'],
      },
    };
    return this.#update(key, { name: 'resolved', hand }, outcomes[as], {
      if: '#state = :unknown AND #parked = :true',
      values: { unknown: 'UNKNOWN', true: true },
    });
  }

  /**
   * Takes back what waits under a key, as it was seen: no message of it that was queued by now leaves. What its source says later
   * of the same opens it again.
   * @returns `left` if it left or may have, `moved` if it is just being sent, or was since it was seen
   */
  async drop(seen: SendRecord, hand: ByHand): Promise<'dropped' | 'left' | 'moved'> {
    const now = this.#now();
    const change = endOf(seen, { state: 'REJECTED', reason: 'dropped', asOf: new Date(now).toISOString() }, now);
    if (change === 'left') return 'left';
    if (typeof change === 'string') return 'moved';
    const waits = waitsOf({ ...seen, ...change, parked: false });
    const isDropped = await this.#update(
      seen.key,
      { name: 'dropped', hand },
      {
        set: { ...change, waits, owner: `by-hand-${randomUUID()}` },
        remove: ['parked', ...(waits === undefined ? ['waits'] : [])],
      },
      { if: '#owner = :seenOwner AND #state = :seenState', values: { seenOwner: seen.owner, seenState: seen.state } },
    );
    return isDropped ? 'dropped' : 'moved';
  }

  /** What messages would have said that did not leave because the client is only tried yet, by their keys. */
  async shadows(): Promise<ReadonlyMap<string, ShadowText>> {
    const prefix = shadowPk(this.#lineId, '');
    const texts = new Map<string, ShadowText>();
    const rows = scanned<ShadowText>(this.#client, this.#table, {
      FilterExpression: 'begins_with(pk, :prefix)',
      ExpressionAttributeValues: encode({ ':prefix': prefix }),
    });
    for await (const row of rows) texts.set(row.pk.slice(prefix.length), row);
    return texts;
  }

  /** Notes that a message goes out once more, under a key of its own with this number. @returns false if the number is taken */
  noteResend(key: string, number: number, hand: ByHand): Promise<boolean> {
    return this.#update(
      key,
      { name: 'resent', hand },
      { set: { resends: number } },
      { if: 'attribute_exists(#pk) AND (attribute_not_exists(#resends) OR #resends < :resends)' },
    );
  }

  /** The note of who did it, why and when is also what a write is known by again. */
  #update(
    key: string,
    { name, hand }: { readonly name: 'resolved' | 'resent' | 'dropped'; readonly hand: ByHand },
    { set, remove }: Pick<Change, 'set' | 'remove'>,
    when: When<SendRecord>,
  ): Promise<boolean> {
    const now = this.#now();
    const note = { by: hand.by, reason: hand.reason, at: now };
    const change = { set: { ...set, [name]: note, updatedAt: now }, remove: remove ?? [] };
    return this.#sends.update(this.#pk(key), change, {
      ...when,
      isMine: (found) => isDeepStrictEqual(found[name], note),
    });
  }

  #pk(key: string): string {
    return `${this.#lineId}#${key}`;
  }
}
