import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { type Client, TEMPLATE_NAMES } from '../../lib/client.ts';
import { parameterName, SALT, SALTED, sourcesOf } from '../../lib/parameter-names.ts';
import { parametersOf, type StoredParameter } from '../../lib/parameters.ts';
import {
  assertFitsParameter,
  fieldsOf,
  fitsParameter,
  keptFields,
  putParameter,
  readManaged,
  readParameter,
  type StoredSecret,
} from '../secrets/store.ts';
import type { Deployed } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { fingerprint } from './salt.ts';

type Stores = Pick<Deployed, 'client' | 'secrets' | 'parameters'>;
type Fields = Readonly<Record<string, unknown>>;

/** What stands before a deployment, by its name. */
interface Found {
  readonly parameters: ReadonlyMap<string, StoredSecret>;
  /** Of a stack of before values lay in Parameter Store: it reads these, so they are the newer ones for as long as they are there. */
  readonly secrets: ReadonlyMap<string, StoredSecret>;
}

export interface Prepared {
  /** Taken from where releases before this one kept it. */
  readonly takenOver: readonly string[];
  readonly made: readonly string[];
}

/** Of sources that no template has now: no function may read it, and whoever turns one on finds its secret. */
const UNUSED = sourcesOf('unused');
const OF_TEMPLATES = TEMPLATE_NAMES.map(sourcesOf);
const OF_SOURCES = [...OF_TEMPLATES, UNUSED];

const BEFORE = [SALT, 'webhook-token', 'crm', 'notifiers', 'sources'];

const secretName = ({ name }: Client, secret: string): string => `ezw/${name}/${secret}`;

/** @throws Failed for one that somebody marked for deletion, where nothing else holds its value */
const managed = async (stores: Stores, name: string, isElsewhere: boolean): Promise<StoredSecret | undefined> => {
  const id = secretName(stores.client, name);
  return readManaged(stores, id).catch((error: Error) => {
    if (error.name !== 'InvalidRequestException') throw error;
    if (isElsewhere) return undefined;
    throw new Failed(
      `The secret ${id} is marked for deletion, and its value lies nowhere else. To keep it an administrator types: aws secretsmanager restore-secret --secret-id ${id}. Nothing was deployed.`,
    );
  });
};

const foundBy = async <T>(names: readonly string[], find: (name: string) => Promise<T | undefined>) => {
  const each = await Promise.all(names.map(async (name) => [name, await find(name)] as const));
  return new Map(each.flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const])));
};

const readAll = (stores: Stores) => {
  const names = parametersOf(stores.client).map(({ name }) => name);
  return foundBy([...new Set([...names, ...OF_SOURCES, SALTED])], (name) => readParameter(stores, name));
};

/** @param reads whether the stack that stands reads parameters: then nothing that is left elsewhere is newer */
const look = async (stores: Stores, reads: boolean): Promise<Found> => {
  const parameters = await readAll(stores);
  if (reads) return { parameters, secrets: new Map() };
  const isElsewhere = (name: string): boolean => parameters.has(name) || (name === 'sources' && parameters.has(SALTED));
  const secrets = await foundBy(BEFORE, (name) => managed(stores, name, isElsewhere(name)));
  return { parameters, secrets };
};

/** @throws Failed for what is no JSON, of a template that is on: what nobody reads is left as it is */
const fieldsIn = (client: Client, name: string, { parameters }: Pick<Found, 'parameters'>): Fields => {
  const stored = parameters.get(name);
  const isOn = parametersOf(client).some((one) => one.name === name);
  return isOn ? keptFields(parameterName(client.name, name), stored) : fieldsOf(stored);
};

const before = (client: Client, { secrets }: Found): Fields =>
  keptFields(secretName(client, 'sources'), secrets.get('sources'));

/**
 * Of its sources what was kept for all templates together, what the template has, and what another one has: first those that are on, which
 * are in use.
 */
const sourcesFor = (client: Client, { name, sources = [] }: StoredParameter, found: Found): Fields => {
  const on = parametersOf(client).flatMap((one) => (one.sources ? [one.name] : []));
  const off = OF_SOURCES.filter((one) => !on.includes(one));
  const all = [before(client, found), ...[name, ...on, ...off].map((one) => fieldsIn(client, one, found))];
  const known = sources.flatMap((source) => {
    const entry = all.map((fields) => fields[source]).find((one) => one !== undefined);
    return entry === undefined ? [] : [[source, entry] as const];
  });
  return { ...fieldsIn(client, name, found), ...Object.fromEntries(known) };
};

const unusedOf = (client: Client, found: Found): Fields => {
  const known = parametersOf(client).flatMap(({ sources = [] }) => sources);
  // What was put aside is older than what a template has.
  const all = [UNUSED, ...OF_TEMPLATES].map((name) => fieldsIn(client, name, found));
  const kept = Object.entries(Object.assign({}, ...all, before(client, found)) as Fields);
  return Object.fromEntries(kept.filter(([source]) => !known.includes(source)));
};

/**
 * The one that is there, the one of before, or a new one: never another one than was made once.
 * @throws Failed where rows that nobody could find again would be hidden by another one
 */
