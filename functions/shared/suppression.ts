import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { decode, encode } from './attributes.ts';
import { AWS_CLIENT, bounded } from './aws.ts';
import { contactHash } from './contact-hash.ts';

const client = bounded(new DynamoDBClient(AWS_CLIENT));

export interface SuppressionTools {
  readonly table: string;
  readonly salt: () => Promise<string>;
}

/**
 * The list of numbers that must not be written to. A row `suppressed#<salted hash>` stands exactly while its number is on the
 * list; it holds no phone number and has no expiry: a person who said stop is never forgotten.
 */
export class SuppressionList {
  readonly #tools: SuppressionTools;

  constructor(tools: SuppressionTools) {
    this.#tools = tools;
  }

  /** @param at ISO 8601, when the person said so: of two words that arrive in the wrong order the later one counts. */
  async suppress(phone: string, at: string, reason: string): Promise<void> {
    const started = await this.#read(await this.#pk('started', phone));
    if (String(started?.at ?? '') > at) return;
    await this.#putIfLater({ pk: await this.#pk('suppressed', phone), reason, at });
  }

  async unsuppress(phone: string, at: string): Promise<void> {
    const pk = await this.#pk('suppressed', phone);
    const suppressed = await this.#read(pk);
    if (String(suppressed?.at ?? '') > at) return;
    await this.#putIfLater({ pk: await this.#pk('started', phone), at });
    await client.send(new DeleteItemCommand({ TableName: this.#tools.table, Key: encode({ pk }) }));
  }

  /** A consistent read: a "stop" of a second ago counts. */
  async isSuppressed(phone: string): Promise<boolean> {
    return (await this.#read(await this.#pk('suppressed', phone))) !== undefined;
  }

  /** What was said later stands already, then. */
  async #putIfLater(row: { pk: string; at: string; reason?: string }): Promise<void> {
    try {
      await client.send(
        new PutItemCommand({
          TableName: this.#tools.table,
          Item: encode(row),
          ConditionExpression: 'attribute_not_exists(pk) OR #at < :at',
          ExpressionAttributeNames: { '#at': 'at' },
          ExpressionAttributeValues: encode({ ':at': row.at }),
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async #read(pk: string): Promise<Record<string, unknown> | undefined> {
    const Key = encode({ pk });
    const { Item } = await client.send(new GetItemCommand({ TableName: this.#tools.table, Key, ConsistentRead: true }));
    return Item && decode(Item);
  }

  async #pk(kind: 'suppressed' | 'started', phone: string): Promise<string> {
    return `${kind}#${contactHash(await this.#tools.salt(), phone)}`;
  }
}
