import { type CfnResource, Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { lineTokenName } from '../parameter-names.ts';
import { allow, consume } from './allow.ts';
import { ClientSecret } from './client-secret.ts';
import type { Contacts } from './contacts.ts';
import { feed } from './feed.ts';
import { LedgerTable } from './ledger-table.ts';
import { QueuePair } from './queue-pair.ts';
import { RuntimeFunction } from './runtime-function.ts';

export interface SenderProps {
  readonly client: string;
  readonly ezwBaseUrl: string;
  readonly code: string;
  readonly config: LayerVersion;
  /** Who opted out. */
  readonly contacts: Contacts;
  /** Rows that a message which had to wait is held against again, of a client with a template that has such. */
  readonly premises?: Table | undefined;
  /** Where people are told that the line needs them, of a client whose people are told anything. */
  readonly people?: Queue | undefined;
}

/** The only road to EZWhatsApp: `sends.fifo`, the sender, its ledger, and the line token that nothing else may read. */
export class Sender extends Construct {
  readonly sends: QueuePair;
  readonly ledger: Table;
  readonly lineTokenName: string;

  constructor(scope: Construct, id: string, props: SenderProps) {
    super(scope, id);
    const { client, ezwBaseUrl, code, config, contacts, premises, people } = props;
    this.sends = new QueuePair(this, 'Sends', {
      name: 'sends',
      deadLetterName: 'sends-dlq',
      consumer: 'sender',
      // A sender that dies holds its line for so long. Lambda refuses less than the function's own time, and advises six times that, for
      // a batch that is throttled comes back meanwhile: here it does so some times more, and the ledger knows what was done.
      visibility: Duration.seconds(120),
      // While the line is down messages come back every 15 minutes at most: 1000 deliveries are ten days, so an outage
      // never empties the queue into the dead letters. `usefulUntil` in the message ends the waiting, not a count.
      maxReceiveCount: 1000,
      retention: Duration.days(14),
      fifo: true,
    });
    const { table } = new LedgerTable(this, 'Ledger');
    this.ledger = table;
    const { secret } = new ClientSecret(this, 'LineToken', { client, name: 'line-token', placeholder: 'not-set' });
    this.lineTokenName = lineTokenName(client);
    const { queue, deadLetters } = this.sends;
    const sender = new RuntimeFunction(this, 'Sender', {
      name: 'sender',
      client,
      description: 'Sends each message once, in order, through EZWhatsApp',
      code,
      config,
      environment: {
        EZW_BASE_URL: ezwBaseUrl,
        LINE_TOKEN_SECRET: secret.secretArn,
        SENDS_TABLE: table.tableName,
        CONTACTS_TABLE: contacts.table.tableName,
        CONTACT_SALT_SECRET: contacts.salt.name,
        SENDS_QUEUE_URL: queue.queueUrl,
        SENDS_DLQ_URL: deadLetters.queueUrl,
        ...(premises && { APPOINTMENTS_TABLE: premises.tableName }),
        ...(people && { ESCALATION_QUEUE_URL: people.queueUrl }),
      },
      permissions: [
        allow(secret.secretArn, 'secretsmanager:GetSecretValue'),
        allow(table.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
        allow(contacts.table.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        contacts.salt.mayRead,
        consume(queue.queueArn),
        // What waits for the client's hours goes into a group of its own, and back.
        allow(queue.queueArn, 'sqs:SendMessage'),
        allow(deadLetters.queueArn, 'sqs:SendMessage'),
        ...(premises ? [allow(premises.tableArn, 'dynamodb:GetItem')] : []),
        ...(people ? [allow(people.queueArn, 'sqs:SendMessage')] : []),
      ],
    });
    // The operator's command asks before it relies on it.
    (sender.lambda.node.defaultChild as CfnResource).addMetadata('ezw:heeds', 'line-control');
    feed(sender, queue);
  }
}
