import { spawn } from 'node:child_process';

/** How a command ended, and what it said on both streams. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command does with what it was sent to end has its time; then it is over. */
const GRACE_MS = 60_000;

/** To all that belongs to the command; there may be nobody left. */
const tell = (pid: number | undefined, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {}
};

/**
 * Runs a command in a group of its own: Ctrl-C is for this process, which ends the whole of it and waits until nothing of it is left, for what
 * goes on alone could make a stack behind our back. What it tells meanwhile goes on to stderr.
 */
export const runCommand = (
  command: readonly [string, ...string[]],
  { cwd, env, signal }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
  input = '',
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const [file, ...args] = command;
    const child = spawn(file, args, { cwd, env, detached: true });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk) => {
        said[stream] += chunk;
        if (stream === 'stderr') process.stderr.write(chunk);
      });
    }
    let last: NodeJS.Timeout | undefined;
    const end = (): void => {
      tell(child.pid, 'SIGTERM');
      last = setTimeout(() => tell(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const done = (): void => {
      clearTimeout(last);
      signal.removeEventListener('abort', end);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code) => {
      done();
      resolve({ code: code ?? 1, ...said });
    });
    child.stdin.on('error', () => undefined).end(input);
  });
