import type * as z from 'zod/mini';
import { answerValues } from '../shared/door/answers.ts';
import { type ConsentAnswer, consentNote, decidingAnswer, isConsent } from '../shared/door/consent.ts';
import type { consentSchema } from '../shared/door/consent-schema.ts';
import { isOldNews, OLD_NEWS, type OwnSettings } from '../shared/door/whose.ts';
import { durationMs } from '../shared/hours/duration.ts';
import { REMEMBERED_MS } from '../shared/ledger/rules.ts';
import { after, becauseOf, numberOf, type SendCommand, usefulUntil } from '../shared/ledger/send-command.ts';
import { firstUsablePhone } from '../shared/people/phone.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import { compose, type Media, orRejected } from '../shared/wording/compose.ts';
import { localeOf } from '../shared/wording/locale.ts';
import { pickText } from '../shared/wording/texts.ts';
import type { OrderReadyConfig } from './config.ts';
import { etaIn, itemsIn, totalIn } from './order-words.ts';
import type { OrderEvent, Part } from './schema.ts';
import { type Update, updateBy } from './updates.ts';

type Own = OwnSettings & { readonly consent?: z.infer<typeof consentSchema> };

/** What the client file says of the source of an event. */
const ownOf = ({ source = '' }: OrderEvent, { sources }: OrderReadyConfig): Own =>
  (sources as Readonly<Record<string, Own | undefined>>)[source] ?? {};

/** Of what hangs on an order: its messages, by `nameOf`, and its story. */
export const orderKey = (orderId: string, name = 'ready'): string => `order:${keyPart(orderId)}:${name}`;

/**
 * What one message is called within its order: once per order however often and by whichever event the shop tells it, or once for
 * each of its parts.
 */
export const nameOf = (update: string, part?: Pick<Part, 'id' | 'isFirst'>): string =>
  part === undefined || part.isFirst ? update : `${update}:${keyPart(part.id)}`;

/** What an update tells of, each by itself; undefined for all of the order. */
export const partsOf = (
  { parts = [], isWhole }: OrderEvent,
  { per }: Pick<Update, 'per'>,
): readonly (Part | undefined)[] => {
  const there = parts.filter(({ isVoid }) => !isVoid);
  if (parts.length === 0 || isWhole) return [undefined];
  return per === 'parcel' ? there : there.length > 0 ? [undefined] : [];
};

const isHttps = (url: string | undefined): url is string =>
  url !== undefined && URL.canParse(url) && url.startsWith('https://');

const joined = (texts: readonly (string | undefined)[], locale: string): string | undefined => {
  const known = [...new Set(texts.filter((text) => text !== undefined))];
  return known.length > 0 ? new Intl.ListFormat(locale).format(known) : undefined;
};

/** What is tracked of one part, or of all of an order; its own address only where there is no doubt which. */
const trackingOf = ({ parts = [] }: OrderEvent, part: Part | undefined, locale: string) => {
  const there = part ? [part] : parts.filter(({ isVoid }) => !isVoid);
  return {
    carrier: joined(
      there.map(({ carrier }) => carrier),
      locale,
    ),
    tracking: joined(
      there.map(({ number }) => number),
      locale,
    ),
    url: there.length === 1 ? there[0]?.url : undefined,
  };
};

/** An address that the shop names is taken as it stands: braces in it are no placeholders. */
const mediaOf = ({ media }: Update, { documentUrl }: OrderEvent): Media | undefined => {
  if (media !== 'document') return media;
  return isHttps(documentUrl)
    ? { url: documentUrl.replace(/[{}]/g, (brace) => (brace === '{' ? '%7B' : '%7D')) }
    : undefined;
};

const written = (
  order: OrderEvent,
  update: Update,
  part: Part | undefined,
  config: OrderReadyConfig,
): SendCommand['outcome'] => {
  const found = firstUsablePhone(order.phones, config);
  if ('refusal' in found) return { state: 'REJECTED', reason: found.refusal };
  return orRejected(() => {
    const { locale, ...text } = pickText(update.texts, order.locale, config.locale);
    const habits = localeOf(locale, config.country).toString();
    const { url, ...tracking } = trackingOf(order, part, habits);
    const link = isHttps(url) ? url : order.statusUrl;
    return compose({
      to: found.phone,
      conversationId: order.conversationId,
      text: update.button ? text : { ...text, button: undefined },
      values: {
        ...tracking,
        total: totalIn(order.total, habits),
        items: itemsIn(order.items, habits),
        eta: etaIn(order.eta, habits, config.zone),
        // Client files had answers of their own by these names before.
        ...answerValues(order.answers, config.answers),
        name: order.name,
        order: order.number,
        location: part?.location ?? order.location,
      },
      link: isHttps(link) ? link : undefined,
      media: mediaOf(update, order),
    });
  });
};

