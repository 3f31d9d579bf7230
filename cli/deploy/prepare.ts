import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Client } from '../../lib/client.ts';
import { parameterName, parametersOf, SALT, SALTED, type StoredParameter, sourcesOf } from '../../lib/parameters.ts';
import { fieldsOf, putParameter, readManaged, readParameter, type StoredSecret } from '../secrets/store.ts';
import type { Deployed } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';

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

const BEFORE = [SALT, 'webhook-token', 'crm', 'notifiers', 'sources'];

const secretName = ({ name }: Client, secret: string): string => `ezw/${name}/${secret}`;

/** @throws Failed for one that somebody marked for deletion, where nothing else holds its value */
const managed = async (stores: Stores, name: string, isElsewhere: boolean): Promise<StoredSecret | undefined> => {
  const id = secretName(stores.client, name);
  return readManaged(stores, id).catch((error: Error) => {
    if (error.name !== 'InvalidRequestException') throw error;
    if (isElsewhere) return undefined;
    throw new Failed(
      `The secret ${id} is marked for deletion, and its value lies nowhere else. To keep it: aws secretsmanager restore-secret --secret-id ${id}. Nothing was deployed.`,
    );
  });
};

const foundBy = async <T>(names: readonly string[], find: (name: string) => Promise<T | undefined>) => {
  const each = await Promise.all(names.map(async (name) => [name, await find(name)] as const));
  return new Map(each.flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const])));
};

const look = async (stores: Stores): Promise<Found> => {
  const names = parametersOf(stores.client).map(({ name }) => name);
  const parameters = await foundBy([...names, UNUSED, SALTED], (name) => readParameter(stores, name));
  const isElsewhere = (name: string): boolean => parameters.has(name) || (name === 'sources' && parameters.has(SALTED));
  const secrets = await foundBy(BEFORE, (name) => managed(stores, name, isElsewhere(name)));
  return { parameters, secrets };
};

/** Of its sources what the template has, what was kept for all templates together, and what another one has. */
const sourcesFor = ({ name, sources = [] }: StoredParameter, { parameters, secrets }: Found): Fields => {
  const own = fieldsOf(parameters.get(name));
  const ofTemplates = [...parameters].filter(([one]) => one.startsWith(sourcesOf('')));
  const all: readonly Fields[] = [
    fieldsOf(secrets.get('sources')),
    own,
    ...ofTemplates.map(([, stored]) => fieldsOf(stored)),
  ];
  const known = sources.flatMap((source) => {
    const entry = all.map((fields) => fields[source]).find((one) => one !== undefined);
    return entry === undefined ? [] : [[source, entry] as const];
  });
  return { ...own, ...Object.fromEntries(known) };
};

const unusedOf = (client: Client, { parameters, secrets }: Found): Fields => {
  const known = parametersOf(client).flatMap(({ sources = [] }) => sources);
  const kept = Object.entries({ ...fieldsOf(parameters.get(UNUSED)), ...fieldsOf(secrets.get('sources')) });
  return Object.fromEntries(kept.filter(([source]) => !known.includes(source)));
};

const wanted = (parameter: StoredParameter, found: Found): string | undefined => {
  const { name, placeholder, sources } = parameter;
  const stored = found.parameters.get(name);
  if (sources) {
    const next = sourcesFor(parameter, found);
    return stored !== undefined && isDeepStrictEqual(next, fieldsOf(stored)) ? stored.value : JSON.stringify(next);
  }
  return found.secrets.get(name)?.value ?? stored?.value ?? placeholder;
};

/** @throws Failed where rows that nobody could find again would be hidden by another one */
const newSalt = ({ client }: Stores, { parameters }: Found): string => {
  if (!parameters.has(SALTED)) return randomBytes(32).toString('hex');
  const [salt, made] = [SALT, SALTED].map((name) => parameterName(client.name, name));
  throw new Failed(
    `${salt} was made once and is gone: with another one nobody who said stop would be known. Put it back (CloudTrail shows who deleted it). Only if no table of this client is left: aws ssm delete-parameter --name ${made}. Nothing was deployed.`,
  );
};

/** Not over one that somebody else made meanwhile. */
const mark = ({ client, parameters }: Stores): Promise<unknown> => {
  const made = { Name: parameterName(client.name, SALTED), Value: 'yes', Type: 'String' } as const;
  return parameters.send(new PutParameterCommand(made)).catch((error: Error) => {
    if (error.name !== 'ParameterAlreadyExists') throw error;
  });
};

/**
 * Makes what the functions of a client read and CloudFormation cannot make, each once: what is stored stays. A stack of before values lay in
 * Parameter Store has its own taken over, and goes on with them until it is deployed.
 * @throws Failed
 */
export const prepare = async (stores: Stores): Promise<Prepared> => {
  const found = await look(stores);
  const unused = unusedOf(stores.client, found);
  const texts = new Map(
    parametersOf(stores.client).map((one) => [one.name, wanted(one, found) ?? newSalt(stores, found)] as const),
  );
  if (Object.keys(unused).length > 0) texts.set(UNUSED, JSON.stringify(unused));
  const done: { takenOver: string[]; made: string[] } = { takenOver: [], made: [] };
  for (const [name, text] of texts) {
    const stored = found.parameters.get(name);
    if (stored?.value === text) continue;
    await putParameter(stores, name, text, stored !== undefined).catch((error: Error) => {
      if (error.name !== 'ParameterAlreadyExists') throw error;
      throw new Failed(
        `Somebody else deploys ${stores.client.name} just now: wait, then run it again. Nothing was deployed.`,
      );
    });
    const isTaken = found.secrets.has(name.split('/')[0] ?? '');
    done[isTaken ? 'takenOver' : 'made'].push(name);
  }
  if (!found.parameters.has(SALTED)) await mark(stores);
  return done;
};

/** What no function reads any more and still bills, of a stack that had it. */
export const oldSalt = async (stores: Stores): Promise<string | undefined> => {
  const id = secretName(stores.client, SALT);
  const found = await readManaged(stores, id).catch(() => undefined);
  return found && id;
};
