import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { onlyFromHere } from '../callers.ts';
import type { SandboxEnv } from './env.ts';

/** The port is closed for `seconds`, until the instant `until`. */
export interface Refusal {
  seconds: number;
  until: string;
}

export interface Listener {
  /** Opens 127.0.0.1:`port` (0 picks a free one). Rejects when the port is taken. */
  listen(port: number): Promise<{ url: string; close(): Promise<void> }>;
  /** Really closes the port, so that connections are refused; it opens again by itself. Throws when it is not listening. */
  refuse(seconds: number): Refusal;
  /** Opens the port again now, if it is being refused. */
  reopen(): Promise<void>;
  refusal(): Refusal | undefined;
}

const KEEP_ALIVE_MS = 60_000;

/** The API's own port. Only this one is closed by `refuse`; whoever else serves the app stays reachable. */
export function createListener(app: Hono<SandboxEnv>, beforeClose: () => void): Listener {
  let server: Server | undefined;
  let port = 0;
  let refusal: Refusal | undefined;
  let timer: NodeJS.Timeout | undefined;

  const reopen = async () => {
    if (refusal === undefined || server === undefined) return;
    clearTimeout(timer);
    refusal = undefined;
    await opened(server, port);
  };

  return {
    listen: async (wanted) => {
      if (server !== undefined) throw new Error('the sandbox is listening already');
      const created = onlyFromHere(createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })));
      // Longer than callers are idle: of a connection that closes just as it is used again a busy caller learns only by a reset.
      created.keepAliveTimeout = KEEP_ALIVE_MS;
      // A connection that was busy when the port closed would otherwise stay usable for its next request.
      created.on('request', (incoming, outgoing) => {
        outgoing.on('finish', () => refusal && incoming.socket.end());
      });
      await opened(created, wanted);
      server = created;
      port = (created.address() as AddressInfo).port;
      return { url: `http://127.0.0.1:${port}`, close };
    },
    refuse: (seconds) => {
      if (server === undefined) throw new Error('there is no port to close: the sandbox is not listening');
      if (refusal === undefined) server.close();
      clearTimeout(timer);
      timer = setTimeout(reopen, seconds * 1000);
      refusal = { seconds, until: new Date(Date.now() + seconds * 1000).toISOString() };
      return refusal;
    },
    reopen,
    refusal: () => refusal,
  };

  async function close(): Promise<void> {
    clearTimeout(timer);
    refusal = undefined;
    beforeClose();
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
    closing.closeAllConnections();
    await closed;
  }
}

function opened(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
