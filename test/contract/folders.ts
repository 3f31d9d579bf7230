import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A kind of extension: one folder each, and one line in its registry. */
export interface Extensions {
  /** From the root; the registry is the file beside it that is called like it. */
  readonly folder: string;
  /** The export that a folder's own file is named after. */
  readonly main: 'crm' | 'notifier';
}

/** The folders that there are, sorted. */
export const namesOf = ({ folder }: Extensions): string[] => {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
};

/** The one line by which the code learns of a folder; what is no identifier stands in quotes. */
const lineFor = ({ folder, main }: Extensions, name: string): string => {
  const key = /^[a-z]\w*$/.test(name) ? name : `'${name}'`;
  return `export { ${main} as ${key} } from './${folder.split('/').at(-1)}/${name}/${main}.ts';`;
};

const registryOf = ({ folder }: Extensions): string => `${folder}.ts`;
const linesOf = (extensions: Extensions): string[] =>
  readFileSync(registryOf(extensions), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('export'));

/** `file:line: what` of every place that a skeleton left open. */
export const openIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|md|http)$/.test(file))
    .sort()
    .flatMap((file) =>
      readFileSync(`${folder}/${file}`, 'utf8')
        .split('\n')
        .flatMap((line, i) => {
          const [, what] = /\bTODO:?\s*(.*)$/.exec(line) ?? [];
          return what === undefined ? [] : [`${folder}/${file.replaceAll('\\', '/')}:${i + 1}: ${what}`];
        }),
    );

/** One line per thing that a folder lacks: what to write, and where. */
export const lacks = (extensions: Extensions, name: string): string[] => {
  const { folder, main } = extensions;
  const readme = `${folder}/${name}/README.md`;
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : undefined;
  const line = lineFor(extensions, name);
  const there = (file: string) => existsSync(`${folder}/${name}/${file}`);
  const problems: [lacking: boolean, say: string][] = [
    [!/^[a-z][a-z0-9-]*$/.test(name), `${folder}/${name}: name the folder in lower-case letters, digits and hyphens`],
    [
      !there(`${main}.ts`),
      `${folder}/${name}/${main}.ts is missing: export ${main}, with the schema of its settings and an example of them`,
    ],
    [
      !there('stand-in.ts'),
      `${folder}/${name}/stand-in.ts is missing: export standIn, what the sandbox serves in its place and how to connect to it`,
    ],
    [text === undefined, `${readme} is missing: write the set-up at the vendor, and cite the page`],
    [text !== undefined && !/https:\/\/\S/.test(text), `${readme} cites no page: link the vendor's documentation`],
    [!linesOf(extensions).includes(line), `${registryOf(extensions)} does not know it: add the line ${line}`],
  ];
  return [...problems.flatMap(([lacking, say]) => (lacking ? [say] : [])), ...openIn(`${folder}/${name}`)];
};

/** One line per line of the registry that has no folder. */
export const strays = (extensions: Extensions): string[] => {
  const known = namesOf(extensions).map((name) => lineFor(extensions, name));
  const registry = registryOf(extensions);
  return linesOf(extensions)
    .filter((line) => !known.includes(line))
    .map((line) => `${registry} has a line without a folder, or not as the others: ${line}`);
};

/** A folder's own file by itself, without the registry: what is wrong in it is wrong for no other. */
export const load = async <T>({ folder }: Extensions, name: string, file: string): Promise<T> =>
  (await import(pathToFileURL(resolve(folder, name, file)).href)) as T;
