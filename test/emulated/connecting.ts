import { readEntry, writeEntry } from '../../cli/secrets/store.ts';
import { openTarget } from '../../cli/target/target.ts';
import type { ClientInput } from '../../lib/client.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Ran } from '../in-process.ts';
import { AwsMode } from './aws-mode.ts';
import { startDemo } from './demo.ts';
import { ezw } from './ezw.ts';

export type Mode = 'local' | 'aws';
export const MODES: readonly Mode[] = ['local', 'aws'];

/** A client file whose stand-ins are elsewhere: a deployed stack calls vendors where its file says. */
export const standingAt = <File extends ClientInput>(client: File, standIns: string): File =>
  JSON.parse(JSON.stringify(client).replaceAll('http://127.0.0.1:8788', standIns));

/** The demo's stack, here and as if it were deployed, with one source that is connected and the desk of its stand-in. */
export class Connecting {
  readonly stack: LocalStack;
  readonly address: string;
  readonly #aws: AwsMode;
  readonly #source: string;

  private constructor(stack: LocalStack, aws: AwsMode, template: string, source: string) {
    this.stack = stack;
    this.#aws = aws;
    this.#source = source;
    this.address = `${stack.url}/${template}/${source}`;
  }

  static async start(template: string, source: string): Promise<Connecting> {
    const stack = await startDemo();
    return new Connecting(stack, await AwsMode.start(stack, stack.url), template, source);
  }

  async stop(): Promise<void> {
    await this.#aws.stop();
    await this.stack.stop();
  }

  run(mode: Mode, args: readonly string[], input: string): Promise<Ran> {
    return mode === 'aws' ? this.#aws.run(args, { input }) : ezw([...args, '--local', this.stack.url], { input });
  }

  /** `/_sandbox/<path>`. */
  async desk<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.stack.url}/_sandbox/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  async stored(source = this.#source): Promise<unknown> {
    const target = await openTarget('demo', { local: this.stack.url });
    return readEntry(target, { secret: 'sources', field: source });
  }

  async store(entry: string | Readonly<Record<string, string>>, source = this.#source): Promise<void> {
    const target = await openTarget('demo', { local: this.stack.url });
    await writeEntry(target, { secret: 'sources', field: source }, entry);
  }
}
