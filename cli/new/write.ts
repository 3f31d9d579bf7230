import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ROOT } from '../target/project.ts';
import { Failed } from '../terminal/errors.ts';
import type { TextFile } from './registry.ts';

/** Writes a new folder and then its line; of what cannot be written whole nothing stays. @throws Failed */
export const writeAll = (folder: string, files: readonly TextFile[], registry: TextFile): void => {
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(`${ROOT}/${path}`), { recursive: true });
      writeFileSync(`${ROOT}/${path}`, text, { flag: 'wx' });
    }
    writeFileSync(`${ROOT}/${registry.path}`, registry.text);
  } catch (error) {
    rmSync(`${ROOT}/${folder}`, { recursive: true, force: true });
    throw new Failed(`It could not be written (${(error as NodeJS.ErrnoException).code}). Nothing was changed.`);
  }
};
