import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { keptTable } from './kept-table.ts';

/** Which deliveries of EZWhatsApp were accepted, and what each consumer has done with their items. */
export class DeliveriesTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Without it a replayed delivery would be done twice.
    this.table = keptTable(this, 'Table', 'deliveries');
  }
}
