import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Makes the folder and claims it for this process: two stacks on one journal would lose each other's messages.
 * Returns how to let go of it. Throws a StartError when a running process has it.
 */
export function claimDataFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'pid');
  const owner = ownerOf(lock);
  if (owner !== undefined && isRunning(owner)) {
    throw new StartError(
      `${folder} is in use by the local stack with process id ${owner}. Stop it, or use another folder.`,
    );
  }
  writeFileSync(lock, String(process.pid));
  return () => rmSync(lock, { force: true });
}

function ownerOf(lock: string): number | undefined {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
