import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ANYWHERE, allow, consume } from './allow.ts';
import type { Contacts } from './contacts.ts';
import { DeliveriesTable } from './deliveries-table.ts';
import type { DoorApi } from './door-api.ts';
import { feed } from './feed.ts';
import { LEDGER_INDEXES } from './ledger-table.ts';
import { type Parameter, parameter } from './parameter.ts';
import { lettersQueue, QueuePair } from './queue-pair.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { Sender } from './sender.ts';

export interface InboundProps {
  /** Folder of a function's bundle, by its name. */
  readonly code: (name: string) => string;
  readonly config: LayerVersion;
  readonly door: DoorApi;
  readonly sender: Sender;
  readonly contacts: Contacts;
  /** The SES identities that escalation may send mail from. */
  readonly mailIdentities: readonly string[];
  /** How many CRMs the client has. */
  readonly crms: number;
}

/** What EZWhatsApp tells us: its door, and two consumers that do not hold each other back. */
export class Inbound extends Construct {
  readonly deliveries: Table;
  private readonly client: string;
  private readonly crmSyncPair: QueuePair;
  private readonly escalationPair: QueuePair;
  private readonly unread: Queue;

  constructor(scope: Construct, id: string, { client }: { readonly client: string }) {
    super(scope, id);
    this.client = client;
    this.deliveries = new DeliveriesTable(this, 'Deliveries').table;
    this.crmSyncPair = this.queue('crm-sync');
    this.escalationPair = this.queue('escalation');
    // Deliveries that could not be read, for a person. It has no queue of which it takes the dead: nothing reads it by itself.
    // Each as large as SQS takes, and no smaller where a default should be.
    this.unread = lettersQueue(this, 'Unread', 'webhook-dlq', { maxMessageSizeBytes: 1024 * 1024 });
    Validations.of(this.unread).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself a queue of letters for a person: nothing consumes it, so nothing in it can fail.',
    });
  }

  /** What the CRM is told goes here. */
  get crmQueue(): Queue {
    return this.crmSyncPair.queue;
  }

  /** What people have to see to goes here: the sender has such things too, whose queue and ledger these functions need. */
  get escalationQueue(): Queue {
    return this.escalationPair.queue;
  }

  /** Its functions. Gives the one function with a door in every stack. */
  open(props: InboundProps): IFunction {
    const { client, crmSyncPair, escalationPair, deliveries } = this;
    const token = parameter(this, client, 'webhook-token');
    const receiver = this.makeReceiver(props, deliveries, token, crmSyncPair, escalationPair);
    this.crmSync(props, deliveries, parameter(this, client, 'crm'), crmSyncPair);
    this.escalation(props, deliveries, parameter(this, client, 'notifiers'), escalationPair);
    return receiver;
  }

  private queue(name: string): QueuePair {
    return new QueuePair(this, `${name}-queue`, {
      name,
      deadLetterName: `${name}-dlq`,
      consumer: name,
      // A CRM that is down brings an item back every 15 minutes at most: 300 deliveries are three days.
      maxReceiveCount: 300,
      retention: Duration.days(7),
    });
  }

  private makeReceiver(
    props: InboundProps,
    deliveries: Table,
    token: Parameter,
    crmSync: QueuePair,
    escalation: QueuePair,
  ): IFunction {
    const receiver = new RuntimeFunction(this, 'Receiver', {
      name: 'webhook-receiver',
      client: this.client,
      description: 'Takes what EZWhatsApp tells and queues it',
      code: props.code('webhook-receiver'),
      config: props.config,
      environment: {
        WEBHOOK_TOKEN_SECRET: token.name,
        DELIVERIES_TABLE: deliveries.tableName,
        CRM_SYNC_QUEUE_URL: crmSync.queue.queueUrl,
        ESCALATION_QUEUE_URL: escalation.queue.queueUrl,
        UNREAD_QUEUE_URL: this.unread.queueUrl,
      },
      permissions: [
        token.mayRead,
        allow(deliveries.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem'),
        allow(crmSync.queue.queueArn, 'sqs:SendMessage'),
        allow(escalation.queue.queueArn, 'sqs:SendMessage'),
        allow(this.unread.queueArn, 'sqs:SendMessage'),
      ],
    });
    props.door.post('/ezw/webhook/{token}', receiver.lambda);
    props.door.rest('/ezw/webhook', receiver.lambda);
    return receiver.lambda;
  }

  private crmSync(props: InboundProps, deliveries: Table, crm: Parameter, { queue, deadLetters }: QueuePair): void {
    const { ledger } = props.sender;
    const { table: contacts, salt } = props.contacts;
    const worker = new RuntimeFunction(this, 'CrmSync', {
      name: 'crm-sync',
      client: this.client,
      description: 'Brings the ledger and the CRM up to date with what EZWhatsApp tells',
      code: props.code('crm-sync'),
      config: props.config,
      environment: {
        CRM_SECRET: crm.name,
        CONTACT_SALT_SECRET: salt.name,
        DELIVERIES_TABLE: deliveries.tableName,
        CONTACTS_TABLE: contacts.tableName,
        SENDS_TABLE: ledger.tableName,
        CRM_SYNC_QUEUE_URL: queue.queueUrl,
        CRM_SYNC_DLQ_URL: deadLetters.queueUrl,
        ESCALATION_QUEUE_URL: this.escalationQueue.queueUrl,
      },
      permissions: [
        crm.mayRead,
        salt.mayRead,
        allow(deliveries.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        allow(contacts.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        allow(ledger.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        ...LEDGER_INDEXES.map((index) => allow(`${ledger.tableArn}/index/${index}`, 'dynamodb:Query')),
        consume(queue.queueArn),
        // Each of several CRMs has messages of its own there.
        ...(props.crms > 1 ? [allow(queue.queueArn, 'sqs:SendMessage')] : []),
        allow(deadLetters.queueArn, 'sqs:SendMessage'),
        // What people have to see to: a send that did not arrive, a stop that the CRM does not show.
        allow(this.escalationQueue.queueArn, 'sqs:SendMessage'),
      ],
    });
    // CRMs count requests: ten items at a time are enough for any conversation.
    feed(worker, queue, { maxConcurrency: 2 });
  }

  private escalation(
    props: InboundProps,
    deliveries: Table,
    notifiers: Parameter,
    { queue, deadLetters }: QueuePair,
  ): void {
    const { ledger, sends } = props.sender;
    const { table: contacts, salt } = props.contacts;
    const worker = new RuntimeFunction(this, 'Escalation', {
      name: 'escalation',
      client: this.client,
      description: 'Wakes the right people for messages that cannot wait',
      code: props.code('escalation'),
      config: props.config,
      environment: {
        NOTIFIERS_SECRET: notifiers.name,
        CONTACT_SALT_SECRET: salt.name,
        DELIVERIES_TABLE: deliveries.tableName,
        CONTACTS_TABLE: contacts.tableName,
        SENDS_TABLE: ledger.tableName,
        ESCALATION_QUEUE_URL: queue.queueUrl,
        ESCALATION_DLQ_URL: deadLetters.queueUrl,
        SENDS_QUEUE_URL: sends.queue.queueUrl,
      },
      permissions: [
        notifiers.mayRead,
        salt.mayRead,
        allow(deliveries.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        allow(contacts.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        // A stop that the table of people does not take is kept there.
        allow(ledger.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        ...LEDGER_INDEXES.map((index) => allow(`${ledger.tableArn}/index/${index}`, 'dynamodb:Query')),
        allow(queue.queueArn, 'sqs:SendMessage'),
        consume(queue.queueArn),
        allow(deadLetters.queueArn, 'sqs:SendMessage'),
        allow(sends.queue.queueArn, 'sqs:SendMessage'),
        ...props.mailIdentities.map((identity) => this.mail(identity)),
      ],
    });
    // Without a limit of its own Lambda asks an idle queue two times at once and not five, and EZWhatsApp's doors let in no more than it can bear.
    feed(worker, queue);
  }

  private mail(identity: string): PolicyStatement {
    return allow(
      Stack.of(this).formatArn({ ...ANYWHERE, service: 'ses', resource: 'identity', resourceName: identity }),
      'ses:SendEmail',
    );
  }
}
