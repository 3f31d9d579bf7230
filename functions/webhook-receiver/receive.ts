import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { decompress } from '../shared/door/decompress.ts';
import { assertMethod, bytesOf, fitting, headersOf, looseParts, MAX_BODY_BYTES } from '../shared/door/gateway-event.ts';
import { type ReadPayload, readPayload } from '../shared/ezwhatsapp/events.ts';
import type { Deliveries } from '../shared/ledger/deliveries.ts';
import { cut } from '../shared/runtime/characters.ts';
import { asUtf8 } from '../shared/runtime/charset.ts';
import { type Answer, answer, answerFor, quietLevel, reasonOf } from '../shared/runtime/errors.ts';
import { toJson } from '../shared/runtime/json.ts';
import type { Log } from '../shared/runtime/log.ts';
import { answerForAbsentTemplate } from './absent-template.ts';
import { assertToken } from './token.ts';
import { readHeaders, route } from './workflow.ts';

export interface ReceiverTools {
  readonly lineId: string;
  /** The line under which deliveries are noted. */
  readonly keysOf: string;
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

/** The token in the path. The door's own route brings nothing but POST; whatever else is sent there comes by another one. */
const tokenIn = (event: APIGatewayProxyEventV2): string => {
  const parts = looseParts(event);
  if (parts) assertMethod(event, ['POST']);
  return parts?.join('/') ?? event.pathParameters?.token ?? '';
};

/** What can never be read is no reason to be sent again and again: `undefined`, and the delivery is noted as unreadable. */
const readOrNothing = (
  event: string,
  sent: Uint8Array,
  headers: Readonly<Record<string, string | undefined>>,
  now: number,
): ReadPayload | undefined => {
  try {
    const raw = decompress(sent, headers['content-encoding'], MAX_BODY_BYTES);
    return readPayload(event, asUtf8(raw, headers['content-type']), now);
  } catch (error) {
    // Of a body that is broken or compressed in a way that is not read here another one may come: nothing is noted of it.
    if (reasonOf(error) !== 'not_json') throw error;
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
  const { deliveries, enqueue, lineId, keysOf, now } = tools;
  await prove(tools, tokenIn(event));
  const headers = headersOf(event);
  const { deliveryId, event: name } = readHeaders(headers, lineId);
  const sent = bytesOf(event);
  if (await deliveries.knows(keysOf, deliveryId)) return { outcome: 'duplicate', queued: 0, unreadable: 0 };
  const payload = readOrNothing(name, sent, headers, now());
  const items = payload?.items ?? [];
  const outcome = payload === undefined ? 'unreadable' : payload.event === undefined ? 'unknown_event' : 'queued';
  const to = route(deliveryId, items);
  const asText = (list: readonly object[]): string[] => list.map(toJson);
  await Promise.all([enqueue.crmSync(asText(to.crmSync)), enqueue.escalation(asText(to.escalation))]);
  const inbound = items.filter((item) => item.kind === 'message' && item.individual && !item.fromMe).length;
  const note = { event: cut(name, 64), items: items.length, inbound, ...(outcome !== 'queued' && { outcome }) };
  await deliveries.record(keysOf, deliveryId, note);
  return { outcome, queued: items.length, unreadable: payload?.unreadable ?? 0 };
};

/** EZWhatsApp's door. 200 only for what is stored, or was before. */
export const receiver =
  (tools: ReceiverTools) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const startedAt = tools.now();
    const elsewhere = answerForAbsentTemplate(event, tools.log);
    if (elsewhere) return elsewhere;
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
      const level = quietLevel(error) ?? (status === 401 ? 'warn' : 'error');
      tools.log(level, { event: 'webhook', status, reason, ms: tools.now() - startedAt });
      return fitting(event, refusal);
    }
  };
