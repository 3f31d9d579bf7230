import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { proofsPk } from '../../functions/shared/door/proofs-row.ts';
import { allow, allowRows, consume } from './allow.ts';
import type { DoorApi } from './door-api.ts';
import { feed } from './feed.ts';
import type { Parameter } from './parameter.ts';
import { QueuePair } from './queue-pair.ts';
import { RuntimeFunction } from './runtime-function.ts';

export interface TemplateFunctionProps {
  /** Name of the client. */
  readonly client: string;
  readonly description: string;
  readonly code: string;
  readonly config: LayerVersion;
  readonly door: DoorApi;
  readonly sourceSecrets: Parameter;
  /** Where its door notes whether its senders are proved. */
  readonly deliveries: Table;
  readonly sends: Queue;
  /** Where a client with a CRM has it told what an event's form says. */
  readonly crm?: Queue | undefined;
  /** Where a client with notifiers has people told what they have to see to. */
  readonly people?: Queue | undefined;
  readonly extras?: Extras | undefined;
}

/** What a template has beside the usual: what its function needs to use resources of its own. */
export interface Extras {
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly PolicyStatement[];
}

/**
 * One template in a stack: its work queue always, for a deployment that turns the template off must throw nothing away that
 * waits; and what `turnOn` adds for a client that has it.
 */
export class TemplateParts extends Construct {
  readonly work: QueuePair;
  readonly #name: string;

  /** @param name of the template: folder, route and short name */
  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    this.#name = name;
    this.work = new QueuePair(this, 'Work', {
      name: `${name}-work`,
      deadLetterName: `${name}-dlq`,
      consumer: name,
      // A failed look-up comes back every 15 minutes at most, so 200 deliveries outlast an outage of two days. What is still
      // useful then, or crashes the function for ten hours, ends in the dead letters.
      maxReceiveCount: 200,
      // Longer than that, shorter than the dead letters.
      retention: Duration.days(4),
    });
  }

  /** A door (`POST /<template>/{source}`, and an answer to all else that comes to it), and the function that is both door and worker. */
  turnOn(props: TemplateFunctionProps): IFunction {
    const { queue } = this.work;
    const worker = new RuntimeFunction(this, 'Worker', {
      name: this.#name,
      client: props.client,
      description: props.description,
      code: props.code,
      config: props.config,
      environment: {
        SOURCES_SECRET: props.sourceSecrets.name,
        DELIVERIES_TABLE: props.deliveries.tableName,
        WORK_QUEUE_URL: queue.queueUrl,
        SENDS_QUEUE_URL: props.sends.queueUrl,
        ...(props.crm && { CRM_SYNC_QUEUE_URL: props.crm.queueUrl }),
        ...(props.people && { ESCALATION_QUEUE_URL: props.people.queueUrl }),
        ...props.extras?.environment,
      },
      permissions: [
        props.sourceSecrets.mayRead,
        // Whatever comes to a door that anybody may call, it changes no row of what was told.
        allowRows(props.deliveries.tableArn, proofsPk(this.#name, ''), 'dynamodb:UpdateItem'),
        allow(queue.queueArn, 'sqs:SendMessage'),
        consume(queue.queueArn),
        allow(props.sends.queueArn, 'sqs:SendMessage'),
        ...(props.crm ? [allow(props.crm.queueArn, 'sqs:SendMessage')] : []),
        ...(props.people ? [allow(props.people.queueArn, 'sqs:SendMessage')] : []),
        ...(props.extras?.permissions ?? []),
      ],
    });
    // A burst of one client waits in its queue instead of taking the account's concurrency away from every client's doors.
    feed(worker, queue, { maxConcurrency: 5 });
    props.door.post(`/${this.#name}/{source}`, worker.lambda);
    props.door.rest(`/${this.#name}`, worker.lambda);
    return worker.lambda;
  }
}
