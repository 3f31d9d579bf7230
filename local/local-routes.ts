import type { ServerResponse } from 'node:http';

/** What `GET /_local/<name>` answers, by name. */
export type LocalRoutes = Record<string, () => Promise<{ status: number; body: object }>>;

/** Answers a path under `/_local/` with JSON. */
export async function serveLocal(
  method: string,
  path: string,
  routes: LocalRoutes,
  response: ServerResponse,
): Promise<void> {
  const route = method === 'GET' ? routes[path.slice('/_local/'.length)] : undefined;
  const { status, body } = route ? await route() : { status: 404, body: { message: `No ${method} ${path}` } };
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
