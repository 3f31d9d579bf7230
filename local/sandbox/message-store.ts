import { randomUUID } from 'node:crypto';
import type { SendBody } from './message-schema.ts';

/** What a send brought along; `bytes` are compared under its key, `body` is the checked content. */
interface Send {
  key: string;
  path: string;
  bytes: Buffer;
  body: SendBody;
  headers: Record<string, string>;
}

/** One accepted message, with its fields beside the exact request. `attempts` counts the first request and its replays. */
export type Message = SendBody & {
  id: string;
  key: string;
  path: string;
  raw: string;
  headers: Record<string, string>;
  receivedAt: string;
  attempts: number;
};

export interface MessageStore {
  /** The message this key already made, `'conflict'` when it made a different one, undefined for a new key. */
  replay(send: Send): Message | 'conflict' | undefined;
  add(send: Send): Message;
  /** Calls back after each new message, not for replays. */
  onAdd(listener: (message: Message) => void): void;
  list(): readonly Message[];
  clear(): void;
}

/** Messages and the memory of their idempotency keys, in order of arrival. A key is one line's, whatever the endpoint. */
export function createMessageStore(now: () => number): MessageStore {
  const byKey = new Map<string, { message: Message; bytes: Buffer }>();
  const listeners: ((message: Message) => void)[] = [];
  return {
    replay: (send) => {
      const known = byKey.get(send.key);
      if (known === undefined) return undefined;
      if (!known.bytes.equals(send.bytes)) return 'conflict';
      known.message.attempts += 1;
      return known.message;
    },
    add: ({ key, path, bytes, body, headers }) => {
      const message: Message = {
        id: `att_${randomUUID()}`,
        key,
        path,
        ...body,
        raw: bytes.toString('utf8'),
        headers,
        receivedAt: new Date(now()).toISOString(),
        attempts: 1,
      };
      byKey.set(key, { message, bytes });
      for (const listener of listeners) listener(message);
      return message;
    },
    onAdd: (listener) => {
      listeners.push(listener);
    },
    list: () => [...byKey.values()].map((known) => known.message),
    clear: () => byKey.clear(),
  };
}
