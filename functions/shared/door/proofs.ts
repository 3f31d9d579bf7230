import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AWS_CLIENT, bounded } from '../runtime/aws.ts';
import { reasonOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { Table } from '../runtime/table.ts';
import { type ProofsRow, proofsPk } from './proofs-row.ts';

/** What was shown was there and wrong; a request that shows nothing is a scanner's, or a page's. */
const WRONG = new Set(['signature_mismatch', 'secret_mismatch']);
export const isWrongProof = (error: unknown): boolean =>
  error instanceof Error && error.name === 'Unauthorized' && WRONG.has(reasonOf(error));

/** Whoever floods a door with wrong proofs causes so few writes. */
const REFUSED_EVERY_MS = 60_000;
const GOOD_EVERY_MS = 600_000;
/** The event is stored, and its sender waits for the answer. */
export const NOTE_MS = 300;

/** Tried once: what is lost is noted with the next, and what is counted twice harms nobody. */
const brief = bounded(new DynamoDBClient({ ...AWS_CLIENT, maxAttempts: 1 }), NOTE_MS);

export interface ProofsTools {
  /** Absent for moments of a deployment, in which new code has the environment of before: nothing is noted then. */
  readonly table: string | undefined;
  readonly template: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly client?: DynamoDBClient;
}

/** What this container knows of one source. */
interface Known {
  /** Wrong ones that stand in no row, and the first and last of them. */
  refused: number;
  firstAt: number;
  lastAt: number;
  /** When a wrong one was written, for a good one to take back; 0 where there is none. */
  notedAt: number;
  goodAt: number;
}

const unknown = (): Known => ({ refused: 0, firstAt: 0, lastAt: 0, notedAt: 0, goodAt: Number.NEGATIVE_INFINITY });

/**
 * Notes for whoever looks whether a source's proofs are good or refused in a row, as after a secret was changed at one end alone. Never
 * throws; an answer waits for it a third of a second at most, and nearly always not at all.
 */
export class Proofs {
  readonly #rows: Table<ProofsRow> | undefined;
  readonly #tools: ProofsTools;
  readonly #known = new Map<string, Known>();
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(tools: ProofsTools) {
    this.#rows = tools.table === undefined ? undefined : new Table(tools.table, tools.client ?? brief);
    this.#tools = tools;
  }

  async good(source: string): Promise<void> {
    const [known, now] = [this.#knownOf(source), this.#tools.now()];
    known.refused = 0;
    if (known.notedAt === 0 && now - known.goodAt < GOOD_EVERY_MS) return;
    Object.assign(known, { notedAt: 0, goodAt: now } satisfies Partial<Known>);
    await this.#write(source, { set: { goodAt: now }, remove: ['refused', 'firstAt', 'lastAt'] });
  }

  /** One write a minute for all sources together: of those with something to note, the one that waits longest. */
  async refused(source: string): Promise<void> {
    const [known, now] = [this.#knownOf(source), this.#tools.now()];
    if (known.refused === 0) known.firstAt = now;
    known.refused += 1;
    known.lastAt = now;
    if (now - this.#refusedAt < REFUSED_EVERY_MS) return;
    this.#refusedAt = now;
    const waiting = [...this.#known].filter(([, one]) => one.refused > 0);
    const [next] = waiting.sort(([, one], [, other]) => one.firstAt - other.firstAt);
    if (!next) return;
    const [name, { refused, firstAt, lastAt }] = next;
    Object.assign(next[1], { refused: 0, notedAt: now } satisfies Partial<Known>);
    await this.#write(name, { set: { lastAt }, once: { firstAt }, add: { refused } });
  }

  async #write(source: string, change: Parameters<Table<ProofsRow>['update']>[1]): Promise<void> {
    const { template, log } = this.#tools;
    try {
      await this.#rows?.update(proofsPk(template, source), change);
    } catch (error) {
      log('warn', { event: 'proofs', template, source, outcome: 'not_noted', reason: reasonOf(error) });
    }
  }

  #knownOf(source: string): Known {
    const known = this.#known.get(source) ?? unknown();
    this.#known.set(source, known);
    return known;
  }
}
