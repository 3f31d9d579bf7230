import { cut, isWhole, onlyCharacters } from '../runtime/characters.ts';
import { sha256 } from '../runtime/hashes.ts';
import { parseJson } from '../runtime/json.ts';
import { masked } from '../runtime/masked.ts';

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
 * or in the place of others, that do not say who wrote them.
 */
export type Unread = 'unknown_event' | 'no_list' | 'unreadable_item' | 'unknown_type' | 'no_words' | 'no_author';

export interface ReadPayload {
  readonly event: EventName | undefined;
  readonly items: readonly InboundItem[];
  /** One for each entry that is not among the items, or for the whole. */
  readonly unread: readonly Unread[];
}

type Fields = Readonly<Record<string, unknown>>;

const MAX_TEXT = 4096;
const MAX_NAME = 300;
const MAX_ID = 300;
/** Beyond this a number cannot be seconds: it would be the year 5138. */
const MILLISECONDS_FROM = 1e11;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});

const textual = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** What a person wrote, as it stands: it is no HTML. */
const text = (value: unknown, max = MAX_NAME): string | undefined =>
  cut(onlyCharacters(textual(value)).trim(), max) || undefined;

/** Whole or not at all: a part of an id may be another's. */
const id = (value: unknown): string | undefined => {
  // As the library in the browser has it: https://github.com/wppconnect-team/wppconnect-server
  const whole = textual(isFields(value) ? value._serialized : value).trim();
  return whole !== '' && whole.length <= MAX_ID && isWhole(whole) ? whole : undefined;
};

/**
 * A message's id whatever chat it is told in: services of the whapi family write `false_972501234567@c.us_3EB0` and
 * `false_4639135154356@lid_3EB0` of one and the same (https://github.com/devlikeapro/waha/issues/1816). Of groups it stays as it is.
 */
const messageIdOf = (id: string): string =>
  id.replace(/^(true|false)_\d+(?:[._]\d+)?(?::\d+)?@(?:c\.us|s\.whatsapp\.net|(?:hosted\.)?lid)_(?=.)/i, '$1_');

/** Under which a message names itself. */
const IDS = ['id', 'message_id', 'messageId'];

/** The first of these fields that holds a message's id. */
const firstId = (from: Fields, ...names: readonly string[]): string | undefined => {
  const found = first(from, ...names);
  return found && messageIdOf(found);
};

/** The first of these fields that holds an id or another short word. */
const first = (from: Fields, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const found = id(from[name]);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Nothing is later than its arrival: a word that is dated ahead must not outlast those that follow it. */
const timeOf = (value: unknown, receivedAt: number): string => {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !(number > 0)) return new Date(receivedAt).toISOString();
  const ms = number > MILLISECONDS_FROM ? number : number * 1000;
  // Stamps are whole seconds: one that is ahead must not outrank a true one of the second in which it came.
  return new Date(ms > receivedAt ? Math.floor(receivedAt / 1000) * 1000 : ms).toISOString();
};

/** A person, perhaps with the device they write on: `972501234567:12@s.whatsapp.net`. */
const PERSON_ID = /^(\d+)(?:[._]\d+)?(?::\d+)?@(?:s\.whatsapp\.net|c\.us|hosted)$/i;
const PRIVACY_ID = /^(\d+)(?:[._]\d+)?(?::\d+)?@(?:hosted\.)?lid$/i;

/**
 * More digits than a number can have: no country's have more than twelve, with its code, but these. Nearly all privacy ids have more. Of
 * the plans in libphonenumber: lines, mobiles and numbers of the internet, and Mexico's mobiles as they were until 2019.
 */
const LONG_PLANS =
  /^(?=.{13}$)(?:31|52|54|55|86|225|229|234|243|263|353|358|378|685|850|856|880|964|976|977|881)|^(?=.{13,14}$)(?:39|62|352|381|886|888)|^(?:43|49|870|878|88[23])/;
const isTooLong = (digits: string): boolean => digits.length > 12 && !LONG_PLANS.test(digits);

const digitsOf = (value: unknown): string | undefined => {
  const digits = text(value)?.replace(/[\s().\p{Pd}\p{Cf}]/gu, '');
  return digits && /^\+?[1-9]\d{6,14}$/.test(digits) ? digits.replace('+', '') : undefined;
};

