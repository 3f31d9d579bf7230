import type { Guard } from '../iam/guard.ts';
import { jsonServer } from '../json-service.ts';
import type { ServiceServer } from '../service-server.ts';
import { operations } from './operations.ts';
import { SecretStore, TOO_LONG } from './store.ts';

/** Secrets Manager on this machine. In memory: the values come from the secrets file at each start. */
export type SecretsServer = ServiceServer<SecretStore>;

export const SecretsServer = {
  start(guard?: Guard): Promise<SecretsServer> {
    const store = new SecretStore();
    const name = 'secretsmanager';
    return jsonServer({ prefix: `${name}.`, service: name, operations, store, arnOf, tooLong: TOO_LONG }, guard);
  },
};

/** Of the secret that is asked for; as it was asked for where there is none, which IAM does not know. */
function arnOf(asked: unknown, store: SecretStore): string {
  const { SecretId: id = '*' } = asked as { SecretId?: string };
  return store.has(id) ? store.find(id).arn : id;
}
