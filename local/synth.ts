import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Synthesises one client's stack into a folder, seen from the root, in a process of its own: the CDK need not stay in memory, and
 * reads each file as it is now. Returns the folder's absolute path. Throws a StartError with what the CDK app said, or an
 * AbortError.
 */
export async function synthesise(client: string, root: string, outdir: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
    cwd: root,
    env: { ...process.env, CLIENT: client, CDK_OUTDIR: outdir, EZW_ANYWHERE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Its end is waited for even so: until then it writes into the folder.
  signal.addEventListener('abort', () => child.kill(), { once: true });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  signal.throwIfAborted();
  if (code !== 0) throw new StartError(`The stack of "${client}" cannot be synthesised:\n${said.trim()}`);
  for (const warning of said.match(/^Warning: .*$/gm) ?? []) console.error(warning);
  return resolve(root, outdir);
}
