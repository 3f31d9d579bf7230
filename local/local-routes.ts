import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './http.ts';

/** What `<method> /_local/<name>` answers, by method and name. */
export type LocalRoutes = Record<string, (body: string) => Promise<{ status: number; body: object }>>;

/** Far more than any of them takes. */
const maxBytes = 64 * 1024;

/** Answers a path under `/_local/` with JSON. */
export async function serveLocal(
  request: IncomingMessage,
  path: string,
  routes: LocalRoutes,
  response: ServerResponse,
): Promise<void> {
  // A page of somebody else's, open in the same browser, can post here too: it would set clocks and send events.
  const { origin, host } = request.headers;
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: `Pages of ${origin} may not call this stack.` }));
    return;
  }
  const route = routes[`${request.method} ${path.slice('/_local/'.length)}`];
  const { status, body } = route
    ? await route(String((await readBody(request, maxBytes)) ?? ''))
    : { status: 404, body: { message: `No ${request.method} ${path}` } };
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
