import { reasonOf } from '../runtime/errors.ts';
import type { Http, HttpRequest, HttpResult } from '../runtime/http.ts';
import { jsonIn } from '../runtime/json.ts';
import { withoutSlash } from '../runtime/without-slash.ts';
import { messageIdOf } from './fields.ts';
import type { LineToken } from './tokens.ts';

/** The line's health as the API words it. Three separate truths; only `sendable === true` lets a message out. */
export interface Health {
  readonly sendable: boolean;
  /** Why not, when the answer itself was no health at all. */
  readonly problem?: string;
  readonly healthCode?: number;
  readonly healthText?: string;
  readonly lifecycleState?: string;
  readonly effectiveSendState?: string;
}

export interface LineApi {
  health(): Promise<Health>;
  /** Sends frozen bytes under a key. */
  post(path: string, body: string, key: string): Promise<HttpResult>;
}

export interface LineTokens {
  get(): Promise<LineToken>;
  reread(): Promise<LineToken>;
}

const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>(
    (node, name) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined),
    value,
  );

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const healthOf = (result: HttpResult): Health => {
  if (result.kind !== 'answer') return { sendable: false, problem: result.code };
  if (result.status !== 200) return { sendable: false, problem: `health_${result.status}` };
  const body = jsonIn(result.body);
  const code = at(body, 'health', 'status', 'code');
  const healthText = text(at(body, 'health', 'status', 'text'));
  const lifecycleState = text(at(body, 'line', 'lifecycleState'));
  const effectiveSendState = text(at(body, 'line', 'effectiveSendState'));
  return {
    sendable: at(body, 'line', 'sendable') === true,
    ...(typeof code === 'number' && { healthCode: code }),
    ...(healthText !== undefined && { healthText }),
    ...(lifecycleState !== undefined && { lifecycleState }),
    ...(effectiveSendState !== undefined && { effectiveSendState }),
  };
};

/** The id of the queued attempt, under whichever name the API gives it. It is shown to people, never relied on. */
export const attemptId = (body: string): string | undefined => {
  const answer = jsonIn(body);
  for (const holder of [answer, at(answer, 'message'), at(answer, 'data'), at(answer, 'attempt')]) {
    for (const name of ['id', 'messageId', 'message_id', 'attemptId', 'outboundMessageId', 'queueId']) {
      const told = at(holder, name);
      const id = typeof told === 'string' ? messageIdOf(told) : told;
      if (typeof id === 'string' && /^[\w.:=-]{1,128}$/.test(id)) return id;
      if (typeof id === 'number') return String(id);
    }
  }
  return undefined;
};

/** @param base `https://host`, with or without a trailing `/` or `/api/v1` */
export const originOf = (base: string): string => withoutSlash(base).replace(/\/api\/v1$/, '');

/** The Channel API below that. */
export const apiOf = (base: string): string => `${originOf(base)}/api/v1`;

/** What may be said to a token that is not known any more. */
const NO_TOKEN = new Set([401, 403]);

/** The Channel API of one line. On a 401 or 403 the token is read again once; if it changed, the same request is made with it. */
export const lineApi = (base: string, tokens: LineTokens, http: Http): LineApi => {
  const api = apiOf(base);
  const call = async (make: (authorization: string) => HttpRequest): Promise<HttpResult> => {
    try {
      const token = await tokens.get();
      const first = await http(make(`Bearer ${token}`));
      if (first.kind !== 'answer' || !NO_TOKEN.has(first.status)) return first;
      const newer = await tokens.reread();
      return newer === token ? first : http(make(`Bearer ${newer}`));
    } catch (error) {
      // No usable token, before or after a 401: either way nothing was taken.
      return { kind: 'never-left', code: reasonOf(error) };
    }
  };
  return {
    health: async () =>
      healthOf(
        await call((authorization) => ({
          method: 'GET',
          url: `${api}/health?wakeup=false&channel_type=web`,
          headers: { authorization },
        })),
      ),
    post: (path, body, key) =>
      call((authorization) => ({
        method: 'POST',
        url: `${api}${path}`,
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': key },
        body,
      })),
  };
};
