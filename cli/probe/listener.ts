import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Failed } from '../terminal/errors.ts';
import type { Attempt } from './evidence.ts';
import { echoesOf, itemsOf, sameThing } from './items.ts';

/** A delivery as it came. */
export interface Came {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly event: string;
  readonly deliveryId: string;
  readonly raw: Buffer;
  /** Whether it was not answered 200, or tells once more what was not: that it comes again is our own doing. */
  readonly isRefused: boolean;
}

/** Brings a delivery to whoever must have it; gives the status with which it is answered then. */
export type HandOn = (came: Came) => Promise<number>;

export interface Listener {
  readonly came: readonly Came[];
  readonly attempts: readonly Attempt[];
  /** Deliveries of this message of ours, and of nothing beside it, are answered 500, then not at all for so long, then as any other. */
  refuseNext(marker: string, hangMs: number): void;
  /** Answers what came before, and ends. */
  close(): Promise<void>;
}

/** Above what the client's own door takes: what is too large for that is told so by that. */
const MAX_BYTES = 8 * 1024 * 1024;
/** What is answered so comes again, as it does where the client's door is down without any probe. */
const DOWN = 503;

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

const end = async (response: ServerResponse, status: number): Promise<void> => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? '{"ok":true}' : '{}');
  if (!response.closed) await once(response, 'close');
};

/**
 * A proxy at `/<secret>` of this machine alone, to which a tunnel leads: what EZWhatsApp tells is handed on, and then answered as that was.
 * @throws Failed where the port is taken
 */
export const listen = async (port: number, secret: string, handOn: HandOn): Promise<Listener> => {
  const came: { -readonly [Field in keyof Came]: Came[Field] }[] = [];
  const attempts: Attempt[] = [];
  const [hung, open] = [new Set<ServerResponse>(), new Set<Promise<void>>()];
  let trial: { readonly marker: string; readonly hangMs: number } | undefined;

  const isOfTrial = (one: Came): boolean => {
    const items = itemsOf(one);
    return trial !== undefined && items.length > 0 && echoesOf(items, trial.marker).length === items.length;
  };
  const answerTo = async (one: Came): Promise<Attempt['answered']> => {
    const status = await handOn(one).catch(() => DOWN);
    if (!isOfTrial(one)) return status;
    const answered = ([500, 'nothing'] as const)[attempts.length] ?? status;
    attempts.push({ at: one.at, deliveryId: one.deliveryId, answered });
    return answered;
  };
  const hang = (response: ServerResponse): void => {
    hung.add(response);
    setTimeout(() => response.destroy(), trial?.hangMs).unref();
  };
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url !== `/${secret}`) return end(response, 404);
    if (request.method !== 'POST') return end(response, 200);
    const raw = await bodyOf(request).catch(() => undefined);
    if (!raw) return end(response, 413);
    const { headers } = request;
    const [event, deliveryId] = [word(headers['x-ezw-webhook-event']), word(headers['x-ezw-delivery-id'])];
    const one = { at: Date.now(), headers, raw, event, deliveryId, isRefused: false };
    one.isRefused = came.some((before) => before.isRefused && sameThing(before, one));
    came.push(one);
    const answered = await answerTo(one);
    one.isRefused ||= answered !== 200;
    return answered === 'nothing' ? hang(response) : end(response, answered);
  };

  const server = createServer((request, response) => {
    const done = respond(request, response).finally(() => open.delete(done));
    open.add(done);
  });
  await opened(server, port);
  return {
    came,
    attempts,
    refuseNext: (marker, hangMs) => {
      trial = { marker, hangMs };
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.allSettled(open);
      for (const response of hung) response.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
};
