import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http.ts';
import { MAX_EVENT_BYTES } from '../lambda/limits.ts';
import { toEvent } from './event.ts';
import { type Answer, gatewayAnswer, toAnswer, unusable } from './response.ts';
import type { Match, Router } from './router.ts';

/**
 * Bytes of a body, and of the request line with the values of all headers:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const maxBody = 10 * 1024 * 1024;
const maxHead = 10_240;

/** Answers one request as API Gateway's HTTP API would. Never throws. Without a router nothing is there yet, or just now. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  router: Router | undefined,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?');
  try {
    const answer = headOf(request) > maxHead ? headTooLarge() : await answerOf(request, path, router);
    // A body that nobody read keeps the connection busy.
    request.resume();
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    response.end(answer.body);
  } catch {
    // The caller hung up while it was still sending.
    response.destroy();
  }
}

async function answerOf(request: IncomingMessage, path: string, router: Router | undefined): Promise<Answer> {
  const match = router?.match(request.method ?? '', path);
  if (router === undefined) return gatewayAnswer(503, 'Service Unavailable');
  if (match === undefined) return gatewayAnswer(404, 'Not Found');
  if (!router.throttle.admits(match.route.routeKey)) return gatewayAnswer(429, 'Too Many Requests');
  return invoke(request, match);
}

async function invoke(request: IncomingMessage, match: Match): Promise<Answer> {
  const body = await readBody(request, maxBody);
  if (body === undefined) return tooLarge();
  const event = JSON.stringify(toEvent(request, body, match));
  if (Buffer.byteLength(event) > MAX_EVENT_BYTES) return tooLarge();
  const { pool, timeoutMs } = match.route;
  // All that a caller is told; the stage's log says that there is no permission.
  if (!match.route.mayInvoke()) return unusable();
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    // Lambda would have started another process: waiting for one of the few here does not count.
    const onStart = () => {
      timer = setTimeout(() => resolve(gatewayAnswer(503, 'Service Unavailable')), timeoutMs);
    };
    pool
      .invoke(event, onStart)
      .then(toAnswer, unusable)
      .then(resolve)
      .finally(() => clearTimeout(timer));
  });
}

function headOf({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): number {
  const values = rawHeaders.filter((_, place) => place % 2 === 1);
  return Buffer.byteLength(`${method} ${url} HTTP/${httpVersion}${values.join('')}`);
}

function headTooLarge(): Answer {
  return gatewayAnswer(431, 'Request Header Fields Too Large');
}

function tooLarge(): Answer {
  return gatewayAnswer(413, 'Request Entity Too Large');
}
