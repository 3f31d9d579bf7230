import { writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import type { UnreadDelivery } from '../../functions/webhook-receiver/unread.ts';
import type { Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { webhookToken } from '../webhook/registration.ts';

/** Where deliveries of EZWhatsApp are kept that could not be read. */
export const UNREAD = 'webhook-dlq';

/** A kept delivery as it came; undefined where it was too much to be kept. @throws where what was kept is broken */
const keptBytes = ({ raw, gzip }: UnreadDelivery): Buffer | undefined => {
  if (gzip !== undefined) return gunzipSync(Buffer.from(gzip, 'base64'));
  return raw === undefined ? undefined : Buffer.from(raw, 'base64');
};

/** Writes it into a file of the operator's that is theirs alone; it holds what people wrote. @throws WrongInput, Failed */
export const writeBytes = async (body: string, file: string): Promise<number> => {
  let bytes: Buffer | undefined;
  try {
    bytes = keptBytes(JSON.parse(body) as UnreadDelivery);
  } catch {
    throw new Failed('What was kept of it is broken. No file was written.');
  }
  if (bytes === undefined) throw new Failed('Its bytes were too many to be kept. No file was written.');
  await writeFile(file, bytes, { flag: 'wx', mode: 0o600 }).catch(({ code }: NodeJS.ErrnoException) => {
    throw new WrongInput(
      code === 'EEXIST' ? `${file} is there already: name another one.` : `${file} cannot be written (${code}).`,
    );
  });
  return bytes.length;
};

/**
 * Hands a kept delivery to its door again, under its own id and as it came: what was done of it stays done.
 * @returns why it stays among the letters; nothing where the door took it
 * @throws Failed where no token is stored, with which no delivery can be handed over
 */
export const deliverAgain = async (target: Target, body: string): Promise<string | undefined> => {
  const token = await webhookToken(target);
  try {
    const kept = JSON.parse(body) as UnreadDelivery;
    const { deliveryId, event, contentType } = kept;
    const bytes = keptBytes(kept);
    if (bytes === undefined) return 'its bytes were too many to be kept';
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
