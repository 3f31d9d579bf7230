import { cut } from '../runtime/characters.ts';
import { sha256 } from '../runtime/hashes.ts';
import { parseJson } from '../runtime/json.ts';
import { masked } from '../runtime/masked.ts';
import { type Fields, fields, first, firstId, IDS, isFields, MAX_TEXT, text, timeIn, timeOf } from './fields.ts';
import { CONTENT } from './message-types.ts';
import { saysFalse, saysTrue, type Told, toldIn, typeTold, whyUnread } from './said.ts';
import {
  chatIdsOf,
  chatOf,
  isId,
  isIndividual,
  kindOf,
  type Named,
  OF_CHAT,
  OF_CONTACT,
  OF_RECIPIENT,
  ofGroup,
  otherPerson,
  whoOf,
  withDigits,
} from './who.ts';

/**
 * EZWhatsApp's webhook payloads, read tolerantly: twin fields, numbers as text, seconds or milliseconds, nulls, single items
 * instead of lists, and the shapes of the whapi family that the format is modelled on. What may be acted on is decided
 * strictly, by `mayActOn`. Items travel as JSON in the queues.
 */

export const EVENTS = ['messages.post', 'statuses.post', 'chats.post'] as const;
export type EventName = (typeof EVENTS)[number];

export const STATUSES = ['pending', 'sent', 'delivered', 'read', 'played', 'failed', 'deleted'] as const;
export type Status = (typeof STATUSES)[number];

export interface MessageItem {
  readonly kind: 'message';
  /** The provider's id without the chat's, as `messageIdOf` has it; `x_` and a hash of the item where it has none. */
  readonly id: string;
  /** The message whose words these are now: it was changed. Without words where nobody here can read what it says now. */
  readonly revises?: string;
  /** What tells conversations apart: the conversation's id, else the chat's, else the phone. */
  readonly conversation: string;
  readonly conversationId?: string;
  /**
   * E.164 with `+`, of the other person: of the documented field, else of a WhatsApp id. Its shape is all that is asked, and that it is no
   * longer than its country's numbers are, never whether a numbering plan knows it. WhatsApp's privacy ids (`@lid`) are no phones, not
   * even where another field repeats one, or where its digits stand before a server of numbers.
   */
  readonly phone?: string;
  /** The digits of the other person's privacy id of WhatsApp, where the message has one. They are no phone. */
  readonly privacyId?: string;
  /** Of a message of ours beside a privacy id: E.164, theirs if they ever wrote under it, else the line's own for all that is known. */
  readonly perhapsPhone?: string;
  /** Set where only the documented field tells the phone, beside a privacy id: services were seen that put the line's own there. */
  readonly isUnsure?: true;
  readonly name?: string;
  /** True unless the payload says that the other person wrote it. */
  readonly fromMe: boolean;
  /** False for groups, channels, broadcasts and status updates. */
  readonly individual: boolean;
  readonly type: string;
  readonly text?: string;
  /** ISO 8601. */
  readonly at: string;
  /** The delivery that brought it, as all logs name it; known to whoever is told of it. */
  readonly delivery?: string;
  /** Its place there. */
  readonly index?: number;
}

export interface StatusItem {
  readonly kind: 'status';
  readonly id: string;
  readonly status: Status;
  readonly at: string;
  readonly conversationId?: string;
  /** Of one that failed, where the provider says it. */
  readonly why?: Failure;
  /** Whom that was for, `masked`. */
  readonly who?: string;
}

/** Why a message did not arrive, as the provider has it. No number of a person is in it. */
export interface Failure {
  /** Such as Meta's 131026; at most 40 characters. */
  readonly code?: string;
  /** One line of at most 200 characters. */
  readonly says?: string;
}

export interface ChatItem {
  readonly kind: 'chat';
  readonly id: string;
  readonly conversationId?: string;
  /** As in a message: of the other person. */
  readonly phone?: string;
  readonly privacyId?: string;
  readonly isUnsure?: true;
  readonly lastMessageId?: string;
  readonly individual: boolean;
  readonly at: string;
}

