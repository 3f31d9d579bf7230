import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { decode, encode } from '../shared/runtime/attributes.ts';
import { AWS_CLIENT, bounded } from '../shared/runtime/aws.ts';
import { whenMet, written } from '../shared/runtime/conditional-write.ts';
import { Unavailable } from '../shared/runtime/errors.ts';

const client = bounded(new DynamoDBClient(AWS_CLIENT));

/**
 * Longer than the function may run. And longer than any CRM's search lags behind: whoever takes over from an owner that vanished
 * finds by search what that one may have made.
 */
const LEASE_MS = 90_000;
/** A person is forgotten here after two years without a message; the CRM's own search finds them again. */
const KEEP_SECONDS = 730 * 24 * 3600;
const COME_BACK_SECONDS = 2;

interface Row {
  readonly contactId?: string;
  readonly owner?: string;
  readonly tries?: number;
}

export interface ContactsMapTools {
  readonly table: string;
  readonly now: () => number;
  readonly newOwner: () => string;
}

/** Which contact of the CRM a person is. Only one owner at a time may find or make it, so two first messages make one contact. */
export class ContactsMap {
  readonly #tools: ContactsMapTools;

  constructor(tools: ContactsMapTools) {
    this.#tools = tools;
  }

  /**
   * The id that stands under `pk`, else what `make` finds or makes, kept from then on. Throws `Unavailable` while another owner
   * is at it.
   */
  async idOf(pk: string, make: (again: boolean) => Promise<string>): Promise<string> {
    const known = (await this.#read(pk))?.contactId;
    if (known) return known;
    const owner = this.#tools.newOwner();
    const row = await this.#lock(pk, owner);
    if (row.contactId) return row.contactId;
    let contactId: string;
    try {
      contactId = await make((row.tries ?? 1) > 1);
    } catch (error) {
      await this.#write(pk, owner, 'SET leaseUntil = :none', { ':none': 0 }).catch(() => undefined);
      throw error;
    }
    await this.#write(pk, owner, 'SET contactId = :id, expiresAt = :expiry', {
      ':id': contactId,
      ':expiry': Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS,
    });
    return contactId;
  }

  /** The CRM no longer knows this contact – deleted, or merged into another: the next message finds or makes it anew. */
  async forget(pk: string, contactId: string): Promise<void> {
    await whenMet(this.#update(pk, 'REMOVE contactId, leaseUntil', 'contactId = :id', { ':id': contactId }, {}));
  }

  async #lock(pk: string, owner: string): Promise<Row> {
    const now = this.#tools.now();
    const lock = this.#update(
      pk,
      'SET #owner = :owner, leaseUntil = :lease ADD tries :one',
      'attribute_not_exists(contactId) AND (attribute_not_exists(leaseUntil) OR (leaseUntil <= :now AND #owner <> :owner))',
      { ':owner': owner, ':lease': now + LEASE_MS, ':now': now, ':one': 1 },
    );
    const { mine, row } = await written(
      lock,
      () => this.#read(pk),
      (found) => found.owner === owner,
    );
    if (row && (mine || row.contactId)) return row;
    throw new Unavailable(
      'contact_in_progress',
      'Another message of this person is making the contact.',
      COME_BACK_SECONDS,
    );
  }

  /** By the owner of the lock, of which twice is as once; nothing once another has taken over. */
  async #write(pk: string, owner: string, expression: string, values: object): Promise<void> {
    await whenMet(this.#update(pk, expression, '#owner = :owner', { ...values, ':owner': owner }));
  }

  async #update(
    pk: string,
    expression: string,
    condition: string,
    values: object,
    names: Record<string, string> = { '#owner': 'owner' },
  ): Promise<Row> {
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        TableName: this.#tools.table,
        Key: encode({ pk }),
        UpdateExpression: expression,
        ConditionExpression: condition,
        ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
        ExpressionAttributeValues: encode(values),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return decode(Attributes);
  }

  async #read(pk: string): Promise<Row | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: this.#tools.table, Key: encode({ pk }), ConsistentRead: true }),
    );
    return Item && decode(Item);
  }
}
