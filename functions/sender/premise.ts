import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Premise } from '../shared/ledger/send-command.ts';
import { encode } from '../shared/runtime/attributes.ts';
import { AWS_CLIENT, bounded } from '../shared/runtime/aws.ts';

const client = bounded(new DynamoDBClient(AWS_CLIENT));

/**
 * One consistent read of the row that a message builds on.
 * @param table name of the table `appointments`; undefined for a client without, whose messages have no premises
 */
export const premiseHolds =
  (table: string | undefined) =>
  async ({ pk, standing }: Premise): Promise<boolean> => {
    if (table === undefined) return true;
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: encode({ pk }),
        ConsistentRead: true,
        ProjectionExpression: 'standing',
      }),
    );
    return Item?.standing?.S === standing;
  };
