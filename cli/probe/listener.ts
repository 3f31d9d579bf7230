import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failed } from '../terminal/errors.ts';
import type { Attempt } from './evidence.ts';
import { sameThing } from './items.ts';

/** A delivery as it came; it is held in memory alone. */
export interface Came {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly event: string;
  readonly deliveryId: string;
  readonly raw: Buffer;
  /** Whether it is one of the attempts at what was refused at first. */
  readonly isTrial: boolean;
}

/** Hands a delivery on; gives the status with which it is answered then. */
export type HandOn = (came: Came) => Promise<number>;

export interface Listener {
  readonly came: readonly Came[];
  readonly attempts: readonly Attempt[];
  /** The next message with these words is answered 500, then not at all for so long, then 200. */
  refuseNext(words: string, hangMs: number): void;
  /** Hands each on as it comes, but what is to be kept for later. */
  handOn(to: HandOn, isKept: (came: Came) => boolean): void;
  /** Hands on whatever was not yet, in its order. @returns how many were not taken */
  handOnRest(): Promise<number>;
  close(): Promise<void>;
}

/** Above what the client's own door takes: what is too large for that is told so by that. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Something that passes is waited for. */
const TRIES = 3;
const RETRY_MS = 1_000;

const bodyOf = async (chunks: AsyncIterable<Buffer>): Promise<Buffer | undefined> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return undefined;
    parts.push(chunk);
  }
  return Buffer.concat(parts);
};

const word = (value: string | string[] | undefined): string => (Array.isArray(value) ? value.join() : (value ?? ''));

const opened = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Failed(`Port ${port} cannot be listened at (${error.code}): choose another one with --port.`)),
    );
    server.listen(port, '127.0.0.1', resolve);
  });

/** Takes what EZWhatsApp tells at `/<secret>`, on this machine alone: a tunnel leads here. @throws Failed where the port is taken */
export const listen = async (port: number, secret: string): Promise<Listener> => {
  const came: Came[] = [];
  const attempts: Attempt[] = [];
  const hung = new Set<ServerResponse>();
  let trial: { readonly words: string; readonly hangMs: number; patient?: Came } | undefined;
  let onward: { readonly to: HandOn; readonly isKept: (came: Came) => boolean } | undefined;
  const taken = new Set<Came>();

  const end = (response: ServerResponse, status: number): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? '{"ok":true}' : '{}');
  };
  const hang = (response: ServerResponse, ms: number): void => {
    hung.add(response);
    setTimeout(() => response.destroy(), ms).unref();
  };
  const isOfTrial = (one: Came): boolean => {
    if (!trial) return false;
    if (!trial.patient && /message/i.test(one.event) && one.raw.includes(trial.words)) trial.patient = one;
    return trial.patient !== undefined && sameThing(trial.patient, one);
  };
  const pass = async (one: Came, to: HandOn): Promise<number> => {
    const status = await to(one).catch(() => 500);
    if (status < 300) taken.add(one);
    return status;
  };
  const answer = async (one: Came, response: ServerResponse): Promise<void> => {
    const status = onward && !onward.isKept(one) ? await pass(one, onward.to) : 200;
    if (!one.isTrial) return end(response, status);
    const answered = ([500, 'nothing'] as const)[attempts.length] ?? 200;
    attempts.push({ at: one.at, deliveryId: one.deliveryId, answered });
    return answered === 'nothing' ? hang(response, trial?.hangMs ?? 0) : end(response, answered);
  };

  const server = createServer(async (request, response) => {
    if (request.url !== `/${secret}`) return end(response, 404);
    if (request.method !== 'POST') return end(response, 200);
    const raw = await bodyOf(request).catch(() => undefined);
    if (!raw) return end(response, 413);
    const { headers } = request;
    const one = {
      at: Date.now(),
      headers,
      raw,
      event: word(headers['x-ezw-webhook-event']),
      deliveryId: word(headers['x-ezw-delivery-id']),
    };
    const whole = { ...one, isTrial: isOfTrial({ ...one, isTrial: false }) };
    came.push(whole);
    return answer(whole, response);
  });
  await opened(server, port);
  return {
    came,
    attempts,
    refuseNext: (words, hangMs) => {
      trial = { words, hangMs };
    },
    handOn: (to, isKept) => {
      onward = { to, isKept };
    },
    handOnRest: async () => {
      if (!onward) return 0;
      const rest = (): readonly Came[] => came.filter((one) => !taken.has(one));
      for (let n = 0; n < TRIES && rest().length > 0; n++) {
        if (n > 0) await sleep(RETRY_MS);
        for (const one of rest()) await pass(one, onward.to);
      }
      return rest().length;
    },
    close: async () => {
      for (const response of hung) response.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
