import { Readable } from 'node:stream';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Given {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Environment of a machine that knows no cloud account. */
export const BARE = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NO_COLOR: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** What `process.exit` throws meanwhile. */
class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Puts a value in the place of a property until the returned function is called. */
const lend = <Of extends object>(owner: Of, name: keyof Of, value: unknown): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(owner, name, own);
    else delete owner[name];
  };
};

const alone = async (
  args: readonly string[],
  main: () => Promise<unknown>,
  { input = '', env = {} }: Given,
): Promise<Ran> => {
  const said = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof said) => (text: string | Uint8Array) => {
    said[stream] += String(text);
    return true;
  };
  const line = (stream: keyof typeof said) => (text: string) => into(stream)(`${text}\n`);
  const exit = (code: number) => {
    throw new Exit(code);
  };
  const giveBack = [
    lend(process, 'argv', ['node', 'program', ...args]),
    lend(process, 'env', { ...BARE, ...env }),
    lend(process, 'exit', exit),
    lend(process, 'stdin', Readable.from(input === '' ? [] : [Buffer.from(input)])),
    lend(process.stdout, 'write', into('stdout')),
    lend(process.stderr, 'write', into('stderr')),
    lend(console, 'log', line('stdout')),
    lend(console, 'error', line('stderr')),
  ];
  process.exitCode = 0;
  try {
    await main();
    return { code: process.exitCode, ...said };
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { code: error.code, ...said };
  } finally {
    process.exitCode = 0;
    for (const back of giveBack) back();
  }
};

let before: Promise<unknown> = Promise.resolve();

/**
 * Runs a program within this process: a process of its own takes a second to load. Arguments, streams, environment and exit code
 * are lent to it meanwhile, so those that are asked for at once run one after the other.
 */
export const inProcess = (args: readonly string[], main: () => Promise<unknown>, given: Given = {}): Promise<Ran> => {
  const ran = before.then(() => alone(args, main, given));
  before = ran.catch(() => undefined);
  return ran;
};
