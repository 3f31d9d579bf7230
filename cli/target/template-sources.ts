import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { acceptedSecrets, type SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { Source } from '../../functions/shared/door/source.ts';
import { fieldsOf, readSecret } from '../secrets/store.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { ROOT } from './project.ts';
import type { Target } from './target.ts';

/** Only `sign` is used here, which is alike for all of them. */
type AnySource = Pick<Source<unknown, never>, 'sign'>;

const FUNCTIONS = `${ROOT}/functions`;

/** Every template: a folder in `functions/` with a `sources.ts`. */
const templateNames = (): readonly string[] =>
  readdirSync(FUNCTIONS)
    .filter((name) => existsSync(`${FUNCTIONS}/${name}/sources.ts`))
    .sort();

/** @throws WrongInput that lists what there is */
export const sourceNamed = async (template: string, name: string): Promise<AnySource> => {
  if (!templateNames().includes(template)) {
    throw new WrongInput(`There is no template "${template}". Choose one of: ${templateNames().join(', ')}.`);
  }
  const module: unknown = await import(pathToFileURL(`${FUNCTIONS}/${template}/sources.ts`).href);
  const { sources } = module as { sources: Readonly<Record<string, AnySource>> };
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (source) return source;
  throw new WrongInput(`${template} has no source "${name}". Choose one of: ${Object.keys(sources).join(', ')}.`);
};

/** The stored secret of a source. @throws Failed when none is stored */
export const sourceSecretOf = async (target: Target, source: string): Promise<SourceSecret> => {
  const entry = fieldsOf(await readSecret(target, 'sources'))[source];
  const secret = (typeof entry === 'string' ? { current: entry } : entry) as SourceSecret | undefined;
  if (secret !== undefined && acceptedSecrets(secret)[0]) return secret;
  throw new Failed(
    `No secret is stored for ${source}. Run "npx ezw secrets set ${target.client.name} sources.${source}".`,
  );
};
