import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { durationMs } from '../shared/hours/duration.ts';
import { keyPart, sha256 } from '../shared/runtime/hashes.ts';
import { Table } from '../shared/runtime/table.ts';
import type { EscalationConfig } from './config.ts';

const HOUR_MS = 3600_000;
const KEEP_SECONDS = 30 * 24 * 3600;
/** A row may have 400 KB: so there is room for tens of thousands of messages, and a write costs little. */
const PARTS = 16;
const MAX_TRIES = 5;
const MAX_ID = 100;

/** When a message was written, and when it was told (ISO 8601); an earlier release did not note that. */
interface Told {
  readonly at: string;
  readonly receivedAt?: string | undefined;
}

/** For how long a message was on its way, in milliseconds. */
export const delayOf = ({ at, receivedAt }: Told): number =>
  receivedAt === undefined ? 0 : Date.parse(receivedAt) - Date.parse(at);

/** Whether a message is old news at its arrival: the vendor keeps what it could not deliver, and tells what stands on a phone that was linked anew. */
export const isReplayed = (told: Told, { lateAfter = 'P1D' }: Pick<EscalationConfig, 'lateAfter'>): boolean =>
  delayOf(told) > durationMs(lateAfter);

/**
 * For so long none must have come for a burst to be over, in milliseconds: longer than the queue needs to bring back what a killed worker
 * held. An earlier release did not say it.
 */
export const quietMs = ({ digestAfter = 'PT10M' }: Pick<EscalationConfig, 'digestAfter'>): number =>
  durationMs(digestAfter);

/** The burst that is open, or was last. */
interface Head {
  readonly burst: string;
  /** A hash of the id of the message that opened it. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly notBefore: number;
  readonly closedAt?: number;
  readonly previous?: string;
}

/** A message of a burst: no words, no name and no number of anybody. */
interface Entry {
  readonly conversation: string;
  /** False where no link leads to it. */
  readonly named: boolean;
  readonly at: string;
  /** Names of the rules that hold, with spaces between; none is the empty text. */
  readonly rules: string;
}

/** Entries by `m_` and a hash of the message's id. */
type Part = Readonly<Record<`m_${string}`, Entry>> & {
  readonly lastAt?: number;
  /** The digest has been made of it: what comes now is of another burst. */
  readonly told?: boolean;
};

/** A conversation of a burst, with the rules that hold for any of its messages. */
export interface ReplayedConversation {
  readonly conversationId: string | undefined;
  readonly rules: readonly string[];
}

/** What a digest tells. Times are ISO 8601. */
export interface Burst {
  readonly messages: number;
  readonly conversations: readonly ReplayedConversation[];
  readonly matching: number;
  readonly from: string;
  readonly to: string;
}

export interface ReplayedTools {
  readonly table: string;
  readonly lineId: string;
  readonly quietMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Messages that were told late, in the table `deliveries`, gathered to bursts of which each is told once.
 *
 *   none, closed ──add── open ──none for a while, or open for an hour; an hour after the one before──▶ closed, told
 *
 * A message stands in the row of its burst under a hash of its id, so adding it twice is as once; a burst that is told takes no more.
 */
export class Replayed {
  readonly #heads: Table<Head>;
  readonly #parts: Table<Part>;
  readonly #tools: ReplayedTools;

  constructor(tools: ReplayedTools) {
    this.#heads = new Table(tools.table);
    this.#parts = new Table(tools.table);
    this.#tools = tools;
  }

  /**
   * Puts a message into the burst that is open, or opens one.
   * @param attempt 2 or more where an earlier one may have got somewhere
   * @returns the burst, where its digest is still to be planned: by whoever opened it, or found it open for far too long
   */
  async add(item: MessageItem, rules: readonly string[], attempt: number): Promise<string | undefined> {
    const by = sha256(item.id).slice(0, 32);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const head = await this.#open(by, attempt);
      if (!head) return undefined;
      const { burst, openedAt } = head;
      if (await this.#put(burst, by, item, rules)) {
        return head.by === by || this.#tools.now() - openedAt > 3 * HOUR_MS ? burst : undefined;
      }
    }
    throw new Error('A burst was closed whenever a message was put into it.');
  }

