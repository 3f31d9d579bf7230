import type { Server } from 'node:http';
import { close, listen } from '../http.ts';
import type { Guard } from '../iam/guard.ts';
import { jsonServer } from '../json-service.ts';
import { operations } from './operations.ts';
import { arnOf, ParameterStore, TOO_LONG } from './store.ts';

/** Parameter Store on this machine. In memory: the values come from the secrets file at each start. */
export class ParameterServer {
  readonly url: string;
  readonly store: ParameterStore;
  readonly #server: Server;

  private constructor(server: Server, url: string, store: ParameterStore) {
    this.#server = server;
    this.url = url;
    this.store = store;
  }

  static async start(guard?: Guard): Promise<ParameterServer> {
    const store = new ParameterStore();
    const service = { prefix: 'AmazonSSM.', operations, store, service: 'ssm', arnOf: asked, tooLong: TOO_LONG };
    const server = jsonServer(service, guard);
    return new ParameterServer(server, await listen(server), store);
  }

  async stop(): Promise<void> {
    await close(this.#server);
  }
}

const asked = (request: unknown): string => {
  const { Name } = request as { Name?: string };
  return Name === undefined ? '*' : arnOf(Name);
};
