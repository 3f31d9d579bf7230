import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { named } from './named.ts';

/** The suppression list and the CRM's ids of people. No phone number is in it: rows are named by salted hashes. */
export class ContactsTable extends Construct {
  readonly table: Table;
  readonly salt: Secret;

  constructor(scope: Construct, id: string, props: { readonly client: string }) {
    super(scope, id);
    this.table = named(
      new Table(this, 'Table', {
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
        timeToLiveAttribute: 'expiresAt',
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        encryption: TableEncryption.AWS_MANAGED,
        // Whoever loses it writes to people who said stop.
        removalPolicy: RemovalPolicy.RETAIN,
        deletionProtection: true,
      }),
      'contacts',
    );
    this.salt = new Secret(this, 'Salt', {
      secretName: `ezw/${props.client}/contact-salt`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      // The table is worth nothing without it.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.salt).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Another salt would make every row of the suppression list unfindable.',
    });
  }
}
