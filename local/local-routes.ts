import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './http.ts';

/** What `<method> /_local/<name>` answers, by method and name. */
export type LocalRoutes = Record<string, (body: string) => Promise<{ status: number; body: object }>>;

/** Far more than any of them takes. */
const maxBytes = 64 * 1024;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses what a page of somebody else's, open in the same browser, would post: it would set clocks, send events, switch the line. A
 * name that such a page's owner lets point to this machine is no name of this machine.
 */
export function refuseForeign(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return false;
  const from = URL.canParse(origin) ? new URL(origin) : undefined;
  if (from?.host === host && LOOPBACK.includes(from?.hostname ?? '')) return false;
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message: `Pages of ${origin} may not call this stack.` }));
  return true;
}

/** Answers a path under `/_local/` with JSON. */
export async function serveLocal(
  request: IncomingMessage,
  path: string,
  routes: LocalRoutes,
  response: ServerResponse,
): Promise<void> {
  // A page of somebody else's, open in the same browser, can post here too: it would set clocks and send events.
  const route = routes[`${request.method} ${path.slice('/_local/'.length)}`];
  const { status, body } = route
    ? await route(String((await readBody(request, maxBytes)) ?? ''))
    : { status: 404, body: { message: `No ${request.method} ${path}` } };
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
