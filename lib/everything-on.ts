import type { Templates } from '../functions/shared/door/template.ts';
import * as templates from '../functions/templates.ts';
import type { ClientInput } from './client.ts';

/** Before anything that a sample tells of. */
const LONG_AGO = '1970-01-01';

/**
 * A client file with every template and every source turned on that it does not name itself, each with its own example: for
 * whoever tries things. What the file says of one stays as it is. Whatever a sample tells of is new here, wherever it
 * comes from, and ids of one kind mean the same thing whoever tells it.
 * @param standIns where the stand-ins of the outside systems are, `<standIns>/<source>`
 */
export const everythingOn = (input: ClientInput, standIns: string): ClientInput => {
  const written: Readonly<Record<string, { readonly sources?: object } | undefined>> = input.templates;
  const all = Object.entries<Templates[string]>(templates).map(([name, { example, sources }]) => {
    const examples = Object.entries(sources).map(([source, { example: own }]) => [
      source,
      own(`${standIns}/${source}`),
    ]);
    const settings = written[name] ?? example(input.locale);
    const on = Object.entries<object>({ ...Object.fromEntries(examples), ...written[name]?.sources });
    const turnedOn = Object.fromEntries(
      on.map(([source, own]) => [source, { since: LONG_AGO, origin: 'any', ...own }]),
    );
    return [name, { ids: 'shared', ...settings, sources: turnedOn }];
  });
  return { ...input, templates: Object.fromEntries(all) };
};
