import { createServer, type Server, type ServerResponse } from 'node:http';
import { onlyFromHere } from '../callers.ts';
import { close, listen, readBody } from '../http.ts';
import { Standstill } from './standstill.ts';

/** What one process may ask of the Runtime API. */
export interface RuntimeClient {
  /** The process is ready for an invocation; answered when there is one. */
  next(response: ServerResponse): void;
  succeeded(requestId: string, result: string): void;
  failed(requestId: string, error: string): void;
  initFailed(error: string): void;
}

const path =
  /^\/(?<client>[^/]+)\/2018-06-01\/runtime\/(?<what>init\/error|invocation\/(?:next|[^/]+\/(?:response|error)))$/;

/** Lambda's Runtime API for every process of the stack; each has a path prefix of its own, which tells them apart. */
export class RuntimeApi {
  /** Those of them that are stopped. */
  readonly standstill = new Standstill();
  readonly #server: Server;
  readonly #clients = new Map<string, RuntimeClient>();
  #host = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      const { client: id = '', what = '' } = path.exec(request.url ?? '')?.groups ?? {};
      const client = this.#clients.get(id);
      if (!client) {
        response.writeHead(404).end();
        return;
      }
      if (what === 'invocation/next') {
        client.next(response);
        return;
      }
      readBody(request, Number.POSITIVE_INFINITY).then(
        (body) => {
          response.writeHead(202).end();
          report(client, what, String(body));
        },
        () => response.destroy(),
      );
    });
  }

  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    api.#host = new URL(await listen(onlyFromHere(api.#server))).host;
    // The connection is idle while the function works, which may take minutes.
    api.#server.keepAliveTimeout = 0;
    return api;
  }

  /** Value of AWS_LAMBDA_RUNTIME_API for the process with this id. */
  register(id: string, client: RuntimeClient): string {
    this.#clients.set(id, client);
    return `${this.#host}/${id}`;
  }

  forget(id: string): void {
    this.#clients.delete(id);
  }

  async stop(): Promise<void> {
    this.standstill.end();
    await close(this.#server);
  }
}

function report(client: RuntimeClient, what: string, body: string): void {
  const [, requestId = '', outcome] = what.split('/');
  if (what === 'init/error') client.initFailed(body);
  else if (outcome === 'response') client.succeeded(requestId, body);
  else client.failed(requestId, body);
}
