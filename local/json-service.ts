import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { readBody } from './http.ts';
import { jsonRefusal } from './iam/answers.ts';
import type { Guard } from './iam/guard.ts';
import { ServiceError } from './service-error.ts';
import { ServiceServer } from './service-server.ts';

/** A service that speaks AWS JSON 1.1: the operation in `x-amz-target`, request and answer as JSON. */
export interface JsonService<Store> {
  /** What stands before an operation's name, such as `secretsmanager.`. */
  readonly prefix: string;
  readonly operations: Readonly<Record<string, (request: unknown, store: Store) => object>>;
  readonly store: Store;
  /** By which a role allows an operation: the service's part of `ssm:GetParameter`, and the ARN that a request is about. */
  readonly service: string;
  readonly arnOf: (request: unknown, store: Store) => string;
  /** What it says of a request that is too long to be read. */
  readonly tooLong: string;
}

const MOST_BYTES = 1024 * 1024;
const TYPE = 'application/x-amz-json-1.1';

/** The server of such a service on this machine. @param guard holds each call against the role of whoever makes it */
export const jsonServer = <Store>(service: JsonService<Store>, guard?: Guard): Promise<ServiceServer<Store>> =>
  ServiceServer.of(service.store, (request, response) => answer(request, response, service, guard));

/** What was asked, as the operation knows it. @throws ServiceError of this name for anything else */
export const asked = <T>(schema: z.ZodType<T>, request: unknown, name: string): T => {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ServiceError(name, `${issue?.path.join('.')}: ${issue?.message}`);
};

async function answer<Store>(
  request: IncomingMessage,
  response: ServerResponse,
  { prefix, operations, store, service, arnOf, tooLong }: JsonService<Store>,
  guard: Guard | undefined,
): Promise<void> {
  const body = await readBody(request, MOST_BYTES);
  const target = String(request.headers['x-amz-target']);
  const name = target.startsWith(prefix) ? target.slice(prefix.length) : '';
  response.setHeader('content-type', TYPE);
  try {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new ServiceError('UnknownOperationException', `${target} is not emulated here.`);
    if (body === undefined) throw new ServiceError('ValidationException', tooLong);
    const asked: unknown = JSON.parse(String(body));
    const call = { action: `${service}:${name}`, resource: arnOf(asked, store) };
    const refusal = guard?.refusal(request.headers.authorization, [call]);
    if (refusal) {
      const refused = jsonRefusal(refusal, TYPE);
      response.writeHead(refused.status, refused.headers).end(refused.body);
      return;
    }
    response.end(JSON.stringify(operation(asked, store)));
  } catch (error) {
    const known = error instanceof ServiceError ? error : new ServiceError('InvalidRequestException', 'Broken JSON.');
    response.statusCode = 400;
    response.setHeader('x-amzn-errortype', known.name);
    response.end(JSON.stringify({ __type: known.name, Message: known.message }));
  }
}
