import type { Unread } from './events.ts';
import { type Fields, fields, first, firstId, IDS, isFields, MAX_TEXT, text, textual } from './fields.ts';
import { CONTENT, isFamiliar, NOISE, ourTypeOf, ownTypeOf } from './message-types.ts';

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
    ...['imageMessage', 'videoMessage', 'documentMessage', 'liveLocationMessage'].map(
      (name) => fields(content[name]).caption,
    ),
    // What was chosen.
    fields(content.buttonsResponseMessage).selectedDisplayText,
    fields(content.templateButtonReplyMessage).selectedDisplayText,
    fields(content.listResponseMessage).title,
    fields(fields(content.interactiveResponseMessage).body).text,
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
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'deviceSentMessage',
  // A picture of an album.
  'associatedChildMessage',
  'botInvokeMessage',
];

/** Names of what a message holds in whatever envelopes, those included. */
const ownNamesIn = (content: Fields, depth = 4): readonly string[] =>
  Object.entries(content).flatMap(([name, inner]) => [
    name,
    ...(depth > 0 && isFields(inner) && ENVELOPES.includes(name) ? ownNamesIn(inner, depth - 1) : []),
  ]);

/** What the library calls a message that it could not open: https://github.com/WhiskeySockets/Baileys/issues/1213 */
const SEALED_STUB = 2;

/**
 * The type by what WhatsApp itself calls the content. What cannot be opened comes again under its id, as a rule; what the phone alone shows
 * does not, and somebody should look there.
 */
const ownTypeIn = (raw: Fields): string | undefined => {
  const { conversation: _, call: __, ...bare } = raw;
  const held = [bare, fields(raw.message), fields(fields(raw._data).message)].flatMap((one) => ownNamesIn(one));
  const own = held.filter(
    (name) => /^messageHistory|message(v\d+)?(extension)?$/i.test(name) || name === 'conversation' || name === 'call',
  );
  if (own.some((name) => /^viewOnce/i.test(name))) return 'view_once';
  const types = own.flatMap((name) => ownTypeOf(name) ?? []);
  const found = types.find((type) => CONTENT.has(type)) ?? types[0];
  if (found !== undefined || typeof raw.messageStubType !== 'number') return found;
  if (raw.messageStubType !== SEALED_STUB) return 'system';
  return /absent/i.test(String(raw.messageStubParameters)) ? 'view_once' : 'ciphertext';
};

/** Of words that were changed and cannot be read, and of nothing that a person writes. */
const SEALED = 'edit';

/** Nothing where a message names no type, or one that is no word. */
const typeOf = (of: { readonly type?: unknown }): string | undefined => {
  return first({ type: of.type }, 'type')?.toLowerCase();
};

/** The words of a message that names a type of none of ours, wherever they stand. */
const wordsAnywhere = (message: Fields, type = ''): string | undefined => {
  // Elsewhere it may be the conversation's id.
  const { conversation, ...others } = message;
  return ownWordsOf(type === 'conversation' ? message : others) ?? ownWordsOf(fields(message[type]));
};

export const saysFalse = (value: unknown): boolean =>
  value === false || value === 0 || value === 'false' || value === '0';
export const saysTrue = (value: unknown): boolean => value === true || value === 1 || value === 'true' || value === '1';

/** What the service itself calls unknown is noise where nobody finds words in it, or where it is ours. */
const UNKNOWN = 'unknown';

/** What a message tells, as far as it is read. */
export interface Told {
  readonly edit: Edit | undefined;
  /** The type that it names, or that WhatsApp's own name for its content tells. */
  readonly named: string | undefined;
  readonly words: string | undefined;
  /** That it names a type of ours itself. */
  readonly isPlain: boolean;
}

export const toldIn = (raw: Fields): Told => {
  const edit = editOf(raw);
  const content = edit?.content ?? raw;
  const named = typeOf(edit ?? raw);
  const isPlain = isFamiliar(named);
  const words = wordsOf(content, named ?? '');
  if (words !== undefined) return { edit, named, words, isPlain };
  if (content !== raw) return { edit, named, words: ownWordsOf(content), isPlain };
  if (edit === undefined && isPlain && named !== 'text') return { edit, named, words: undefined, isPlain };
  const anywhere = wordsAnywhere(raw, named);
  const own = isPlain ? undefined : (ownTypeIn(raw) ?? (named && ourTypeOf(named)));
  // What nobody writes has no words, and what has some is none of it.
  const isOwn =
    own !== undefined && (CONTENT.has(own) ? own !== 'text' || anywhere !== undefined : anywhere === undefined);
  return { edit, named: isOwn ? own : named, words: anywhere, isPlain };
};

export const typeTold = ({ edit, named, words }: Told, fromMe: boolean): string => {
  if (edit && words === undefined) return SEALED;
  if (named !== undefined && (edit ? CONTENT.has(named) : isFamiliar(named) || (named === UNKNOWN && fromMe)))
    return named;
  return words === undefined ? (named ?? UNKNOWN) : 'text';
};

/** Why nothing of it goes on its way, though it may be a person's. */
export const whyUnread = (
  { edit, named, words, isPlain }: Told,
  isNameless: boolean,
  isAuthorless: boolean,
): Unread | undefined => {
  const isMessage = words !== undefined || (named !== undefined && CONTENT.has(named));
  // It would be taken for ours.
  if (isAuthorless && (edit || (!isPlain && isMessage))) return 'no_author';
  if (edit || words !== undefined || named === UNKNOWN || (named !== undefined && NOISE.has(named))) return undefined;
  if (named === 'text') return 'no_words';
  if (isNameless) return 'unreadable_item';
  return isFamiliar(named) ? undefined : 'unknown_type';
};
