import { kindOf } from '../../functions/shared/door/kinds.ts';
import { type Client, settingsOf } from '../../lib/client.ts';
import { library, type Placed, sampleNamed, sampleNames } from '../../local/samples/library.ts';
import { SampleError } from '../../local/samples/sample.ts';
import { kindNamed, templateNamed } from '../target/registry.ts';
import { WrongInput } from '../terminal/errors.ts';
import { columns } from '../terminal/output.ts';

/** What is wrong with a sample or its fields is what was asked for. */
export const orWrongInput = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw error instanceof SampleError ? new WrongInput(error.message) : error;
  }
};

/**
 * The named sample of a source's kind, else the usual one, else the first one that becomes a message.
 * @throws WrongInput that lists what there is
 */
export const chosen = (template: string, sourceName: string, name: string | undefined): Placed => {
  const source = kindNamed(template, sourceName);
  const names = sampleNames(template, source);
  if (names.length === 0) throw new WrongInput(`${template} ${source} has no sample yet: see docs/samples.md.`);
  if (name !== undefined) {
    if (names.includes(name)) return orWrongInput(() => sampleNamed(template, source, name));
    throw new WrongInput(`${template} ${source} has no sample "${name}". Choose one of: ${names.join(', ')}.`);
  }
  const all = names.map((one) => orWrongInput(() => sampleNamed(template, source, one)));
  const [first] = all;
  const accepted = all.find(({ sample }) => sample.ends.some(({ state }) => state === 'ACCEPTED'));
  const best = all.find(({ sample }) => sample.isUsual) ?? accepted ?? first;
  if (best) return best;
  throw new WrongInput(`${template} ${source} has no sample.`);
};

const outcome = ({ sample: { ends } }: Placed): string => {
  const states = [...new Set(ends.map(({ state, reason }) => (reason ? `${state} ${reason}` : state)))];
  return states.join(', ') || 'nothing';
};

/** Names of a client's further sources of a kind. */
const furtherOf = (client: Client, template: string, kind: string): string[] =>
  Object.keys(settingsOf(client, template)?.sources ?? {}).filter(
    (name) => name !== kind && kindOf(templateNamed(template).sources, name) === kind,
  );

/**
 * The library, or a part of it, for people and for machines: each sample under its kind, and under each further source of it that
 * the client has.
 * @throws WrongInput for a template or source that is none
 */
export const listed = (template: string | undefined, source: string | undefined, client?: Client) => {
  if (template !== undefined) templateNamed(template);
  const kind = template === undefined || source === undefined ? source : kindNamed(template, source);
  const found = library()
    .filter((one) => (template ?? one.template) === one.template && (kind ?? one.source) === one.source)
    .flatMap((one) => {
      const further = client === undefined ? [] : furtherOf(client, one.template, one.source);
      const names = source === undefined ? [one.source, ...further] : [source];
      return names.map((name) => ({ ...one, source: name }));
    });
  const rows = found.map((one) => [one.template, one.source, one.name, outcome(one), one.sample.title]);
  return {
    json: found.map((one) => ({
      template: one.template,
      source: one.source,
      sample: one.name,
      becomes: outcome(one),
      title: one.sample.title,
      from: one.sample.from,
      file: one.file,
    })),
    text: columns([['TEMPLATE', 'SOURCE', 'SAMPLE', 'BECOMES', ''], ...rows]),
  };
};
