import { type Check, foundBy, type Sight, unknown } from '../cli/doctor/check.ts';
import { Failed } from '../cli/terminal/errors.ts';
import { inTurn } from '../functions/shared/runtime/in-turn.ts';
import type { Log } from '../functions/shared/runtime/log.ts';
import { causesIn, type Looked } from './causes.ts';
import { decide, goneOf, toldIn } from './decide.ts';
import { dueOf, openPairs } from './due.ts';
import type { Known, Memory } from './memory.ts';
import { type Message, messagesOf } from './words.ts';

/** A stack to look at. */
export interface Watched {
  readonly client: string;
  /** Of one on this machine its address. */
  readonly url?: string;
  /** What the checks see of it. */
  readonly open: () => Promise<Sight>;
}

export interface WatcherTools {
  readonly checks: readonly Check[];
  /** All that stand now. */
  readonly stacks: () => Promise<readonly Watched[]>;
  readonly memory: Memory;
  readonly tell: (message: Message) => Promise<void>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newOwner: () => string;
  /** Resolves after so many milliseconds. */
  readonly late: (ms: number) => Promise<void>;
}

/** What a run came to. */
export interface Run {
  readonly clients: number;
  readonly looks: number;
  readonly told: number;
  /** Another one was under way. */
  readonly skipped?: true;
}

const AT_ONCE = 10;
/** The function has 240 s: what is not looked at by then is not known. */
const ALL_MS = 180_000;
const ONE_MS = 60_000;
const LEASE_MS = 240_000;
const EVERY_MS = 300_000;
/** Its multiples come near none of before. */
const GOLDEN = 0.618;

/** Each run begins with another client: where there is no time for all, it is not missing for the same ones again. */
const turned = <T>(all: readonly T[], at: number): readonly T[] => {
  const first = Math.floor((((at / EVERY_MS) * GOLDEN) % 1) * all.length);
  return [...all.slice(first), ...all.slice(0, first)];
};

const tooLate = (): never => {
  throw new Failed('it took too long');
};

/** Looks at all clients' stacks, and tells people what changed. */
export class Watcher {
  readonly #tools: WatcherTools;

  constructor(tools: WatcherTools) {
    this.#tools = tools;
  }

  /**
   * @param at epoch milliseconds, when it was to be: what stands and for how long is counted by it
   * @param isWhole whether all is looked at, also what is looked at less often
   */
  async run(at: number, isWhole = false): Promise<Run> {
    const { memory, newOwner, now, log } = this.#tools;
    const owner = newOwner();
    const began = now();
    if (!(await memory.begin(owner, began, LEASE_MS))) {
      log('warn', { event: 'watch', outcome: 'skipped' });
      return { clients: 0, looks: 0, told: 0, skipped: true };
    }
    let lookedAt: number | undefined;
    try {
      const run = await this.#look(at, began, isWhole);
      lookedAt = now();
      log('info', { event: 'watch', records: run.clients, queued: run.told, ms: now() - began });
      return run;
    } finally {
      await memory.end(owner, lookedAt);
    }
  }

  async #look(at: number, began: number, isWhole: boolean): Promise<Run> {
    const { stacks, memory, checks } = this.#tools;
    const [all, before] = await Promise.all([stacks(), memory.all()]);
    const open = openPairs(before.causes);
    const found = await inTurn(turned(all, at), AT_ONCE, (one) =>
      this.#lookAt(one, dueOf(checks, one.client, isWhole ? 'all' : open, at), began),
    );
    const told = await this.#tell(before, found, new Set(all.map(({ client }) => client)), at);
    return { clients: all.length, looks: found.flatMap((one) => one.checks).length, told };
  }

  /** One client keeps no other waiting: what it does not answer in its time is not known. */
  async #lookAt({ client, url, open }: Watched, due: readonly Check[], began: number): Promise<Looked> {
    const { late, now } = this.#tools;
    const limit = Math.min(ONE_MS, began + ALL_MS - now());
    const over = late(Math.max(0, limit)).then(tooLate);
    // Nobody may be waiting for it any more.
    over.catch(() => undefined);
    const sight = open();
    sight.catch(() => undefined);
    const look = async (check: Check) => foundBy(check, await sight);
    const each = due.map(async (check) => ({
      check,
      findings: await Promise.race([look(check), over]).catch((error: unknown) => [unknown(check, error)]),
    }));
    return { client, url, checks: await Promise.all(each) };
  }

  /** Told before it is remembered as told: whoever dies in between tells it once more. */
  async #tell(before: Known, found: readonly Looked[], clients: ReadonlySet<string>, at: number): Promise<number> {
    const { memory, tell, now } = this.#tools;
    const { tellings, kept, forgotten } = decide(before.causes, causesIn(found, toldIn(before.causes)), clients, at);
    const gone = (before.clients ?? []).filter((client) => !clients.has(client));
    for (const row of kept) await memory.keep(row, now());
    for (const key of forgotten) await memory.forget(key, now());
    const messages = messagesOf([...tellings, ...gone.map((client) => goneOf(client, at))]);
    const failed: unknown[] = [];
    const untold = new Set(gone);
    for (const message of messages) {
      try {
        await tell(message);
        for (const { kind, row } of message.tellings) {
          await memory.keep(row, now());
          if (kind === 'gone') for (const client of row.clients) untold.delete(client);
        }
      } catch (error) {
        failed.push(error);
      }
    }
    // Whose end nobody was told of is not forgotten, whatever else was told.
    await memory.know([...clients, ...untold]);
    // The next run tells it, and the alarm on this function tells that it cannot.
    if (failed.length > 0) throw failed[0];
    return messages.length;
  }
}
