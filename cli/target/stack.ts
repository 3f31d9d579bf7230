import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  type Stack,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { type DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import type { StackTemplate } from './target.ts';

/** `undefined` where none stands. @param StackName by the stack's id one that is gone is found too */
export const stackOf = async (cloudFormation: CloudFormationClient, StackName: string): Promise<Stack | undefined> => {
  try {
    return (await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (error) {
    if ((error as Error).name !== 'ValidationError') throw error;
    return undefined;
  }
};

export const resourcesOf = async (
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly StackResourceSummary[]> => {
  const all: StackResourceSummary[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    all.push(...StackResourceSummaries);
  return all;
};

export const templateOf = async (cloudFormation: CloudFormationClient, StackName: string): Promise<StackTemplate> => {
  const { TemplateBody = '{"Resources":{}}' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
  return JSON.parse(TemplateBody) as StackTemplate;
};

/** Names of all tables of the account and region. */
export const tableNames = async (client: DynamoDBClient): Promise<readonly string[]> => {
  const all: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) all.push(...TableNames);
  return all;
};
