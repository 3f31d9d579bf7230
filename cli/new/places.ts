import { existsSync, readdirSync } from 'node:fs';
import { ROOT } from '../target/project.ts';
import { templateNamed } from '../target/registry.ts';
import { WrongInput } from '../terminal/errors.ts';

export type Kind = 'source' | 'crm' | 'notifier' | 'template';

/** Where an extension lives, and by which line it is known. Paths from the root. */
export interface Place {
  readonly folder: string;
  readonly registry: string;
  readonly line: string;
  /** The test that tells what is missing. */
  readonly contract: string;
  /** Commands to try it with. */
  readonly tryIt: readonly string[];
}

const MAX_NAME = 30;
/** Names that a language, a file system, a promise or the gateway's own route takes for something else. */
const TAKEN = new Set([
  'con',
  'prn',
  'aux',
  'nul',
  'default',
  'then',
  'constructor',
  'prototype',
  'index',
  'test',
  'ezw',
]);

/** @throws WrongInput unless it is a name for a folder, an address and an export */
export const nameFor = (kind: Kind, name: string): void => {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > MAX_NAME) {
    throw new WrongInput(
      `"${name}" is no name for a ${kind}: write lower-case letters and digits, with hyphens between, at most ${MAX_NAME}.`,
    );
  }
  if (TAKEN.has(name)) throw new WrongInput(`"${name}" means something else to computers: choose another name.`);
};

const keyOf = (name: string): string => (/^\w+$/.test(name) ? name : `'${name}'`);
const lineFor = (main: string, name: string, path: string): string =>
  `export { ${main} as ${keyOf(name)} } from '${path}';`;

const ofSource = (name: string, template: string): Place => ({
  folder: `functions/${template}/sources/${name}`,
  registry: `functions/${template}/sources.ts`,
  line: lineFor('source', name, `./sources/${name}/source.ts`),
  contract: 'test/contract/sources.test.ts',
  tryIt: [`npm start, and in another terminal: npx ezw trigger ${template} ${name}`],
});

/** The folder of functions that keeps extensions of a kind: the one with its registry. */
const ownerOf = (registry: string): string => {
  const owner = readdirSync(`${ROOT}/functions`).find((name) => existsSync(`${ROOT}/functions/${name}/${registry}`));
  if (owner === undefined) throw new WrongInput(`There is no functions/*/${registry}.`);
  return `functions/${owner}`;
};

const ofSink = (kind: 'crm' | 'notifier', name: string): Place => {
  const folder = `${kind}s`;
  const owner = ownerOf(`${folder}.ts`);
  const tryIt = {
    crm: `Turn it on in a client file: crm: { kind: '${name}' }`,
    notifier: `Turn it on in a client file: escalation.notifiers: { ${keyOf(name)}: {} }, and name it in a rule`,
  };
  return {
    folder: `${owner}/${folder}/${name}`,
    registry: `${owner}/${folder}.ts`,
    line: lineFor(kind, name, `./${folder}/${name}/${kind}.ts`),
    contract: `test/contract/${folder}.test.ts`,
    tryIt: [tryIt[kind], 'Start npm start anew if it runs: stand-ins are read at the start'],
  };
};

const ofTemplate = (name: string): Place => ({
  folder: `functions/${name}`,
  registry: 'functions/templates.ts',
  line: lineFor('template', name, `./${name}/template.ts`),
  contract: 'test/contract/sources.test.ts',
  tryIt: [
    `npm start, and in another terminal: npx ezw trigger --list ${name}`,
    `Resources of its own, if it needs any: lib/templates/${name}.ts`,
  ],
});

/** An empty folder is what an interrupted attempt left, and none. */
const filesIn = (folder: string): number =>
  existsSync(`${ROOT}/${folder}`)
    ? readdirSync(`${ROOT}/${folder}`, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
    : 0;

/** @throws WrongInput for a template that there is none of, and for what is there already */
export const placeOf = (kind: Kind, name: string, template: string | undefined): Place => {
  if (template !== undefined) templateNamed(template);
  const place =
    kind === 'source' ? ofSource(name, template ?? '') : kind === 'template' ? ofTemplate(name) : ofSink(kind, name);
  if (filesIn(place.folder) > 0) throw new WrongInput(`${place.folder} is there already. Nothing was changed.`);
  return place;
};
