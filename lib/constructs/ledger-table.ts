import { AttributeType, ProjectionType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { keptTable } from './kept-table.ts';

/** How a status, or a message observed on the line, finds the send that it belongs to. */
export const LEDGER_INDEXES = ['fingerprint', 'providerId'] as const;

/** The ledger of sends: one item per line and key. */
export class LedgerTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Whoever loses the ledger sends everything in the queues a second time.
    this.table = keptTable(this, 'Table', 'sends');
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
