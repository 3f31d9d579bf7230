import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { onlyFromHere } from './callers.ts';
import { close, listen } from './http.ts';

/** A service of AWS on this machine, and what it keeps. */
export class ServiceServer<Store> {
  readonly url: string;
  readonly store: Store;
  readonly #server: Server;

  private constructor(server: Server, url: string, store: Store) {
    this.#server = server;
    this.url = url;
    this.store = store;
  }

  /** @param answer where it throws, the connection ends without an answer */
  static async of<Store>(
    store: Store,
    answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<ServiceServer<Store>> {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    return new ServiceServer(server, await listen(onlyFromHere(server)), store);
  }

  async stop(): Promise<void> {
    await close(this.#server);
  }
}
