import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { StartError } from './start-error.ts';

/**
 * Synthesises one client's stack into `<root>/cdk.out`, in a process of its own: the CDK need not stay in memory.
 * Throws a StartError with what the CDK app said.
 */
export async function synthesise(
  client: string,
  root: string,
  onStart: (child: ChildProcess) => void,
): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
    cwd: root,
    env: { ...process.env, CLIENT: client, CDK_OUTDIR: 'cdk.out' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onStart(child);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new StartError(`The stack of "${client}" cannot be synthesised:\n${said.trim()}`);
  return `${root}/cdk.out`;
}
