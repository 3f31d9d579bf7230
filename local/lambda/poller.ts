import type { LocalQueue } from '../queues/queue.ts';
import type { QueueServer, Received } from '../queues/server.ts';
import { inEvents, type Part, succeeded } from './batch.ts';
import { FunctionError } from './function-error.ts';
import type { LambdaPool } from './pool.ts';

export interface Mapping {
  queue: LocalQueue;
  pool: LambdaPool;
  batchSize: number;
  /** ReportBatchItemFailures; without it a function that returns has done the whole batch. */
  reportsFailures: boolean;
  /** Batches under way at once. */
  pollers: number;
}

/**
 * Seconds until a batch comes back whose process was killed or ran out of time, and its FIFO groups go on. AWS waits for the queue's
 * visibility timeout, often many minutes; here someone is watching.
 */
const COME_BACK_SECONDS = 5;

/** How messages come, other than as usual. */
export interface Ways {
  /** A batch whose process was killed waits as long as in AWS. */
  readonly awsVisibility?: boolean | undefined;
  /** What happens to a message on its way. */
  readonly chaos?: { onDelivery(queue: string, body: string): 'twice' | 'late' | undefined } | undefined;
}

/** An event-source mapping at work: receives, invokes, deletes what was done. A FIFO group is in one batch at a time. */
export class Poller {
  readonly #queues: QueueServer;
  readonly #mapping: Mapping;
  readonly #ways: Ways;
  readonly #again = new Set<string>();
  readonly #loops: Promise<void>[] = [];
  #stopped = false;

  constructor(queues: QueueServer, mapping: Mapping, ways: Ways = {}) {
    this.#queues = queues;
    this.#ways = ways;
    this.#mapping = mapping;
  }

  start(): void {
    for (let i = 0; i < this.#mapping.pollers; i += 1) this.#loops.push(this.#loop());
  }

  feeds(pool: LambdaPool): boolean {
    return this.#mapping.pool === pool;
  }

  /** Whether it does what this mapping says. */
  does({ queue, pool, batchSize, reportsFailures, pollers }: Mapping): boolean {
    const own = this.#mapping;
    const same = own.batchSize === batchSize && own.reportsFailures === reportsFailures && own.pollers === pollers;
    return same && own.queue === queue && own.pool === pool;
  }

  /** Takes no more batches. Resolves when none is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#mapping.queue.cancelWaiters();
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    const { queue, batchSize } = this.#mapping;
    while (!this.#stopped) {
      const batch = this.#inTime(await this.#queues.receive(queue, batchSize));
      if (batch.length > 0 && !this.#stopped) await this.#runAll(inEvents(batch, queue.arn));
      else comeBack(queue, batch, 0);
    }
  }

  /** Without what comes late; what comes twice is noted. In a FIFO queue there is neither. */
  #inTime(batch: Received[]): Received[] {
    const { queue } = this.#mapping;
    const { chaos } = this.#ways;
    if (!chaos || queue.isFifo()) return batch;
    return batch.filter(({ message, receiptHandle }) => {
      const fault = chaos.onDelivery(queue.name, message.body);
      if (fault === 'twice') this.#again.add(receiptHandle);
      if (fault === 'late') queue.changeVisibility(receiptHandle, COME_BACK_SECONDS);
      return fault !== 'late';
    });
  }

  /** What does not fit into one event is the next one's. What keeps an order goes back where something before it was not done. */
  async #runAll(parts: Part[]): Promise<void> {
    const { queue } = this.#mapping;
    for (const [place, part] of parts.entries()) {
      const isDone = await this.#run(part);
      if (isDone || !queue.isFifo()) continue;
      for (const { batch } of parts.slice(place + 1)) comeBack(queue, batch, 0);
      return;
    }
  }

  #done({ receiptHandle }: Received): void {
    const { queue } = this.#mapping;
    if (this.#again.delete(receiptHandle)) queue.changeVisibility(receiptHandle, 1);
    else queue.deleteMessage(receiptHandle);
  }

  /** Whether all of it was done. */
  async #run({ batch, event }: Part): Promise<boolean> {
    const { queue, pool, reportsFailures } = this.#mapping;
    try {
      const result = await pool.invoke(event);
      const done = reportsFailures ? succeeded(batch, result) : batch;
      for (const one of done) this.#done(one);
      return done.length === batch.length;
    } catch (error) {
      // What the handler itself refused waits for its visibility timeout, as in AWS.
      if (this.#ways.awsVisibility || !(error instanceof FunctionError) || error.kind === 'handler') return false;
      comeBack(queue, batch, COME_BACK_SECONDS);
      return false;
    }
  }
}

/** After no time they are there as if they had never come. */
const comeBack = (queue: LocalQueue, batch: Received[], seconds: number): void => {
  for (const { receiptHandle } of batch) queue.changeVisibility(receiptHandle, seconds);
};
