import type { Server } from 'node:http';
import { close, listen } from '../http.ts';
import type { Guard } from '../iam/guard.ts';
import { jsonServer } from '../json-service.ts';
import { operations } from './operations.ts';
import { SecretStore, TOO_LONG } from './store.ts';

/** Secrets Manager on this machine. In memory: the values come from the secrets file at each start. */
export class SecretsServer {
  readonly url: string;
  readonly store: SecretStore;
  readonly #server: Server;

  private constructor(server: Server, url: string, store: SecretStore) {
    this.#server = server;
    this.url = url;
    this.store = store;
  }

  static async start(guard?: Guard): Promise<SecretsServer> {
    const store = new SecretStore();
    const service = {
      prefix: 'secretsmanager.',
      operations,
      store,
      service: 'secretsmanager',
      arnOf,
      tooLong: TOO_LONG,
    };
    const server = jsonServer(service, guard);
    return new SecretsServer(server, await listen(server), store);
  }

  async stop(): Promise<void> {
    await close(this.#server);
  }
}

/** Of the secret that is asked for; as it was asked for where there is none, which IAM does not know. */
function arnOf(asked: unknown, store: SecretStore): string {
  const { SecretId: id = '*' } = asked as { SecretId?: string };
  return store.has(id) ? store.find(id).arn : id;
}
