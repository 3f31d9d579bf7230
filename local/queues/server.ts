import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { accountId, region } from '../account.ts';
import { onlyFromHere } from '../callers.ts';
import type { Guard } from '../iam/guard.ts';
import { StartError } from '../start-error.ts';
import { SqsStore } from './fauxqs.ts';
import { answerAsAws, holdAgainst, onlySqs } from './hooks.ts';
import { Journal } from './journal.ts';
import { refusedQueue } from './limits.ts';
import { LocalQueue } from './queue.ts';

/** How many messages a queue holds, by what they are waiting for. */
export interface QueueDepth {
  ready: number;
  inFlight: number;
  delayed: number;
}

/** SQS on this machine. Its queues are kept in `<data>/queues.jsonl` when there is a data folder. */
export class QueueServer {
  readonly url: string;
  readonly #app: ReturnType<typeof buildApp>;
  readonly #store: SqsStore;
  readonly #journal: Journal | undefined;

  private constructor(app: ReturnType<typeof buildApp>, store: SqsStore, journal: Journal | undefined) {
    const { port } = app.server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    this.#app = app;
    this.#store = store;
    this.#journal = journal;
  }

  static async start(dataFolder?: string, guard?: Guard): Promise<QueueServer> {
    const journal = dataFolder === undefined ? undefined : new Journal(dataFolder);
    const store = new SqsStore();
    // buildApp makes the stores that are not given; its type asks for all three.
    const stores = { sqsStore: store } as NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
    const app = buildApp({ logger: false, defaultRegion: region, stores });
    onlyFromHere(app.server);
    onlySqs(app);
    if (guard) holdAgainst(app, guard);
    answerAsAws(app, store);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return new QueueServer(app, store, journal);
  }

  /**
   * Creates a queue with SQS attributes (all strings), and puts back what the journal holds for it. One that is there already
   * keeps its messages and gets these attributes, and no others. Throws a StartError for attributes that SQS refuses.
   */
  create(name: string, attributes: Record<string, string>): LocalQueue {
    const refused = refusedQueue(attributes);
    if (refused !== undefined) throw new StartError(`${name}: ${refused}`);
    const url = this.#store.buildQueueUrl(name, new URL(this.url).port, '', region);
    const queue = new LocalQueue(name, url, `arn:aws:sqs:${region}:${accountId}:${name}`, attributes);
    const known = this.#store.getQueueByName(name) as LocalQueue | undefined;
    if (known) {
      known.attributes = queue.attributes;
      return known;
    }
    if (this.#journal) this.#recover(queue, this.#journal);
    register(this.#store, queue);
    return queue;
  }

  find(arn: string): LocalQueue | undefined {
    return this.#store.getQueueByArn(arn) as LocalQueue | undefined;
  }

  /** What a receipt handle is of, as long as that is in the queue. */
  bodyOf(queueUrl: string, receiptHandle: string): string | undefined {
    return (this.#store.getQueue(queueUrl) as LocalQueue | undefined)?.bodyOf(receiptHandle);
  }

  /** Puts a message into a queue, as another service of AWS would. */
  send(arn: string, body: string, attributes: Readonly<Record<string, string>> = {}): void {
    const queue = this.find(arn);
    if (!queue) throw new Error(`There is no queue ${arn}.`);
    const typed = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]);
    queue.enqueue(SqsStore.createMessage(body, Object.fromEntries(typed)));
  }

  /** Takes up to `max` messages, waiting up to 20 s for the first one. Moves worn-out messages to their DLQ. */
  async receive(queue: LocalQueue, max: number): Promise<Received[]> {
    const take = () => queue.dequeue(max, undefined, (arn) => this.#store.getQueueByArn(arn));
    let messages = take();
    if (messages.length === 0) {
      await queue.waitForMessages(20);
      messages = take();
    }
    return messages.flatMap(({ ReceiptHandle }) => {
      const entry = queue.inflightMessages.get(ReceiptHandle);
      return entry ? [{ message: entry.message, receiptHandle: ReceiptHandle }] : [];
    });
  }

  depth(queue: LocalQueue): QueueDepth {
    queue.processTimers();
    return {
      ready: Number(queue.getAttribute('ApproximateNumberOfMessages')),
      inFlight: Number(queue.getAttribute('ApproximateNumberOfMessagesNotVisible')),
      delayed: Number(queue.getAttribute('ApproximateNumberOfMessagesDelayed')),
    };
  }

  async stop(): Promise<void> {
    // A receive that waits would be waited for.
    this.#store.shutdown();
    await this.#app.close();
    this.#journal?.close();
  }

  #recover(queue: LocalQueue, journal: Journal): void {
    for (const { queue: name, message } of journal.recovered.recent) {
      if (name !== queue.name || message.messageDeduplicationId === undefined) continue;
      const { messageDeduplicationId, messageId, sequenceNumber, sentTimestamp } = message;
      queue.recordDeduplication(messageDeduplicationId, messageId, sequenceNumber, sentTimestamp);
      queue.sequenceCounter = Math.max(queue.sequenceCounter, Number(message.sequenceNumber ?? 0));
    }
    for (const { queue: name, message } of journal.recovered.messages) {
      if (name !== queue.name) continue;
      queue.enqueue(message);
      queue.sequenceCounter = Math.max(queue.sequenceCounter, Number(message.sequenceNumber ?? 0));
    }
    queue.keep(journal);
  }
}

/** A message in flight. */
export interface Received {
  message: LocalQueue['messages'][number];
  receiptHandle: string;
}

/** The store only knows how to make queues of its own class; it looks them up in these three maps. */
function register(store: SqsStore, queue: LocalQueue): void {
  const maps = store as unknown as Record<'queues' | 'queuesByName' | 'queuesByArn', Map<string, LocalQueue>>;
  maps.queues.set(queue.url, queue);
  maps.queuesByName.set(queue.name, queue);
  maps.queuesByArn.set(queue.arn, queue);
}
