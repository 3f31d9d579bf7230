import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { named } from './named.ts';

/** A table as all of ours are: paid by use, forgetting by itself, recoverable, and outliving its stack. `name` is its short name. */
export function keptTable(scope: Construct, id: string, name: string): Table {
  const table = new Table(scope, id, {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    // The account's own key for DynamoDB: shows in CloudTrail, needs no grants, costs nothing per month.
    encryption: TableEncryption.AWS_MANAGED,
    // Of a first deployment that fails nothing stays, so that it can be repeated. Protected against deletion by "ezw protect", behind it.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  return named(table, name);
}
