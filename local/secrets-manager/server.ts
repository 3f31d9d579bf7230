import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onlyFromHere } from '../callers.ts';
import { close, listen, readBody } from '../http.ts';
import { jsonRefusal } from '../iam/answers.ts';
import type { Guard } from '../iam/guard.ts';
import { operations } from './operations.ts';
import { SecretsError } from './secrets-error.ts';
import { SecretStore, TOO_LONG } from './store.ts';

const prefix = 'secretsmanager.';

/** Secrets Manager on this machine (AWS JSON 1.1). In memory: the values come from the secrets file at each start. */
export class SecretsServer {
  readonly url: string;
  readonly store: SecretStore;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>, url: string, store: SecretStore) {
    this.#server = server;
    this.url = url;
    this.store = store;
  }

  static async start(guard?: Guard): Promise<SecretsServer> {
    const store = new SecretStore();
    const server = createServer((request, response) => {
      answer(request, response, store, guard).catch(() => response.destroy());
    });
    return new SecretsServer(server, await listen(onlyFromHere(server)), store);
  }

  async stop(): Promise<void> {
    await close(this.#server);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: SecretStore,
  guard: Guard | undefined,
): Promise<void> {
  const body = await readBody(request, 1024 * 1024);
  const target = String(request.headers['x-amz-target']);
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  try {
    const operation = operationOf(target);
    if (!operation) throw new SecretsError('UnknownOperationException', `${target} is not emulated here.`);
    if (body === undefined) throw new SecretsError('ValidationException', TOO_LONG);
    const asked: unknown = JSON.parse(String(body));
    const call = { action: `secretsmanager:${target.slice(prefix.length)}`, resource: arnOf(asked, store) };
    const refusal = guard?.refusal(request.headers.authorization, [call]);
    if (refusal) {
      const refused = jsonRefusal(refusal, 'application/x-amz-json-1.1');
      response.writeHead(refused.status, refused.headers).end(refused.body);
      return;
    }
    response.end(JSON.stringify(operation(asked, store)));
  } catch (error) {
    const known = error instanceof SecretsError ? error : new SecretsError('InvalidRequestException', 'Broken JSON.');
    response.statusCode = 400;
    response.setHeader('x-amzn-errortype', known.name);
    response.end(JSON.stringify({ __type: known.name, Message: known.message }));
  }
}

const operationOf = (target: string) => {
  const name = target.startsWith(prefix) ? target.slice(prefix.length) : '';
  return Object.hasOwn(operations, name) ? operations[name] : undefined;
};

/** Of the secret that is asked for; as it was asked for where there is none, which IAM does not know. */
function arnOf(asked: unknown, store: SecretStore): string {
  const { SecretId: id = '*' } = asked as { SecretId?: string };
  return store.has(id) ? store.find(id).arn : id;
}
