import { DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, type ParameterTier, PutParameterCommand } from '@aws-sdk/client-ssm';
import { BY_NAME } from '../../functions/crm-sync/crm-secret.ts';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import { turnedOn } from '../../lib/client.ts';
import { lineTokenName, parameterName, READS, sourcesOf } from '../../lib/parameter-names.ts';
import { explain } from '../run.ts';
import type { Target } from '../target/target.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import type { Entry } from './entry.ts';
import type { NamedSecret } from './names.ts';

/** The line token lies in Secrets Manager, all others in Parameter Store; `sources` in one parameter for each template. */
export type SecretName = 'line-token' | 'sources' | 'webhook-token' | 'crm' | 'notifiers' | 'contact-salt';

export interface StoredSecret {
  readonly value: string;
  readonly versionId: string;
}

type Stores = Pick<Target, 'client' | 'secrets' | 'parameters'> & Partial<Pick<Target, 'template'>>;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const MOST_BYTES = 8_192;

/** Of what is not there; throws any other error. */
export const orNothing = (error: Error): undefined => {
  if (!/^(?:ResourceNotFoundException|ParameterNotFound)$/.test(error.name)) throw error;
};

/** Of Secrets Manager. `undefined` when there is none of this name, or none any more. */
export const readManaged = async ({ secrets }: Pick<Stores, 'secrets'>, SecretId: string) => {
  const found = await secrets.send(new GetSecretValueCommand({ SecretId })).catch(orNothing);
  return found && { value: found.SecretString ?? '', versionId: found.VersionId ?? '' };
};

/** `undefined` when there is no such parameter. @param name without the client's part */
export const readParameter = async (
  { client, parameters }: Stores,
  name: string,
): Promise<StoredSecret | undefined> => {
  const asked = { Name: parameterName(client.name, name), WithDecryption: true };
  const found = await parameters.send(new GetParameterCommand(asked)).catch(orNothing);
  return found && { value: found.Parameter?.Value ?? '', versionId: String(found.Parameter?.Version ?? '') };
};

export const fitsParameter = (value: string): boolean => Buffer.byteLength(value) <= MOST_BYTES;

/** @throws WrongInput */
export const assertFitsParameter = (parameter: string, value: string): void => {
  if (fitsParameter(value)) return;
  throw new WrongInput(
    `${parameter} would be longer than the 8 kB that Parameter Store takes: leave out what nothing reads. Nothing was stored.`,
  );
};

/** Encrypted. @returns its version @throws WrongInput for what Parameter Store does not take */
export const putParameter = async (
  { client, parameters }: Stores,
  name: string,
  Value: string,
  Overwrite = true,
): Promise<string> => {
  assertFitsParameter(parameterName(client.name, name), Value);
  // More than 4 kB bill a few cents a month; whoever writes less pays nothing.
  const Tier: ParameterTier = 'Intelligent-Tiering';
  const { Version } = await parameters.send(
    new PutParameterCommand({
      Name: parameterName(client.name, name),
      Value,
      Type: 'SecureString',
      Tier,
      Overwrite,
    }),
  );
  return String(Version ?? '');
};

type Reads = readonly { readonly name: string; readonly sources?: readonly string[] }[];

/** The templates of the stack that stands, of one source those that have it; none where no stack is asked. */
const standingWith = ({ client, template }: Stores, source?: string): readonly string[] => {
  const reads = (template?.Metadata?.[READS] ?? []) as Reads;
  const prefix = parameterName(client.name, sourcesOf(''));
  return reads.flatMap(({ name, sources }) =>
    sources && (source === undefined || sources.includes(source)) ? [name.slice(prefix.length)] : [],
  );
};

/** With those of the client file, which says by now what will be deployed. */
const templatesWith = (stores: Stores, source?: string): readonly string[] => {
  const written = turnedOn(stores.client).flatMap(([name, { settings }]) =>
    source === undefined || Object.keys(settings.sources).includes(source) ? [name] : [],
  );
  return [...new Set([...standingWith(stores, source), ...written])];
};

/** What each template knows its sources by. */
const readSources = async (target: Stores): Promise<ReadonlyMap<string, StoredSecret | undefined>> => {
  const templates = templatesWith(target);
  const each = templates.map(async (name) => [name, await readParameter(target, sourcesOf(name))] as const);
  return new Map(await Promise.all(each));
};

