import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Router } from './gateway/router.ts';
import type { FunctionDefinition } from './lambda/definition.ts';
import { Poller } from './lambda/poller.ts';
import type { LambdaPool } from './lambda/pool.ts';
import { createAll } from './resources/create-all.ts';
import { type Ground, newWorkshop, type Workshop } from './resources/resource.ts';
import { type Rate, RuleCalls } from './rule-calls.ts';
import type { Assembly } from './template/assembly.ts';

/** What another assembly made different. Functions by their short names. */
export interface Change {
  /** Functions that are new, or run something else now. */
  functions: string[];
  /** Functions whose new code does not load, so that the code of before goes on. */
  kept: string[];
  /** Functions that do not load, and did not before. */
  broken: string[];
  gone: string[];
  /** Queues that are new, or have other attributes. */
  queues: string[];
  /** New routes, such as `POST /<template>/{source}`. */
  doors: string[];
}

interface Running {
  definition: FunctionDefinition;
  fingerprint: string;
  pool: LambdaPool;
  /** Where its layers are. */
  scratch: string;
  /** Otherwise it is tried again with each assembly, changed or not. */
  loads: boolean;
}

/** What an assembly makes of the servers: routes, functions, mappings. Takes another one while it works. */
export class Works {
  /** What rules called. */
  readonly calls: RuleCalls;
  readonly #ground: Ground;
  readonly #newPool: (definition: FunctionDefinition) => LambdaPool;
  readonly #pools = new Set<LambdaPool>();
  readonly #ended: Promise<void>[] = [];
  #running = new Map<string, Running>();
  #pollers: Poller[] = [];
  #made: Workshop | undefined;
  /** Folders of assemblies from which a function still runs, each with that assembly's layers. */
  readonly #scratches = new Set<string>();
  #stopped = false;

  constructor(ground: Ground, newPool: (definition: FunctionDefinition) => LambdaPool) {
    this.#ground = ground;
    this.calls = new RuleCalls(ground.guard);
    this.#newPool = newPool;
  }

  /** What was made of the assembly; only after the first was taken. */
  get made(): Workshop {
    if (this.#made === undefined) throw new Error('Nothing was made yet.');
    return this.#made;
  }

  /** Undefined before the first assembly was taken. */
  get router(): Router | undefined {
    return this.#made?.router;
  }

  get doors(): string[] {
    return this.router?.doors ?? [];
  }

  /** Folders that processes are started from. */
  get folders(): string[] {
    return [...this.#running.values()].map(({ definition }) => definition.folder);
  }

  /**
   * Builds what the assembly says beside what is there, then goes over to it. What is in tables, queues, secrets and the
   * scheduler stays, and every invocation ends on the code on which it began. What an assembly that cannot be built changed before
   * its error stays: see `rehearse`. Resolves when every function is warm, or has failed to load.
   */
  async take(assembly: Assembly): Promise<Change> {
    const running = new Map<string, Running>();
    // Processes of functions that stay the same read the layers of before.
    const scratch = mkdtempSync(join(this.#ground.scratch, 'assembly-'));
    this.#scratches.add(scratch);
    const workshop = newWorkshop({ ...this.#ground, scratch }, assembly, (definition, fingerprint) => {
      const pool = this.#running.get(definition.arn)?.pool ?? this.#newPool(definition);
      running.set(definition.arn, { definition, fingerprint, pool, scratch, loads: false });
      return pool;
    });
    const queues = this.#queueAttributes();
    await createAll(workshop);
    // What would start now would never be ended.
    if (this.#stopped) throw new Error('Stopping.');
    this.#ground.scheduler.everyDay(workshop.daily);
    this.#ground.scheduler.every(
      workshop.rates.map((rate) => ({ everyMs: rate.everyMs, call: (at) => this.#call(rate, at) })),
    );
    const change = await this.#goOver(workshop, running);
    this.#tidy();
    const other = Object.entries(this.#queueAttributes()).filter(([name, attributes]) => queues[name] !== attributes);
    return { ...change, queues: other.map(([name]) => name).sort() };
  }

  /** Nobody waits for it: what came of it is counted, and the function's log says more. */
  #call(rate: Rate, at: number): void {
    this.calls.call(rate, at).catch(() => {});
  }

  #queueAttributes(): Record<string, string> {
    const { queueList = [] } = this.#made ?? {};
    return Object.fromEntries(queueList.map(({ name, queue }) => [name, JSON.stringify(queue.attributes)]));
  }

  async #goOver(workshop: Workshop, running: Map<string, Running>): Promise<Omit<Change, 'queues'>> {
    const [doors, before, pollers] = [this.doors, this.#running, this.#pollers];
    this.#ground.guard.take(workshop.access);
    this.#made = workshop;
    this.#running = running;
    const isAsked = (poller: Poller) => workshop.mappings.some((mapping) => poller.does(mapping));
    for (const poller of pollers) if (!isAsked(poller)) this.#ended.push(poller.stop());
    const begun = workshop.mappings
      .filter((mapping) => !pollers.some((poller) => poller.does(mapping)))
      .map((mapping) => new Poller(this.#ground.queues, mapping, this.#ground));
    this.#pollers = [...pollers.filter(isAsked), ...begun];

    const gone = [...before].filter(([arn]) => !running.has(arn)).map(([, one]) => one);
    for (const { pool } of gone) pool.retire();
    for (const { pool } of running.values()) this.#pools.add(pool);
    const changed = [...running].filter(([arn, { fingerprint }]) => {
      const known = before.get(arn);
      return !known?.loads || known.fingerprint !== fingerprint;
    });
    // What is the same, and what does not load, keeps its folder, which is the one its next processes start from.
    for (const [arn, one] of before) if (running.has(arn)) running.set(arn, one);
    // A feed begins when its own function is ready, whatever another one waits for.
    const begin = (pool: LambdaPool) => {
      for (const poller of begun) if (poller.feeds(pool)) poller.start();
    };
    const isChanged = new Set(changed.map(([, { pool }]) => pool));
    for (const { pool } of running.values()) if (!isChanged.has(pool)) begin(pool);
    const tried = await Promise.all(
      changed.map(async ([arn, one]) => {
        const { pool, definition } = one;
        const loads = await (before.has(arn) ? pool.renew(definition) : pool.start());
        if (loads) running.set(arn, { ...one, loads });
        begin(pool);
        return { name: definition.name, loads, goesOn: !loads && before.get(arn)?.loads };
      }),
    );
    const names = (some: typeof tried) => some.map(({ name }) => name).sort();
    return {
      functions: names(tried.filter(({ loads }) => loads)),
      kept: names(tried.filter(({ goesOn }) => goesOn)),
      broken: names(tried.filter(({ loads, goesOn }) => !loads && !goesOn)),
      gone: gone.map(({ definition }) => definition.name).sort(),
      doors: workshop.router.doors.filter((door) => !doors.includes(door)),
    };
  }

  #tidy(): void {
    const used = new Set([...this.#running.values()].map(({ scratch }) => scratch));
    for (const scratch of this.#scratches) {
      if (used.has(scratch)) continue;
      rmSync(scratch, { recursive: true, force: true });
      this.#scratches.delete(scratch);
    }
  }

  /** Ends every process at once, and resolves when no batch is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const pool of this.#pools) pool.stop();
    await Promise.all([...this.#ended, ...this.#pollers.map((poller) => poller.stop())]);
  }
}
