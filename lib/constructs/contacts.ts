import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { keptTable } from './kept-table.ts';

/** What is known of people: who opted out, who agreed to what, who was written to. The salt hides whose rows they are. */
export class Contacts extends Construct {
  readonly table: Table;
  readonly salt: Secret;

  constructor(scope: Construct, id: string, { client }: { readonly client: string }) {
    super(scope, id);
    // Whoever loses the list writes to people who said stop.
    this.table = keptTable(this, 'Table', 'contacts');
    this.salt = new Secret(this, 'Salt', {
      secretName: `ezw/${client}/contact-salt`,
      description: 'Hides the phones of the table contacts. Never change it: every row would be lost.',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      // Without it the table, which outlives the stack too, says nothing.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(this.salt).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'A new salt would make every opted-out number unknown: it is made once and never rotated.',
    });
  }
}