/**
 * Milliseconds after it was placed beyond which nothing is said of an order. What may as well be an edit of an old order has the
 * age of the client file; what is so for all the shop knows is told unless nobody could tell any more whether it was told before.
 */
const oldestAge = ({ exact, repeats }: OrderEvent, { maxOrderAge }: OrderReadyConfig): number => {
  if (exact) return Number.POSITIVE_INFINITY;
  return repeats ? REMEMBERED_MS : durationMs(maxOrderAge);
};

/** What was answered at the box of a source's checkout, where the client file names it, and whether that is a yes. */
const consentOf = (
  order: OrderEvent,
  config: OrderReadyConfig,
): { answer?: ConsentAnswer | undefined; isGiven: boolean } => {
  const { consent } = ownOf(order, config);
  const { answers = [] } = order;
  if (!consent) return { isGiven: true };
  const given = answers.map(({ question, names = [], value, choices }) => ({
    names: [question, ...names],
    value: choices ?? value,
  }));
  const answer = decidingAnswer(given, consent);
  return { answer, isGiven: isConsent(answer, consent) };
};

const decide = (
  order: OrderEvent,
  update: Update,
  part: Part | undefined,
  config: OrderReadyConfig,
  now: number,
): SendCommand['outcome'] => {
  if (order.placedAt && now - Date.parse(order.placedAt) > oldestAge(order, config)) {
    return { state: 'EXPIRED', reason: 'order_too_old' };
  }
  // Whoever did not tick the box hears nothing; an end is told to whoever was told before, with consent.
  if (!(order.ends && !update.always) && !consentOf(order, config).isGiven)
    return { state: 'REJECTED', reason: 'no_consent' };
  // Whatever waits ends, whenever that was; nobody is told of what ended before the source was turned on.
  if (
    order.ends &&
    isOldNews(order.exact ? order.happenedAt : (order.placedAt ?? order.happenedAt), ownOf(order, config))
  ) {
    return OLD_NEWS;
  }
  const kind = order.kinds?.find((one) => !config.alsoTell?.includes(one));
  if (kind) return { state: 'REJECTED', reason: `not_told_of:${kind}` };
  return written(order, update, part, config);
};

/** When the shop said it, as ISO 8601. */
export const saidAt = ({ updatedAt, happenedAt }: OrderEvent): string => updatedAt ?? happenedAt;

/** Until when a step waits for its tracking number, epoch milliseconds; undefined if it has one, or has none ever. */
export const waitsUntil = (
  order: OrderEvent,
  { waitForTracking }: Update,
  part: Part | undefined,
): number | undefined => {
  const there = part ? [part] : (order.parts ?? []).filter(({ isVoid }) => !isVoid);
  return waitForTracking === undefined || there.some(({ number }) => number !== undefined)
    ? undefined
    : Date.parse(order.happenedAt) + durationMs(waitForTracking);
};

/** What the sender is told of one step of an order: one frozen message, or why there is none. Its key is the one of an order that nothing was told of. */
export const announce = (
  order: OrderEvent,
  update: Update,
  part: Part | undefined,
  config: OrderReadyConfig,
  now: number,
): SendCommand => {
  const { answer, isGiven } = consentOf(order, config);
  const found = firstUsablePhone(order.phones, config);
  return {
    key: orderKey(order.id, nameOf(update.name, part)),
    template: 'order-ready',
    asOf: saidAt(order),
    usefulUntil: usefulUntil(
      after(order.happenedAt, update.waitForTracking ?? 'PT0S'),
      update.usefulFor,
      config.sendWindow,
    ),
    // A parcel's number, a total, a list of items: what is edited after it was told is no second message, and no fault.
    ...(update.name !== 'ready' && { corrects: true }),
    because: {
      ...becauseOf(order.source, update.name, order.id, order.happenedAt),
      number: numberOf(order.number, order.id),
      consent: isGiven && answer ? consentNote(answer, order.placedAt ?? order.happenedAt) : undefined,
    },
    to: 'phone' in found ? found.phone : undefined,
    outcome: decide(order, update, part, config, now),
  };
};

/** Why nothing is told of the end of an order of which nobody heard. */
export const NOBODY_HEARD = { state: 'REJECTED', reason: 'nothing_told_before' } as const;

/** All messages of an event about an order that nothing was told of yet, and the moment of each, epoch milliseconds. */
export const messagesOf = (order: OrderEvent, config: OrderReadyConfig, now: number) => {
  const update = order.update === undefined ? undefined : updateBy(config, order.update);
  if (!update) return [];
  return partsOf(order, update).map((part) => {
    const command = announce(order, update, part, config, now);
    const isUnheard = order.ends !== undefined && !update.always;
    return {
      at: 'path' in command.outcome ? Math.max(now, waitsUntil(order, update, part) ?? now) : now,
      command: isUnheard && 'path' in command.outcome ? { ...command, outcome: NOBODY_HEARD } : command,
    };
  });
};
