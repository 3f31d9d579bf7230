import type { FunctionDefinition, LogLine } from './definition.ts';
import { FunctionError } from './function-error.ts';
import { type Invocation, LambdaProcess } from './process.ts';
import type { RuntimeApi } from './runtime-api.ts';

/** A process that loads another definition, while those of the old one go on. */
interface Candidate {
  process: LambdaProcess;
  definition: FunctionDefinition;
  settled(loads: boolean): void;
}

/**
 * The processes of one function. The first starts with the stack, unless it is lazy, more when there is work for them. Invocations run side
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
  #settled: ((loads: boolean) => void) | undefined;
  #candidate: Candidate | undefined;
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

  /** Loads the function once. Resolves when it is warm, or, to false, has failed to load: its log says why, as in AWS. */
  start(): Promise<boolean> {
    if (this.#definition.isLazy) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#settled = resolve;
      this.#spawn();
    });
  }

  /**
   * Runs another definition as soon as that is warm. What is under way ends on the old one, what waits then gets the new. Resolves
   * like `start`; if it fails to load, the old one goes on.
   */
  renew(definition: FunctionDefinition): Promise<boolean> {
    if (definition.isLazy && this.#processes.size === 0) {
      this.#definition = definition;
      return Promise.resolve(true);
    }
    return new Promise((settled) => {
      this.#candidate = { process: this.#launch(definition), definition, settled };
    });
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
    this.#candidate?.process.kill();
    this.#settled?.(false);
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
    const process = this.#launch(this.#definition);
    this.#processes.add(process);
    this.#starting.add(process);
  }

  #launch(definition: FunctionDefinition): LambdaProcess {
    return new LambdaProcess(definition, this.#runtimeApi, {
      idle: (ready) => {
        if (this.#leaving.has(ready)) {
          ready.kill();
          return;
        }
        if (ready === this.#candidate?.process) this.#takeCandidate(this.#candidate);
        this.#starting.delete(ready);
        this.#settled?.(true);
        this.#idle.push(ready);
        this.#dispatch();
      },
      gone: (dead, ready) => this.#replace(dead, ready),
      line: (line) => this.#log({ function: definition.name, line }),
    });
  }

  #takeCandidate({ process, definition, settled }: Candidate): void {
    this.#candidate = undefined;
    this.#definition = definition;
    this.#dismiss();
    this.#processes.add(process);
    settled(true);
  }

  #replace(dead: LambdaProcess, ready: boolean): void {
    if (this.#leaving.delete(dead)) return;
    if (dead === this.#candidate?.process) {
      this.#candidate.settled(false);
      this.#candidate = undefined;
      return;
    }
    this.#processes.delete(dead);
    this.#starting.delete(dead);
    const place = this.#idle.indexOf(dead);
    if (place >= 0) this.#idle.splice(place, 1);
    this.#settled?.(false);
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
