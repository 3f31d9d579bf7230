import type { Delivered, MessageItem } from '../ezwhatsapp/events.ts';
import { keyPart, sha256 } from '../runtime/hashes.ts';
import type { Telling } from './deliveries.ts';

const MAX_NAME = 64;

/** A delivery as all logs name it, from the door to the last effect: its id where that is plain, else a hash. */
export const deliveryName = (deliveryId: string): string => keyPart(deliveryId, MAX_NAME);

/** The id under which a message is claimed, in whatever words it is told. */
export const toldAs = ({ id, revises }: MessageItem): string => revises ?? id;

/**
 * A message as one telling of its words. Of words that nobody here can read each telling is news. Two bodies may come under one delivery
 * id at the same moment, so the words tell them apart too.
 */
export const tellingOf = ({ deliveryId, index, item }: Delivered<MessageItem>): Telling => {
  const isSealed = item.revises !== undefined && item.text === undefined;
  const words = sha256(isSealed ? `sealed ${item.id}` : (item.text ?? '')).slice(0, 16);
  return { words, at: item.at, occurrence: `${deliveryId}#${index}#${words}` };
};

/**
 * The message with the time at which its words were said: of words that were changed under the same id, which may bear the time of the
 * first ones, when they came.
 */
export const asSaid = ({ item, receivedAt }: Delivered<MessageItem>, isChange: boolean): MessageItem =>
  isChange && item.revises === undefined && receivedAt !== undefined && receivedAt > item.at
    ? { ...item, at: receivedAt }
    : item;
