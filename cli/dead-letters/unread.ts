import { gunzipSync } from 'node:zlib';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import type { UnreadDelivery } from '../../functions/webhook-receiver/unread.ts';
import type { Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { Failed } from '../terminal/errors.ts';
import { webhookToken } from '../webhook/registration.ts';

/** Where deliveries of EZWhatsApp are kept that could not be read. */
export const UNREAD = 'webhook-dlq';

/**
 * Hands a kept delivery to its door again, under its own id and as it came: what was done of it stays done.
 * @returns why it stays among the letters; nothing where the door took it
 * @throws Failed where no token is stored, with which no delivery can be handed over
 */
export const deliverAgain = async (target: Target, body: string): Promise<string | undefined> => {
  const token = await webhookToken(target);
  try {
    const { deliveryId, event, contentType, raw, gzip } = JSON.parse(body) as UnreadDelivery;
    if (raw === undefined && gzip === undefined) return 'its bytes were too many to be kept';
    const bytes = gzip === undefined ? Buffer.from(raw ?? '', 'base64') : gunzipSync(Buffer.from(gzip, 'base64'));
    const { ok, status, text } = await call(`${target.url}/ezw/webhook/${token}`, {
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
    const { reason, unread } = fieldsIn(text);
    if (ok) return typeof unread === 'string' ? `still cannot be read: ${unread}` : undefined;
    return `the door answered ${status}${typeof reason === 'string' ? ` ${reason}` : ''}`;
  } catch (error) {
    return error instanceof Failed ? error.message : 'what was kept of it is broken';
  }
};
