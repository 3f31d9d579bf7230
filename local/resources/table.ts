import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { accountId, region } from '../account.ts';
import type { ResourceType } from './resource.ts';

const schema = z.object({
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: z.array(z.unknown()).optional(),
  LocalSecondaryIndexes: z.array(z.unknown()).optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string() }).optional(),
});

/** AWS::DynamoDB::Table on dynalite. Items past their time to live go at the next start. */
export const table: ResourceType = async ({ logicalId, name, properties }, { assembly, tables, tableNames }) => {
  const { TimeToLiveSpecification: timeToLive, ...definition } = schema.parse(properties);
  const physicalName = `${assembly.stackName}-${logicalId}`;
  const input = { ...definition, TableName: physicalName, BillingMode: 'PAY_PER_REQUEST' };
  await tables.create(input as CreateTableCommandInput & { TableName: string });
  const keys = definition.KeySchema.map(({ AttributeName }) => AttributeName);
  if (timeToLive) await tables.deleteExpired(physicalName, keys, timeToLive.AttributeName);
  tableNames.set(name, physicalName);
  const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${physicalName}`;
  return { ref: physicalName, attributes: { Arn: arn } };
};
