import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { close, listen } from '../http.ts';
import { type Standstill, signal } from '../lambda/standstill.ts';
import type { Blow, Port } from './plan.ts';

/** What a request asks for. */
export interface Asked {
  readonly port: Port;
  readonly operation: string;
  /** What it is about, as nobody may read it. */
  readonly about: string;
  /** Short name of the function that calls, where it is known. */
  readonly by: string | undefined;
  /** Which call of a client of the SDK this is a try of: the same for all of its tries. */
  readonly tried?: { readonly id: string; readonly isFirst: boolean } | undefined;
}

/** What the server behind answered to a call that it took. */
export type Heard = (asked: Asked, body: string, answer: string) => string;

export interface FrontTools {
  /** Origin of what stands behind. */
  readonly target: string;
  readonly asked: (request: IncomingMessage, body: Buffer) => Asked | undefined;
  readonly strike: (asked: Asked) => Blow | undefined;
  /** Makes another answer of it; as it is unless given. */
  readonly heard?: Heard | undefined;
  /** Ids of the processes of a function: which of them calls is not told, so all are struck. */
  readonly pidsOf: (name: string | undefined) => readonly number[];
  readonly standstill: Standstill;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A late answer is within the time of its call. */
const LATE_MS = 1_200;
/** Longer than a call's time. */
const FROZEN_MS = 6_000;

const throughTo = (target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { host } = new URL(target);
    const { 'transfer-encoding': _, ...kept } = headers;
    const sent = request(new URL(url ?? '/', target), {
      method,
      headers: { ...kept, host, 'content-length': body.length },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      buffer(response).then((found) => resolve({ status, headers: answered, body: found }), reject);
    });
    sent.end(body);
  });

const refusal = (port: Port, isAfter: boolean): Answer => {
  const isAws = port !== 'api' && port !== 'outside';
  const type = isAfter ? 'InternalServerError' : 'ThrottlingException';
  const status = isAfter ? 500 : isAws ? 400 : 503;
  const headers = { 'content-type': 'application/json', ...(isAws && { 'x-amzn-errortype': type }) };
  return { status, headers, body: Buffer.from(JSON.stringify(isAws ? { __type: type, message: 'chaos' } : {})) };
};

/** Stands before a server and lets go wrong what a plan says; everything else passes as it is. */
export class Front {
  readonly #tools: FrontTools;
  readonly #server = createServer((asked, answer) => {
    this.#take(asked, answer).catch(() => answer.destroy());
  });
  url = '';

  constructor(tools: FrontTools) {
    this.#tools = tools;
  }

  async start(): Promise<this> {
    this.url = await listen(this.#server, 0);
    return this;
  }

  async stop(): Promise<void> {
    await close(this.#server);
  }

  async #take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(message);
    const { target, asked, strike } = this.#tools;
    const about = asked(message, body);
    const blow = about && strike(about);
    const pass = async () => {
      const found = await throughTo(target, message, body);
      return about ? this.#heard(about, body, found) : found;
    };
    const answer = about && blow ? await this.#struck(about, blow, pass) : await pass();
    // Whoever waits is left waiting, until its own time is over.
    if (!answer || response.destroyed) return;
    const { 'transfer-encoding': _, connection: __, ...headers } = answer.headers;
    response.writeHead(answer.status, { ...headers, 'content-length': answer.body.length }).end(answer.body);
  }

  #heard(asked: Asked, body: Buffer, answer: Answer): Answer {
    const { heard } = this.#tools;
    if (!heard || answer.status !== 200) return answer;
    const [found, said] = [String(answer.body), String(body)];
    const told = heard(asked, said, found);
    if (told === found) return answer;
    // Of what was found there.
    const { 'x-amz-crc32': _, ...headers } = answer.headers;
    return { ...answer, headers, body: Buffer.from(told) };
  }

  async #struck(
    { port, by }: Asked,
    { fault, strength }: Blow,
    pass: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    switch (fault) {
      case 'refused-before':
        return refusal(port, false);
      case 'refused-after':
        await pass();
        return refusal(port, true);
      case 'lost-before':
        return undefined;
      case 'lost-after':
        await pass();
        return undefined;
      case 'killed-before':
        this.#kill(by);
        return undefined;
      case 'killed-after':
        await pass();
        this.#kill(by);
        return undefined;
      case 'frozen': {
        const answer = strength < 0.5 ? await pass() : undefined;
        await this.#freeze(by);
        return answer ?? pass();
      }
      default:
        await sleep(strength * LATE_MS);
        return pass();
    }
  }

  #kill(name: string | undefined): void {
    for (const pid of this.#tools.pidsOf(name)) signal(pid, 'SIGKILL');
  }

  async #freeze(name: string | undefined): Promise<void> {
    const { standstill, pidsOf } = this.#tools;
    const pids = pidsOf(name);
    for (const pid of pids) standstill.stop(pid);
    await sleep(FROZEN_MS);
    for (const pid of pids) standstill.goOn(pid);
  }
}
