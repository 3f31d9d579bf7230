import type { Delivered, MessageItem } from '../ezwhatsapp/events.ts';
import { keyPart, sha256 } from '../runtime/hashes.ts';
import type { Deliveries, Telling } from './deliveries.ts';

const MAX_NAME = 64;

/** A delivery as all logs name it, from the door to the last effect: its id where that is plain, else a hash. */
export const deliveryName = (deliveryId: string): string => keyPart(deliveryId, MAX_NAME);

/** The id under which a message is claimed, in whatever words it is told. */
export const toldAs = ({ id, revises }: MessageItem): string => revises ?? id;

/**
 * A message as one telling of its words. Of words that nobody here can read each telling is news. Two bodies may come under one delivery
 * id at the same moment, so the words tell them apart too.
 */
const tellingOf = ({ deliveryId, index, item }: Delivered<MessageItem>): Telling => {
  const isSealed = item.revises !== undefined && item.text === undefined;
  const words = sha256(isSealed ? `sealed ${item.id}` : (item.text ?? '')).slice(0, 16);
  return { words, at: item.at, occurrence: `${deliveryId}#${index}#${words}` };
};

/**
 * The message with the time at which its words were said: of words that were changed under the same id, which may bear the time of the
 * first ones, when they came.
 */
const asSaid = ({ item, receivedAt }: Delivered<MessageItem>, isChange: boolean): MessageItem =>
  isChange && item.revises === undefined && receivedAt !== undefined && receivedAt > item.at
    ? { ...item, at: receivedAt }
    : item;

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
  deliveries.onceForWords(name, tellingOf(delivered), (attempt, isChange) =>
    tell(asSaid(delivered, isChange), attempt, isChange || delivered.item.revises !== undefined),
  );
