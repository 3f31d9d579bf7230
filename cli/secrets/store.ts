import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import { BY_NAME } from '../../functions/crm-sync/crm-secret.ts';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import type { Entry } from './entry.ts';
import type { NamedSecret } from './names.ts';

/** The last part of `ezw/<client>/<name>`. */
export type SecretName = 'line-token' | 'sources' | 'webhook-token' | 'crm' | 'notifiers' | 'contact-salt';

export interface StoredSecret {
  readonly value: string;
  readonly versionId: string;
}

const nameOf = ({ client }: Target, name: SecretName): string => `ezw/${client.name}/${name}`;

/** `undefined` when the stack has no such secret. */
export const readSecret = async (target: Target, name: SecretName): Promise<StoredSecret | undefined> => {
  try {
    const SecretId = nameOf(target, name);
    const { SecretString = '', VersionId = '' } = await target.secrets.send(new GetSecretValueCommand({ SecretId }));
    return { value: SecretString, versionId: VersionId };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
};

/** The version's id. The secret itself is made by the deployment. */
export const writeSecret = async (target: Target, name: SecretName, SecretString: string): Promise<string> => {
  const SecretId = nameOf(target, name);
  const { VersionId = '' } = await target.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  return VersionId;
};

/** Fails now, and not after the work, when the secret is not there to be written. */
export const assertSecretExists = async (target: Target, name: SecretName): Promise<void> => {
  const SecretId = nameOf(target, name);
  await target.secrets.send(new DescribeSecretCommand({ SecretId })).catch((error: Error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
    throw new Failed(`There is no secret ${SecretId}. Deploy the stack first.`);
  });
};

/** The fields of a secret that holds JSON; none for a placeholder or a plain text. */
export const fieldsOf = (secret: StoredSecret | undefined): Readonly<Record<string, unknown>> =>
  fieldsIn(secret?.value ?? '');

/** What a deployment makes a secret with. */
export const PLACEHOLDER = 'not-set';

type Fields = Readonly<Record<string, unknown>>;

/** Those of several CRMs lie in a field of their own, beside what was stored without a name when there was one alone. */
const namedIn = (stored: StoredSecret | undefined): Fields => (fieldsOf(stored)[BY_NAME] ?? {}) as Fields;

/** What is stored under a name: a text, an object, or nothing. */
export const readEntry = async (target: Target, { secret, field }: NamedSecret): Promise<unknown> => {
  const stored = await readSecret(target, secret);
  if (field !== undefined) return (secret === 'crm' ? namedIn(stored) : fieldsOf(stored))[field];
  if (stored === undefined || stored.value === PLACEHOLDER) return undefined;
  if (!stored.value.startsWith('{')) return stored.value;
  const { [BY_NAME]: _, ...fields } = fieldsOf(stored);
  return Object.keys(fields).length === 0 ? undefined : fields;
};

/** Beside the other fields of its secret, which are written back as they were read. */
export const writeEntry = async (target: Target, { secret, field }: NamedSecret, entry: Entry): Promise<string> => {
  const stored = await readSecret(target, secret);
  if (secret === 'crm') return writeSecret(target, secret, crmText(stored, field, entry));
  if (field === undefined) {
    return writeSecret(target, secret, typeof entry === 'string' ? entry : JSON.stringify(entry));
  }
  return writeSecret(target, secret, JSON.stringify({ ...fieldsOf(stored), [field]: entry }));
};

/** Stores as the CRM's own what stands there without a name, or `entry` in its place: from then on that is nobody else's. */
export const writeNamed = async (target: Target, name: string, entry: Entry): Promise<string> => {
  const named = namedIn(await readSecret(target, 'crm'));
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
