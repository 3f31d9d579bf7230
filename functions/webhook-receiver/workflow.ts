import type { Delivered, InboundItem } from '../shared/ezwhatsapp/events.ts';
import { deliveryIdOf } from '../shared/ledger/deliveries.ts';
import { cut } from '../shared/runtime/characters.ts';
import { Invalid } from '../shared/runtime/errors.ts';

/** Headers that every delivery has, by what they are called here. */
export interface DeliveryHeaders {
  readonly deliveryId: string;
  readonly event: string;
  readonly lineId: string;
}

/** Of names that nobody here chooses; ids of deliveries may be longer. */
const MAX_NAME = 256;

/**
 * The three headers, required as in the vendor's own handler.
 * @throws Invalid with the reason `missing_header`, or `other_line` when the delivery is for another line.
 */
export const readHeaders = (headers: Readonly<Record<string, string | undefined>>, lineId: string): DeliveryHeaders => {
  const get = (name: string): string => {
    const value = headers[name]?.trim();
    if (!value) throw new Invalid('missing_header', `The header ${name} is missing.`);
    return value;
  };
  const found = {
    deliveryId: deliveryIdOf(get('x-ezw-delivery-id')),
    event: cut(get('x-ezw-webhook-event'), MAX_NAME),
    lineId: get('x-ezw-line-id'),
  };
  if (found.lineId !== lineId) throw new Invalid('other_line', 'This address belongs to another line.');
  return found;
};

/** Which consumers get which items: each is a message of its own, so that a poison one holds back no other. */
export const route = (
  deliveryId: string,
  items: readonly InboundItem[],
  receivedAt: string,
): { crmSync: readonly Delivered[]; escalation: readonly Delivered[] } => {
  const crmSync = items.map((item, index) => ({ deliveryId, receivedAt, index, item }));
  return { crmSync, escalation: crmSync.filter(({ item }) => item.kind === 'message') };
};
