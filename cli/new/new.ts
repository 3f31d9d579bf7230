import { relative } from 'node:path';
import { Command } from 'commander';
import { ROOT } from '../target/project.ts';
import { examples, withJson } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { type Kind, nameFor, placeOf } from './places.ts';
import { registered } from './registry.ts';
import { filled } from './skeleton.ts';
import { writeAll } from './write.ts';

interface NewOptions {
  readonly json?: true;
}

/** All is made up in memory before anything is written; the line comes last, so that half an extension is never known. */
const make = (kind: Kind, name: string, template: string | undefined, { json }: NewOptions): void => {
  nameFor(kind, name);
  const place = placeOf(kind, name, template);
  const files = filled(kind, { name, template }).map(({ path, text }) => ({ path: `${place.folder}/${path}`, text }));
  const registry = registered(place.registry, place.line);
  writeAll(place.folder, files, registry);
  const shown = relative(process.cwd(), `${ROOT}/${place.folder}`) || '.';
  const next = [
    `1. Write what is marked TODO in ${shown}; what is still missing is told line by line by`,
    `   npx vitest run ${place.contract} -t ${name} --reporter=dot`,
    ...place.tryIt.map((line, i) => `${i + 2}. ${line}`),
  ];
  show(
    json,
    { kind, name, files: files.map(({ path }) => path), changed: [{ file: registry.path, line: place.line }] },
    [...files.map(({ path }) => `+ ${path}`), `~ ${registry.path}: ${place.line}`, '', ...next].join('\n'),
  );
};

export const newCommand = (): Command => {
  const command = new Command('new').description(
    'write the skeleton of an extension, which type-checks and starts at once: its folder, and its one line',
  );
  withJson(command.command('source <template> <name>'))
    .description('a source of a template: a shop, a calendar, a form')
    .addHelpText('after', examples('new source <template> such-a-name'))
    .action((template: string, name: string, options: NewOptions) => make('source', name, template, options));
  for (const [kind, what] of [
    ['crm', 'a CRM'],
    ['notifier', 'a chat tool or pager'],
    ['template', 'a template: what happens, and what is told to whom'],
  ] as const) {
    withJson(command.command(`${kind} <name>`))
      .description(what)
      .addHelpText('after', examples(`new ${kind} such-a-name`))
      .action((name: string, options: NewOptions) => make(kind, name, undefined, options));
  }
  return command;
};
