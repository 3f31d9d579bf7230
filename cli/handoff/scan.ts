import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ROOT } from '../target/project.ts';

/** Longer than any token of this project's examples, as long as real ones are. */
const TOKEN = /\bezw_line_[\w-]{32,}|\beyJ[\w-]{20,}\.[\w-]{100,}\.[\w-]{40,}/;
/** The stand-in's own tokens are no secrets. */
const STAND_IN = /^ezw_line_(demo|test)_/;

const trackedFiles = async (): Promise<readonly string[] | undefined> => {
  try {
    const { stdout } = await promisify(execFile)('git', ['ls-files', '-z'], { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
    return stdout.split('\0').filter(Boolean);
  } catch {
    return undefined;
  }
};

/**
 * Looks for line tokens, workspace tokens and the stored token itself in every file that git tracks.
 * @returns undefined outside of a git clone
 */
export const scanTrackedFiles = async (
  stored: string | undefined,
): Promise<{ readonly files: number; readonly found: readonly string[] } | undefined> => {
  const files = await trackedFiles();
  if (!files) return undefined;
  const exact = stored !== undefined && stored.length >= 16 && !STAND_IN.test(stored) ? stored : undefined;
  const found: string[] = [];
  for (const file of files) {
    const text = await readFile(`${ROOT}/${file}`, 'utf8').catch(() => '');
    if (TOKEN.test(text) || (exact !== undefined && text.includes(exact))) found.push(file);
  }
  return { files: files.length, found };
};
