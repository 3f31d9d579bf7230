import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { cut } from '../shared/characters.ts';
import { asUtf8 } from '../shared/charset.ts';
import type { Deliveries } from '../shared/deliveries.ts';
import { type Answer, answer, answerFor, Invalid, reasonOf } from '../shared/errors.ts';
import { type ReadPayload, readPayload } from '../shared/ezw-events.ts';
import { toJson } from '../shared/json.ts';
import type { Log } from '../shared/log.ts';
import { assertToken } from './token.ts';
import { readHeaders, route } from './workflow.ts';

const MAX_BODY_BYTES = 256 * 1024;

export interface ReceiverTools {
  readonly lineId: string;
  readonly secret: { get(): Promise<string>; refreshAfterMismatch(): Promise<boolean> };
  readonly deliveries: Pick<Deliveries, 'knows' | 'record'>;
  /** Each throws when not everything was stored. */
  readonly enqueue: {
    readonly crmSync: (bodies: readonly string[]) => Promise<void>;
    readonly escalation: (bodies: readonly string[]) => Promise<void>;
  };
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const prove = async ({ secret }: ReceiverTools, token: string): Promise<void> => {
  try {
    assertToken(token, await secret.get());
  } catch (error) {
    if (!(await secret.refreshAfterMismatch())) throw error;
    assertToken(token, await secret.get());
  }
};

const bodyOf = (event: APIGatewayProxyEventV2): Buffer => {
  const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (raw.length > MAX_BODY_BYTES) throw new Invalid('too_large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  return raw;
};

/** What can never be read is no reason to be sent again and again: `undefined`, and the delivery is noted as unreadable. */
const readOrNothing = (event: string, raw: Uint8Array, now: number): ReadPayload | undefined => {
  try {
    return readPayload(event, raw, now);
  } catch {
    return undefined;
  }
};

interface Taken {
  readonly outcome: 'queued' | 'duplicate' | 'unknown_event' | 'unreadable';
  readonly queued: number;
  readonly unreadable: number;
}

/**
 * Look, enqueue, record. A record stands exactly when everything was queued, so a crash anywhere brings the vendor back; a
 * twin that races past the look is absorbed by the consumers' claims.
 */
const take = async (tools: ReceiverTools, event: APIGatewayProxyEventV2): Promise<Taken> => {
  const { deliveries, enqueue, lineId, now } = tools;
  await prove(tools, event.pathParameters?.token ?? '');
  const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const { deliveryId, event: name } = readHeaders(headers, lineId);
  const raw = bodyOf(event);
  if (await deliveries.knows(lineId, deliveryId)) return { outcome: 'duplicate', queued: 0, unreadable: 0 };
  const payload = readOrNothing(name, asUtf8(raw, headers['content-type']), now());
  const items = payload?.items ?? [];
  const outcome = payload === undefined ? 'unreadable' : payload.event === undefined ? 'unknown_event' : 'queued';
  const to = route(deliveryId, items);
  const asText = (list: readonly object[]): string[] => list.map(toJson);
  await Promise.all([enqueue.crmSync(asText(to.crmSync)), enqueue.escalation(asText(to.escalation))]);
  const note = { event: cut(name, 64), items: items.length, ...(outcome !== 'queued' && { outcome }) };
  await deliveries.record(lineId, deliveryId, note);
  return { outcome, queued: items.length, unreadable: payload?.unreadable ?? 0 };
};

/** EZWhatsApp's door. 200 only for what is stored, or was before. */
export const receiver =
  (tools: ReceiverTools) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const startedAt = tools.now();
    try {
      const { outcome, queued, unreadable } = await take(tools, event);
      // An odd one out means that the vendor's format has changed: someone should look.
      const level = outcome === 'unreadable' || outcome === 'unknown_event' || unreadable > 0 ? 'warn' : 'info';
      const ms = tools.now() - startedAt;
      tools.log(level, { event: 'webhook', status: 200, outcome, queued, unreadable, ms });
      return answer(200, outcome === 'duplicate' ? { ok: true, duplicate: true } : { ok: true, queued });
    } catch (error) {
      const refusal = answerFor(error);
      const [status, reason] = [refusal.statusCode, reasonOf(error)];
      const level = status >= 400 && status !== 401 ? 'error' : 'warn';
      tools.log(level, { event: 'webhook', status, reason, ms: tools.now() - startedAt });
      return refusal;
    }
  };
