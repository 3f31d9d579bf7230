import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { decode, encode } from './attributes.ts';
import { AWS_CLIENT } from './aws.ts';
import { contactHash } from './contact-hash.ts';

const client = new DynamoDBClient(AWS_CLIENT);

export interface SuppressionTools {
  readonly table: string;
  readonly salt: () => Promise<string>;
}

/**
 * The list of numbers that must not be written to. One row per number that ever said so, `suppressed#<salted hash>`; no phone
 * number is in it. It has no expiry: a person who said stop is never forgotten.
 */
export class SuppressionList {
  readonly #tools: SuppressionTools;

  constructor(tools: SuppressionTools) {
    this.#tools = tools;
  }

  /** @param at ISO 8601, when the person said so: of two words that arrive in the wrong order the later one counts. */
  suppress(phone: string, at: string, reason: string): Promise<void> {
    return this.#write(phone, at, true, reason);
  }

  unsuppress(phone: string, at: string, reason: string): Promise<void> {
    return this.#write(phone, at, false, reason);
  }

  async isSuppressed(phone: string): Promise<boolean> {
    const Key = encode({ pk: await this.#pk(phone) });
    const { Item } = await client.send(new GetItemCommand({ TableName: this.#tools.table, Key, ConsistentRead: true }));
    return Item !== undefined && decode(Item).suppressed === true;
  }

  async #write(phone: string, at: string, suppressed: boolean, reason: string): Promise<void> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: this.#tools.table,
          Key: encode({ pk: await this.#pk(phone) }),
          UpdateExpression: 'SET suppressed = :suppressed, #at = :at, reason = :reason',
          ConditionExpression: 'attribute_not_exists(pk) OR #at <= :at',
          ExpressionAttributeNames: { '#at': 'at' },
          ExpressionAttributeValues: encode({ ':suppressed': suppressed, ':at': at, ':reason': reason }),
        }),
      );
    } catch (error) {
      // What the person said later stands already.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async #pk(phone: string): Promise<string> {
    return `suppressed#${contactHash(await this.#tools.salt(), phone)}`;
  }
}
