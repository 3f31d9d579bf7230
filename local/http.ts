import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './start-error.ts';

/** Listens on this machine alone; port 0 takes any free one. Returns the origin. Throws a StartError for a taken port. */
export async function listen(server: Server, port = 0): Promise<string> {
  // As long as AWS keeps an idle connection; Node's five seconds make callers meet a socket that is just being closed.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)));
    // A burst of thousands of requests opens as many connections at once.
    server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops listening and ends every connection, idle or not. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Throws a StartError for the first port that is taken: better now than after the work of a start. */
export async function checkFree(ports: number[]): Promise<void> {
  for (const port of ports) {
    const probe = createServer();
    await listen(probe, port);
    await close(probe);
  }
}

/** The whole body, or undefined as soon as it is larger than `limit` bytes (the rest is read and thrown away). */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** What a server says when it cannot listen, as something to act on. */
export function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new StartError(`Port ${port} is in use. Stop what listens there, or choose another with --port.`);
}
