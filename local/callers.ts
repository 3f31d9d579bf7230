import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { cut } from '../functions/shared/runtime/characters.ts';

/** This machine's own names, with any port. Browsers take every name under `localhost` for this machine, and so do queues' addresses. */
const OWN = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z\d-]+\.)*localhost)(?::\d+)?$/i;
/** No name is longer. */
const MAX_NAME = 253;

/** What a request is answered that may not be made; undefined when it may. */
export type Refusal = string | undefined;

const shown = (header: string | undefined): string => `"${cut(header ?? '', MAX_NAME)}"`;

const nameOf = (host: string): string => host.replace(/:\d{1,5}$/, '').toLowerCase();

/**
 * Refuses a name that is not this machine's: a page whose owner lets its name point here is to the browser at home, and may read
 * every answer. Only `Host` counts; what proxies say of it anybody may write.
 */
export const refuseHost = (
  { headers: { host } }: IncomingMessage,
  allowed: ReadonlySet<string> = new Set(),
): Refusal => {
  if (host !== undefined && (OWN.test(host) || allowed.has(nameOf(host)))) return undefined;
  return `This machine is not ${shown(host)}: call it by 127.0.0.1 or localhost.`;
};

/** Refuses what a page of somebody else's, open in the same browser, asks: it would set clocks, send events, read tables. */
export const refuseOrigin = ({ headers: { origin, host = '' } }: IncomingMessage): Refusal => {
  if (origin === undefined) return undefined;
  const from = URL.canParse(origin) ? new URL(origin).host : undefined;
  if (from === host.toLowerCase() && OWN.test(host)) return undefined;
  return `Pages of ${shown(origin)} may not call this stack: call it from a command, or from its own page.`;
};

/** Answers what may not be asked. Returns whether it was that. */
export const refused = (refusal: Refusal, response: ServerResponse): boolean => {
  if (refusal === undefined) return false;
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message: refusal }));
  return true;
};

/** Lets nothing through to a server, whoever's it is, but what is called by this machine's own names and by no other page. */
export const onlyFromHere = <Some extends Server>(server: Some): Some => {
  const inner = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (refused(refuseHost(request) ?? refuseOrigin(request), response)) return;
    for (const listener of inner) listener.call(server, request, response);
  });
  return server;
};
