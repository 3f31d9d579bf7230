import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Reads `+<pid>` of a process that is stopped and `-<pid>` of one that goes on. When nobody writes any more, what is still stopped goes on: it
 * notices by itself that the stack is gone. To go on does no harm to a process that has the id after it.
 */
const WATCH = `
stopped=
while read -r line; do
  pid=\${line#?}
  left=
  for one in $stopped; do [ "$one" = "$pid" ] || left="$left $one"; done
  case $line in +*) left="$left $pid" ;; esac
  stopped=$left
done
for one in $stopped; do kill -CONT "$one"; done
`;

/**
 * The processes that are stopped just now. What is stopped cannot notice that the stack was killed, so a small process does that
 * for it: from the first stop on, until the stack ends, however it does.
 */
export class Standstill {
  readonly #stopped = new Set<number>();
  #watcher: ChildProcess | undefined;
  #hasEnded = false;

  stop(pid: number | undefined): void {
    if (pid === undefined || this.#hasEnded) return;
    // Told first: whoever is killed between the two has told of one that runs, which does no harm.
    this.#stopped.add(pid);
    if (this.#watcher) this.#tell(`+${pid}`);
    else this.#watch();
    signal(pid, 'SIGSTOP');
  }

  goOn(pid: number | undefined): void {
    if (pid === undefined || !this.#stopped.has(pid)) return;
    signal(pid, 'SIGCONT');
    this.forget(pid);
  }

  /** It is gone: its id may be somebody else's. */
  forget(pid: number | undefined): void {
    if (pid !== undefined && this.#stopped.delete(pid)) this.#tell(`-${pid}`);
  }

  /** Nothing is left standing still, and nothing is stopped any more. */
  end(): void {
    this.#hasEnded = true;
    for (const pid of [...this.#stopped]) this.goOn(pid);
    this.#watcher?.stdin?.end();
    this.#watcher = undefined;
  }

  #watch(): void {
    // In a session of its own: a Ctrl-C is for all that belong to the terminal.
    const watcher = spawn('/bin/sh', ['-c', WATCH], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    // Where there is no such shell nothing is watched over, and nothing else is different.
    watcher.on('error', () => undefined);
    watcher.stdin.on('error', () => undefined);
    watcher.on('exit', (_, killedBy) => {
      if (this.#watcher !== watcher) return;
      this.#watcher = undefined;
      if (killedBy && this.#stopped.size > 0) this.#watch();
    });
    // The stack does not wait for it: it waits for the stack.
    watcher.unref();
    (watcher.stdin as Socket).unref();
    this.#watcher = watcher;
    for (const pid of this.#stopped) this.#tell(`+${pid}`);
  }

  #tell(line: string): void {
    this.#watcher?.stdin?.write(`${line}\n`);
  }
}

export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
};
