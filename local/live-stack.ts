import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalStack, type LocalStackOptions, startLocalStack } from './stack.ts';
import { StartAnew, StartError } from './start-error.ts';
import { synthesise } from './synth.ts';
import type { Change } from './works.ts';

/** What stands in for outside systems, and what their secrets are here. */
const READ_AT_START = /\/stand-in(\.ts|\/.*)$|\/demo-secret\.json$/;

/** A client's stack, from its files; made anew from them while it runs. Says on the console what it does. */
export class LiveStack {
  readonly #root: string;
  readonly #options: Omit<LocalStackOptions, 'assembly'>;
  /** Of rebuilds; deleted when nothing is started from them any more. */
  readonly #folders = new Set<string>();
  #stack: LocalStack | undefined;
  /** Of what was taken last. */
  #assembly: string | undefined;
  /** A start or rebuild, as long as it lasts; never rejects. */
  #work: Promise<unknown> | undefined;
  /** Between two stacks, of which the second may not start. */
  #isDown = false;
  #isStopped = false;

  constructor(root: string, options: Omit<LocalStackOptions, 'assembly'>) {
    this.#root = root;
    this.#options = options;
  }

  start(signal: AbortSignal): Promise<LocalStack> {
    const starting = this.#start(signal);
    this.#work = starting.catch(() => {});
    return starting;
  }

  async #start(signal: AbortSignal): Promise<LocalStack> {
    const { client } = this.#options;
    console.log(`Synthesising Ezw-${client} …`);
    const assembly = await synthesise(client, this.#root, 'cdk.out', signal);
    console.log('Starting tables, queues, secrets and functions …');
    return this.#startFrom(assembly);
  }

  async #startFrom(assembly: string, ports: { port?: number; sandboxPort?: number } = {}): Promise<LocalStack> {
    this.#stack = await startLocalStack({ ...this.#options, ...ports, assembly });
    this.#assembly = assembly;
    return this.#stack;
  }

  /** Goes over to what the files say now. What cannot be built is said in full, and leaves what runs alone. */
  rebuild(files: string[], signal: AbortSignal): Promise<void> {
    const rebuilding = this.#rebuild(files, signal);
    this.#work = rebuilding;
    return rebuilding;
  }

  async #rebuild(files: string[], signal: AbortSignal): Promise<void> {
    const began = Date.now();
    console.log(`${named(files)} changed: rebuilding …`);
    const outdir = mkdtempSync(join(tmpdir(), 'ezw-rebuilt-'));
    this.#folders.add(outdir);
    try {
      await synthesise(this.#options.client, this.#root, outdir, signal);
      const done = await this.#goOver(outdir);
      console.log(`Rebuilt in ${((Date.now() - began) / 1000).toFixed(1)} s: ${done}`);
      const unread = files.filter((file) => READ_AT_START.test(file));
      if (unread.length > 0) console.log(`${named(unread)}: read at the start alone. Stop and start again to have it.`);
    } catch (error) {
      if (this.#isStopped || (signal.aborted && !this.#isDown)) return;
      console.error(error instanceof StartError ? error.message : error);
      if (this.#isDown) {
        console.error('What ran before did not start again either: nothing runs any more.');
        this.#stack = undefined;
        this.#assembly = undefined;
        this.#tidy();
        process.exit(error instanceof StartError ? 2 : 1);
      }
      console.error('Not rebuilt: what ran before goes on running. Save again when it is mended.');
    } finally {
      this.#tidy();
    }
  }

  /** Ends the processes, and what they were started from goes too. A start or rebuild must have been told to end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#stack?.stop();
    // It may have started another one in the meantime, whose folders and ports are to be given back too.
    await this.#work;
    await this.#stack?.stop();
    this.#stack = undefined;
    this.#assembly = undefined;
    this.#tidy();
  }

  async #goOver(folder: string): Promise<string> {
    try {
      const { url, reload } = this.#running();
      const change = await reload(folder);
      this.#assembly = folder;
      return told(change, url);
    } catch (error) {
      if (!(error instanceof StartAnew)) throw error;
      return this.#startAnew(folder, error.message);
    }
  }

  /** On the same ports, which may have been any free ones. What ran before comes back if the other does not start. */
  async #startAnew(assembly: string, why: string): Promise<string> {
    const { url, sandboxUrl, stop } = this.#running();
    const lost = this.#options.data ? 'What' : 'What is in tables, queues and alarms, what';
    console.log(`${why} Starting anew. ${lost} the sandbox holds and what was changed in secrets is lost.`);
    const ports = { port: Number(new URL(url).port), sandboxPort: Number(new URL(sandboxUrl).port) };
    this.#isDown = true;
    await stop();
    if (this.#isStopped) throw new Error('Stopping.');
    try {
      await this.#startFrom(assembly, ports);
    } catch (error) {
      if (this.#assembly === undefined || this.#isStopped) throw error;
      console.error(error instanceof StartError ? error.message : error);
      await this.#startFrom(this.#assembly, ports);
      this.#isDown = false;
      throw new StartError('It did not start. What ran before was started anew in its place.');
    }
    this.#isDown = false;
    const { broken } = this.#running();
    return [`all ${broken.length > 0 ? 'other ' : ''}functions.`, ...broken.map(doesNotLoad)].join(' ');
  }

  #running(): LocalStack {
    if (!this.#stack) throw new Error('The stack does not run.');
    return this.#stack;
  }

  #tidy(): void {
    for (const folder of this.#folders) {
      if (folder === this.#assembly || this.#stack?.folders.some((used) => used.startsWith(folder))) continue;
      rmSync(folder, { recursive: true, force: true });
      this.#folders.delete(folder);
    }
  }
}

/** Such as `clients/demo.ts and 2 more`. */
function named([first = '', ...others]: string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function told({ functions, kept, broken, gone, queues, doors }: Change, url: string): string {
  const taken = [...functions, ...queues.map((queue) => `queue ${queue}`), ...gone.map((name) => `without ${name}`)];
  const sentences = [
    ...(taken.length > 0 ? [`${taken.join(', ')}.`] : []),
    ...kept.map((name) => `${name} does not load (its log says why): the code of before goes on.`),
    ...broken.map(doesNotLoad),
  ];
  const opened = doors.map((door) => `\n  New door  ${door.replace(' ', ` ${url}`)}`).join('');
  return (sentences.join(' ') || 'nothing to do.') + opened;
}

const doesNotLoad = (name: string): string => `${name} does not load (its log says why).`;
