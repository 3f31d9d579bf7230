import { createServer, type RequestListener, type Server } from 'node:http';
import { serve } from './gateway/gateway.ts';
import type { Router } from './gateway/router.ts';
import { type LocalRoutes, refuseForeign, serveLocal } from './local-routes.ts';

/** The public port: the stack's HTTP API, `/_local/*`, and the sandbox's page and controls. */
export function publicServer(router: () => Router | undefined, routes: LocalRoutes, sandbox: RequestListener): Server {
  return createServer((request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?');
    const isControl = /^\/_(local|sandbox)\//.test(path);
    if (isControl && refuseForeign(request, response)) return;
    if (path.startsWith('/_local/')) {
      serveLocal(request, path, routes, response).catch(() => response.destroy());
    } else if (path === '/' || path.startsWith('/_sandbox/')) {
      sandbox(request, response);
    } else {
      serve(request, response, router());
    }
  });
}
