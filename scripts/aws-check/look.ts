import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { orNothing } from '../../cli/secrets/store.ts';
import { defineClient, stackNameOf } from '../../lib/client.ts';
import { lineTokenName, parameterName, SALTED, sourcesOf } from '../../lib/parameter-names.ts';
import { parametersOf } from '../../lib/parameters.ts';
import { type Aws, stackOf, tablesOf } from './aws.ts';
import { inputOf, NAMES } from './clients.ts';

export const stackNames: readonly string[] = NAMES.map((name) => stackNameOf({ name }));

/** All that `ezw deploy` may have made there for these clients. */
export const parameterNames: readonly string[] = NAMES.flatMap((name) => {
  const own = parametersOf(defineClient(inputOf(name, undefined)));
  return [...own.map((one) => one.name), sourcesOf('unused'), SALTED].map((one) => parameterName(name, one));
});

export const secretNames: readonly string[] = NAMES.map(lineTokenName);

export const secretStands = async ({ secrets }: Aws, SecretId: string): Promise<boolean> => {
  const found = await secrets.send(new DescribeSecretCommand({ SecretId })).catch(orNothing);
  // One that is being deleted is found for some seconds more.
  return found !== undefined && found.DeletedDate === undefined;
};

/** What stands of this check, from this run or an earlier one: one line each. */
export const standing = async (aws: Aws): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const name of stackNames) {
    const stack = await stackOf(aws, name);
    if (stack) found.push(`stack ${name} (${stack.StackStatus})`);
    found.push(...(await tablesOf(aws, name)).map((table) => `table ${table}`));
  }
  for (const Name of parameterNames) {
    if (await aws.parameters.send(new GetParameterCommand({ Name })).catch(orNothing)) found.push(`parameter ${Name}`);
  }
  for (const id of secretNames) if (await secretStands(aws, id)) found.push(`secret ${id}`);
  return found;
};