/** Of a field that holds digits, or one of WhatsApp's ids. */
const numberIn = (value: unknown): string | undefined =>
  digitsOf(PERSON_ID.exec(id(value) ?? '')?.[1]) ?? digitsOf(value);

const numberOfId = (value: unknown): string | undefined => digitsOf(PERSON_ID.exec(id(value) ?? '')?.[1]);

const privacyIdIn = (value: unknown): string | undefined => PRIVACY_ID.exec(id(value) ?? '')?.[1];

/** Names of fields that hold privacy ids, in some services without their server. */
const NAMES_PRIVACY_ID = /(?:^|_)lid$|Lid$/;
/** What people write, and what they forward or answer to, names nobody. */
const SAID = new Set([
  'text',
  'body',
  'caption',
  'context',
  'quoted',
  'contact',
  'contacts',
  'contact_list',
  'mentions',
]);

/** All privacy ids that a message names, of whomever. */
const privacyIdsOf = (raw: Fields, depth = 3): readonly string[] =>
  Object.entries(raw).flatMap(([name, value]) => {
    if (SAID.has(name)) return [];
    const own = privacyIdIn(value) ?? (NAMES_PRIVACY_ID.test(name) ? digitsOf(value) : undefined);
    if (own !== undefined) return [own];
    return isFields(value) && depth > 0 ? privacyIdsOf(value, depth - 1) : [];
  });

const words = (...lists: readonly string[]): readonly string[] => lists.flatMap((list) => list.split(' '));
/** Fields that name the chat, and so nobody but the other person, whoever wrote: of whapi, Baileys, whatsmeow, WAHA and Z-API. */
const OF_CHAT = words('chat_id chatId chatLid chat_lid remoteJidAlt pnJid lidJid');
/** Fields that name whoever wrote: in a message of ours that is the line. */
const OF_WRITER = words(
  'from sender author participant participantAlt SenderAlt senderPn sender_pn senderLid sender_lid',
  'participantPn participant_pn participantLid participant_lid from_lid fromLid',
);
/** Fields that name whom it is for: in a message of theirs that is the line. */
const OF_RECIPIENT = words(
  'to recipient recipient_id recipientId RecipientAlt recipientPn recipient_pn recipientLid recipient_lid',
  'peer_recipient_pn peer_recipient_lid',
);
/** Fields that hold the other person's, where nobody else is meant. */
const OF_CONTACT = words('phone phone_number phoneNumber lid');
/** Some of these hold digits alone. Elsewhere those may be of either kind. */
const NAMES_NUMBER = /^from$|phone|_?pn$/i;

/** The places of a body in which such fields stand. */
const placesOf = (raw: Fields): readonly Fields[] => {
  const data = fields(raw._data);
  const [key, ownKey] = [fields(raw.key), fields(data.key)];
  const info = fields(data.Info);
  // In a status and in a list of chats the key's own id is none of a person.
  const jid = (from: unknown) => ({ chat_id: from });
  return [raw, key, ownKey, info, jid(key.remoteJid), jid(ownKey.remoteJid), jid(info.Chat), { sender: info.Sender }];
};

interface Named {
  readonly phone?: string;
  readonly privacyId?: string;
}

const valuesOf = (places: readonly Fields[], names: readonly string[]): readonly (readonly [string, unknown])[] =>
  names.flatMap((name) => places.map((place) => [name, place[name]] as const));

const eitherIn = (value: unknown): string | undefined => numberIn(value) ?? privacyIdIn(value);

/**
 * The number and the privacy id of the other person.
 * @param names of fields that name nobody else, the surest first
 * @param own of fields that name the line: what they hold is in no other field the other person's, unless the chat is with it
 */
