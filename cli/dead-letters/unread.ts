import { gunzipSync } from 'node:zlib';
import type { UnreadDelivery } from '../../functions/webhook-receiver/unread.ts';
import type { Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { Failed } from '../terminal/errors.ts';
import { webhookToken } from '../webhook/registration.ts';

/** Where deliveries of EZWhatsApp are kept that could not be read. */
export const UNREAD = 'webhook-dlq';

/**
 * Hands a kept delivery to its door again, under its own id and as it came: what was done of it stays done.
 * @returns false where its bytes are not kept
 * @throws Failed where the door does not take it
 */
export const deliverAgain = async (target: Target, body: string): Promise<boolean> => {
  const { deliveryId, event, contentType, raw, gzip } = JSON.parse(body) as UnreadDelivery;
  if (raw === undefined && gzip === undefined) return false;
  const bytes = gzip === undefined ? Buffer.from(raw ?? '', 'base64') : gunzipSync(Buffer.from(gzip, 'base64'));
  const { ok, status } = await call(`${target.url}/ezw/webhook/${await webhookToken(target)}`, {
    method: 'POST',
    headers: {
      'content-type': contentType ?? 'application/json',
      'x-ezw-delivery-id': deliveryId,
      'x-ezw-webhook-event': event,
      'x-ezw-line-id': target.client.lineId,
      'x-ezw-replay': 'true',
    },
    body: new Uint8Array(bytes),
  });
  if (!ok)
    throw new Failed(
      `The door answered ${status} to the delivery ${deliveryId}. Nothing is lost: it stays among the letters.`,
    );
  return true;
};
