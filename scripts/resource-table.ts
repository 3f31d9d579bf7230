import { createHash } from 'node:crypto';
import { CLIENT } from '../lib/parameter-names.ts';

/** What is read of a CloudFormation template. */
interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
  readonly [section: string]: unknown;
}

/** The row for whatever a template has beside its resources. */
const REST = 'everything else';

/** Resource type → its resources by logical id, and the rest of the template, without what changes with every edit of a function. */
export function byType({ Resources, ...rest }: Template): Record<string, Record<string, unknown>> {
  const types: Record<string, Record<string, unknown>> = { [REST]: rest };
  for (const [id, resource] of Object.entries(Resources)) {
    types[resource.Type] = { ...types[resource.Type], [id]: resource };
  }
  // An asset is named after the hash of its content; the client file is what it is.
  const text = JSON.stringify(types, (key, value) => (isClientFile(key, value) ? undefined : sorted(key, value)));
  return JSON.parse(text.replace(/[0-9a-f]{64}/g, '<hash>'));
}

/** Resource type → how many there are, and a hash of all that they say. Logical ids count: CloudFormation replaces what it knows by another. */
export function table(template: Template): Record<string, string> {
  const rows = Object.entries(byType(template)).map(([type, resources]): [string, string] => {
    const hash = createHash('sha256').update(JSON.stringify(resources, sorted)).digest('hex');
    return [type, `${Object.keys(resources).length} ${hash.slice(0, 12)}`];
  });
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A tag has its name too. */
const isClientFile = (key: string, value: unknown): boolean => key === CLIENT && typeof value === 'object';

/** Objects with their keys in one order, so that a text says what is there and not when it was added. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
