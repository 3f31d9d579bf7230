import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { decompress } from '../shared/door/decompress.ts';
import { assertMethod, bytesOf, fitting, headersOf, looseParts } from '../shared/door/gateway-event.ts';
import { type ReadPayload, readPayload } from '../shared/ezwhatsapp/events.ts';
import { type Deliveries, otherId } from '../shared/ledger/deliveries.ts';
import type { Sign } from '../shared/ledger/signs.ts';
import { deliveryName } from '../shared/ledger/tellings.ts';
import type { Notice } from '../shared/people/notice.ts';
import { cut } from '../shared/runtime/characters.ts';
import { asUtf8 } from '../shared/runtime/charset.ts';
import { type Answer, answer, answerFor, quietLevel, reasonOf } from '../shared/runtime/errors.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import { toJson } from '../shared/runtime/json.ts';
import type { Log } from '../shared/runtime/log.ts';
import { answerForAbsentTemplate } from './absent-template.ts';
import { assertToken } from './token.ts';
import { unreadDelivery } from './unread.ts';
import { readHeaders, route } from './workflow.ts';

export interface ReceiverTools {
  readonly lineId: string;
  /** The line under which deliveries are noted. */
  readonly keysOf: string;
  /** The line's own number (E.164), where it is known: nobody else's, wherever it stands. */
  readonly linePhone?: string | undefined;
  readonly secret: { get(): Promise<string>; refreshAfterMismatch(): Promise<boolean> };
  readonly deliveries: Pick<Deliveries, 'known' | 'record'>;
  /** Notes that EZWhatsApp delivers; never throws. */
  readonly heard: Pick<Sign, 'note'>;
  /** Each throws when not everything was stored. */
  readonly enqueue: {
    readonly crmSync: (bodies: readonly string[]) => Promise<void>;
    readonly escalation: (bodies: readonly string[]) => Promise<void>;
    /** What could not be read, for a person. */
    readonly unread: (bodies: readonly string[]) => Promise<void>;
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

/**
 * What was kept through an outage comes in bulk, with previews of pictures. A function is given 6 MB at most, with all that stands around a
 * body (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
 */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Set by "replay": what was kept because it could not be read is read once more. What still cannot be read is kept there. */
const REPLAY = 'x-ezw-replay';

/** A body as it came, but for its compression. */
interface Sent {
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** @throws Invalid for what is compressed in a way that is not read here, or not whole: of it another one may come */
const sentIn = (event: APIGatewayProxyEventV2, headers: Readonly<Record<string, string | undefined>>): Sent => ({
  contentType: headers['content-type'],
  body: decompress(bytesOf(event, MAX_BODY_BYTES), headers['content-encoding'], MAX_BODY_BYTES),
});

type Read = Pick<ReadPayload, 'items' | 'left'> & {
  readonly unread: readonly (ReadPayload['unread'][number] | 'not_json')[];
};

/** What can never be read is no reason to be sent again and again: nothing of it is among the items. */
const readAll = (event: string, { body, contentType }: Sent, now: number, linePhone?: string): Read => {
  try {
    return readPayload(event, asUtf8(body, contentType), now, linePhone);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'not_json') return { items: [], unread: [reason], left: [] };
    throw error;
  }
};

interface Taken {
  /** Its id, as far as it may stand in a log. */
  readonly delivery: string;
  readonly outcome: 'queued' | 'duplicate' | 'other' | 'unread';
  readonly queued: number;
  /** Why something of it could not be read. */
  readonly unread: string | undefined;
}

/** Whoever looks after the client hears of it once a day: the vendor's format may have changed. */
const noticeOf = (reason: string, lineId: string, now: number): Notice => {
  const at = new Date(now).toISOString();
  return {
    kind: 'notice',
    id: `webhook_unread#${lineId}#${at.slice(0, '2026-11-22'.length)}`,
    code: 'webhook_unread',
    says: `a delivery of EZWhatsApp could not be read (${reason}) and is kept: "dlq list" shows it, "replay" takes it up when it can be read`,
    source: 'ezw/webhook',
    severity: 'warning',
    at,
  };
};

/**
 * Look, enqueue, record. A record stands exactly when everything was queued, so a crash anywhere brings the vendor back; a
 * twin that races past the look is absorbed by the consumers' claims.
 */
const take = async (tools: ReceiverTools, event: APIGatewayProxyEventV2): Promise<Taken> => {
  const { deliveries, heard, enqueue, lineId, keysOf, linePhone, now } = tools;
  await prove(tools, tokenIn(event));
  const headers = headersOf(event);
  const { deliveryId, event: name } = readHeaders(headers, lineId);
  const sent = sentIn(event, headers);
  const hash = sha256(`${name}\n${sha256(sent.body)}`);
  const isReplay = headers[REPLAY] !== undefined;
  const known = isReplay ? 'new' : await deliveries.known(keysOf, deliveryId, hash);
  const own = known === 'other' ? otherId(deliveryId, hash) : deliveryId;
  const delivery = deliveryName(own);
  if (known === 'same') return { delivery, outcome: 'duplicate', queued: 0, unread: undefined };
  const { items, unread, left } = readAll(name, sent, now(), linePhone);
  const reason = [...new Set(unread)].join(', ');
  const to = route(own, items, new Date(now()).toISOString());
  const { contentType, body } = sent;
  const isNews = reason !== '' && !isReplay;
  const letters = isNews ? unreadDelivery({ deliveryId: own, event: name, reason, contentType }, body, left) : [];
  const notices = isNews ? [{ item: noticeOf(reason, lineId, now()) }] : [];
  const asText = (list: readonly object[]): string[] => list.map(toJson);
  await Promise.all([
    enqueue.crmSync(asText(to.crmSync)),
    enqueue.escalation(asText([...to.escalation, ...notices])),
    enqueue.unread(letters),
  ]);
  const inbound = items.filter((item) => item.kind === 'message' && item.individual && !item.fromMe).length;
  const note = { event: cut(name, 64), items: items.length, inbound, ...(reason !== '' && { outcome: reason }), hash };
  await deliveries.record(keysOf, own, note);
  // What is taken up from here says nothing of the other side, and neither does a copy of what came.
  if (!isReplay) await heard.note();
  const outcome = reason !== '' ? 'unread' : known === 'other' ? 'other' : 'queued';
  return { delivery, outcome, queued: items.length, unread: reason || undefined };
};

/** EZWhatsApp's door. 200 only for what is stored, or was before. */
export const receiver =
  (tools: ReceiverTools) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const startedAt = tools.now();
    const { requestId: request } = event.requestContext;
    const elsewhere = answerForAbsentTemplate(event, tools.log);
    if (elsewhere) return elsewhere;
    try {
      const { delivery, outcome, queued, unread } = await take(tools, event);
      // An odd one out means that the vendor's format has changed, or its ids: someone should look.
      const level = outcome === 'unread' || outcome === 'other' ? 'warn' : 'info';
      const ms = tools.now() - startedAt;
      tools.log(level, { event: 'webhook', delivery, request, status: 200, outcome, queued, reason: unread, ms });
      return answer(200, outcome === 'duplicate' ? { ok: true, duplicate: true } : { ok: true, queued, unread });
    } catch (error) {
      const refusal = answerFor(error);
      const [status, reason] = [refusal.statusCode, reasonOf(error)];
      const level = quietLevel(error) ?? (status === 401 ? 'warn' : 'error');
      tools.log(level, { event: 'webhook', request, status, reason, ms: tools.now() - startedAt });
      return fitting(event, refusal);
    }
  };