export type InboundItem = MessageItem | StatusItem | ChatItem;

/** One item in a consumer's queue. */
export interface Delivered<Item extends InboundItem = InboundItem> {
  readonly deliveryId: string;
  /** ISO 8601; an earlier release did not say it. */
  readonly receivedAt?: string;
  /** Its place among the items of its delivery. */
  readonly index: number;
  readonly item: Item;
}

/**
 * Why something of a delivery could not be read: an event that is not known; a known one without the list that it promises; an entry that
 * holds nothing to go by (no object, a status or chat without an id, a message that names neither itself nor a conversation and has no
 * words); a message of a type that nobody knows, without words that can be found; a text without words; words of a type that nobody knows,
 * or in the place of others, that do not say who wrote them; a message whose time is there and cannot be read, for old news must not be
 * taken for new; a message in a kind of chat that nobody knows.
 */
export type Unread =
  | 'unknown_event'
  | 'no_list'
  | 'unreadable_item'
  | 'unknown_type'
  | 'no_words'
  | 'no_author'
  | 'no_time'
  | 'unknown_chat';

export interface ReadPayload {
  readonly event: EventName | undefined;
  readonly items: readonly InboundItem[];
  /** One for each entry that is not among the items, or for the whole. */
  readonly unread: readonly Unread[];
  /** Each of those entries as the only one of a body of its own. */
  readonly left: readonly object[];
}

/** Of a message that names none, nor its chat. */
export const NO_CONVERSATION = 'unknown';

/** A conversation's own id may be the group's, and nothing else name it: the number beside it is of whoever wrote there. */
const namesGroup = (conversationId: string | undefined): boolean =>
  isIndividual(undefined, [conversationId], true) === false;

/** Of whom nobody knows the name services repeat an id, as it is or in the form of a number, which somebody would dial. */
const isName = (name: string, privacyId: string | undefined): boolean =>
  (/\p{L}/u.test(name.replace(LABELS, '')) || name.replace(/\P{Nd}/gu, '').length < LEAST_DIGITS) &&
  !isId(name) &&
  (privacyId === undefined || !name.includes(privacyId));
/** As long as the shortest phone. */
const LEAST_DIGITS = 7;
/** What stands before a number and is no name either. */
const LABELS =
  /(?<![\p{L}\p{M}])(?:tel|phone|mobile|mob|cell|whatsapp|wa|telefon[eo]?|tel[eé]fono|t[eé]l[eé]phone|celular|handy|טל|טלפון|נייד|وات?س ?اب|هاتف|جوال|тел|телефон|моб)(?![\p{L}\p{M}])/giu;

