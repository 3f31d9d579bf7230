import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** In the place of the account and region of a stack: the text is the same wherever it is deployed, so what was looked at before is what stands there. */
export const ANYWHERE = { partition: Aws.PARTITION, region: Aws.REGION, account: Aws.ACCOUNT_ID };

/** One exact permission: these actions on this one resource. */
export function allow(resourceArn: string, ...actions: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [resourceArn] });
}

/** The same on the rows of a table alone whose keys begin so. */
export function allowRows(tableArn: string, prefix: string, ...actions: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [tableArn],
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${prefix}*`] } },
  });
}

/** What a function needs so that a queue can feed it and it can hold a message back (visibility as back-off). */
export function consume(queueArn: string): PolicyStatement {
  return allow(
    queueArn,
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
  );
}

export function policy(...statements: readonly PolicyStatement[]): PolicyDocument {
  return new PolicyDocument({ statements: [...statements] });
}
