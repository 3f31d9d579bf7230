import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { parameterName } from '../parameter-names.ts';
import { ANYWHERE, allow } from './allow.ts';

/** A parameter that stands there already when the stack is deployed, and who may read it. */
export interface Parameter {
  readonly name: string;
  readonly mayRead: PolicyStatement;
}

/**
 * @param name without the client's part. The key that encrypts it is the account's own (`aws/ssm`), which whoever may read a parameter may use:
 * https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export const parameter = (scope: Construct, client: string, name: string): Parameter => {
  const whole = parameterName(client, name);
  const arn = Stack.of(scope).formatArn({
    ...ANYWHERE,
    service: 'ssm',
    resource: 'parameter',
    resourceName: whole.slice(1),
  });
  return { name: whole, mayRead: allow(arn, 'ssm:GetParameter') };
};
