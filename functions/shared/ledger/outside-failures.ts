import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isPermanent, reasonOf, wordsOf } from '../runtime/errors.ts';
import { Table } from '../runtime/table.ts';

/** What an outside system fails with since it took something last. Times are epoch milliseconds. */
export interface OutsideFailure {
  readonly reason: string;
  /** In words, without secrets, addresses and numbers of people; empty where nobody said any. */
  readonly says: string;
  readonly failingSince: number;
  /** Of the last one that was noted. */
  readonly failedAt: number;
  /** How often since then, as far as that was noted. */
  readonly times: number;
  /** When it last refused for good, if it did: then reason and words are of that. */
  readonly refusedAt?: number;
}

/** An earlier release noted refusals alone. */
type Row = Partial<OutsideFailure>;
const FIELDS: readonly (keyof OutsideFailure)[] = ['reason', 'says', 'failingSince', 'failedAt', 'times', 'refusedAt'];

export interface OutsideFailuresTools {
  readonly table: string;
  /** Of its own, for a command. */
  readonly client?: DynamoDBClient;
  readonly lineId: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What fails in another way is noted so soon again. */
const NEWS_EVERY_MS = 60_000;
/** What goes on as it was. */
const SAME_EVERY_MS = 600_000;
/** Another container may have noted what is over. */
const LOOK_EVERY_MS = 10_000;

/** What this container knows of one. */
interface Known {
  /** As it was noted last; undefined while it takes what it is given. */
  reason?: string | undefined;
  notedAt: number;
  lookedAt: number;
  /** Failures that stand in no row. */
  times: number;
}

/**
 * Which outside systems of one kind fail, in the table `deliveries`, for whoever asks what is to be mended: a row for each. It is written when
 * one begins to fail, fails in another way or is well again, and of what goes on now and then; a call that is well costs a read now and then.
 */
export class OutsideFailures<Name extends string = string> {
  readonly #rows: Table<Row>;
  readonly #kind: string;
  readonly #tools: OutsideFailuresTools;
  readonly #known = new Map<Name, Known>();

  /** @param kind such as `notifier` */
  constructor(kind: string, tools: OutsideFailuresTools) {
    this.#rows = new Table(tools.table, tools.client);
    this.#kind = kind;
    this.#tools = tools;
  }

  async failed(name: Name, error: unknown): Promise<void> {
    const reason = reasonOf(error);
    // It was not asked at all.
    if (reason.endsWith('no_time_left')) return;
    const [known, now] = [this.#knownOf(name), this.#tools.now()];
    known.times += 1;
    if (now - known.notedAt < (reason === known.reason ? SAME_EVERY_MS : NEWS_EVERY_MS)) return;
    const { times } = known;
    Object.assign(known, { reason, notedAt: now, times: 0 } satisfies Partial<Known>);
    const refuses = isPermanent(error);
    const change = {
      set: { reason, says: wordsOf(error), failedAt: now, refusedAt: refuses ? now : undefined },
      once: { failingSince: now },
      add: { times },
    };
    // What is refused for good says more than what passes meanwhile.
    await this.#rows.update(this.#pk(name), change, refuses ? undefined : { if: 'attribute_not_exists(#refusedAt)' });
  }

  /** It took what it was given. */
  async taken(name: Name): Promise<void> {
    const [known, now] = [this.#knownOf(name), this.#tools.now()];
    const isMine = known.reason !== undefined;
    Object.assign(known, { reason: undefined, times: 0 } satisfies Partial<Known>);
    if (!isMine && now - known.lookedAt < LOOK_EVERY_MS) return;
    known.lookedAt = now;
    if (!isMine && (await this.failure(name)) === undefined) return;
    await this.#rows.update(this.#pk(name), { remove: FIELDS });
  }

  /** Undefined where the last that was heard of it is not a failure. A consistent read. */
  async failure(name: Name): Promise<OutsideFailure | undefined> {
    const {
      reason,
      says = '',
      failingSince,
      failedAt,
      times = 1,
      refusedAt,
    } = (await this.#rows.read(this.#pk(name))) ?? {};
    const since = failingSince ?? refusedAt;
    if (reason === undefined || since === undefined) return undefined;
    return {
      reason,
      says,
      failingSince: since,
      failedAt: failedAt ?? since,
      times,
      ...(refusedAt !== undefined && { refusedAt }),
    };
  }

  #knownOf(name: Name): Known {
    const known = this.#known.get(name) ?? {
      notedAt: Number.NEGATIVE_INFINITY,
      lookedAt: Number.NEGATIVE_INFINITY,
      times: 0,
    };
    this.#known.set(name, known);
    return known;
  }

  #pk(name: Name): string {
    return `${this.#kind}#${this.#tools.lineId}#${name}`;
  }
}
