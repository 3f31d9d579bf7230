import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { PATIENCE_MS, PATIENT } from '../../cli/target/patience.ts';
import { bounded } from '../../functions/shared/runtime/aws.ts';

/** The account, as far as the check asks it itself. */
export interface Aws {
  readonly cloudFormation: CloudFormationClient;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly secrets: SecretsManagerClient;
  readonly parameters: SSMClient;
}

/** Where everything is made. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** Of whom the credentials are, and the region that was asked for, or the usual one. */
export const placeOf = async (region: string | undefined): Promise<Place> => {
  const sts = bounded(new STSClient({ ...PATIENT, ...(region !== undefined && { region }) }), PATIENCE_MS);
  const { Account: account = '' } = await sts.send(new GetCallerIdentityCommand({}));
  return { account, region: await sts.config.region() };
};

export const awsIn = ({ region }: Place): Aws => {
  const shared = { ...PATIENT, region };
  return {
    cloudFormation: bounded(new CloudFormationClient(shared), PATIENCE_MS),
    dynamodb: bounded(new DynamoDBClient(shared), PATIENCE_MS),
    lambda: bounded(new LambdaClient(shared), PATIENCE_MS),
    secrets: bounded(new SecretsManagerClient(shared), PATIENCE_MS),
    parameters: bounded(new SSMClient(shared), PATIENCE_MS),
  };
};

/** @param name of the stack; by its id one that is gone is found too */
export const stackOf = async ({ cloudFormation }: Aws, name: string): Promise<Stack | undefined> => {
  const { Stacks = [] } = await cloudFormation
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: Error) => {
      if (error.name !== 'ValidationError') throw error;
      return { Stacks: [] };
    });
  return Stacks[0];
};

/** Names of the stacks that stand. */
export const stacksIn = async ({ cloudFormation: client }: Aws): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {}))
    names.push(...Stacks.map(({ StackName = '' }) => StackName));
  return names;
};

export const resourcesOf = async (
  { cloudFormation: client }: Aws,
  StackName: string,
): Promise<readonly StackResourceSummary[]> => {
  const all: StackResourceSummary[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    all.push(...StackResourceSummaries);
  return all;
};

/** The type of what failed first since then, and what CloudFormation says of it. */
export const firstFailure = async (
  { cloudFormation: client }: Aws,
  StackName: string,
  since: Date,
): Promise<{ readonly type: string; readonly reason: string } | undefined> => {
  let first: { type: string; reason: string } | undefined;
  // The newest stand first.
  for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName })) {
    for (const { Timestamp, ResourceStatus = '', ResourceType = '', ResourceStatusReason = '' } of StackEvents) {
      if (Timestamp && Timestamp < since) return first;
      const isOwn = /(?<!DELETE)_FAILED$/.test(ResourceStatus) && !/cancelled/i.test(ResourceStatusReason);
      if (isOwn) first = { type: ResourceType, reason: ResourceStatusReason };
    }
  }
  return first;
};

/** What CloudFormation named itself: the stack, the logical id, letters of its own. Of a client whose name only begins so it is none. */
const isTableOf = (stack: string, table: string): boolean =>
  table.startsWith(`${stack}-`) && /^[A-Za-z0-9]+-[A-Z0-9]+$/.test(table.slice(stack.length + 1));

/** Tables of a stack, whether it stands or is gone. */
export const tablesOf = async ({ dynamodb: client }: Aws, stack: string): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) names.push(...TableNames);
  return names.filter((name) => isTableOf(stack, name)).sort();
};
