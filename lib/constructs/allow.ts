import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** One exact permission: these actions on this one resource. */
export function allow(resourceArn: string, ...actions: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [resourceArn] });
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