/** Whose parameter stands, or should: that of a template which is still to be deployed is made with it, and knows then what the others know. */
const concernedBy = (
  target: Stores,
  source: string,
  stored: ReadonlyMap<string, StoredSecret | undefined>,
): readonly string[] => {
  const standing = standingWith(target, source);
  return templatesWith(target, source).filter((name) => standing.includes(name) || stored.get(name) !== undefined);
};

/** What is stored of a source by each template that has it. */
export const entriesOf = async (target: Stores): Promise<(source: string) => readonly unknown[]> => {
  const stored = await readSources(target);
  return (source) => concernedBy(target, source, stored).map((name) => fieldsOf(stored.get(name))[source]);
};

const allSources = async (target: Stores): Promise<StoredSecret | undefined> => {
  const found = [...(await readSources(target)).values()].flatMap((one) => one ?? []);
  if (found.length === 0) return undefined;
  // The same source of two templates has one secret; the first is as good as the other.
  const value = JSON.stringify(Object.assign({}, ...found.map(fieldsOf).reverse()));
  return { value, versionId: found.map(({ versionId }) => versionId).join('.') };
};

/** `undefined` when the client has no such secret. */
export const readSecret = (target: Stores, name: SecretName): Promise<StoredSecret | undefined> => {
  if (name === 'line-token') return readManaged(target, lineTokenName(target.client.name));
  return name === 'sources' ? allSources(target) : readParameter(target, name);
};

const notMade = ({ client }: Stores, what: string): Failed =>
  new Failed(`There is no ${what}: it is made by "npx ezw deploy ${client.name}". Nothing was stored.`);

/** A stack of before values lay there reads none of them. */
export const readsParameters = ({ template }: Pick<Target, 'template'>): boolean =>
  template.Metadata?.[READS] !== undefined;

/** What it does not read a deployment would take over from elsewhere. @throws Failed */
const assertReadsParameters = (target: Target): void => {
  const { client } = target;
  if (readsParameters(target)) return;
  throw new Failed(
    `This stack is of a release that does not read what would be stored: run "npx ezw deploy ${client.name}" first. Nothing was stored.`,
  );
};

/** The version's id. What nobody made no function would read. */
export const writeSecret = async (target: Target, name: SecretName, SecretString: string): Promise<string> => {
  if (name === 'line-token') {
    const SecretId = lineTokenName(target.client.name);
    const { VersionId = '' } = await target.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
    return VersionId;
  }
  assertReadsParameters(target);
  if ((await readParameter(target, name)) === undefined) throw notMade(target, `parameter for ${name}`);
  return putParameter(target, name, SecretString);
};

/** Fails now, and not after the work, when the line token's secret is not there to be written. */
export const assertTokenIsKept = async (target: Stores): Promise<void> => {
  const SecretId = lineTokenName(target.client.name);
  const found = await target.secrets.send(new DescribeSecretCommand({ SecretId })).catch(orNothing);
  if (!found) throw notMade(target, `secret ${SecretId}`);
};

/** The fields of a secret that holds JSON; none for a placeholder or a plain text. */
export const fieldsOf = (secret: StoredSecret | undefined): Readonly<Record<string, unknown>> =>
  fieldsIn(secret?.value ?? '');

/** What a deployment makes a secret with. */
export const PLACEHOLDER = 'not-set';

/** The same of what is to be written back with one field more. @throws Failed for what is no JSON: all that it holds would be lost */
export const keptFields = (name: string, stored: StoredSecret | undefined): Readonly<Record<string, unknown>> => {
  const fields = fieldsOf(stored);
  const value = stored?.value.trim() ?? '';
  if (Object.keys(fields).length > 0 || value === '' || value === PLACEHOLDER || /^\{\s*\}$/.test(value)) return fields;
  throw new Failed(
    `What is stored in ${name} is no JSON, so nothing was written over it: mend it where it is stored, whose history has what stood before.`,
  );
};

type Fields = Readonly<Record<string, unknown>>;

/** Those of several CRMs lie in a field of their own, beside what was stored without a name when there was one alone. */
const namedIn = (stored: StoredSecret | undefined): Fields => (fieldsOf(stored)[BY_NAME] ?? {}) as Fields;

/** To be written back, or to be told of. @throws Failed for JSON that is broken: all that it holds would be lost, or taken for nothing */
const readWhole = async (target: Target, name: SecretName): Promise<StoredSecret | undefined> => {
  const stored = await readSecret(target, name);
  if (stored?.value.trim().startsWith('{')) keptFields(parameterName(target.client.name, name), stored);
  return stored;
};

