import { DescribeStacksCommand, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { stackNameOf } from '../../lib/client.ts';
import { explain } from '../run.ts';
import { commandOn } from '../target/command.ts';
import { type Deployed, isDeployed, type Target } from '../target/target.ts';
import { progress } from '../terminal/output.ts';

/**
 * What AWS refuses to delete, thing by thing: the stack, and each table under its short name. Switched on after a deployment that succeeded and
 * not by its template: a first one that fails could not be undone by CloudFormation, nor be repeated
 * (https://github.com/aws/aws-cdk/issues/901).
 */
export interface Protection {
  readonly stack: boolean;
  readonly tables: Readonly<Record<string, boolean>>;
}

export const protectionOf = async (target: Deployed): Promise<Protection> => {
  const { cloudFormation, dynamodb, tables } = target;
  const { Stacks = [] } = await cloudFormation.send(
    new DescribeStacksCommand({ StackName: stackNameOf(target.client) }),
  );
  const each = await Promise.all(
    Object.entries(tables).map(async ([name, TableName]) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      return [name, Table?.DeletionProtectionEnabled === true] as const;
    }),
  );
  return { stack: Stacks[0]?.EnableTerminationProtection === true, tables: Object.fromEntries(each) };
};

/** What stands otherwise than it is wanted, in words. */
export const otherwise = ({ stack, tables }: Protection, wanted: boolean): readonly string[] => [
  ...(stack === wanted ? [] : ['the stack']),
  ...Object.entries(tables).flatMap(([name, isOn]) => (isOn === wanted ? [] : [`the table ${name}`])),
];

/** Switches all on or off that is otherwise. @returns what was changed */
export const setProtection = async (target: Deployed, wanted: boolean): Promise<readonly string[]> => {
  const before = await protectionOf(target);
  for (const [name, isOn] of Object.entries(before.tables)) {
    const TableName = target.tables[name];
    if (isOn !== wanted)
      await target.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: wanted }));
  }
  if (before.stack !== wanted) {
    const change = { StackName: stackNameOf(target.client), EnableTerminationProtection: wanted };
    await target.cloudFormation.send(new UpdateTerminationProtectionCommand(change));
  }
  return otherwise(before, wanted);
};

/** Protects a deployed stack if it is not; of one on this machine there is nothing to protect. What is done already does not fail because of it. */
export const protectAfterwards = async (target: Target): Promise<void> => {
  if (!isDeployed(target)) return;
  const todo = commandOn(target, 'protect');
  try {
    const changed = await setProtection(target, true);
    if (changed.length > 0) progress(`Protected against deletion from now on: ${changed.join(', ')}.`);
  } catch (error) {
    progress(`Not protected against deletion: ${explain(error)} Try again: ${todo}`);
  }
};
