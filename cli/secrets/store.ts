import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';

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