/** What is stored under a name: a text, an object, or nothing. */
export const readEntry = async (target: Target, { secret, field }: NamedSecret): Promise<unknown> => {
  const stored = await readWhole(target, secret);
  if (field !== undefined) return (secret === 'crm' ? namedIn(stored) : fieldsOf(stored))[field];
  if (stored === undefined || stored.value === PLACEHOLDER) return undefined;
  if (!stored.value.startsWith('{')) return stored.value;
  const { [BY_NAME]: _, ...fields } = fieldsOf(stored);
  return Object.keys(fields).length === 0 ? undefined : fields;
};

/**
 * One after the other. Where one cannot be written, those before it are written back: half of a change is none.
 * @throws what the one threw, or Failed where a half of it stands
 */
const putAll = async (
  target: Target,
  texts: readonly (readonly [template: string, text: string])[],
  before: ReadonlyMap<string, StoredSecret | undefined>,
): Promise<string> => {
  const written: string[] = [];
  const versions: string[] = [];
  for (const [name, text] of texts) {
    try {
      versions.push(await putParameter(target, sourcesOf(name), text));
    } catch (error) {
      const back = written.map((one) => putParameter(target, sourcesOf(one), before.get(one)?.value ?? '{}'));
      if ((await Promise.allSettled(back)).every(({ status }) => status === 'fulfilled')) throw error;
      throw new Failed(
        `Half of it is done: stored for ${written.join(', ')}, and not for ${name}. Senders go on by the value of before. Run the command again; what it was: ${explain(error)}`,
      );
    }
    written.push(name);
  }
  return versions.join('.');
};

/** Of one source, in each template that has it. */
const writeSource = async (target: Target, source: string, entry: Entry): Promise<string> => {
  assertReadsParameters(target);
  const stored = await readSources(target);
  const [first] = templatesWith(target, source);
  if (first === undefined) throw new WrongInput(`No template that is turned on has a source ${source}.`);
  const templates = concernedBy(target, source, stored);
  const missing = templates.length === 0 ? first : templates.find((name) => stored.get(name) === undefined);
  if (missing !== undefined) throw notMade(target, `parameter for the sources of ${missing}`);
  const texts = templates.map((name) => {
    const parameter = parameterName(target.client.name, sourcesOf(name));
    const text = JSON.stringify({ ...keptFields(parameter, stored.get(name)), [source]: entry });
    assertFitsParameter(parameter, text);
    return [name, text] as const;
  });
  return putAll(target, texts, stored);
};

/** Beside the other fields of its secret, which are written back as they were read. */
export const writeEntry = async (target: Target, { secret, field }: NamedSecret, entry: Entry): Promise<string> => {
  if (secret === 'sources' && field !== undefined) return writeSource(target, field, entry);
  const stored = await readWhole(target, secret);
  if (secret === 'crm') return writeSecret(target, secret, crmText(stored, field, entry));
  if (field === undefined) {
    return writeSecret(target, secret, typeof entry === 'string' ? entry : JSON.stringify(entry));
  }
  const parameter = parameterName(target.client.name, secret);
  return writeSecret(target, secret, JSON.stringify({ ...keptFields(parameter, stored), [field]: entry }));
};

/** Stores as the CRM's own what stands there without a name, or `entry` in its place: from then on that is nobody else's. */
export const writeNamed = async (target: Target, name: string, entry: Entry): Promise<string> => {
  const named = namedIn(await readWhole(target, 'crm'));
  return writeSecret(target, 'crm', JSON.stringify({ [BY_NAME]: { ...named, [name]: entry } }));
};

/** What to store for CRMs when one entry of theirs is new: all others stay. */
const crmText = (stored: StoredSecret | undefined, name: string | undefined, entry: Entry): string => {
  const named = namedIn(stored);
  if (name === undefined && Object.keys(named).length === 0)
    return typeof entry === 'string' ? entry : JSON.stringify(entry);
  if (name === undefined)
    return JSON.stringify({ ...(typeof entry === 'string' ? { current: entry } : entry), [BY_NAME]: named });
  const { value = PLACEHOLDER } = stored ?? {};
  const unnamed = value.startsWith('{') ? fieldsOf(stored) : value === PLACEHOLDER ? {} : { current: value };
  return JSON.stringify({ ...unnamed, [BY_NAME]: { ...named, [name]: entry } });
};
