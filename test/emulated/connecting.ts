import { readEntry, writeEntry } from '../../cli/secrets/store.ts';
import { openTarget } from '../../cli/target/target.ts';
import demo from '../../clients/demo.ts';
import type { Client } from '../../lib/client.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Ran } from '../in-process.ts';
import { AwsMode } from './aws-mode.ts';
import { startDemo } from './demo.ts';
import { ezw } from './ezw.ts';

export type Mode = 'local' | 'aws';
/** What a vendor's own ways ask is asked of the local stack alone: no mode has a part in them. */
export const MODES: readonly Mode[] = ['local', 'aws'];

let stack: LocalStack;
let aws: AwsMode;
let change = (file: string): string => file;

/** The demo's stack, here and as if it were deployed: one for the sources of all vendors. */
export const startConnecting = async (): Promise<void> => {
  stack = await startDemo();
  aws = await AwsMode.start(stack, stack.url);
};

export const stopConnecting = async (): Promise<void> => {
  await aws.stop();
  await stack.stop();
};

/** The demo's client file with its stand-ins where they are: a deployed stack calls vendors where its file says. */
export const clientFile = (): Client =>
  JSON.parse(change(JSON.stringify(demo).replaceAll('http://127.0.0.1:8788', stack.sandboxUrl)));

/** What the client file says otherwise, as its JSON; as the demo's without it. */
export const clientFileSays = (says = (file: string): string => file): void => {
  change = says;
};

/** The client file says this of a template besides, or of a source of it. */
export const settingsOf = (template: string, source: string, over: object, ofTemplate: object = {}): void =>
  clientFileSays((file) => {
    const client = JSON.parse(file);
    const { sources } = Object.assign(client.templates[template], ofTemplate);
    sources[source] = { ...sources[source], ...over };
    return JSON.stringify(client);
  });

/** One source that is connected, and the desk of its stand-in. */
export const connecting = (template: string, source: string) => ({
  get stack() {
    return stack;
  },
  get address() {
    return `${stack.url}/${template}/${source}`;
  },

  run: (mode: Mode, args: readonly string[], input: string): Promise<Ran> =>
    mode === 'aws' ? aws.run(args, { input }) : ezw([...args, '--local', stack.url], { input }),

  /** `/_sandbox/<path>`. */
  desk: async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${stack.url}/_sandbox/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  },

  stored: async (of = source): Promise<unknown> => {
    const target = await openTarget('demo', { local: stack.url });
    return readEntry(target, { secret: 'sources', field: of });
  },

  store: async (entry: string | Readonly<Record<string, string>>, of = source): Promise<void> => {
    const target = await openTarget('demo', { local: stack.url });
    await writeEntry(target, { secret: 'sources', field: of }, entry);
  },
});
