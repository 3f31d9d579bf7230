import { type MessageItem, mayActOn } from '../shared/ezwhatsapp/events.ts';
import { durationMs } from '../shared/hours/duration.ts';
import { afterOpen, DAYS, isOpen, type OpeningHours } from '../shared/hours/opening-hours.ts';
import { AUTO_REPLY, after, type SendCommand } from '../shared/ledger/send-command.ts';
import { identityOf } from '../shared/people/identity.ts';
import { type OptOut, type OptOutWords, optOutOf } from '../shared/people/opt-out.ts';
import { isPerhapsStop } from '../shared/people/perhaps-stop.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import { wordFinder } from '../shared/wording/words.ts';
import type { Told } from './alert.ts';
import type { EscalationConfig, Hours, Rule } from './config.ts';
import { isCourtesy } from './courtesy.ts';

/** What should happen because of one message. */
export interface Decision {
  /** Rules that hold now. */
  readonly notify: readonly Rule[];
  /** Rules that hold if nobody has answered by then. */
  readonly wait: readonly { readonly rule: Rule; readonly due: string }[];
  readonly optOut: OptOut | undefined;
  /** Nobody is silenced for it, and a person should read it. */
  readonly perhapsStop: boolean;
}

export interface Engine {
  /** What a message of a customer calls for; nothing at all for what must not be acted on. */
  decide(item: Told): Decision;
}

const NOTHING: Decision = { notify: [], wait: [], optOut: undefined, perhapsStop: false };

interface EngineSettings {
  readonly rules: readonly Rule[];
  readonly hours?: Hours | undefined;
  readonly zone: string;
  readonly optOut: OptOutWords;
}

type Condition = (item: MessageItem) => boolean;

const openingHours = ({ days, closed }: Hours, zone: string): OpeningHours => ({
  zone,
  hours: DAYS.flatMap((day) => days[day].map(([from, to]) => ({ days: [day], from, to }))),
  closed,
});

const conditionsOf = ({ when }: Rule, { hours, zone }: EngineSettings): readonly Condition[] => {
  const finds = when.keywords && wordFinder(when.keywords);
  const open = hours && openingHours(hours, zone);
  const numbers = when.numbers && new Set(when.numbers.map(identityOf));
  return [
    ...(finds ? [(item: MessageItem) => item.text !== undefined && finds(item.text)] : []),
    ...(numbers ? [({ phone }: MessageItem) => phone !== undefined && numbers.has(identityOf(phone))] : []),
    ...(when.types ? [(item: MessageItem) => !!when.types?.includes(item.type)] : []),
    ...(when.outsideHours && open ? [(item: MessageItem) => !isOpen(open, Date.parse(item.at))] : []),
  ];
};

/** Whether a rule goes by what a message is or by who wrote it: it holds for "thanks" too, if that is what it names. */
const looksAtContent = ({ when: { keywords, types, numbers, unanswered } }: Rule): boolean =>
  (keywords ?? types ?? (unanswered === undefined ? numbers : undefined)) !== undefined;

/**
 * When a wait is over. Its clock stands still while the client is closed, unless the rule is about those very hours; hours that never
 * begin are counted as none.
 */
const dueOf = (rule: Rule, unanswered: string, item: Told, settings: EngineSettings): string => {
  const waitMs = durationMs(unanswered);
  const due = endOf(rule, item.at, waitMs, settings);
  if (item.receivedAt === undefined || Date.parse(item.receivedAt) - Date.parse(item.at) <= LATE_MS) return due;
  const least = endOf(rule, item.receivedAt, Math.max(LEAST_WAIT_MS, Math.min(MOST_WAIT_MS, waitMs)), settings);
  return due > least ? due : least;
};

/** The answer to a question that came late may come with it, or a little behind: so long is waited for that. */
const LATE_MS = 60_000;
const LEAST_WAIT_MS = 30_000;
const MOST_WAIT_MS = 5 * 60_000;

const endOf = ({ when }: Rule, from: string, waitMs: number, { hours, zone }: EngineSettings): string => {
  const open = hours && !when.outsideHours ? openingHours(hours, zone) : undefined;
  const due = open && afterOpen(open, Date.parse(from), waitMs);
  return new Date(due ?? Date.parse(from) + waitMs).toISOString();
};

/** The rules of a client file, ready to judge messages. Keywords are compiled once. */
export const engine = (settings: EngineSettings): Engine => {
  const rules = settings.rules.map((rule) => ({ rule, conditions: conditionsOf(rule, settings) }));
  return {
    decide(item) {
      if (!mayActOn(item)) return NOTHING;
      const optOut = optOutOf(item.text, settings.optOut);
      const asksNothing = optOut !== undefined || isCourtesy(item);
      const holding = rules
        .filter(
          ({ rule, conditions }) => conditions.every((holds) => holds(item)) && (!asksNothing || looksAtContent(rule)),
        )
        .map(({ rule }) => rule);
      return {
        notify: holding.filter(({ when }) => !when.unanswered),
        wait: holding.flatMap((rule) =>
          rule.when.unanswered ? [{ rule, due: dueOf(rule, rule.when.unanswered, item, settings) }] : [],
        ),
        optOut,
        perhapsStop: optOut === undefined && isPerhapsStop(item.text),
      };
    },
  };
};

const MAX_DELIVERY_ID = 44;

/** The contract's key for the first message of a delivery; others of the same delivery are told apart by their place. */
export const autoReplyKey = (deliveryId: string, index: number): string =>
  `delivery:${keyPart(deliveryId, MAX_DELIVERY_ID - (index > 0 ? 6 : 0))}${index > 0 ? `:${index}` : ''}:auto-reply`;

/** The message's id as the vendor has it; a hash of one that is made of the number. */
const withoutPhone = ({ id, phone }: MessageItem): string =>
  phone !== undefined && id.includes(phone.slice(1)) ? keyPart(`h_${id}`) : id;

/**
 * The automatic answer to a message, or `undefined`. Only with a recorded decision does the client file hold one. Never to what
 * must not be acted on, to an old message, to what is or may be a word about being written to, or where neither a number nor a conversation
 * is named.
 */
export const autoReply = (
  delivered: { deliveryId: string; index: number; item: MessageItem },
  config: EscalationConfig,
  now: number,
): SendCommand | undefined => {
  const { item, deliveryId, index } = delivered;
  const settings = config.autoReply;
  const { phone, conversationId } = item;
  if (!settings || !mayActOn(item) || (phone ?? conversationId) === undefined) return undefined;
  if (optOutOf(item.text, config.optOut) || isPerhapsStop(item.text)) return undefined;
  if (now - Date.parse(item.at) > durationMs(settings.maxAge)) return undefined;
  const open = config.hours === undefined || isOpen(openingHours(config.hours, config.zone), Date.parse(item.at));
  if (settings.when === 'outside-hours' && open) return undefined;
  const body = settings.texts[config.locale];
  if (body === undefined) return undefined;
  return {
    key: autoReplyKey(deliveryId, index),
    template: AUTO_REPLY,
    asOf: item.at,
    usefulUntil: after(item.at, settings.maxAge),
    because: { source: AUTO_REPLY, told: settings.when, id: withoutPhone(item), at: item.at },
    // Where their number is known the sender has two ways, and the API may take no conversation.
    outcome:
      phone === undefined
        ? { path: '/messages/text', body: JSON.stringify({ conversationId, body }) }
        : { path: '/messages/text', body: JSON.stringify({ to: phone, body }), conversationId },
  };
};