const otherPerson = (raw: Fields, names: readonly string[], own: readonly string[] = []): Named => {
  const places = placesOf(raw);
  const told = valuesOf(places, names);
  const chats = valuesOf(places, ['chat_id', 'chatId']).map(([, value]) => eitherIn(value));
  const me = fields(raw.me);
  const ours = [...valuesOf(places, own).map(([, value]) => value), me.id, me.lid]
    .map(eitherIn)
    .filter((one) => !chats.includes(one));
  const theirs = (all: readonly (string | undefined)[]): readonly string[] =>
    all.filter((one) => one !== undefined && !ours.includes(one)) as string[];
  const documented = [raw.contactPhoneNumber, raw.contact_phone_number];
  const numbers = theirs([
    ...documented.map(numberIn),
    ...told.map(([name, value]) => (NAMES_NUMBER.test(name) ? numberIn(value) : numberOfId(value))),
  ]);
  const isPrivate = privacyIdsOf(raw);
  const phone = numbers.find((one) => !isPrivate.includes(one) && !isTooLong(one));
  const [privacyId] = theirs([
    ...[...told.map(([, value]) => value), ...documented].map(privacyIdIn),
    ...told.map(([name, value]) => (NAMES_PRIVACY_ID.test(name) ? digitsOf(value) : undefined)),
    ...numbers.filter(isTooLong),
  ]);
  return { ...(phone !== undefined && { phone: `+${phone}` }), ...(privacyId !== undefined && { privacyId }) };
};

/** One and the same for a person's chat, whatever device and server it is written with. */
const chatOf = (chat: string | undefined, isPrivate: string | undefined): string | undefined => {
  const digits = PERSON_ID.exec(chat ?? '')?.[1];
  if (digits !== undefined && digits !== isPrivate) return `${digits}@s.whatsapp.net`;
  const hidden = digits ?? PRIVACY_ID.exec(chat ?? '')?.[1];
  return hidden === undefined ? chat : `${hidden}@lid`;
};

const NOT_INDIVIDUAL = /@(g\.us|newsletter|broadcast)$/i;

const isIndividual = (type: unknown, ...ids: readonly (string | undefined)[]): boolean =>
  !ids.some((id) => id !== undefined && NOT_INDIVIDUAL.test(id)) &&
  (typeof type !== 'string' || type === '' || /^(individual|contact)$/i.test(type));

/** The words of a message: its text, the caption of its media, or the title of the button or list row that was chosen. */
const wordsOf = (message: Fields, type: string): string | undefined => {
  const content = fields(message[type]);
  const reply = { ...fields(message.reply), ...fields(message.interactive) };
  const chosen = fields(reply.buttons_reply ?? reply.button_reply ?? reply.list_reply);
  const candidates = [
    fields(message.text).body,
    message.text,
    message.body,
    fields(message.link_preview).body,
    content.caption,
    content.body,
    chosen.title,
    message.caption,
    // What buttons hang on.
    fields(content.body).text,
    fields(reply.body).text,
  ];
  for (const candidate of candidates) {
    const found = text(candidate, MAX_TEXT);
    if (found !== undefined) return found;
  }
  return undefined;
};

interface Edit {
  readonly of: string;
  /** What it says now; empty where that is encrypted for somebody else. */
  readonly content: Fields;
  readonly type: unknown;
}

/** Names under which services tell of which message the words were changed. */
const REVISES = ['editedMessageId', 'edited_message_id', 'original_message_id', 'originalMessageId'];
/** And under which they tell the new words, where these do not stand as any message's do. */
const CHANGED_TO = ['edited_content', 'editedContent', 'edited', 'editedMessage', 'edited_message'];

const changedTo = (from: Fields): Fields | undefined => CHANGED_TO.map((name) => from[name]).find(isFields);

/** WhatsApp's own number and name for it: https://github.com/WhiskeySockets/Baileys/issues/60 */
const isProtocolEdit = ({ type, editedMessage }: Fields): boolean =>
  isFields(editedMessage) || type === 14 || type === 'MESSAGE_EDIT';

/**
 * As WhatsApp itself tells the linked device, bare or in one more envelope, or as the device's library tells that a message is another one
 * now (https://github.com/WhiskeySockets/Baileys/pull/855).
 */
