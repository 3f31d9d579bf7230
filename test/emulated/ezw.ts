import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { program } from '../../cli/program.ts';
import { run } from '../../cli/run.ts';
import { BARE, type Given, inProcess, type Ran } from '../in-process.ts';

/** Runs the operator's command as `bin/ezw.ts` does, in this process. */
export const ezw = (args: readonly string[], given?: Given): Promise<Ran> =>
  inProcess(
    args,
    async () => {
      process.exitCode = await run(program(), process.argv);
    },
    given,
  );

/** Runs the operator's command as a process of its own, without a terminal: a second each. */
export const ezwProcess = async (args: readonly string[]): Promise<Ran> => {
  const child = spawn(process.execPath, ['bin/ezw.mjs', ...args], { env: BARE });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      said[stream] += chunk;
    });
  }
  child.stdin.end();
  const [code] = await once(child, 'close');
  return { code: Number(code), ...said };
};
