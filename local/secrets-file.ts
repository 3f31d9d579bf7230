import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { kindOf } from '../functions/shared/door/kinds.ts';
import { parsedJson } from './json.ts';
import { sourcePlaces } from './samples/library.ts';
import { StartError } from './start-error.ts';

const perSystem = z.record(z.string(), z.unknown());

const schema = z.strictObject({
  lineToken: z.string().min(1),
  contactSalt: z.string().min(16).optional(),
  webhookToken: z.union([z.string(), perSystem]).optional(),
  sources: perSystem.optional(),
  crm: z.union([z.string(), perSystem]).optional(),
  notifiers: perSystem.optional(),
});

/** The values of the client's secrets. Text goes into Secrets Manager as it is, an object as JSON. */
export type Secrets = z.infer<typeof schema>;

/** Reads a secrets file. Throws a StartError that says which field is wrong, never what it holds. */
export function readSecretsFile(file: string): Secrets {
  const result = schema.safeParse(parsed(file));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new StartError(`${file}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}`);
}

/**
 * The demo's secrets, with one made up for each source that has none there: a new source can be tried at once. What a source's
 * secret holds beside itself, such as a token for look-ups, is in the `demo-secret.json` of its folder.
 */
export function withEverySource(secrets: Secrets): Secrets {
  const made = sourcePlaces().map(({ name, folder }) => {
    const written = secrets.sources?.[name] ?? `demo-${name}-secret`;
    const more = `${folder}/demo-secret.json`;
    const isWhole = typeof written !== 'string' || !existsSync(more);
    return [name, isWhole ? written : { current: written, ...(parsed(more) as object) }] as const;
  });
  return { ...secrets, sources: { ...secrets.sources, ...Object.fromEntries(made) } };
}

/**
 * The same with a secret for further sources of a kind, by the addresses that a stack has: made up, beside whatever else the secret of
 * the kind holds.
 */
export function withFurtherSources(secrets: Secrets, addresses: readonly string[]): Secrets {
  const { sources = {} } = secrets;
  const names = addresses.flatMap((address) => address.split('/')[2] ?? []);
  const made = names.flatMap((name) => {
    const kind = kindOf(sources, name);
    if (kind === undefined || kind === name) return [];
    const current = `demo-${name}-secret`;
    const ofKind = sources[kind];
    return [[name, typeof ofKind === 'object' ? { ...ofKind, current } : current] as const];
  });
  return { ...secrets, sources: { ...sources, ...Object.fromEntries(made) } };
}

function parsed(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new StartError(`The secrets file ${file} cannot be read. Name another one with --secrets FILE.`);
  }
  const json = parsedJson(text);
  if (json === undefined) throw new StartError(`The secrets file ${file} is not JSON.`);
  return json;
}
