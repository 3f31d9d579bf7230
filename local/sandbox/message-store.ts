import { type Answer, acceptance, newSendIds, type SendIds } from './contract/answers.ts';
import type { Contract } from './contract/assumptions.ts';
import type { SendBody } from './message-schema.ts';

/** What a send brought along; `bytes` are compared under its key, `body` is the checked content. */
interface Send {
  /** Missing where the contract asks for none. */
  key: string | undefined;
  path: string;
  bytes: Buffer;
  body: SendBody;
  headers: Record<string, string>;
}

/** One accepted message, with its fields beside the exact request. `attempts` counts the first request and its replays. */
export type Message = SendBody & {
  id: string;
  key?: string;
  path: string;
  raw: string;
  headers: Record<string, string>;
  receivedAt: string;
  attempts: number;
};

/** A message with what is known of it beside the request. */
export interface Taken {
  message: Message;
  ids: SendIds;
  /** What its first request was answered. */
  answer: Answer;
}

export interface MessageStore {
  /** What this key made before of the same bytes, or else of others; undefined for a new key. */
  replay(send: Send): { isSame: boolean; taken: Taken } | undefined;
  add(send: Send): Taken;
  list(): readonly Message[];
  /** As if a day had passed since each key was used. */
  ageKeys(): void;
  clear(): void;
}

const DAY_MS = 86_400_000;

/** Messages and the memory of their idempotency keys, in order of arrival. A key is one line's, whatever the endpoint. */
export function createMessageStore(now: () => number, contract: () => Contract): MessageStore {
  interface Known {
    taken: Taken;
    bytes: Buffer;
    /** Epoch ms. */
    at: number;
  }
  let byKey = new Map<string, Known[]>();
  let messages: Message[] = [];

  const isKept = ({ at }: Known) => contract()['same-key'] !== 'again-after-24h' || now() - at < DAY_MS;

  return {
    replay: ({ key, bytes }) => {
      const known = key === undefined ? [] : (byKey.get(key) ?? []).filter(isKept);
      const same = known.find((one) => one.bytes.equals(bytes));
      if (same) same.taken.message.attempts += 1;
      const found = same ?? known[0];
      return found && { isSame: same !== undefined, taken: found.taken };
    },
    add: ({ key, path, bytes, body, headers }) => {
      const ids = newSendIds();
      const message: Message = {
        id: contract()['answer-id'] === 'whatsapp' ? ids.whatsapp : ids.queued,
        ...(key !== undefined && { key }),
        path,
        ...body,
        raw: bytes.toString('utf8'),
        headers,
        receivedAt: new Date(now()).toISOString(),
        attempts: 1,
      };
      const taken = { message, ids, answer: acceptance(contract(), ids) };
      messages.push(message);
      if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), { taken, bytes, at: now() }]);
      return taken;
    },
    list: () => messages,
    ageKeys: () => {
      for (const known of [...byKey.values()].flat()) known.at -= DAY_MS;
    },
    clear: () => {
      byKey = new Map();
      messages = [];
    },
  };
}
