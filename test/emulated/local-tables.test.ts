import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { region } from '../../local/account.ts';
import { TableServer } from '../../local/tables/server.ts';

it('a store that stops in the middle of writes finishes those it has taken, and takes no others', async () => {
  const tables = await TableServer.start();
  await tables.create({
    TableName: 'sends',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: tables.url, region, credentials, maxAttempts: 1 });
  const add = () =>
    client.send(
      new UpdateItemCommand({
        TableName: 'sends',
        Key: { pk: { S: 'one' } },
        UpdateExpression: 'ADD tries :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
  await add();
  const first = add();
  const rest = Promise.allSettled(Array.from({ length: 200 }, add));
  await first;
  // Of an error in the server's own steps, which nobody catches, the test run fails.
  await tables.stop();
  expect((await rest).some(({ status }) => status === 'rejected')).toBe(true);
  client.destroy();
});