const readMessage = (raw: Fields, receivedAt: number, linePhone?: string): MessageItem | Unread => {
  const conversationId = first(raw, 'conversationId', 'conversation_id');
  // Of WhatsApp's own shape: https://github.com/WhiskeySockets/Baileys
  const key = fields(raw.key);
  const chatId = first(raw, 'chat_id', 'chatId') ?? first(key, 'remoteJid');
  const from = first(raw, 'from');
  const author = raw.from_me ?? raw.fromMe ?? key.fromMe;
  const fromMe = !saysFalse(author);
  const isNamed = text(raw.contactPhoneNumber) !== undefined || text(raw.contact_phone_number) !== undefined;
  const individual =
    !namesGroup(conversationId) && isIndividual(kindOf(raw), [chatId, from, ...chatIdsOf(raw)], isNamed);
  if (individual === undefined) return 'unknown_chat';
  const { phone, privacyId, perhapsPhone, isUnsure }: Named = individual
    ? whoOf(raw, fromMe, linePhone)
    : ofGroup(raw, linePhone);
  const names = [raw.from_name, raw.fromName, raw.chat_name, ...(fromMe ? [] : [raw.pushName])].map((one) => text(one));
  const name = names.find((one) => one !== undefined && isName(one, privacyId));
  const told = toldIn(raw);
  const id = firstId(raw, ...IDS) ?? firstId(key, 'id');
  const conversation = conversationId ?? chatOf(chatId, privacyId) ?? phone ?? chatOf(from, privacyId);
  const isNameless = id === undefined && conversation === undefined;
  const isAuthorless = !saysFalse(author) && !saysTrue(author);
  const at = timeIn(timesOf(raw), receivedAt);
  const why =
    individual &&
    (whyUnread(told, isNameless, isAuthorless) ?? (at === undefined && isSaid(told, fromMe) && 'no_time'));
  if (why) return why;
  return {
    kind: 'message',
    id: id ?? `x_${sha256(JSON.stringify(raw))}`,
    ...(told.edit && { revises: told.edit.of }),
    conversation: conversation ?? NO_CONVERSATION,
    ...(conversationId !== undefined && { conversationId }),
    ...(phone !== undefined && { phone }),
    ...(privacyId !== undefined && { privacyId }),
    ...(perhapsPhone !== undefined && { perhapsPhone }),
    ...(isUnsure && { isUnsure }),
    ...(name !== undefined && { name }),
    fromMe,
    individual,
    type: typeTold(told, fromMe),
    ...(told.words !== undefined && { text: told.words }),
    at: at ?? new Date(receivedAt).toISOString(),
  };
};

/** Whether it is somebody's words, or stands in their place. */
const isSaid = (told: Told, fromMe: boolean): boolean => told.edit !== undefined || CONTENT.has(typeTold(told, fromMe));

/** Where services of the whapi family, Baileys, whatsmeow and WAHA have the time of a message. */
const timesOf = (raw: Fields): readonly unknown[] => {
  const data = fields(raw._data);
  return [raw, data]
    .flatMap(({ timestamp, messageTimestamp, t }) => [timestamp, messageTimestamp, t])
    .concat(fields(data.Info).Timestamp);
};

const MAX_SAYS = 200;
/** As long as the shortest phone, however it is written. */
const LONG_NUMBER = /\+?\d(?:[\s().\p{Pd}]*\d){6,}/gu;

/**
 * Meta's `errors`, or a word beside the status
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status). EZWhatsApp documents none.
 */
const failureOf = (raw: Fields): Failure | undefined => {
  const told = raw.errors ?? raw.error;
  const error = fields(Array.isArray(told) ? told[0] : told);
  const code = first(error, 'code') ?? first(raw, 'error_code', 'errorCode');
  const words = [fields(error.error_data).details, error.message, error.title, told, raw.description, raw.reason];
  const says = words.map((one) => text(one, MAX_TEXT)).find((one) => one !== undefined);
  const why: Failure = {
    ...(code !== undefined && /^(?!.*\d{7})[\w.-]{1,40}$/.test(code) && { code }),
    ...(says !== undefined && { says: cut(says.replace(LONG_NUMBER, '…').replace(/\s+/gu, ' '), MAX_SAYS) }),
  };
  return Object.keys(why).length > 0 ? why : undefined;
};

const readStatus = (raw: Fields, receivedAt: number, linePhone?: string): StatusItem | undefined => {
  const id = firstId(raw, ...IDS);
  const status = first(raw, 'status')?.toLowerCase();
  const known = STATUSES.find((one) => one === status);
  if (id === undefined || !known) return undefined;
  const conversationId = first(raw, 'conversationId', 'conversation_id');
  const why = known === 'failed' ? failureOf(raw) : undefined;
  const { phone } =
    known === 'failed' ? otherPerson(withDigits(raw), ['phone', ...OF_RECIPIENT, ...OF_CHAT], [], linePhone) : {};
  return {
    kind: 'status',
    id,
    status: known,
    at: timeOf(raw.timestamp, receivedAt),
    ...(conversationId !== undefined && { conversationId }),
    ...(why && { why }),
    ...(phone !== undefined && { who: masked(phone) }),
  };
};