const ownEditOf = (message: Fields): Edit | undefined => {
  const inner = fields(message.message ?? fields(message._data).message ?? fields(message.update).message);
  const sealed = fields(message.secretEncryptedMessage ?? inner.secretEncryptedMessage);
  // Only the device that wrote it can open it: https://github.com/devlikeapro/waha/issues/2168
  const ofSealed = firstId(fields(sealed.targetMessageKey), 'id', 'ID');
  if (ofSealed !== undefined) return { of: ofSealed, content: {}, type: undefined };
  const envelope = fields(inner.editedMessage ?? message.editedMessage);
  const wrapped = fields(envelope.message);
  const protocol = [message.protocolMessage, inner.protocolMessage, wrapped.protocolMessage]
    .map(fields)
    .find(isProtocolEdit);
  const content = protocol ? fields(protocol.editedMessage) : (changedTo(message) ?? changedTo(inner));
  const of =
    firstId(fields(protocol?.key), 'id', 'ID') ?? firstId(fields(message.key), 'id') ?? firstId(message, ...IDS);
  return content && of !== undefined ? { of, content, type: undefined } : undefined;
};

/**
 * That the words of a message were changed, and to what: as whapi's action, as Meta's type, by an id beside the new words, or as WhatsApp's
 * own envelope.
 */
const editOf = (message: Fields): Edit | undefined => {
  const action = fields(message.action);
  const ofAction = /^edit(ed)?$/i.test(textual(action.type)) ? firstId(action, 'target') : undefined;
  if (ofAction !== undefined) return { of: ofAction, content: changedTo(action) ?? {}, type: action.edited_type };
  const edit = fields(message.edit);
  const ofEdit = firstId(edit, ...REVISES);
  if (ofEdit !== undefined) return { of: ofEdit, content: fields(edit.message), type: fields(edit.message).type };
  const own = ownEditOf(message);
  const of = firstId(message, ...REVISES) ?? own?.of;
  if (of === undefined) return undefined;
  // Beside an envelope without words may stand what somebody else read in it.
  const isPlain = wordsOf(message, textual(message.type)) !== undefined && !(own && ownWordsOf(own.content));
  return isPlain || !own ? { of, content: message, type: message.type } : { ...own, of };
};

/** Words as any message has them or as WhatsApp itself keeps them, in whatever envelopes. */
const ownWordsOf = (content: Fields, depth = 4): string | undefined => {
  const candidates = [
    wordsOf(content, ''),
    content.conversation,
    content.message,
    fields(content.extendedTextMessage).text,
    ...['imageMessage', 'videoMessage', 'documentMessage'].map((name) => fields(content[name]).caption),
  ];
  const found = candidates.map((one) => text(one, MAX_TEXT)).find((one) => one !== undefined);
  if (found !== undefined || depth === 0) return found;
  return [...ENVELOPES, ...CONTENT]
    .map((name) => content[name])
    .filter(isFields)
    .map((inner) => ownWordsOf(inner, depth - 1))
    .find((one) => one !== undefined);
};

const ENVELOPES = [
  'message',
  'content',
  'protocolMessage',
  'editedMessage',
  'ephemeralMessage',
  'viewOnceMessage',
  'documentWithCaptionMessage',
];

/** Of words that were changed and cannot be read, and of nothing that a person writes. */
const SEALED = 'edit';

/** Nothing where a message names no type, or one that is no word. */
const typeOf = (of: { readonly type?: unknown }): string | undefined => first({ type: of.type }, 'type')?.toLowerCase();

/** Of either list. What has words and is of none is a text, whatever its type is called: services name theirs as they like. */
const isFamiliar = (type: string | undefined): boolean => type !== undefined && (CONTENT.has(type) || NOISE.has(type));

/** The words of a message that names a type of none of ours, wherever they stand. */
const wordsAnywhere = (message: Fields, type = ''): string | undefined => {
  // Elsewhere it may be the conversation's id.
  const { conversation, ...others } = message;
  return ownWordsOf(type === 'conversation' ? message : others) ?? ownWordsOf(fields(message[type]));
};

const saysFalse = (value: unknown): boolean => value === false || value === 0 || value === 'false' || value === '0';
const saysTrue = (value: unknown): boolean => value === true || value === 1 || value === 'true' || value === '1';

/** What the service itself calls unknown is noise where nobody finds words in it, or where it is ours. */
const UNKNOWN = 'unknown';

/** Of a message that names none, nor its chat. */
export const NO_CONVERSATION = 'unknown';

/** What a message tells, as far as it is read. */
interface Told {
  readonly edit: Edit | undefined;
  /** The type that it names. */
  readonly named: string | undefined;
  readonly words: string | undefined;
}

