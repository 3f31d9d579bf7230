import { randomUUID } from 'node:crypto';
import { type InflightEntry, type ReceivedMessage, type SqsMessage, SqsQueue } from './fauxqs.ts';
import type { Journal } from './journal.ts';
import { invalid, MAX_VISIBILITY_SECONDS, type Refused } from './limits.ts';

type FindQueue = (arn: string) => SqsQueue | undefined;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html */
const DEDUPLICATION_MS = 5 * 60_000;
/** Of each message; what is older is not told from one of a message that is gone. */
const KEPT_HANDLES = 10;
/** As handles are made here. */
const HANDLE = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * What a receipt handle is good for: `held` is a message in flight; `back` can be received again, and this was its last handle;
 * `outdated` was received again since; `gone` is deleted, moved or dropped.
 */
type Standing = 'held' | 'back' | 'outdated' | 'gone';

/**
 * A fauxqs queue that also keeps a journal, drops what is older than its retention period, hands out up to ten
 * messages of one FIFO group at once, in order, as SQS does (fauxqs hands out one), and knows what an old receipt handle is good for.
 */
export class LocalQueue extends SqsQueue {
  #journal: Journal | undefined;
  readonly #handles = new WeakMap<SqsMessage, readonly string[]>();
  readonly #receivedAt = new WeakMap<InflightEntry, number>();
  /** fauxqs forgets all but the last 10,000. */
  readonly #deduplicated = new Map<string, { at: number; messageId: string; sequenceNumber: string | undefined }>();

  /** From here on everything is written down. Called after recovery, which must not be written a second time. */
  keep(journal: Journal): void {
    this.#journal = journal;
  }

  override enqueue(message: SqsMessage): void {
    this.#journal?.put(this.name, message);
    super.enqueue(message);
  }

  override dequeue(maxCount: number, visibilityTimeout?: number, findQueue?: FindQueue): ReceivedMessage[] {
    const received = this.#dequeueInOrder(maxCount, visibilityTimeout, findQueue);
    if (received.length > 0) this.#journal?.received(received.map((message) => message.MessageId));
    return received;
  }

  override checkDeduplication(id: string): ReturnType<SqsQueue['checkDeduplication']> {
    const known = this.#deduplicated.get(id);
    if (!known || known.at <= Date.now() - DEDUPLICATION_MS) return { isDuplicate: false };
    const { messageId, sequenceNumber } = known;
    return {
      isDuplicate: true,
      originalMessageId: messageId,
      ...(sequenceNumber !== undefined && { originalSequenceNumber: sequenceNumber }),
    };
  }

  /** @param at when it was sent */
  override recordDeduplication(id: string, messageId: string, sequenceNumber?: string, at: number = Date.now()): void {
    for (const [old, known] of this.#deduplicated) {
      if (known.at > at - DEDUPLICATION_MS) break;
      this.#deduplicated.delete(old);
    }
    this.#deduplicated.set(id, { at, messageId, sequenceNumber });
  }

  /**
   * Why SQS does not delete by a handle. A standard queue deletes by the last one also when its time is over, a FIFO queue does not:
   * https://repost.aws/knowledge-center/sqs-receipt-handle-error
   */
  refusedDelete(receiptHandle: string): Refused | undefined {
    return this.#refusedHandle(receiptHandle, this.#standingOf(receiptHandle));
  }

  /** Why SQS does not change for how long a message is hidden. Of a standard queue one that is back stays so, without a word. */
  refusedVisibility(receiptHandle: string, seconds: number): Refused | undefined {
    if (!(seconds >= 0 && seconds <= MAX_VISIBILITY_SECONDS))
      return refusedValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${MAX_VISIBILITY_SECONDS}.`);
    const standing = this.#standingOf(receiptHandle);
    const refused = this.#refusedHandle(receiptHandle, standing);
    if (refused) return refused;
    if (standing === 'gone') {
      const reason = 'Message does not exist or is not available for visibility timeout change.';
      return refusedValue(receiptHandle, 'ReceiptHandle', reason);
    }
    const entry = this.inflightMessages.get(receiptHandle);
    const since = entry && this.#receivedAt.get(entry);
    // As some time has always passed since the receipt, the whole is refused as well.
    if (since === undefined || Date.now() - since + seconds * 1000 < MAX_VISIBILITY_SECONDS * 1000) return undefined;
    const limit = `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_SECONDS} seconds]`;
    return refusedValue(seconds, 'VisibilityTimeout', limit);
  }

  /** The body of the message that a handle is of, held or not. */
  bodyOf(receiptHandle: string): string | undefined {
    const { ready, inflight } = this.inspectMessages();
    const all = [...inflight.map(({ message }) => message), ...ready];
    return all.find((message) => this.#handles.get(message)?.includes(receiptHandle))?.body;
  }

  override deleteMessage(receiptHandle: string): boolean {
    const standing = this.#standingOf(receiptHandle);
    if (standing === 'back' && !this.isFifo()) {
      const at = this.messages.findIndex((message) => this.#handles.get(message)?.at(-1) === receiptHandle);
      const [message] = this.messages.splice(at, 1);
      if (message) this.#journal?.deleted([message.messageId]);
      return message !== undefined;
    }
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
    const lines = this.isFifo() ? this.fifoMessages : [['', this.messages] as const];
    for (const [groupId, group] of lines) {
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
    if (!deadLetters) return false;
    // Of a FIFO queue its retention begins anew, of a standard one it goes on:
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
    const anew = { sequenceNumber: deadLetters.nextSequenceNumber(), sentTimestamp: Date.now() };
    deadLetters.enqueue({ ...message, ...(this.isFifo() && anew) });
    return true;
  }

  #handOut(message: SqsMessage, groupId: string, visibilitySeconds: number): ReceivedMessage {
    const receiptHandle = randomUUID();
    const visibilityDeadline = Date.now() + visibilitySeconds * 1000;
    const entry = { message, receiptHandle, visibilityDeadline };
    this.inflightMessages.set(receiptHandle, entry);
    this.#receivedAt.set(entry, Date.now());
    this.#handles.set(message, [...(this.#handles.get(message) ?? []), receiptHandle].slice(-KEPT_HANDLES));
    if (this.isFifo()) this.fifoLockedGroups.set(groupId, (this.fifoLockedGroups.get(groupId) ?? 0) + 1);
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

  #standingOf(receiptHandle: string): Standing {
    this.processTimers();
    if (this.inflightMessages.has(receiptHandle)) return 'held';
    const { ready, inflight } = this.inspectMessages();
    const handlesOf = (message: SqsMessage) => this.#handles.get(message) ?? [];
    if (inflight.some(({ message }) => handlesOf(message).includes(receiptHandle))) return 'outdated';
    const found = ready.map(handlesOf).find((handles) => handles.includes(receiptHandle));
    if (found === undefined) return 'gone';
    return found.at(-1) === receiptHandle ? 'back' : 'outdated';
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-api-errors.html */
  #refusedHandle(receiptHandle: string, standing: Standing): Refused | undefined {
    if (!HANDLE.test(receiptHandle)) {
      const message = `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`;
      return { code: 'ReceiptHandleIsInvalid', message };
    }
    if (!this.isFifo() || standing === 'held' || standing === 'gone') return undefined;
    return refusedValue(receiptHandle, 'ReceiptHandle', 'The receipt handle has expired.');
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

const refusedValue = (value: unknown, field: string, reason: string): Refused => ({
  code: 'InvalidParameterValue',
  message: invalid(value, field, reason),
});
