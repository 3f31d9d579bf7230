import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import { charsetOf, decodeText } from './charset.ts';
import { keptFresh } from './fresh-sockets.ts';
import { within } from './in-time.ts';
import { PRIVATE_ADDRESS, publicLookup, refusePrivateHost } from './public-address.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For addresses that are not ours to trust: refuses those that resolve to a private network. */
  readonly publicOnly?: boolean;
  /** For an answer that is looked through: the rest of one that is longer is not read. */
  readonly maxAnswerBytes?: number;
}

/**
 * What became of one request, by what is known of it:
 * `answer` – a status came; `never-left` – no connection, so the other side cannot have seen it; `unknown` – the connection
 * stood and then nothing came back in time, so the other side may have acted on it.
 */
export type HttpResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingMessage['headers'];
      readonly body: string;
    }
  | { readonly kind: 'never-left'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

export type Http = (request: HttpRequest) => Promise<HttpResult>;

/** Of one request, with the look-up of its name and the handshake. */
export const TIMEOUT_MS = 10_000;
/** What is kept of an invocation when a request ends: two calls to AWS, which write down what became of it. */
export const OUTCOME_MS = 10_000;
/** In less a request that leaves would only be an uncertain one. */
export const LEAST_MS = 1_000;
/** Answers are small JSON, where nothing else is said. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** A POST on a dead socket would be an uncertain send for nothing. */
const MAX_IDLE_MS = 4_000;
/** Of a name with several addresses each has so long; by itself Node gives each a quarter of a second, and then none is reached that is far away. */
export const ADDRESS_MS = 2_500;
const OPTIONS = { keepAlive: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS };

const secure = keptFresh(new https.Agent(OPTIONS), MAX_IDLE_MS);
/** Its sockets were all opened to public addresses, whatever the names resolve to later. */
const guarded = keptFresh(new https.Agent({ ...OPTIONS, lookup: publicLookup }), MAX_IDLE_MS);
/** node:http is loaded for loopback addresses alone: a static import of it would load half of Node's HTTP stack at every start. */
const plainHttp = () => process.getBuiltinModule('node:http');
let plain: InstanceType<ReturnType<typeof plainHttp>['Agent']> | undefined;

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

const open = (url: URL, options: object, publicOnly: boolean): ClientRequest => {
  if (publicOnly) refusePrivateHost(url);
  if (url.protocol === 'http:' && LOOPBACK.test(url.hostname)) {
    plain ??= keptFresh(new (plainHttp().Agent)(OPTIONS), MAX_IDLE_MS);
    return plainHttp().request(url, { ...options, agent: plain });
  }
  if (url.protocol !== 'https:') throw new TypeError('Only https addresses are called (http on this machine alone).');
  return https.request(url, { ...options, agent: publicOnly ? guarded : secure });
};

/** A private address is an outcome like any other that never left; everything else that throws here is a fault of ours. */
const refusing = (make: () => ClientRequest): ClientRequest | Extract<HttpResult, { kind: 'never-left' }> => {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === PRIVATE_ADDRESS)
      return { kind: 'never-left', code: PRIVATE_ADDRESS };
    throw error;
  }
};

/**
 * One request over a kept-alive connection: 10 s in all and no longer than the invocation leaves, no redirects, no second try on any
 * socket. Never rejects.
 */
export const http: Http = ({ method, url, headers, body, publicOnly = false, maxAnswerBytes = MAX_ANSWER_BYTES }) =>
  new Promise((resolve) => {
    const timeoutMs = within(TIMEOUT_MS, OUTCOME_MS);
    if (timeoutMs < LEAST_MS) return resolve({ kind: 'never-left', code: 'no_time_left' });
    let left = false;
    const settle = (result: HttpResult): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const payload = body === undefined ? undefined : Buffer.from(body, 'utf8');
    const request = refusing(() =>
      open(
        new URL(url),
        {
          method,
          headers: { accept: 'application/json', ...headers, ...(payload && { 'content-length': payload.length }) },
        },
        publicOnly,
      ),
    );
    if ('kind' in request) {
      resolve(request);
      return;
    }
    const failed = (code: string): void => settle(left ? { kind: 'unknown', code } : { kind: 'never-left', code });
    const timer = setTimeout(() => {
      failed('timeout');
      request.destroy();
    }, timeoutMs);
    request.on('socket', (socket) => {
      if (!socket.connecting) left = true;
      else socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => (left = true));
    });
    request.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? 'network_error'));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      // The status decides; a body that is too long or breaks off only costs what would have been read of it.
      const done = (): void =>
        settle({
          kind: 'answer',
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: decodeText(Buffer.concat(chunks), charsetOf(response.headers['content-type'])),
        });
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxAnswerBytes) chunks.push(chunk);
        else {
          done();
          response.destroy();
        }
      });
      response.on('end', done);
      response.on('close', done);
    });
    request.end(payload);
  });
