import { readFileSync } from 'node:fs';
import { ROOT } from '../target/project.ts';
import { WrongInput } from '../terminal/errors.ts';

export interface TextFile {
  /** From the root. */
  readonly path: string;
  readonly text: string;
}

const EXPORT = /^export \{ \w+ as (?:\w+|'[\w-]+') \} from '([^']+)';$/;
/** Folder by folder, as the linter sorts paths: `one/` before `one-more/`. */
const isAfter = (one: string, other: string): boolean => {
  const [left, right] = [one.split('/'), other.split('/')];
  const at = left.findIndex((part, i) => part !== right[i]);
  return at >= 0 && (left[at] ?? '') > (right[at] ?? '');
};

const pathIn = (line: string): string => EXPORT.exec(line)?.[1] ?? '';

/**
 * A registry with one more line, in the order of the paths and with the line ends that it has.
 * @throws WrongInput for a file that is no list of such lines
 */
export const registered = (path: string, line: string): TextFile => {
  const text = readFileSync(`${ROOT}/${path}`, 'utf8');
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  const strange = lines.find((one) => one !== '' && !one.startsWith('//') && !EXPORT.test(one));
  if (strange !== undefined) {
    throw new WrongInput(`${path} has a line that is no extension's ("${strange.trim()}"): add by hand ${line}`);
  }
  if (lines.some((one) => pathIn(one) === pathIn(line))) throw new WrongInput(`${path} has this line already: ${line}`);
  const before = lines.findIndex((one) => EXPORT.test(one) && isAfter(pathIn(one), pathIn(line)));
  lines.splice(before < 0 ? lines.length : before, 0, line);
  return { path, text: lines.join(end) + end };
};
