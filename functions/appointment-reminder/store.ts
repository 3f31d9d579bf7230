import { type AttributeValue, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { decode, encode } from '../shared/attributes.ts';
import { AWS_CLIENT } from '../shared/aws.ts';
import type { Rows } from './appointments.ts';
import type { StoredRow } from './schema.ts';

const client = new DynamoDBClient(AWS_CLIENT);

const condition = (
  seen: StoredRow | undefined,
): { ConditionExpression: string; ExpressionAttributeValues?: Record<string, AttributeValue> } =>
  seen
    ? { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: encode({ ':rev': seen.rev }) }
    : { ConditionExpression: 'attribute_not_exists(pk)' };

/** The table `appointments`. Reads are consistent; a write that finds the row moved is refused, not forced. */
export const rowsOf = (table: string): Rows => ({
  async read(pk) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: encode({ pk }), ConsistentRead: true }),
    );
    return Item && (decode(Item) as unknown as StoredRow);
  },
  async write(row, seen) {
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: encode(row), ...condition(seen) }));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  },
});