const readChat = (raw: Fields, receivedAt: number, linePhone?: string): ChatItem | undefined => {
  const id = first(raw, 'id', 'chat_id', 'chatId');
  if (id === undefined) return undefined;
  const chatId = first(raw, 'chat_id', 'chatId');
  const conversationId = first(raw, 'conversationId', 'conversation_id');
  const lastMessageId = firstId(fields(raw.last_message ?? raw.lastMessage), 'id', 'message_id');
  const kind = kindOf(raw) ?? raw.type;
  const individual =
    !namesGroup(conversationId) && (isIndividual(kind, [id, chatId, ...chatIdsOf(raw)], false) ?? false);
  const named: Named = individual ? otherPerson(raw, ['id', ...OF_CHAT, ...OF_CONTACT], [], linePhone) : {};
  const { phone, privacyId, isUnsure } = named;
  return {
    kind: 'chat',
    id: chatOf(id, privacyId) ?? id,
    ...(conversationId !== undefined && { conversationId }),
    ...(phone !== undefined && { phone }),
    ...(privacyId !== undefined && { privacyId }),
    ...(isUnsure && { isUnsure }),
    ...(lastMessageId !== undefined && { lastMessageId }),
    individual,
    at: timeOf(raw.timestamp, receivedAt),
  };
};

const READERS = {
  'messages.post': { lists: ['messages', 'message'], read: readMessage },
  'statuses.post': { lists: ['statuses', 'status'], read: readStatus },
  'chats.post': { lists: ['chats', 'chat'], read: readChat },
} as const;

const eventName = (value: unknown): EventName | undefined => {
  const name = isFields(value) ? `${value.type}.${value.event ?? value.method}` : value;
  const lower = typeof name === 'string' ? name.trim().toLowerCase() : undefined;
  return EVENTS.find((event) => event === lower);
};

/**
 * The items of a delivery. The header names the event; the body does where the header's is not known.
 * Throws `Invalid` for what is not JSON.
 * @param linePhone the line's own number (E.164), where it is known: in no item it is the other person's
 */
export const readPayload = (header: string, raw: Uint8Array, receivedAt: number, linePhone?: string): ReadPayload => {
  const body = fields(parseJson(raw));
  const event = eventName(header) ?? eventName(body.event);
  if (!event) return { event, items: [], unread: ['unknown_event'], left: [] };
  const { lists, read } = READERS[event];
  const under = lists.find((name) => body[name] !== undefined && body[name] !== null);
  if (under === undefined) return { event, items: [], unread: ['no_list'], left: [] };
  const list = body[under];
  const entries: unknown[] = Array.isArray(list) ? list : [list];
  const found = entries.map((entry) =>
    isFields(entry) ? (read(entry, receivedAt, linePhone) ?? UNREADABLE) : UNREADABLE,
  );
  return {
    event,
    items: found.filter((one) => typeof one !== 'string'),
    unread: found.filter((one) => typeof one === 'string'),
    left: entries.flatMap((entry, i) => (typeof found[i] === 'string' ? [{ event, [under]: [entry] }] : [])),
  };
};

const UNREADABLE = 'unreadable_item' as const;

/** Whether it is a message of a conversation with one person at all. */
export const isConversation = (item: MessageItem): boolean => item.individual && CONTENT.has(item.type);

/** Whether anything may be done because of it: one person wrote it to us. */
export const mayActOn = (item: MessageItem): boolean => !item.fromMe && isConversation(item);

/** Whether WhatsApp keeps the number of whoever it is from or for to itself: they can be told apart from others all the same. */
export const hidesNumber = ({ phone, privacyId, conversation }: MessageItem): boolean =>
  phone === undefined && (privacyId !== undefined || conversation !== NO_CONVERSATION);

/** How tables and CRMs know a conversation; its ids mean nothing outside their line. */
export const conversationKey = (lineId: string, conversation: string): string => `${lineId}:${conversation}`;
