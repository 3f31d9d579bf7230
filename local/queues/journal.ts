import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SqsMessage } from './fauxqs.ts';

/** SQS FIFO queues forget a deduplication id after five minutes. */
const deduplicationMs = 5 * 60 * 1000;

/** One line of the journal. `put` is a send, or the move of a message to another queue (same message id). */
type Entry =
  | { put: SqsMessage; queue: string }
  | { received: string[] }
  | { deleted: string[] }
  /** A message that is gone, but whose deduplication id still counts. Written by compaction alone. */
  | { sent: SqsMessage; queue: string };

/** What was in the queues when the journal was last written, oldest first. In-flight messages are visible again. */
export interface Recovered {
  messages: { queue: string; message: SqsMessage }[];
  /** Recent sends whose deduplication ids must still be refused, deleted ones included. */
  recent: { queue: string; message: SqsMessage }[];
}

/**
 * Append-only file that makes the in-memory queues durable: an entry is handed to the kernel before the caller answers,
 * so a killed local stack loses nothing that it acknowledged. Compacted each time it is opened.
 */
export class Journal {
  readonly recovered: Recovered;
  readonly #file: number;

  constructor(folder: string) {
    const path = join(folder, 'queues.jsonl');
    this.recovered = existsSync(path) ? replay(readFileSync(path, 'utf8')) : { messages: [], recent: [] };
    const compacted = `${path}.new`;
    this.#file = openSync(compacted, 'w');
    for (const { queue, message } of this.recovered.recent) this.#append({ sent: message, queue });
    for (const { queue, message } of this.recovered.messages) this.#append({ put: message, queue });
    fsyncSync(this.#file);
    renameSync(compacted, path);
  }

  put(queue: string, message: SqsMessage): void {
    this.#append({ put: message, queue });
  }

  received(messageIds: string[]): void {
    this.#append({ received: messageIds });
  }

  deleted(messageIds: string[]): void {
    this.#append({ deleted: messageIds });
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }
}

function replay(text: string): Recovered {
  const messages = new Map<string, { queue: string; message: SqsMessage }>();
  const recent = new Map<string, { queue: string; message: SqsMessage }>();
  const lines = text.split('\n');
  // The last piece is empty, or a line cut short by a kill: nobody was told that it is stored.
  lines.pop();
  for (const line of lines) {
    const entry = JSON.parse(line) as Entry;
    if ('put' in entry) {
      // Deleted first, so that a moved message takes its place at the end.
      messages.delete(entry.put.messageId);
      messages.set(entry.put.messageId, { queue: entry.queue, message: entry.put });
      if (!recent.has(entry.put.messageId)) recent.set(entry.put.messageId, { queue: entry.queue, message: entry.put });
    } else if ('sent' in entry) {
      recent.set(entry.sent.messageId, { queue: entry.queue, message: entry.sent });
    } else if ('received' in entry) {
      for (const id of entry.received) {
        const known = messages.get(id);
        if (known) known.message.approximateReceiveCount += 1;
      }
    } else {
      for (const id of entry.deleted) messages.delete(id);
    }
  }
  const since = Date.now() - deduplicationMs;
  return {
    messages: [...messages.values()],
    recent: [...recent.values()].filter(
      ({ message }) => message.messageDeduplicationId !== undefined && message.sentTimestamp > since,
    ),
  };
}