const toldIn = (raw: Fields): Told => {
  const edit = editOf(raw);
  const content = edit?.content ?? raw;
  const named = typeOf(edit ?? raw);
  const words = wordsOf(content, named ?? '');
  if (words !== undefined) return { edit, named, words };
  if (content !== raw) return { edit, named, words: ownWordsOf(content) };
  const isRead = edit !== undefined || named === 'text' || !isFamiliar(named);
  return { edit, named, words: isRead ? wordsAnywhere(raw, named) : undefined };
};

const typeTold = ({ edit, named, words }: Told, fromMe: boolean): string => {
  if (edit && words === undefined) return SEALED;
  if (named !== undefined && (edit ? CONTENT.has(named) : isFamiliar(named) || (named === UNKNOWN && fromMe)))
    return named;
  return words === undefined ? (named ?? UNKNOWN) : 'text';
};

/** Why nothing of it goes on its way, though it may be a person's. */
const whyUnread = ({ edit, named, words }: Told, isNameless: boolean, isAuthorless: boolean): Unread | undefined => {
  const isNew = !isFamiliar(named);
  // It would be taken for ours.
  if (isAuthorless && (edit || (isNew && words !== undefined))) return 'no_author';
  if (edit || words !== undefined || named === UNKNOWN || (named !== undefined && NOISE.has(named))) return undefined;
  if (named === 'text') return 'no_words';
  if (isNameless) return 'unreadable_item';
  return isNew ? 'unknown_type' : undefined;
};

/** Our own messages are from our own number, and theirs are for it. */
const whoOf = (raw: Fields, fromMe: boolean): Named =>
  fromMe
    ? otherPerson(raw, [...OF_CHAT, ...OF_RECIPIENT], OF_WRITER)
    : otherPerson(raw, [...OF_CHAT, ...OF_WRITER, ...OF_CONTACT], OF_RECIPIENT);

/** A group's are from whoever of it wrote. */
const ofGroup = (raw: Fields): Named => {
  const { phone } = otherPerson(raw, []);
  return phone === undefined ? {} : { phone };
};

