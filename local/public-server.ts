import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type Refusal, refused, refuseHost, refuseOrigin } from './callers.ts';
import { serve } from './gateway/gateway.ts';
import type { Router } from './gateway/router.ts';
import { type LocalRoutes, serveLocal } from './local-routes.ts';

/** What the public port serves, and to whom. */
export interface PublicServer {
  /** Undefined until there are doors. */
  router: () => Router | undefined;
  routes: LocalRoutes;
  sandbox: RequestListener;
  /** Names besides this machine's own by which its doors may be called, as by a tunnel; in small letters, without ports. */
  allowedHosts?: readonly string[] | undefined;
}

/** The public port: the stack's HTTP API, `/_local/*`, and the sandbox's page and controls. */
export function publicServer({ router, routes, sandbox, allowedHosts }: PublicServer): Server {
  const tunnels: ReadonlySet<string> = new Set(allowedHosts);
  return createServer((request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?');
    const isControl = path === '/' || /^\/_(local|sandbox)\//.test(path);
    if (refused(isControl ? refuseControl(request) : refuseDoor(request, tunnels), response)) return;
    if (path.startsWith('/_local/')) {
      serveLocal(request, path, routes, response).catch(() => response.destroy());
    } else if (isControl) {
      sandbox(request, response);
    } else {
      serve(request, response, router());
    }
  });
}

/** What comes by a tunnel may come from anybody: messages and controls are this machine's alone. */
const refuseControl = (request: IncomingMessage): Refusal => refuseHost(request) ?? refuseOrigin(request);

/** Doors are public, for the forms of any page too, but under names that somebody meant. */
const refuseDoor = (request: IncomingMessage, tunnels: ReadonlySet<string>): Refusal => {
  const refusal = refuseHost(request, tunnels);
  return refusal && `${refusal} For a tunnel that ends here, start with --allow-host and its name.`;
};