  /** Undefined if the message stands in one that was told. */
  async #open(by: string, attempt: number): Promise<Head | undefined> {
    const { now } = this.#tools;
    const pk = this.#pk();
    const head = await this.#heads.read(pk);
    if (head && head.closedAt === undefined) {
      const isTold = attempt > 1 && head.previous !== undefined && (await this.#has(head.previous, by));
      return isTold ? undefined : head;
    }
    if (head && (await this.#has(head.burst, by))) return undefined;
    const burst = sha256(`${head?.burst} ${by}`).slice(0, 32);
    const notBefore = (head?.closedAt ?? 0) + HOUR_MS;
    const set = { burst, by, openedAt: now(), notBefore, previous: head?.burst, expiresAt: this.#expiry() };
    const seen = head?.burst ?? '';
    const condition = 'attribute_not_exists(#burst) OR (#burst = :seen AND attribute_exists(#closedAt))';
    const isMine = (row: Head): boolean => row.burst === burst;
    const change = { set, remove: ['closedAt'] };
    return (await this.#heads.updateAndRead(pk, change, { if: condition, values: { seen }, isMine })).row;
  }

  /** False where the burst was told before it could take it. */
  async #put(burst: string, by: string, item: MessageItem, rules: readonly string[]): Promise<boolean> {
    const { conversation, conversationId, at } = item;
    const name = `m_${by}` as const;
    const key = keyPart(conversation, MAX_ID);
    const entry: Entry = { conversation: key, named: conversationId === key, at, rules: rules.join(' ') };
    const set = { [name]: entry, lastAt: this.#tools.now(), expiresAt: this.#expiry() };
    return this.#parts.update(
      this.#partPk(burst, by),
      { set },
      {
        if: 'attribute_not_exists(#told)',
        isMine: (row) => row[name] !== undefined,
      },
    );
  }

  async #has(burst: string, by: string): Promise<boolean> {
    return (await this.#parts.read(this.#partPk(burst, by)))?.[`m_${by}`] !== undefined;
  }

  /** In how many milliseconds a burst may be over; 0 or less if it is. */
  async #left(head: Head): Promise<number> {
    const { now, quietMs } = this.#tools;
    const parts = await Promise.all(ALL_PARTS.map((part) => this.#parts.read(this.#pk(head.burst, part))));
    const lastAt = Math.max(head.openedAt, ...parts.map((row) => row?.lastAt ?? 0));
    return Math.max(head.notBefore, Math.min(lastAt + quietMs, head.openedAt + HOUR_MS)) - now();
  }

  /** Closes a burst and gives what it holds, however often it is asked; the milliseconds to wait while it is not over. */
  async close(burst: string): Promise<Burst | number> {
    const head = await this.#heads.read(this.#pk());
    if (head?.burst === burst && head.closedAt === undefined) {
      const left = await this.#left(head);
      if (left > 0) return left;
      const change = { set: { closedAt: this.#tools.now() } };
      const open = { if: '#burst = :burst AND attribute_not_exists(#closedAt)', values: { burst } };
      await this.#heads.update(this.#pk(), change, open);
    }
    const told = { set: { told: true, expiresAt: this.#expiry() } };
    const parts = await Promise.all(ALL_PARTS.map((part) => this.#parts.updateAndRead(this.#pk(burst, part), told)));
    return burstOf(parts.flatMap(({ row = {} }) => Object.entries(row).flatMap(([name, one]) => entryIn(name, one))));
  }

  #partPk(burst: string, by: string): string {
    return this.#pk(burst, Number.parseInt(by.slice(0, 4), 16) % PARTS);
  }

  #pk(...parts: readonly (string | number)[]): string {
    return ['replayed', this.#tools.lineId, ...parts].join('#');
  }

  #expiry(): number {
    return Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS;
  }
}

const ALL_PARTS = Array.from({ length: PARTS }, (_, part) => part);

const entryIn = (name: string, value: unknown): readonly Entry[] => (name.startsWith('m_') ? [value as Entry] : []);

/** The conversation of the latest message comes first. */
const burstOf = (entries: readonly Entry[]): Burst => {
  const sorted = [...entries].sort((a, b) => (a.at < b.at ? 1 : -1));
  const byConversation = new Map<string, ReplayedConversation>();
  for (const { conversation, named, rules } of sorted) {
    const before = byConversation.get(conversation);
    const all = new Set([...(before?.rules ?? []), ...rules.split(' ').filter(Boolean)]);
    const conversationId = before?.conversationId ?? (named ? conversation : undefined);
    byConversation.set(conversation, { conversationId, rules: [...all] });
  }
  return {
    messages: entries.length,
    conversations: [...byConversation.values()],
    matching: entries.filter(({ rules }) => rules !== '').length,
    from: sorted.at(-1)?.at ?? '',
    to: sorted[0]?.at ?? '',
  };
};
