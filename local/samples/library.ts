import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSample, type Sample, SampleError } from './sample.ts';

/** A sample with its place in the library. */
export interface Placed {
  readonly template: string;
  readonly source: string;
  /** The file's name below the source's `samples/`, without its ending: `cancelled`, `tally/contact`. */
  readonly name: string;
  /** From the root. */
  readonly file: string;
  readonly sample: Sample;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const ENDING = '.http';

/** Names of the samples in a source's folder, sorted. */
export const sampleNames = (template: string, source: string): readonly string[] => {
  const folder = `${ROOT}/${folderOf(template, source)}`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length).replaceAll('\\', '/'))
    .sort();
};

/** @throws SampleError that names the file */
export const sampleNamed = (template: string, source: string, name: string): Placed => {
  const file = `${folderOf(template, source)}/${name}${ENDING}`;
  try {
    return { template, source, name, file, sample: readSample(readFileSync(`${ROOT}/${file}`, 'utf8')) };
  } catch (error) {
    if (error instanceof SampleError) throw new SampleError(`${file}: ${error.message}`);
    throw error;
  }
};

/** Folders with a file of this name in them: templates by `template.ts`, sources by `source.ts`. */
const foldersWith = (folder: string, file: string): readonly string[] => {
  if (!existsSync(`${ROOT}/${folder}`)) return [];
  return readdirSync(`${ROOT}/${folder}`)
    .filter((name) => existsSync(`${ROOT}/${folder}/${name}/${file}`))
    .sort();
};

export const templateFolders = (): readonly string[] => foldersWith('functions', 'template.ts');
export const sourceFolders = (template: string): readonly string[] =>
  foldersWith(`functions/${template}/sources`, 'source.ts');

/** Every source of every template, with its folder's absolute path. */
export const sourcePlaces = (): readonly { readonly name: string; readonly folder: string }[] =>
  templateFolders().flatMap((template) =>
    sourceFolders(template).map((name) => ({ name, folder: `${ROOT}/functions/${template}/sources/${name}` })),
  );

/** Every sample that can be read, by template, source and name; a broken one hides no other. */
export const library = (): readonly Placed[] =>
  templateFolders().flatMap((template) =>
    sourceFolders(template).flatMap((source) =>
      sampleNames(template, source).flatMap((name) => {
        try {
          return [sampleNamed(template, source, name)];
        } catch (error) {
          if (error instanceof SampleError) return [];
          throw error;
        }
      }),
    ),
  );

const folderOf = (template: string, source: string): string => `functions/${template}/sources/${source}/samples`;
