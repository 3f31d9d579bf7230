import { durationMs } from '../shared/hours/duration.ts';
import { after, type SendCommand } from '../shared/ledger/send-command.ts';
import { firstUsablePhone } from '../shared/people/phone.ts';
import { countCharacters } from '../shared/runtime/characters.ts';
import { Permanent } from '../shared/runtime/errors.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import { fill, MAX_BODY, pickText, type Values } from '../shared/wording/texts.ts';
import type { OrderReadyConfig } from './config.ts';
import type { OrderReady } from './schema.ts';

/** One key per order, so that an order is announced once however often and by whichever event it is said to be ready. */
export const orderKey = (orderId: string): string => `order:${keyPart(orderId)}:ready`;

const isHttps = (url: string | undefined): url is string =>
  url !== undefined && URL.canParse(url) && url.startsWith('https://');

const compose = (order: OrderReady, config: OrderReadyConfig): SendCommand['outcome'] => {
  const found = firstUsablePhone(order.phones, config);
  if ('refusal' in found) throw new Permanent(found.refusal, 'None of the order’s phone numbers can be written to.');
  const to = found.phone;
  const text = pickText(config.texts, order.locale, config.locale);
  const values: Values = { name: order.name, order: order.number, location: order.location };
  const link = isHttps(order.statusUrl) ? order.statusUrl : undefined;
  const onButton = config.button && text.button !== undefined && !config.media;
  const body = fill(text.body, values, text.ifMissing) + (link && !onButton ? `\n${link}` : '');
  if (countCharacters(body) > MAX_BODY)
    throw new Permanent('text_too_long', `The text is longer than ${MAX_BODY} characters.`);
  if (config.media) {
    const media = fill(config.media.url, values, text.ifMissing, encodeURIComponent);
    return { path: '/messages/media', body: JSON.stringify({ to, media, caption: body }) };
  }
  const ctaUrlButton = link && onButton && { displayText: text.button, url: link };
  return { path: '/messages/text', body: JSON.stringify({ to, body, ...(ctaUrlButton && { ctaUrlButton }) }) };
};

const decide = (order: OrderReady, config: OrderReadyConfig, now: number): SendCommand['outcome'] => {
  if (order.placedAt && now - Date.parse(order.placedAt) > durationMs(config.maxOrderAge)) {
    return { state: 'EXPIRED', reason: 'order_too_old' };
  }
  try {
    return compose(order, config);
  } catch (error) {
    if (error instanceof Permanent) return { state: 'REJECTED', reason: error.reason };
    throw error;
  }
};

/** What the sender is told about an order: one frozen message, or why there is none. */
export const announce = (order: OrderReady, config: OrderReadyConfig, now: number): SendCommand => ({
  key: orderKey(order.id),
  template: 'order-ready',
  asOf: order.readyAt,
  usefulUntil: after(order.readyAt, config.usefulFor),
  outcome: decide(order, config, now),
});
