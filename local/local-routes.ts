import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './http.ts';

/** What `<method> /_local/<name>` answers, by method and name. */
export type LocalRoutes = Record<
  string,
  (body: string, query: URLSearchParams) => Promise<{ status: number; body: object }>
>;

/** Far more than any of them takes. */
const maxBytes = 64 * 1024;

/** Answers a path under `/_local/` with JSON. */
export async function serveLocal(
  request: IncomingMessage,
  path: string,
  routes: LocalRoutes,
  response: ServerResponse,
): Promise<void> {
  const route = routes[`${request.method} ${path.slice('/_local/'.length)}`];
  const { status, body } = route
    ? await route(String((await readBody(request, maxBytes)) ?? ''), new URLSearchParams(request.url?.split('?')[1]))
    : { status: 404, body: { message: `No ${request.method} ${path}` } };
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
