import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toTheMinute } from '../init/client-template.ts';
import type { Kind } from './places.ts';
import type { TextFile } from './registry.ts';

const SKELETONS = fileURLToPath(new URL('./skeletons/', import.meta.url));
const ENDING = '.skeleton';

const pascal = (name: string): string => name.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase());
const camel = (name: string): string => pascal(name).replace(/^\w/, (first) => first.toLowerCase());
const title = (name: string): string => name.replaceAll('-', ' ').replace(/^\w/, (first) => first.toUpperCase());
const headerName = (name: string): string =>
  name.replace(/(^|-)(\w)/g, (_, before, first: string) => before + first.toUpperCase());

/** The files of a kind with the names filled in; paths from the extension's folder. */
export const filled = (
  kind: Kind,
  { name, template = '' }: { readonly name: string; readonly template?: string | undefined },
): TextFile[] => {
  const words: Readonly<Record<string, string>> = {
    name,
    template,
    key: /^\w+$/.test(name) ? name : `'${name}'`,
    Pascal: pascal(name),
    camel: camel(name),
    Title: title(name),
    Header: headerName(name),
    now: toTheMinute(new Date()),
  };
  const folder = `${SKELETONS}${kind}`;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING))
    .sort()
    .map((file) => ({
      path: file.slice(0, -ENDING.length).replaceAll('\\', '/'),
      text: readFileSync(`${folder}/${file}`, 'utf8').replace(
        /__(\w+?)__/g,
        (whole, word: string) => words[word] ?? whole,
      ),
    }));
};
