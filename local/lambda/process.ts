import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FunctionDefinition } from './definition.ts';
import { FunctionError } from './function-error.ts';
import { answerTooLarge } from './limits.ts';
import type { RuntimeApi } from './runtime-api.ts';

/** An event on its way through one process. Settled exactly once. */
export interface Invocation {
  /** JSON of the event. */
  event: string;
  onStart(): void;
  resolve(result: string): void;
  reject(error: FunctionError): void;
}

export interface ProcessEvents {
  /** Ready for (another) invocation. */
  idle(process: LambdaProcess): void;
  /** Gone for good. `ready` is false when it never got through its initialisation. */
  gone(process: LambdaProcess, ready: boolean): void;
  line(line: string): void;
}

const bootstrap = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));

/**
 * Lambda freezes a process between two invocations: its timers and sockets stand still. Here only where that is asked for.
 */
const freezes = (): boolean => Boolean(process.env.EZW_FREEZE);

/** Lambda gives a function ten seconds to load. */
const initSeconds = 10;

/** One execution environment: a child process that handles one invocation at a time. */
export class LambdaProcess {
  readonly #id = randomUUID();
  readonly #definition: FunctionDefinition;
  readonly #runtimeApi: RuntimeApi;
  readonly #events: ProcessEvents;
  /** What it writes to /tmp no other process finds. */
  readonly #tmp: string;
  readonly #child: ChildProcess;
  #ready = false;
  #waiting: ServerResponse | undefined;
  #invocation: (Invocation & { requestId: string }) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #cause: FunctionError | undefined;
  #over = false;

  constructor(definition: FunctionDefinition, runtimeApi: RuntimeApi, events: ProcessEvents) {
    this.#definition = definition;
    this.#tmp = mkdtempSync(join(definition.scratch ?? tmpdir(), 'tmp-'));
    this.#runtimeApi = runtimeApi;
    this.#events = events;
    const api = runtimeApi.register(this.#id, {
      next: (response) => this.#next(response),
      succeeded: (requestId, result) => this.#settle(requestId, (invocation) => this.#answer(invocation, result)),
      failed: (requestId, error) =>
        this.#settle(requestId, (invocation) => invocation.reject(new FunctionError('handler', summary(error)))),
      initFailed: (error) => {
        this.#cause = new FunctionError('init', summary(error));
      },
    });
    // Where the deployed one is at hand, functions run on that, whatever runs the stack.
    this.#child = spawn(process.env.EZW_FUNCTION_NODE || process.execPath, [bootstrap], {
      cwd: definition.folder,
      env: { ...definition.environment, PATH: process.env.PATH, TMPDIR: this.#tmp, AWS_LAMBDA_RUNTIME_API: api },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => events.line(line));
    }
    this.#child.on('error', (error) => this.#gone(error.message));
    this.#child.on('exit', (code, signal) => this.#gone(`The process ended with ${signal ?? `exit code ${code}`}.`));
    this.#killAfter(initSeconds, 'init');
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Only for a process that said it is idle. */
  run(invocation: Invocation): void {
    const { timeoutSeconds, arn } = this.#definition;
    const requestId = randomUUID();
    this.#invocation = { ...invocation, requestId };
    invocation.onStart();
    this.#killAfter(timeoutSeconds, 'timeout');
    if (freezes()) this.#runtimeApi.standstill.goOn(this.pid);
    this.#waiting?.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': Date.now() + timeoutSeconds * 1000,
      'lambda-runtime-invoked-function-arn': arn,
    });
    this.#waiting?.end(invocation.event);
    this.#waiting = undefined;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #next(response: ServerResponse): void {
    this.#ready = true;
    clearTimeout(this.#timer);
    this.#waiting = response;
    // Noticed sooner than its exit, so that no event is given to a process that was just killed.
    response.once('close', () => this.#waiting === response && this.#gone('The process hung up.'));
    if (freezes()) this.#runtimeApi.standstill.stop(this.pid);
    this.#events.idle(this);
  }

  #answer(invocation: Invocation, result: string): void {
    const problem = answerTooLarge(result);
    if (problem === undefined) {
      invocation.resolve(result);
      return;
    }
    this.#events.line(problem);
    invocation.reject(new FunctionError('handler', problem));
  }

  #settle(requestId: string, settle: (invocation: Invocation) => void): void {
    if (this.#invocation?.requestId !== requestId) return;
    const invocation = this.#invocation;
    this.#invocation = undefined;
    clearTimeout(this.#timer);
    settle(invocation);
  }

  #killAfter(seconds: number, kind: 'init' | 'timeout'): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = kind === 'init' ? 'Loading timed out' : 'Task timed out';
      this.#cause = new FunctionError(kind, `${message} after ${seconds.toFixed(2)} seconds`);
      this.#events.line(this.#cause.message);
      this.kill();
    }, seconds * 1000);
  }

  #gone(how: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#runtimeApi.forget(this.#id);
    this.#runtimeApi.standstill.forget(this.pid);
    rmSync(this.#tmp, { recursive: true, force: true });
    this.#invocation?.reject(this.#cause ?? new FunctionError(this.#ready ? 'crash' : 'init', how));
    this.#invocation = undefined;
    this.#events.gone(this, this.#ready);
  }
}

/** What a process reports about an error, as one line. */
function summary(report: string): string {
  const { errorType, errorMessage } = JSON.parse(report) as { errorType: string; errorMessage: string };
  return `${errorType}: ${errorMessage}`;
}