const saltFor = (client: Client, { parameters, secrets }: Found, reads: boolean): string => {
  const [stored, old, made] = [parameters.get(SALT)?.value, secrets.get(SALT)?.value, parameters.get(SALTED)?.value];
  const [name, note] = [SALT, SALTED].map((one) => parameterName(client.name, one));
  const salt = stored ?? old;
  const without = 'with another one nobody who said stop would be known';
  if (salt === undefined) {
    if (made === undefined && !reads) return randomBytes(32).toString('hex');
    throw new Failed(
      `${name} was made once and is gone: ${without}. Put back the one that was made, from where you keep it. Only if no table of this client is left, of a client that is removed: aws ssm delete-parameter --name ${note}. Nothing was deployed.`,
    );
  }
  if (made !== undefined && made !== fingerprint(salt)) {
    throw new Failed(
      `${name} is not the salt that was made: ${without}. Put back the one that was made, from where you keep it or from the history of the parameter. Nothing was deployed.`,
    );
  }
  if (made === undefined && stored !== undefined && old !== undefined && stored !== old) {
    throw new Failed(
      `There are two salts, the parameter ${name} and the secret ${secretName(client, SALT)}: ${without}. Delete the one that hides no row. Nothing was deployed.`,
    );
  }
  return salt;
};

const wanted = (client: Client, parameter: StoredParameter, found: Found, reads: boolean): string => {
  const { name, placeholder, sources } = parameter;
  if (placeholder === undefined) return saltFor(client, found, reads);
  const stored = found.parameters.get(name)?.value;
  if (sources) {
    const next = sourcesFor(client, parameter, found);
    const isThere = stored !== undefined && isDeepStrictEqual(next, fieldsIn(client, name, found));
    return isThere ? stored : JSON.stringify(next);
  }
  const old = found.secrets.get(name)?.value;
  // What a deployment put there is nobody's.
  return (old === placeholder ? undefined : old) ?? stored ?? placeholder;
};

/** That there is a salt, and which. Not over a note that somebody else made meanwhile. */
const mark = ({ client, parameters }: Stores, salt: string): Promise<unknown> => {
  const note = { Name: parameterName(client.name, SALTED), Value: fingerprint(salt), Type: 'String' } as const;
  return parameters.send(new PutParameterCommand(note)).catch((error: Error) => {
    if (error.name !== 'ParameterAlreadyExists') throw error;
  });
};

/** @throws Failed where somebody else made it meanwhile */
const put = (stores: Stores, name: string, text: string, isThere: boolean): Promise<unknown> =>
  putParameter(stores, name, text, isThere).catch((error: Error) => {
    if (error.name !== 'ParameterAlreadyExists') throw error;
    throw new Failed(
      `Somebody else deploys ${stores.client.name} just now: wait, then run it again. Nothing was deployed.`,
    );
  });

/**
 * Makes what the functions of a client read and CloudFormation cannot make, each once: what is stored stays. A stack of before values lay in
 * Parameter Store has its own taken over, and goes on with them until it is deployed.
 * @param reads whether the stack that stands reads parameters: it has its salt
 * @throws Failed
 */
export const prepare = async (stores: Stores, reads = false): Promise<Prepared> => {
  const { client } = stores;
  const found = await look(stores, reads);
  const all = parametersOf(client);
  const texts = new Map(all.map((one) => [one.name, wanted(client, one, found, reads)] as const));
  const unused = JSON.stringify(unusedOf(client, found));
  // Where it has no room for more, what a template has of sources that are off stays there.
  if (unused !== '{}' && fitsParameter(unused)) texts.set(UNUSED, unused);
  // All before the first is written.
  for (const [name, text] of texts) assertFitsParameter(parameterName(client.name, name), text);
  const done: { takenOver: string[]; made: string[] } = { takenOver: [], made: [] };
  for (const [name, text] of texts) {
    const stored = found.parameters.get(name);
    if (stored?.value === text) continue;
    await put(stores, name, text, stored !== undefined);
    const isMade = text === (all.find((one) => one.name === name)?.placeholder ?? '');
    const isTaken = !isMade && found.secrets.has(name.split('/')[0] ?? '');
    done[isTaken ? 'takenOver' : 'made'].push(name);
  }
  if (!found.parameters.has(SALTED)) await mark(stores, texts.get(SALT) ?? '');
  return done;
};

/**
 * Behind a deployment, when no function of before it runs any more: what a template knows of sources that it has not is kept where none reads it. Else
 * it would come back, old, with the source.
 */
export const tidy = async (stores: Stores): Promise<void> => {
  const { client } = stores;
  const found = { parameters: await readAll(stores), secrets: new Map() };
  const unused = unusedOf(client, found);
  const has = (name: string): readonly string[] => parametersOf(client).find((one) => one.name === name)?.sources ?? [];
  const next: readonly (readonly [string, Fields])[] = [
    [UNUSED, unused],
    ...OF_TEMPLATES.map((name) => {
      const own = Object.entries(fieldsIn(client, name, found));
      return [name, Object.fromEntries(own.filter(([source]) => has(name).includes(source)))] as const;
    }),
  ];
  for (const [name, fields] of next) {
    const isThere = found.parameters.has(name);
    if (isDeepStrictEqual(fields, fieldsIn(client, name, found)) || (!isThere && name !== UNUSED)) continue;
    await putParameter(stores, name, JSON.stringify(fields), isThere);
  }
};

/** What no function reads any more and still bills, of a stack that had it. */
export const oldSalt = async (stores: Stores): Promise<string | undefined> => {
  const id = secretName(stores.client, SALT);
  const found = await readManaged(stores, id).catch(() => undefined);
  return found && id;
};
