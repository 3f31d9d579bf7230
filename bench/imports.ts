import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 21;
const SCRIPT = fileURLToPath(new URL('./import-once.mjs', import.meta.url));

/** Milliseconds to import each folder's `index.mjs`, all folders in turn, in fresh processes; the first round is dropped. */
export const measureImports = (
  folders: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Record<string, number[]> => {
  const samples = Object.fromEntries(Object.keys(folders).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, folder] of Object.entries(folders)) {
      const { stdout, stderr } = spawnSync(process.execPath, [SCRIPT, join(folder, 'index.mjs')], {
        env,
        encoding: 'utf8',
      });
      const ms = Number(stdout);
      if (!(ms > 0)) throw new Error(`${name} cannot be imported: ${stderr}`);
      if (round > 0) samples[name]?.push(ms);
    }
  }
  return samples;
};
