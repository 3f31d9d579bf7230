import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AWS_CLIENT } from './aws.ts';
import { Unavailable } from './errors.ts';
import type { SourceSecret } from './signature.ts';

const client = new SecretsManagerClient(AWS_CLIENT);

/** Long enough to cost nothing, short enough that a rotated secret is in use before its overlap ends. */
const REFRESH_MS = 5 * 60_000;
/** A failed proof may mean a secret rotated a moment ago: read again then, but never more often than this. */
const REREAD_MS = 60_000;

/** One secret kept in memory: one call in INIT, then one every five minutes. */
export class CachedSecret {
  readonly #arn: string;
  #value: string | undefined;
  #readAt = 0;

  constructor(arn: string) {
    this.#arn = arn;
  }

  async get(): Promise<string> {
    if (this.#value !== undefined && Date.now() - this.#readAt < REFRESH_MS) return this.#value;
    try {
      return await this.reread();
    } catch (error) {
      // An old value is better than none: a wrong one is refused where it is used.
      if (this.#value !== undefined) return this.#value;
      throw error;
    }
  }

  async reread(): Promise<string> {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: this.#arn }));
    this.#value = SecretString ?? '';
    this.#readAt = Date.now();
    return this.#value;
  }

  /** True if a newer value may be there and was fetched. */
  async refreshAfterMismatch(): Promise<boolean> {
    if (Date.now() - this.#readAt < REREAD_MS) return false;
    const before = this.#value;
    return (await this.reread()) !== before;
  }
}

/**
 * One source's entry of the sources secret: a string, or an object with `current`, `previous` while a rotation lasts, and
 * fields of its own. Throws `Unavailable` when it is not there: an unproven event is never let in, but its sender may be right
 * and the deployment wrong, so it is told to come again.
 */
export const sourceSecret = (sources: string, name: string): SourceSecret => {
  const entry = entries(sources)[name];
  const secret = typeof entry === 'string' ? { current: entry } : entry;
  if (!isSecret(secret)) {
    throw new Unavailable('secret_not_set', `No secret is stored for the source ${name}.`);
  }
  return secret;
};

const isSecret = (value: unknown): value is SourceSecret =>
  typeof value === 'object' &&
  value !== null &&
  'current' in value &&
  typeof value.current === 'string' &&
  value.current !== '';

const entries = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};
