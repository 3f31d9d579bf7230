import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { program } from '../../cli/program.ts';
import { run } from '../../cli/run.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Environment of a machine that knows no cloud account. */
const BARE = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true' };

/** Runs the operator's command as a process of its own, without a terminal: a second each. */
export const ezwProcess = async (args: readonly string[], { input = '', env = {} }: Given = {}): Promise<Ran> => {
  const child = spawn(process.execPath, ['bin/ezw.mjs', ...args], { env: { ...BARE, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code: Number(code), stdout, stderr };
};

/** Puts a value in the place of a property of the process until the returned function is called. */
const lend = <Of extends object>(owner: Of, name: keyof Of, value: unknown): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(owner, name, own);
    else delete owner[name];
  };
};

const inThisProcess = async (args: readonly string[], { input = '', env = {} }: Given): Promise<Ran> => {
  const said = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof said) => (text: string | Uint8Array) => {
    said[stream] += String(text);
    return true;
  };
  const line = (stream: keyof typeof said) => (text: string) => into(stream)(`${text}\n`);
  const giveBack = [
    lend(process, 'env', { ...BARE, ...env }),
    lend(process, 'stdin', Readable.from(input === '' ? [] : [Buffer.from(input)])),
    lend(process.stdout, 'write', into('stdout')),
    lend(process.stderr, 'write', into('stderr')),
    lend(console, 'log', line('stdout')),
    lend(console, 'error', line('stderr')),
  ];
  process.exitCode = 0;
  try {
    return { code: await run(program(), ['node', 'ezw', ...args]), ...said };
  } finally {
    process.exitCode = 0;
    for (const back of giveBack) back();
  }
};

let before: Promise<unknown> = Promise.resolve();

/**
 * Runs the operator's command as `bin/ezw.ts` does, in this process. Streams, environment and exit code are lent to it meanwhile,
 * so those that are asked for at once run one after the other.
 */
export const ezw = (args: readonly string[], given: Given = {}): Promise<Ran> => {
  const ran = before.then(() => inThisProcess(args, given));
  before = ran.catch(() => undefined);
  return ran;
};
