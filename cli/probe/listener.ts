import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
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
  /** The next message that comes is answered 500, then not at all for so long, then 200. */
  refuseNext(hangMs: number): void;
  /** From now on, and with all that came before, in its order. */
  handOn(to: HandOn): Promise<void>;
  close(): Promise<void>;
}

const MAX_BYTES = 1024 * 1024;

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
  let trial: { readonly hangMs: number; patient?: Came } | undefined;
  let onward: HandOn | undefined;

  const end = (response: ServerResponse, status: number): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? '{"ok":true}' : '{}');
  };
  const hang = (response: ServerResponse, ms: number): void => {
    hung.add(response);
    setTimeout(() => response.destroy(), ms).unref();
  };
  const isOfTrial = (one: Came): boolean => {
    if (!trial) return false;
    if (!trial.patient && /message/i.test(one.event)) trial.patient = one;
    return trial.patient !== undefined && sameThing(trial.patient, one);
  };
  const answer = async (one: Came, response: ServerResponse): Promise<void> => {
    const status = (await onward?.(one).catch(() => 500)) ?? 200;
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
    refuseNext: (hangMs) => {
      trial = { hangMs };
    },
    handOn: async (to) => {
      const before = [...came];
      onward = to;
      for (const one of before) await to(one).catch(() => 500);
    },
    close: async () => {
      for (const response of hung) response.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
