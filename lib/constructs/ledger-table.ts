import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { named } from './named.ts';

/** How a status, or a message observed on the line, finds the send that it belongs to. */
export const LEDGER_INDEXES = ['fingerprint', 'providerId'] as const;

/** The ledger of sends: one item per line and key. */
export class LedgerTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = named(
      new Table(this, 'Table', {
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
        timeToLiveAttribute: 'expiresAt',
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        // The account's own key for DynamoDB: shows in CloudTrail, needs no grants, costs nothing per month.
        encryption: TableEncryption.AWS_MANAGED,
        // Whoever loses the ledger sends everything in the queues a second time.
        removalPolicy: RemovalPolicy.RETAIN,
        deletionProtection: true,
      }),
      'sends',
    );
    for (const name of LEDGER_INDEXES) {
      this.table.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: { name, type: AttributeType.STRING },
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: ['createdAt', 'observedId'],
      });
    }
  }
}
