import { type Delivered, isConversation, type MessageItem } from '../ezwhatsapp/events.ts';
import { keyPart, sha256 } from '../runtime/hashes.ts';
import { fieldsIn } from '../runtime/json.ts';
import type { Change, Deliveries, Telling } from './deliveries.ts';
import { normalised } from './fingerprint.ts';

const MAX_NAME = 64;

/** A delivery as all logs name it, from the door to the last effect: its id where that is plain, else a hash. */
export const deliveryName = (deliveryId: string): string => keyPart(deliveryId, MAX_NAME);

interface Named {
  readonly deliveryId?: string;
  readonly index?: number;
  readonly item?: { readonly delivery?: string; readonly index?: number; readonly crm?: string; readonly key?: string };
}

/**
 * What logs say of a queue message, whatever becomes of it: the delivery that brought it or that it waits because of, and its place there; of
 * what is about a send its key; and, of one of several CRMs, whose it is. An earlier release does not say the place everywhere.
 */
export const namesIn = (
  body: string,
): { readonly delivery?: string; readonly item?: number; readonly key?: string; readonly sink?: string } => {
  const { deliveryId, index, item } = fieldsIn(body) as Named;
  const delivery = deliveryId === undefined ? item?.delivery : deliveryName(deliveryId);
  const place = index ?? item?.index;
  return {
    ...(delivery !== undefined && { delivery }),
    ...(delivery !== undefined && place !== undefined && { item: place }),
    ...(item?.key !== undefined && { key: item.key }),
    ...(item?.crm !== undefined && { sink: item.crm }),
  };
};

/**
 * The id under which a message is claimed, in whatever words it is told. What the device could not open yet is told under the same id as the
 * message that it becomes (https://github.com/devlikeapro/waha/issues/554): that is no change of it.
 */
export const toldAs = (item: MessageItem): string => {
  const { id, revises, type } = item;
  return revises ?? (isConversation(item) ? id : `${id}~${type}`);
};

/** Words as they are told apart: a history has them with other white space, and without signs that nobody sees. */
const compared = (text: string): string => normalised(text.replace(/\p{Default_Ignorable_Code_Point}/gu, ''));

/**
 * A message as one telling of its words. Of words that nobody here can read each telling is news. Two bodies may come under one delivery
 * id at the same moment, so the words tell them apart too.
 */
const tellingOf = ({ deliveryId, index, item, receivedAt }: Delivered<MessageItem>): Telling => {
  const isSealed = item.revises !== undefined && item.text === undefined;
  const { text = '' } = item;
  const hashOf = (words: string): string => sha256(isSealed ? `sealed ${item.id}` : words).slice(0, 16);
  const [words, asWritten] = [hashOf(compared(text)), hashOf(text)];
  const isRevision = item.revises !== undefined;
  const isBare = !isRevision && item.text === undefined;
  return {
    words,
    asWritten,
    at: item.at,
    occurrence: `${deliveryId}#${index}#${asWritten}`,
    isRevision,
    isBare,
    cameAt: receivedAt,
  };
};

/**
 * For so long after it was written WhatsApp lets a message be changed, in milliseconds: people for 15 minutes
 * (https://support.whapi.cloud/help-desk/sending/overview-of-other-methods-for-sending/editing-a-sent-message), and other devices for 20
 * (https://github.com/tulir/whatsmeow/blob/main/send.go).
 */
const MAY_CHANGE_MS = 20 * 60_000;

/**
 * The message with the delivery that brought it, and the time at which its words were said: of a change that does not tell its own, when it
 * came, or the last moment at which it could be changed. So a change in old news is no newer than that.
 */
const asSaid = ({ item, deliveryId, index, receivedAt }: Delivered<MessageItem>, change: Change): MessageItem => {
  const isUndated = change === 'undated' && receivedAt !== undefined && receivedAt > item.at;
  const at = isUndated ? earlier(receivedAt, Date.parse(item.at) + MAY_CHANGE_MS) : item.at;
  return { ...item, delivery: deliveryName(deliveryId), index, at };
};

const earlier = (time: string, ms: number): string => (Date.parse(time) > ms ? new Date(ms).toISOString() : time);

/**
 * Tells a consumer of a message once for each wording, with the time at which that was said.
 * @param tell `isChange` where the words stand in the place of others
 */
export const onceTold = (
  deliveries: Pick<Deliveries, 'onceForWords'>,
  name: string,
  delivered: Delivered<MessageItem>,
  tell: (said: MessageItem, attempt: number, isChange: boolean) => Promise<void>,
): Promise<boolean> =>
  deliveries.onceForWords(name, tellingOf(delivered), (attempt, change) =>
    tell(asSaid(delivered, change), attempt, change !== false || delivered.item.revises !== undefined),
  );
