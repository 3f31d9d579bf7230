import type { Guard } from '../iam/guard.ts';
import { JsonServer } from '../json-service.ts';
import { operations } from './operations.ts';
import { SecretStore, TOO_LONG } from './store.ts';

/** Secrets Manager on this machine. In memory: the values come from the secrets file at each start. */
export type SecretsServer = JsonServer<SecretStore>;

export const SecretsServer = {
  start(guard?: Guard): Promise<SecretsServer> {
    const store = new SecretStore();
    const name = 'secretsmanager';
    return JsonServer.of({ prefix: `${name}.`, service: name, operations, store, arnOf, tooLong: TOO_LONG }, guard);
  },
};

/** Of the secret that is asked for; as it was asked for where there is none, which IAM does not know. */
function arnOf(asked: unknown, store: SecretStore): string {
  const { SecretId: id = '*' } = asked as { SecretId?: string };
  return store.has(id) ? store.find(id).arn : id;
}
