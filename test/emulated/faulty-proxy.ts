import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { close, listen, readBody } from '../../local/http.ts';

/**
 * `pass` – hands calls on. `silent` – takes calls, hands none on and answers nobody. `behind` – breaks the connection of each first
 * attempt off, and hands it on when told to. The other two hand each call on and lose the answer to its first attempt after the
 * effect: `broken` breaks the connection off, `late` leaves the caller waiting.
 */
export type Fault = 'pass' | 'silent' | 'behind' | 'broken' | 'late';

/** Stands before an AWS service on this machine and does to its callers what networks do. */
export class FaultyProxy {
  fault: Fault = 'pass';
  /** The operations (of the Scheduler: the methods) whose answer got lost after their effect. */
  readonly lost: string[] = [];
  readonly #behind: (() => Promise<unknown>)[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #target: string;

  private constructor(server: Server, url: string, target: string) {
    this.#server = server;
    this.url = url;
    this.#target = target;
    server.on('request', (incoming, outgoing) => void this.#handle(incoming, outgoing));
  }

  /** @param target origin of the service */
  static async start(target: string): Promise<FaultyProxy> {
    const server = createServer();
    return new FaultyProxy(server, await listen(server), target);
  }

  stop(): Promise<void> {
    return close(this.#server);
  }

  /** Lets the first attempts that fell behind arrive, one after the other, and resolves when each had its effect. */
  async catchUp(): Promise<void> {
    expect(this.#behind).not.toEqual([]);
    for (const arrive of this.#behind.splice(0)) await arrive();
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { fault } = this;
    const body = await readBody(incoming, Number.POSITIVE_INFINITY);
    if (fault === 'silent') return;
    const { method, headers } = incoming;
    const isFirst = String(headers['amz-sdk-request']).startsWith('attempt=1');
    if (fault === 'behind' && isFirst) {
      const url = new URL(incoming.url ?? '/', this.#target);
      this.#behind.push(() =>
        fetch(url, { method: method ?? 'POST', headers: headers as Record<string, string>, body: body ?? null }),
      );
      incoming.socket.destroy();
      return;
    }
    const effect = request(new URL(incoming.url ?? '/', this.#target), { method, headers }, (answer) => {
      if (fault === 'pass' || !isFirst) {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      answer.resume();
      this.lost.push(String(headers['x-amz-target'] ?? method).replace(/^.*\./, ''));
      if (fault === 'broken') incoming.socket.destroy();
    });
    effect.on('error', () => outgoing.destroy());
    effect.end(body);
  }
}
