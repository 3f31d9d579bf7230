import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { timeoutSeconds } from '../timeouts.ts';
import { named } from './named.ts';

export interface QueuePairProps {
  /** Short names of the queue and of its dead-letter queue. */
  readonly name: string;
  readonly deadLetterName: string;
  /** The function that consumes the queue. */
  readonly consumer: string;
  /** Deliveries before a message moves to the dead-letter queue; say why beside the number. */
  readonly maxReceiveCount: number;
  readonly retention: Duration;
  /** How long a received message is hidden; without it six times what the consumer may take, as Lambda advises. */
  readonly visibility?: Duration;
  readonly fifo?: true;
}

/** What every queue has. */
const COMMON: QueueProps = {
  // The service's own keys: a customer key would bill two KMS calls per message.
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
};

/** A queue for what waits for a person, for 14 days: that is the most. */
export const lettersQueue = (scope: Construct, id: string, name: string, more: QueueProps = {}): Queue =>
  named(new Queue(scope, id, { ...COMMON, ...more, retentionPeriod: Duration.days(14) }), name);

/** A queue and its dead-letter queue. */
export class QueuePair extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: QueuePairProps) {
    super(scope, id);
    const common: QueueProps = {
      ...COMMON,
      // Explicit ids carry the meaning; equal bodies are not the same message.
      ...(props.fifo ? { fifo: true, contentBasedDeduplication: false } : {}),
    };
    // A dead standard message keeps its age, so the dead-letter queue must remember longer than the queue.
    this.deadLetters = lettersQueue(this, 'DeadLetters', props.deadLetterName, common);
    this.queue = named(
      new Queue(this, 'Queue', {
        ...common,
        retentionPeriod: props.retention,
        // Lambda's own advice: a throttled batch is retried inside this time, so a shorter one delivers it twice.
        visibilityTimeout: props.visibility ?? Duration.seconds(timeoutSeconds(props.consumer) * 6),
        deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
      }),
      props.name,
    );
  }
}
