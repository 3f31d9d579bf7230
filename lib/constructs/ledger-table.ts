import { AttributeType, ProjectionType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { keptTable } from './kept-table.ts';

/** How a status, or a message observed on the line, finds the send that it belongs to. */
export const LEDGER_INDEXES = ['fingerprint', 'providerId'] as const;

/** How whoever looks after the client finds what waits, without reading the whole ledger: no function of the client's may. */
const WAITS = 'waits';
/** What is asked of what waits. */
const OF_WAITING = [
  'key',
  'template',
  'state',
  'reason',
  'parked',
  'queuedAt',
  'usefulUntil',
  'createdAt',
  'updatedAt',
  'attempts',
];

/** The ledger of sends: one item per line and key. */
export class LedgerTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Whoever loses the ledger sends everything in the queues a second time.
    this.table = keptTable(this, 'Table', 'sends');
    for (const name of LEDGER_INDEXES) this.index(name, ['createdAt', 'observedId']);
    // Only what waits has this attribute: a send that leaves at once is never written there.
    this.index(WAITS, OF_WAITING);
  }

  private index(name: string, nonKeyAttributes: string[]): void {
    this.table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: { name, type: AttributeType.STRING },
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes,
    });
  }
}
