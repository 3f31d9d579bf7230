import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf } from '../../functions/shared/ezwhatsapp/line-api.ts';
import { type HttpResult, http } from '../../functions/shared/runtime/http.ts';
import { storedLineToken } from '../target/line.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import type { SendFact, SendName } from './evidence.ts';
import { MOST_MESSAGES } from './plan.ts';

/** Bytes to be sent, under a key and with a token that may be missing or wrong. */
export interface Sending {
  readonly name: SendName;
  readonly marker: string;
  readonly path?: '/messages/text' | '/messages/media';
  readonly body: object;
  readonly key?: string | undefined;
  readonly token?: string;
}

export interface Calls {
  send(sending: Sending): Promise<SendFact>;
  health(token?: string): Promise<HttpResult>;
  /** Registers an address, or switches it off. */
  webhook(order: object): Promise<HttpResult>;
}

export interface Pace {
  /** At least so long between two messages. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/** The line's API as nothing but a probe uses it: with keys and tokens that are wrong on purpose, one message after the other. */
export const callsOf = (target: Target, { pauseMs, signal }: Pace): Calls => {
  const api = apiOf(target.ezwUrl);
  let sent = 0;
  let lastAt = 0;
  const bearer = async (token?: string) => ({ authorization: `Bearer ${token ?? (await storedLineToken(target))}` });
  return {
    send: async ({ name, marker, path = '/messages/text', body, key, token }) => {
      if (sent >= MOST_MESSAGES) throw new Failed(`${MOST_MESSAGES} messages are the most that a probe sends.`);
      await sleep(Math.max(0, lastAt + pauseMs - Date.now()), undefined, { signal });
      sent += 1;
      const headers = { ...(await bearer(token)), 'content-type': 'application/json' };
      const askedAt = Date.now();
      const result = await http({
        method: 'POST',
        url: `${api}${path}`,
        headers: { ...headers, ...(key !== undefined && { 'idempotency-key': key }) },
        body: JSON.stringify(body),
      });
      lastAt = Date.now();
      return { name, marker, askedAt, answeredAt: lastAt, result };
    },
    health: async (token) =>
      http({
        method: 'GET',
        url: `${api}/health?wakeup=false&channel_type=web`,
        headers: await bearer(token),
      }),
    webhook: async (order) =>
      http({
        method: 'POST',
        url: `${api}/webhooks`,
        headers: { ...(await bearer()), 'content-type': 'application/json' },
        body: JSON.stringify(order),
      }),
  };
};
