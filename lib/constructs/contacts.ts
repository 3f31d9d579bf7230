import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { SALT } from '../parameter-names.ts';
import { keptTable } from './kept-table.ts';
import { type Parameter, parameter } from './parameter.ts';

/** What is known of people: who opted out, who agreed to what, who was written to. The salt hides whose rows they are. */
export class Contacts extends Construct {
  readonly table: Table;
  readonly salt: Parameter;

  constructor(scope: Construct, id: string, { client }: { readonly client: string }) {
    super(scope, id);
    // Whoever loses the list writes to people who said stop.
    this.table = keptTable(this, 'Table', 'contacts');
    this.salt = parameter(this, client, SALT);
  }
}
