import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { vi } from 'vitest';

/**
 * A DynamoDB of our own, with the tables named, or with `sends` (and its indexes), `deliveries` and `contacts`. Sets the SDK's environment, so modules
 * with clients must be imported after it. Their calls take as long as the machine is busy: when they end by themselves is told elsewhere.
 */
export const startDynamo = async (...tables: string[]): Promise<{ stop: () => Promise<void> }> => {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_REGION = 'us-east-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  vi.doMock('../../functions/shared/runtime/aws.ts', async (original) => ({
    ...(await original<object>()),
    AWS_CLIENT: {},
    bounded: <Client>(own: Client) => own,
  }));
  const client = new DynamoDBClient({});
  for (const TableName of tables.length > 0 ? tables : ['sends', 'deliveries', 'contacts']) {
    const indexed = TableName === 'sends' ? ['fingerprint', 'providerId', 'waits'] : [];
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: ['pk', ...indexed].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        ...(indexed.length > 0 && {
          GlobalSecondaryIndexes: indexed.map((IndexName) => ({
            IndexName,
            KeySchema: [{ AttributeName: IndexName, KeyType: 'HASH' as const }],
            Projection:
              IndexName === 'waits'
                ? { ProjectionType: 'ALL' as const }
                : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['createdAt', 'observedId'] },
          })),
        }),
      }),
    );
  }
  return { stop: () => new Promise((resolve) => server.close(() => resolve())) };
};
