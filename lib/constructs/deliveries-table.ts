import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { named } from './named.ts';

/** Which deliveries of EZWhatsApp were accepted, and what each consumer has done with their items. */
export class DeliveriesTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = named(
      new Table(this, 'Table', {
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
        timeToLiveAttribute: 'expiresAt',
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        encryption: TableEncryption.AWS_MANAGED,
        // Without it a replayed delivery would be done twice.
        removalPolicy: RemovalPolicy.RETAIN,
        deletionProtection: true,
      }),
      'deliveries',
    );
  }
}
