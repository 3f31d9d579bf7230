import type { FunctionDefinition, LogLine } from './definition.ts';
import { FunctionError } from './function-error.ts';
import { type Invocation, LambdaProcess } from './process.ts';
import type { RuntimeApi } from './runtime-api.ts';

/**
 * The processes of one function. The first starts with the stack, more when there is work for them. Invocations run side
 * by side; those without a free process wait, first come first.
 */
export class LambdaPool {
  #definition: FunctionDefinition;
  readonly #runtimeApi: RuntimeApi;
  readonly #log: (line: LogLine) => void;
  readonly #reserved = new Map<string, number>();
  readonly #processes = new Set<LambdaProcess>();
  readonly #starting = new Set<LambdaProcess>();
  readonly #idle: LambdaProcess[] = [];
  /** Not ours any more: they end, after what they are doing. */
  readonly #leaving = new Set<LambdaProcess>();
  readonly #queue: Invocation[] = [];
  #settled: (() => void) | undefined;
  #stopped = false;

  constructor(definition: FunctionDefinition, runtimeApi: RuntimeApi, log: (line: LogLine) => void) {
    this.#definition = definition;
    this.#runtimeApi = runtimeApi;
    this.#log = log;
  }

  get pids(): number[] {
    return [...this.#processes, ...this.#leaving].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Lets the pool grow by this many processes for one purpose, so that a slow queue never takes a door's processes. */
  reserve(purpose: string, processes: number): void {
    this.#reserved.set(purpose, processes);
  }

  /** Loads the function once. Resolves when it is warm, or has failed to load: its log says why, as in AWS. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#settled = resolve;
      this.#spawn();
    });
  }

  /**
   * Runs another definition from now on. What is under way ends on the old one, what waits gets the new. Resolves like `start`.
   */
  renew(definition: FunctionDefinition): Promise<void> {
    this.#definition = definition;
    this.#dismiss();
    return this.start();
  }

  /**
   * Runs one event (JSON) and returns the result (JSON). Throws a FunctionError. `onStart` is called when a process is
   * free for it.
   */
  invoke(event: string, onStart: () => void = () => {}): Promise<string> {
    if (this.#stopped) return Promise.reject(new FunctionError('crash', 'Stopping.'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ event, onStart, resolve, reject });
      this.#dispatch();
    });
  }

  /** Takes no more events, and ends what is under way in its time. */
  retire(): void {
    this.#stopped = true;
    this.#dismiss();
    this.#settled?.();
    for (const invocation of this.#queue.splice(0)) invocation.reject(new FunctionError('crash', 'Stopping.'));
  }

  /** Ends every process at once; what they were doing fails as a crash. */
  stop(): void {
    this.retire();
    for (const process of this.#leaving) process.kill();
  }

  /** No process gets another event; those without one end at once. */
  #dismiss(): void {
    for (const process of this.#processes) {
      this.#leaving.add(process);
      if (this.#starting.has(process) || this.#idle.includes(process)) process.kill();
    }
    this.#processes.clear();
    this.#starting.clear();
    this.#idle.length = 0;
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const process = this.#idle.shift();
      if (process === undefined) break;
      const invocation = this.#queue.shift();
      if (invocation) process.run(invocation);
    }
    const size = [...this.#reserved.values()].reduce((sum, processes) => sum + processes, 0);
    const wanted = Math.min(this.#queue.length - this.#starting.size, size - this.#processes.size);
    for (let i = 0; i < wanted; i += 1) this.#spawn();
  }

  #spawn(): void {
    if (this.#stopped) return;
    const process = new LambdaProcess(this.#definition, this.#runtimeApi, {
      idle: (ready) => {
        if (this.#leaving.has(ready)) {
          ready.kill();
          return;
        }
        this.#starting.delete(ready);
        this.#settled?.();
        this.#idle.push(ready);
        this.#dispatch();
      },
      gone: (dead, ready) => this.#replace(dead, ready),
      line: (line) => this.#log({ function: this.#definition.name, line }),
    });
    this.#processes.add(process);
    this.#starting.add(process);
  }

  #replace(dead: LambdaProcess, ready: boolean): void {
    if (this.#leaving.delete(dead)) return;
    this.#processes.delete(dead);
    this.#starting.delete(dead);
    const place = this.#idle.indexOf(dead);
    if (place >= 0) this.#idle.splice(place, 1);
    this.#settled?.();
    if (ready) {
      this.#spawn();
      return;
    }
    // It cannot load. Whoever waits is told, instead of starting it over and over.
    if (this.#processes.size > 0) return;
    const error = new FunctionError('init', `${this.#definition.name} does not load; its log says why.`);
    for (const invocation of this.#queue.splice(0)) invocation.reject(error);
  }
}