const readMessage = (raw: Fields, receivedAt: number): MessageItem | Unread => {
  const conversationId = first(raw, 'conversationId', 'conversation_id');
  // Of WhatsApp's own shape: https://github.com/WhiskeySockets/Baileys
  const key = fields(raw.key);
  const chatId = first(raw, 'chat_id', 'chatId') ?? first(key, 'remoteJid');
  const from = first(raw, 'from');
  const author = raw.from_me ?? raw.fromMe ?? key.fromMe;
  const fromMe = !saysFalse(author);
  const individual = isIndividual(raw.chat_type ?? raw.chatType, chatId, from);
  const { phone, privacyId } = individual ? whoOf(raw, fromMe) : ofGroup(raw);
  const names = [raw.from_name, raw.fromName, raw.chat_name, ...(fromMe ? [] : [raw.pushName])].map((one) => text(one));
  // Of whom nobody knows the name services repeat the id.
  const name = names.find((one) => one !== undefined && (privacyId === undefined || !one.includes(privacyId)));
  const told = toldIn(raw);
  const id = firstId(raw, ...IDS) ?? firstId(key, 'id');
  const conversation = conversationId ?? chatOf(chatId, privacyId) ?? phone ?? chatOf(from, privacyId);
  const isNameless = id === undefined && conversation === undefined;
  const isAuthorless = !saysFalse(author) && !saysTrue(author);
  const why = individual && whyUnread(told, isNameless, isAuthorless);
  if (why) return why;
  return {
    kind: 'message',
    id: id ?? `x_${sha256(JSON.stringify(raw))}`,
    ...(told.edit && { revises: told.edit.of }),
    conversation: conversation ?? NO_CONVERSATION,
    ...(conversationId !== undefined && { conversationId }),
    ...(phone !== undefined && { phone }),
    ...(privacyId !== undefined && { privacyId }),
    ...(name !== undefined && { name }),
    fromMe,
    individual,
    type: typeTold(told, fromMe),
    ...(told.words !== undefined && { text: told.words }),
    at: timeOf(raw.timestamp ?? raw.messageTimestamp, receivedAt),
  };
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

/** The digits of whom a status is about stand without a server in some. */
const withDigits = (raw: Fields): Fields => ({ ...raw, phone: first(raw, 'recipient_id', 'recipientId') ?? raw.phone });

const readStatus = (raw: Fields, receivedAt: number): StatusItem | undefined => {
  const id = firstId(raw, ...IDS);
  const status = first(raw, 'status')?.toLowerCase();
  const known = STATUSES.find((one) => one === status);
  if (id === undefined || !known) return undefined;
  const conversationId = first(raw, 'conversationId', 'conversation_id');
  const why = known === 'failed' ? failureOf(raw) : undefined;
  const { phone } = known === 'failed' ? otherPerson(withDigits(raw), ['phone', ...OF_RECIPIENT, ...OF_CHAT]) : {};
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

const readChat = (raw: Fields, receivedAt: number): ChatItem | undefined => {
  const id = first(raw, 'id', 'chat_id', 'chatId');
  if (id === undefined) return undefined;
  const chatId = first(raw, 'chat_id', 'chatId');
  const conversationId = first(raw, 'conversationId', 'conversation_id');
  const lastMessageId = firstId(fields(raw.last_message ?? raw.lastMessage), 'id', 'message_id');
  const individual = isIndividual(raw.type, id, chatId);
  const { phone, privacyId } = individual ? otherPerson(raw, ['id', ...OF_CHAT, ...OF_CONTACT]) : {};
  return {
    kind: 'chat',
    id: chatOf(id, privacyId) ?? id,
    ...(conversationId !== undefined && { conversationId }),
    ...(phone !== undefined && { phone }),
    ...(privacyId !== undefined && { privacyId }),
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
 */
export const readPayload = (header: string, raw: Uint8Array, receivedAt: number): ReadPayload => {
  const body = fields(parseJson(raw));
  const event = eventName(header) ?? eventName(body.event);
  if (!event) return { event, items: [], unread: ['unknown_event'] };
  const { lists, read } = READERS[event];
  const list = lists.map((name) => body[name]).find((value) => value !== undefined && value !== null);
  if (list === undefined) return { event, items: [], unread: ['no_list'] };
  const entries: unknown[] = Array.isArray(list) ? list : [list];
  const found = entries.map((entry) => (isFields(entry) ? (read(entry, receivedAt) ?? UNREADABLE) : UNREADABLE));
  return {
    event,
    items: found.filter((one) => typeof one !== 'string'),
    unread: found.filter((one) => typeof one === 'string'),
  };
};

const UNREADABLE = 'unreadable_item' as const;

/** Types that a person writes or chooses. An allow-list: `system`, `action`, `call`, `unknown` and whatever comes next are no messages. */
export const CONTENT: ReadonlySet<string> = new Set([
  'text',
  'link_preview',
  'reply',
  'buttons',
  'list',
  'interactive',
  'poll',
  'order',
  'product',
  'location',
  'live_location',
  'contact',
  'contact_list',
  'image',
  'video',
  'gif',
  'short',
  'audio',
  'voice',
  'document',
  'documentwithcaption',
  'sticker',
  'hsm',
]);

/** Types that are no person's words, whatever text stands in them. */
const NOISE = new Set([
  'system',
  'action',
  'call',
  'call_log',
  'reaction',
  'revoked',
  'protocol',
  'ciphertext',
  'e2e_notification',
  'notification',
  'notification_template',
  'gp2',
  'story',
  'pin',
  'pinned',
  'event',
  'catalog',
  'product_items',
  'group_invite',
  'newsletter_invite',
  'admin_invite',
]);

/** Whether it is a message of a conversation with one person at all. */
export const isConversation = (item: MessageItem): boolean => item.individual && CONTENT.has(item.type);

/** Whether anything may be done because of it: one person wrote it to us. */
export const mayActOn = (item: MessageItem): boolean => !item.fromMe && isConversation(item);

/** Whether WhatsApp keeps the number of whoever it is from or for to itself: they can be told apart from others all the same. */
export const hidesNumber = ({ phone, privacyId, conversation }: MessageItem): boolean =>
  phone === undefined && (privacyId !== undefined || conversation !== NO_CONVERSATION);

/** How tables and CRMs know a conversation; its ids mean nothing outside their line. */
export const conversationKey = (lineId: string, conversation: string): string => `${lineId}:${conversation}`;
