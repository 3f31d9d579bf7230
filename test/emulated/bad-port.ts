import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { TRUSTED, WRONG } from './fixtures/certificates.ts';

/**
 * What a server may do to its callers. `hole` – takes no connection: nobody answers a SYN. `silent` – takes the request and says nothing. `trickle` – a
 * status, and then a byte of the body every 300 ms. `reset` – breaks off when the request is there. `handshake` – TLS that never ends. `certificate` – one of
 * another host. `down` – 503. `throttled` – 429, and to come again in a day.
 */
export const FAULTS = ['hole', 'silent', 'trickle', 'reset', 'handshake', 'certificate', 'down', 'throttled'] as const;
export type Fault = (typeof FAULTS)[number];

const TRICKLE_MS = 300;
const ANSWERS = {
  down: 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
  throttled: 'HTTP/1.1 429 Too Many Requests\r\nretry-after: 86400\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
} as const;

/** A listener in a thread of its own that hands connections on, until the thread stands still: then nobody takes any. */
const HOLE = `
const { connect, createServer } = require('node:net');
const { parentPort, workerData: { port, flag } } = require('node:worker_threads');
const server = createServer((socket) => {
  const inner = connect(port, '127.0.0.1');
  socket.pipe(inner).pipe(socket);
  for (const [one, other] of [[socket, inner], [inner, socket]]) one.on('error', () => {}).on('close', () => other.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => parentPort.postMessage(server.address().port));
parentPort.on('message', () => {
  Atomics.store(flag, 0, 0);
  parentPort.postMessage('still');
  Atomics.wait(flag, 0, 0);
});
`;

interface Hole {
  readonly worker: Worker;
  readonly flag: Int32Array;
  readonly port: number;
}

const portOf = (server: Server): number => (server.address() as { readonly port: number }).port;

/** Stands before a server on this machine and does to its callers what servers and networks do. It begins by passing everything on. */
export class BadPort {
  readonly url: string;
  readonly #target: URL;
  readonly #inner: Server;
  readonly #tls: { readonly trusted: TlsServer; readonly wrong: TlsServer } | undefined;
  readonly #hole: Hole | undefined;
  readonly #fillers: Socket[] = [];
  readonly #sockets = new Set<Socket>();
  /** What is said by them: of TLS, within. */
  readonly #streams = new Set<Duplex>();
  /** Nothing that comes by them is heard any more. */
  readonly #dead = new WeakSet<Duplex>();
  #fault: Fault | undefined;
  #only: RegExp | undefined;

  private constructor(target: string, inner: Server, secure: boolean, hole: Hole | undefined) {
    this.#target = new URL(target);
    this.#inner = inner;
    this.#hole = hole;
    this.url = `http${secure ? 's' : ''}://127.0.0.1:${hole?.port ?? portOf(inner)}`;
    const serve = (stream: Duplex): void => this.#serve(stream);
    this.#tls = secure ? { trusted: createTlsServer(TRUSTED, serve), wrong: createTlsServer(WRONG, serve) } : undefined;
    for (const server of Object.values(this.#tls ?? {})) server.on('tlsClientError', () => undefined);
    inner.on('connection', (socket) => this.#take(socket));
  }

  /**
   * @param target origin of the server behind it, by plain http
   * @param fault that it may have: a hole and TLS are made for it
   */
  static async start(target: string, fault: Fault): Promise<BadPort> {
    const inner = createServer();
    inner.listen(0, '127.0.0.1');
    await once(inner, 'listening');
    const hole = fault === 'hole' ? await BadPort.#dig(portOf(inner)) : undefined;
    return new BadPort(target, inner, fault === 'handshake' || fault === 'certificate', hole);
  }

  static async #dig(port: number): Promise<Hole> {
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(HOLE, { eval: true, workerData: { port, flag } });
    const [own] = (await once(worker, 'message')) as [number];
    return { worker, flag, port: own };
  }

  /** @param only those requests that begin so; all others pass */
  async break(fault: Fault, only?: RegExp): Promise<void> {
    this.#fault = fault;
    this.#only = only;
    if (fault === 'hole') await this.#fill();
  }

  /** From now on it is as it should be; what was under way is not. */
  cure(): void {
    this.#fault = undefined;
    for (const socket of this.#fillers.splice(0)) socket.destroy();
    if (this.#hole) {
      Atomics.store(this.#hole.flag, 0, 1);
      Atomics.notify(this.#hole.flag, 0);
    }
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections that stand say nothing any more, or are closed; new ones are taken. @returns how many there were */
  forget(how: 'silent' | 'closed'): number {
    const all = [...this.#streams];
    for (const stream of all) {
      if (how === 'closed') stream.destroy();
      else this.#dead.add(stream);
    }
    return all.length;
  }

  async stop(): Promise<void> {
    this.cure();
    await this.#hole?.worker.terminate();
    await new Promise((resolve) => this.#inner.close(resolve));
  }

  /** The thread stands still, and its queue of connections is full: of those that nobody took the kernel keeps one or two. */
  async #fill(): Promise<void> {
    if (!this.#hole) throw new Error('It was not started as a hole.');
    const still = once(this.#hole.worker, 'message');
    this.#hole.worker.postMessage('stand still');
    await still;
    for (let isTaken = true; isTaken; ) {
      const socket = connect(this.#hole.port, '127.0.0.1').on('error', () => undefined);
      this.#fillers.push(socket);
      isTaken = await Promise.race([
        once(socket, 'connect').then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 300, false)),
      ]);
    }
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    if (!this.#tls) this.#serve(socket);
    // Whoever shakes hands with nobody waits.
    else if (this.#fault !== 'handshake')
      this.#tls[this.#fault === 'certificate' ? 'wrong' : 'trusted'].emit('connection', socket);
  }

  #serve(stream: Duplex): void {
    this.#streams.add(stream);
    const behind = connect(Number(this.#target.port), this.#target.hostname);
    behind.on('error', () => stream.destroy()).on('close', () => this.#dead.has(stream) || stream.destroy());
    behind.on('data', (chunk) => this.#dead.has(stream) || stream.write(chunk));
    stream.on('error', () => undefined).on('close', () => this.#streams.delete(stream) && behind.destroy());
    stream.on('data', (chunk: Buffer) => {
      if (this.#dead.has(stream)) return;
      const fault = this.#fault;
      if (fault === undefined || (this.#only && !this.#only.test(chunk.toString('latin1')))) {
        behind.write(chunk);
        return;
      }
      this.#dead.add(stream);
      this.#do(fault, stream);
    });
  }

  #do(fault: Fault, stream: Duplex): void {
    if (fault === 'reset') for (const socket of this.#sockets) if (socket === stream) socket.resetAndDestroy();
    if (fault === 'down' || fault === 'throttled') stream.end(ANSWERS[fault]);
    if (fault !== 'trickle') return;
    stream.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n');
    const drops = setInterval(() => stream.write(' '), TRICKLE_MS);
    stream.on('close', () => clearInterval(drops));
  }
}

/** What the gateway hands a door. */
export const request = (headers: object, body: string, pathParameters: object) => ({
  headers,
  body,
  pathParameters,
  isBase64Encoded: false,
  routeKey: 'POST /',
  requestContext: { http: { method: 'POST', sourceIp: '192.0.2.1' } },
});
