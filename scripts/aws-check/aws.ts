import {
  type CloudFormationClient,
  paginateDescribeStackEvents,
  paginateDescribeStacks,
  type Stack,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { servicesOf } from '../../cli/target/aws.ts';
import { PATIENCE_MS, PATIENT } from '../../cli/target/patience.ts';
import { resourcesOf as resourcesIn, stackOf as stackIn, tableNames } from '../../cli/target/stack.ts';
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

export const awsIn = (aws: Place): Aws => ({
  ...servicesOf({ aws }),
  lambda: bounded(new LambdaClient({ ...PATIENT, region: aws.region }), PATIENCE_MS),
});

/** @param name of the stack; by its id one that is gone is found too */
export const stackOf = ({ cloudFormation }: Aws, name: string): Promise<Stack | undefined> =>
  stackIn(cloudFormation, name);

/** Names of the stacks that stand. */
export const stacksIn = async ({ cloudFormation: client }: Aws): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {}))
    names.push(...Stacks.map(({ StackName = '' }) => StackName));
  return names;
};

export const resourcesOf = ({ cloudFormation }: Aws, stack: string): Promise<readonly StackResourceSummary[]> =>
  resourcesIn(cloudFormation, stack);

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
export const tablesOf = async ({ dynamodb }: Aws, stack: string): Promise<readonly string[]> =>
  (await tableNames(dynamodb)).filter((name) => isTableOf(stack, name)).sort();
