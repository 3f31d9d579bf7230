import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type LogGroupProps, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** A log group kept as long as the ledger remembers a send. It holds no personal data and goes with its stack. */
export function logGroup(scope: Construct, id: string, props: LogGroupProps = {}): LogGroup {
  return new LogGroup(scope, id, {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
    ...props,
  });
}
