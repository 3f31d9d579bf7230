import { randomUUID } from 'node:crypto';
import { type ReceivedMessage, type SqsMessage, SqsQueue } from './fauxqs.ts';
import type { Journal } from './journal.ts';

type FindQueue = (arn: string) => SqsQueue | undefined;

/**
 * A fauxqs queue that also keeps a journal, drops what is older than its retention period, and hands out up to ten
 * messages of one FIFO group at once, in order, as SQS does (fauxqs hands out one).
 */
export class LocalQueue extends SqsQueue {
  #journal: Journal | undefined;

  /** From here on everything is written down. Called after recovery, which must not be written a second time. */
  keep(journal: Journal): void {
    this.#journal = journal;
  }

  override enqueue(message: SqsMessage): void {
    this.#journal?.put(this.name, message);
    super.enqueue(message);
  }

  override dequeue(maxCount: number, visibilityTimeout?: number, findQueue?: FindQueue): ReceivedMessage[] {
    const received = this.isFifo()
      ? this.#dequeueInOrder(maxCount, visibilityTimeout, findQueue)
      : super.dequeue(maxCount, visibilityTimeout, findQueue);
    if (received.length > 0) this.#journal?.received(received.map((message) => message.MessageId));
    return received;
  }

  override deleteMessage(receiptHandle: string): boolean {
    const id = this.inflightMessages.get(receiptHandle)?.message.messageId;
    if (id !== undefined) this.#journal?.deleted([id]);
    return super.deleteMessage(receiptHandle);
  }

  override purge(): void {
    const { ready, delayed, inflight } = this.inspectMessages();
    const all = [...ready, ...delayed, ...inflight.map((entry) => entry.message)];
    this.#journal?.deleted(all.map((message) => message.messageId));
    super.purge();
  }

  override changeVisibility(receiptHandle: string, timeoutSeconds: number): void {
    super.changeVisibility(receiptHandle, timeoutSeconds);
    if (timeoutSeconds === 0) this.#restoreOrder();
  }

  override processTimers(): void {
    const inFlight = this.inflightMessages.size;
    this.#dropExpired();
    super.processTimers();
    // fauxqs puts each returning message first in its group, which turns a batch of several round.
    if (this.inflightMessages.size < inFlight) this.#restoreOrder();
  }

  #dequeueInOrder(maxCount: number, visibilityTimeout?: number, findQueue?: FindQueue): ReceivedMessage[] {
    this.processTimers();
    const seconds = visibilityTimeout ?? Number(this.attributes.VisibilityTimeout);
    const received: ReceivedMessage[] = [];
    for (const [groupId, group] of this.fifoMessages) {
      if (this.fifoLockedGroups.has(groupId)) continue;
      while (received.length < maxCount) {
        const message = group.shift();
        if (message === undefined) break;
        message.approximateReceiveCount += 1;
        message.approximateFirstReceiveTimestamp ??= Date.now();
        if (!this.#moveToDeadLetters(message, findQueue)) received.push(this.#handOut(message, groupId, seconds));
      }
      if (group.length === 0) this.fifoMessages.delete(groupId);
      if (received.length === maxCount) break;
    }
    return received;
  }

  #moveToDeadLetters(message: SqsMessage, findQueue?: FindQueue): boolean {
    const policy = JSON.parse(this.attributes.RedrivePolicy ?? '{}') as {
      deadLetterTargetArn?: string;
      maxReceiveCount?: number;
    };
    if (message.approximateReceiveCount <= (policy.maxReceiveCount ?? Number.POSITIVE_INFINITY)) return false;
    const deadLetters = findQueue?.(policy.deadLetterTargetArn ?? '');
    deadLetters?.enqueue({ ...message, sequenceNumber: deadLetters.nextSequenceNumber() });
    return deadLetters !== undefined;
  }

  #handOut(message: SqsMessage, groupId: string, visibilitySeconds: number): ReceivedMessage {
    const receiptHandle = randomUUID();
    const visibilityDeadline = Date.now() + visibilitySeconds * 1000;
    this.inflightMessages.set(receiptHandle, { message, receiptHandle, visibilityDeadline });
    this.fifoLockedGroups.set(groupId, (this.fifoLockedGroups.get(groupId) ?? 0) + 1);
    const received: ReceivedMessage = {
      MessageId: message.messageId,
      ReceiptHandle: receiptHandle,
      MD5OfBody: message.md5OfBody,
      Body: message.body,
    };
    if (message.md5OfMessageAttributes) received.MD5OfMessageAttributes = message.md5OfMessageAttributes;
    if (Object.keys(message.messageAttributes).length > 0) received.MessageAttributes = message.messageAttributes;
    return received;
  }

  #restoreOrder(): void {
    for (const group of this.fifoMessages.values()) {
      group.sort((a, b) => ((a.sequenceNumber ?? '') < (b.sequenceNumber ?? '') ? -1 : 1));
    }
  }

  /** Looks at the oldest message alone: the rest is younger, or gets its turn when it comes first. */
  #dropExpired(): void {
    const before = Date.now() - Number(this.attributes.MessageRetentionPeriod) * 1000;
    for (const line of [this.messages, ...this.fifoMessages.values()]) {
      for (let oldest = line[0]; oldest && oldest.sentTimestamp < before; oldest = line[0]) {
        line.shift();
        this.#journal?.deleted([oldest.messageId]);
      }
    }
  }
}
