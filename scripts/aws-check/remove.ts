import { DeleteStackCommand, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { DeleteTableCommand, DescribeTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { DeleteParametersCommand } from '@aws-sdk/client-ssm';
import { Failed } from '../../cli/terminal/errors.ts';
import { type Aws, resourcesOf, stackOf, tablesOf } from './aws.ts';
import { parameterNames, secretNames, secretStands, stackNames, standing } from './look.ts';

export interface Remover {
  readonly aws: Aws;
  readonly pause: (ms: number) => Promise<void>;
}

const LOOK_MS = 5_000;
/** An hour: CloudFormation gives up sooner. */
const LOOKS = 720;
/** Of a table: ten minutes. */
const LOOKS_AT_TABLES = 120;

/** Looks again and again until it is so. @throws Failed */
export const until = async (
  { pause }: Pick<Remover, 'pause'>,
  isSo: () => Promise<boolean>,
  what: string,
  looks = LOOKS,
): Promise<void> => {
  for (let left = looks; left > 0; left--) {
    if (await isSo()) return;
    await pause(LOOK_MS);
  }
  throw new Failed(`${what}: not within ${(looks * LOOK_MS) / 60_000} minutes.`);
};

/** CloudFormation does nothing with it any more. */
const settled = (remover: Remover, id: string): Promise<void> =>
  until(
    remover,
    async () => !/(?<!^REVIEW)_IN_PROGRESS$/.test((await stackOf(remover.aws, id))?.StackStatus ?? ''),
    'CloudFormation still works on the stack',
  );

/** What cannot be deleted at the first try mostly can at the second, when what it hung on is gone. */
const TRIES = 3;

/** @returns what CloudFormation could not delete, and is no table: those stay on purpose */
const removeStack = async (remover: Remover, name: string): Promise<readonly string[]> => {
  const { aws } = remover;
  const { StackId } = (await stackOf(aws, name)) ?? {};
  if (StackId === undefined) return [];
  await settled(remover, StackId);
  // Read anew: a command that was ended protects what stands before it goes.
  if ((await stackOf(aws, StackId))?.EnableTerminationProtection) {
    const off = { StackName: StackId, EnableTerminationProtection: false };
    await aws.cloudFormation.send(new UpdateTerminationProtectionCommand(off));
  }
  for (let tries = 0; tries < TRIES; tries++) {
    await aws.cloudFormation.send(new DeleteStackCommand({ StackName: StackId }));
    await settled(remover, StackId);
    const { StackStatus } = (await stackOf(aws, StackId)) ?? {};
    if (StackStatus === undefined || StackStatus === 'DELETE_COMPLETE') break;
  }
  const left = (await resourcesOf(aws, StackId)).filter(
    ({ ResourceStatus, ResourceType }) =>
      ResourceStatus !== 'DELETE_COMPLETE' && ResourceType !== 'AWS::DynamoDB::Table',
  );
  return left.map(({ ResourceType, PhysicalResourceId }) => `${ResourceType} ${PhysicalResourceId}`);
};

/** It may be busy with the change before. */
const patiently = async ({ pause }: Remover, ask: () => Promise<unknown>): Promise<void> => {
  const isDone = async (): Promise<boolean> => {
    try {
      await ask();
    } catch (error) {
      const { name } = error as Error;
      if (name === 'ResourceInUseException') return false;
      if (name !== 'ResourceNotFoundException') throw error;
    }
    return true;
  };
  await until({ pause }, isDone, 'DynamoDB still works on the table', LOOKS_AT_TABLES);
};

const removeTable = async (remover: Remover, TableName: string): Promise<void> => {
  const { dynamodb } = remover.aws;
  await patiently(remover, async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    if (!Table?.DeletionProtectionEnabled) return;
    await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  });
  await patiently(remover, () => dynamodb.send(new DeleteTableCommand({ TableName })));
};

const removeTables = async (remover: Remover, stack: string): Promise<void> => {
  const names = await tablesOf(remover.aws, stack);
  for (const name of names) await removeTable(remover, name);
  const areGone = async (): Promise<boolean> => (await tablesOf(remover.aws, stack)).length === 0;
  await until(remover, areGone, 'DynamoDB still deletes tables', LOOKS_AT_TABLES);
};

/** As many as one call takes. */
const TEN = 10;

const removeValues = async (aws: Aws): Promise<void> => {
  for (let at = 0; at < parameterNames.length; at += TEN)
    await aws.parameters.send(new DeleteParametersCommand({ Names: parameterNames.slice(at, at + TEN) }));
  for (const SecretId of secretNames) {
    if (await secretStands(aws, SecretId))
      await aws.secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  }
};

/** Removes all that this check ever makes, whatever state it is in, and looks. @returns what is left all the same: one line each */
export const removeAll = async (remover: Remover): Promise<readonly string[]> => {
  const left: string[] = [];
  // The later one first: it is the smaller loss where this is ended too.
  for (const name of stackNames) {
    left.push(...(await removeStack(remover, name)));
    await removeTables(remover, name);
  }
  await removeValues(remover.aws);
  return [...left, ...(await standing(remover.aws))];
};
