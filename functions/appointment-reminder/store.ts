import { isDeepStrictEqual } from 'node:util';
import { type AttributeValue, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { decode, encode } from '../shared/runtime/attributes.ts';
import { AWS_CLIENT, bounded } from '../shared/runtime/aws.ts';
import { written } from '../shared/runtime/conditional-write.ts';
import type { Rows } from './appointments.ts';
import type { StoredRow } from './schema.ts';

const client = bounded(new DynamoDBClient(AWS_CLIENT));

const condition = (
  seen: StoredRow | undefined,
): { ConditionExpression: string; ExpressionAttributeValues?: Record<string, AttributeValue> } =>
  seen
    ? { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: encode({ ':rev': seen.rev }) }
    : { ConditionExpression: 'attribute_not_exists(pk)' };

/** The table `appointments`. Reads are consistent; a write that finds the row moved is refused, not forced. */
export const rowsOf = (table: string): Rows => {
  const get = async (pk: string): Promise<Record<string, AttributeValue> | undefined> => {
    const input = { TableName: table, Key: encode({ pk }), ConsistentRead: true };
    return (await client.send(new GetItemCommand(input))).Item;
  };
  return {
    async read(pk) {
      const found = await get(pk);
      return found && (decode(found) as unknown as StoredRow);
    },
    async write(row, seen) {
      const Item = encode(row);
      const put = client.send(new PutItemCommand({ TableName: table, Item, ...condition(seen) }));
      // A twin of the same event may have written the very same row: then it is as good as this one's.
      const { mine } = await written(
        put.then(() => Item),
        () => get(row.pk),
        (found) => isDeepStrictEqual(found, Item),
      );
      return mine;
    },
  };
};
