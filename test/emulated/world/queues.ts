import type { SQSRecord } from 'aws-lambda';

interface Waiting {
  readonly id: string;
  readonly body: string;
  readonly reason: string | undefined;
  readonly group: string | undefined;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
  /** Of the last receive; undefined while nobody ever had it. */
  handle?: string;
}

export interface Said {
  readonly delaySeconds?: number | undefined;
  readonly reason?: string | undefined;
  readonly group?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

/** What SQS forgets of a deduplication id. */
const DEDUPLICATED_MS = 5 * 60_000;

/**
 * A queue of SQS in memory, as far as the functions can see it: what is received is hidden for a time, a FIFO group has no more than one
 * batch in hand, a copy under one deduplication id is dropped for five minutes, and what was received too often goes to the dead letters.
 */
export class MemoryQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly #now: () => number;
  readonly #deadLetters: (arn: string) => MemoryQueue | undefined;
  readonly #seen = new Map<string, number>();
  #messages: Waiting[] = [];
  #next = 0;

  constructor(
    name: string,
    attributes: Readonly<Record<string, string>>,
    now: () => number,
    deadLetters: (arn: string) => MemoryQueue | undefined,
  ) {
    this.name = name;
    this.url = `https://sqs.example/${name}`;
    this.arn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
    this.attributes = attributes;
    this.#now = now;
    this.#deadLetters = deadLetters;
  }

  send(body: string, { delaySeconds = 0, reason, group, deduplicationId }: Said = {}): void {
    const now = this.#now();
    if (deduplicationId !== undefined) {
      if (now - (this.#seen.get(deduplicationId) ?? Number.NEGATIVE_INFINITY) < DEDUPLICATED_MS) return;
      this.#seen.set(deduplicationId, now);
    }
    this.#next += 1;
    const visibleAt = now + delaySeconds * 1000;
    this.#messages.push({
      id: `${this.name}-${this.#next}`,
      body,
      reason,
      group,
      sentAt: now,
      visibleAt,
      receives: 0,
    });
  }

  /** When something can be received next, epoch milliseconds. */
  get dueAt(): number {
    return Math.min(...this.#heads().map(({ visibleAt }) => visibleAt));
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** What waits, with the reason of one that was set aside. */
  get waiting(): readonly Pick<Waiting, 'body' | 'reason' | 'receives'>[] {
    return this.#messages;
  }

  /** @param most of a batch @param random gives 0 ≤ n < 1: a standard queue has no order @param many of one without an order too */
  receive(most: number, random: () => number, many = false): SQSRecord[] {
    const now = this.#now();
    const due = this.#heads().filter(({ visibleAt }) => visibleAt <= now);
    const first = due[Math.floor(random() * due.length)];
    if (!first) return [];
    const others = many ? due.filter((one) => one !== first && one.group === undefined) : [];
    const alone = [first, ...others.slice(0, Math.floor(random() * Math.min(most, 4)))];
    const batch = first.group === undefined ? alone : this.#behind(first, now).slice(0, most);
    return batch.filter((message) => !this.#isDead(message)).map((message) => this.#handOut(message, now));
  }

  remove(handles: readonly string[]): void {
    this.#messages = this.#messages.filter(({ handle }) => handle === undefined || !handles.includes(handle));
  }

  hide(handles: readonly string[], seconds: number): void {
    for (const message of this.#messages) {
      if (message.handle !== undefined && handles.includes(message.handle))
        message.visibleAt = this.#now() + seconds * 1000;
    }
  }

  /** Brings one once more, also while the first is in hand or done. */
  again(handle: string, seconds: number): void {
    const message = this.#messages.find((one) => one.handle === handle);
    if (!message) return;
    const { handle: _, ...copy } = message;
    this.#messages.push({ ...copy, visibleAt: this.#now() + seconds * 1000 });
  }

  clear(): void {
    this.#messages = [];
    this.#next = 0;
    this.#seen.clear();
  }

  /** What may be received when its time comes: of a group the first alone, and nothing while one of it is in hand. */
  #heads(): readonly Waiting[] {
    const groups = new Map<string, Waiting>();
    for (const message of this.#messages) {
      if (message.group === undefined) continue;
      const known = groups.get(message.group);
      if (known === undefined || (message.handle !== undefined && message.visibleAt > known.visibleAt))
        groups.set(message.group, message);
    }
    return [...this.#messages.filter(({ group }) => group === undefined), ...groups.values()];
  }

  #behind({ group }: Waiting, now: number): readonly Waiting[] {
    return this.#messages.filter((one) => one.group === group && one.visibleAt <= now);
  }

  #isDead(message: Waiting): boolean {
    const { maxReceiveCount, deadLetterTargetArn } = JSON.parse(this.attributes.RedrivePolicy ?? '{}') as {
      maxReceiveCount?: number;
      deadLetterTargetArn?: string;
    };
    if (maxReceiveCount === undefined || message.receives < maxReceiveCount) return false;
    this.#messages = this.#messages.filter((one) => one !== message);
    this.#deadLetters(deadLetterTargetArn ?? '')?.send(message.body, {
      reason: 'received_too_often',
      group: message.group,
    });
    return true;
  }

  #handOut(message: Waiting, now: number): SQSRecord {
    message.receives += 1;
    message.handle = `${message.id}#${message.receives}`;
    message.visibleAt = now + Number(this.attributes.VisibilityTimeout ?? 30) * 1000;
    return {
      messageId: message.id,
      receiptHandle: message.handle,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receives),
        SentTimestamp: String(message.sentAt),
        SenderId: 'world',
        ApproximateFirstReceiveTimestamp: String(now),
        ...(message.group !== undefined && { MessageGroupId: message.group }),
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: this.arn,
      awsRegion: 'us-east-1',
    };
  }
}
