import { answerValues } from '../shared/door/answers.ts';
import { durationMs } from '../shared/hours/duration.ts';
import { REMEMBERED_MS } from '../shared/ledger/rules.ts';
import { type SendCommand, usefulUntil } from '../shared/ledger/send-command.ts';
import { firstUsablePhone } from '../shared/people/phone.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import { compose, orRejected } from '../shared/wording/compose.ts';
import { pickText } from '../shared/wording/texts.ts';
import type { OrderReadyConfig } from './config.ts';
import type { OrderReady } from './schema.ts';

/** One key per order, so that an order is announced once however often and by whichever event it is said to be ready. */
export const orderKey = (orderId: string): string => `order:${keyPart(orderId)}:ready`;

const isHttps = (url: string | undefined): url is string =>
  url !== undefined && URL.canParse(url) && url.startsWith('https://');

const written = (order: OrderReady, config: OrderReadyConfig): SendCommand['outcome'] => {
  const found = firstUsablePhone(order.phones, config);
  if ('refusal' in found) return { state: 'REJECTED', reason: found.refusal };
  return orRejected(() => {
    const text = pickText(config.texts, order.locale, config.locale);
    return compose({
      to: found.phone,
      conversationId: order.conversationId,
      text: config.button ? text : { ...text, button: undefined },
      values: {
        ...answerValues(order.answers, config.answers),
        name: order.name,
        order: order.number,
        location: order.location,
      },
      link: isHttps(order.statusUrl) ? order.statusUrl : undefined,
      media: config.media,
    });
  });
};

/**
 * Milliseconds after it was placed beyond which nothing is said of an order. What may as well be an edit of an old order has the
 * age of the client file; what is ready for all the shop knows is told unless nobody could tell any more whether it was told before.
 */
const oldestAge = ({ exact, repeats }: OrderReady, { maxOrderAge }: OrderReadyConfig): number => {
  if (exact) return Number.POSITIVE_INFINITY;
  return repeats ? REMEMBERED_MS : durationMs(maxOrderAge);
};

const decide = (order: OrderReady, config: OrderReadyConfig, now: number): SendCommand['outcome'] => {
  if (order.placedAt && now - Date.parse(order.placedAt) > oldestAge(order, config)) {
    return { state: 'EXPIRED', reason: 'order_too_old' };
  }
  return written(order, config);
};

/** What the sender is told about an order: one frozen message, or why there is none. */
export const announce = (order: OrderReady, config: OrderReadyConfig, now: number): SendCommand => ({
  key: orderKey(order.id),
  template: 'order-ready',
  asOf: order.updatedAt ?? order.readyAt,
  usefulUntil: usefulUntil(order.readyAt, config.usefulFor, config.sendWindow),
  outcome: decide(order, config, now),
});
