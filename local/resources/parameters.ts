import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import { READS } from '../../lib/parameter-names.ts';
import { StartError } from '../start-error.ts';
import type { Workshop } from './resource.ts';
import { fileKey } from './secret.ts';

/** What the template says that the functions read there. */
const schema = z
  .array(
    z.object({
      name: z.string(),
      placeholder: z.string().optional(),
      sources: z.array(z.string()).optional(),
    }),
  )
  .default([]);

type Wanted = z.infer<typeof schema>[number];

/** Of a template's sources alone, as each function may read those of no other. */
const ofSources = (sources: readonly string[], values: Workshop['secretValues']): Record<string, unknown> =>
  Object.fromEntries(Object.entries(Object(values.sources)).filter(([source]) => sources.includes(source)));

const textOf = ({ name, placeholder }: Wanted, values: Workshop['secretValues']): string => {
  const value = values[fileKey(name)] ?? placeholder;
  if (value === undefined) {
    // What a deployment makes up once comes from the name here, so that it is the same after a restart: what it hides in a data
    // folder must be found again.
    return createHash('sha256')
      .update(`local ${name.slice(1)}`)
      .digest('hex');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/**
 * Makes the parameters of Parameter Store that the stack reads, as the operator's command does before a deployment. What is there already may have
 * been changed since, and stays; a source that is new gets its secret.
 */
export function createParameters({ assembly, parameters: { store }, secretValues }: Workshop): void {
  const all = schema.safeParse(assembly.template.Metadata[READS]);
  if (!all.success) throw new StartError(`${assembly.stackName}: its ${READS} cannot be read.`);
  // What another template knows already may have been changed since: it comes before what the file says.
  const known = all.data.map(({ name, sources }) => (sources ? fieldsIn(store.lookUp(name)?.value ?? '') : {}));
  const values = { ...secretValues, sources: Object.assign({}, secretValues.sources, ...known.reverse()) };
  for (const wanted of all.data) {
    const before = store.lookUp(wanted.name)?.value;
    const { sources } = wanted;
    const text = sources
      ? JSON.stringify({ ...ofSources(sources, values), ...fieldsIn(before ?? '') })
      : (before ?? textOf(wanted, values));
    if (text !== before) store.put(wanted.name, text, 'SecureString', true, 'Intelligent-Tiering');
  }
}
