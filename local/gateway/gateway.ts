import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http.ts';
import { toEvent } from './event.ts';
import { type Answer, gatewayAnswer, toAnswer, unusable } from './response.ts';
import type { Match, Router } from './router.ts';

/** API Gateway takes 10 MB, Lambda's synchronous invocation 6 MB of event. */
const maxBody = 10 * 1024 * 1024;
const maxEvent = 6 * 1024 * 1024;

/** Answers one request as API Gateway's HTTP API would. Never throws. Without a router nothing is there yet, or just now. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  router: Router | undefined,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?');
  const match = router?.match(request.method ?? '', path);
  try {
    const missing = router ? gatewayAnswer(404, 'Not Found') : gatewayAnswer(503, 'Service Unavailable');
    const answer = match ? await invoke(request, match) : missing;
    // A body that nobody read keeps the connection busy.
    request.resume();
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    response.end(answer.body);
  } catch {
    // The caller hung up while it was still sending.
    response.destroy();
  }
}

async function invoke(request: IncomingMessage, match: Match): Promise<Answer> {
  const body = await readBody(request, maxBody);
  if (body === undefined) return tooLarge();
  const event = JSON.stringify(toEvent(request, body, match));
  if (event.length > maxEvent) return tooLarge();
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

function tooLarge(): Answer {
  return gatewayAnswer(413, 'Request Entity Too Large');
}
