import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROUNDS = 31;
const SCRIPT = fileURLToPath(new URL('./import-once.mjs', import.meta.url));
const run = promisify(execFile);

/** Milliseconds of each import: by the clock, and of CPU in all threads, which a busy machine moves less. */
export type Imports = Readonly<Record<'wall' | 'cpu', number[]>>;

/** Imports each folder's `index.mjs` in fresh processes, all folders in turn, forward and backward; the first round is dropped. */
export const measureImports = async (
  folders: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Promise<Record<string, Imports>> => {
  const samples = Object.fromEntries(
    Object.keys(folders).map((name): [string, Imports] => [name, { wall: [], cpu: [] }]),
  );
  const turn = Object.entries(folders);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, folder] of round % 2 ? turn : turn.toReversed()) {
      const { stdout } = await run(process.execPath, [SCRIPT, join(folder, 'index.mjs')], { env });
      const { wall, cpu } = JSON.parse(stdout);
      if (round === 0) continue;
      samples[name]?.wall.push(wall);
      samples[name]?.cpu.push(cpu);
    }
  }
  return samples;
};
