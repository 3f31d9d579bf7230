import { chatOfId, type Fields, fields, first, IDS, id, isFields, text } from './fields.ts';

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

/** One for all national forms of a number, as `identityOf` of the floor above: Brazil's ninth digit, Mexico's 1, Argentina's 9. */
const bare = (digits: string): string =>
  digits.replace(/^(?:(55\d\d)9(?=\d{8}$)|(52)1(?=\d{10}$)|(54)9(?=\d{10}$))/, '$1$2$3');

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
export const OF_CHAT = /* @__PURE__ */ words('chat_id chatId chatLid chat_lid remoteJidAlt pnJid lidJid');
/** Fields that name whoever wrote: in a message of ours that is the line. */
const OF_WRITER = /* @__PURE__ */ words(
  'from sender author participant participantAlt SenderAlt senderPn sender_pn senderLid sender_lid',
  'participantPn participant_pn participantLid participant_lid from_lid fromLid',
);
/** Fields that name whom it is for: in a message of theirs that is the line. */
export const OF_RECIPIENT = /* @__PURE__ */ words(
  'to recipient recipient_id recipientId RecipientAlt recipientPn recipient_pn recipientLid recipient_lid',
  'peer_recipient_pn peer_recipient_lid',
);
/** Fields that hold the other person's, where nobody else is meant. */
export const OF_CONTACT = /* @__PURE__ */ words('phone phone_number phoneNumber lid');
/** Some of these hold digits alone. Elsewhere those may be of either kind. */
const NAMES_NUMBER = /^from$|phone|_?pn$/i;

/** What stands for `chat_id` in other places, and in a message's own id. */
const chatsOf = (raw: Fields): readonly unknown[] => {
  const data = fields(raw._data);
  const keys = [raw.key, data.key].map((key) => fields(key).remoteJid);
  return [...keys, fields(data.Info).Chat, fields(raw.chat).id ?? raw.chat, ...IDS.map((name) => chatOfId(raw[name]))];
};

/** The places of a body in which such fields stand. */
const placesOf = (raw: Fields): readonly Fields[] => {
  const data = fields(raw._data);
  const info = fields(data.Info);
  // In a status and in a list of chats the key's own id is none of a person.
  const chats = chatsOf(raw).flatMap((chat_id) => (chat_id === undefined ? [] : [{ chat_id }]));
  return [raw, fields(raw.key), fields(data.key), info, ...chats, { sender: info.Sender }];
};

export interface Named {
  readonly phone?: string;
  readonly privacyId?: string;
  /** Set where the documented field alone tells the number, beside a privacy id: it may be the line's own. */
  readonly isUnsure?: true;
  /** The documented number of a message of ours, where `from` repeats it beside a privacy id: theirs, or the line's own. */
  readonly perhapsPhone?: string;
}

const valuesOf = (places: readonly Fields[], names: readonly string[]): readonly (readonly [string, unknown])[] =>
  names.flatMap((name) => places.map((place) => [name, place[name]] as const));

const eitherIn = (value: unknown): string | undefined => numberIn(value) ?? privacyIdIn(value);

/**
 * The number and the privacy id of the other person. The documented field counts first, also where a chat's own id says otherwise: some
 * services repeat the line's number there, which `linePhone` ends.
 * @param names of fields that name nobody else, the surest first
 * @param own of fields that name the line: what they hold is in no other field the other person's, unless the chat is with it
 * @param linePhone of the line (E.164), where it is known: nobody's, wherever it stands
 */
export const otherPerson = (
  raw: Fields,
  names: readonly string[],
  own: readonly string[] = [],
  linePhone?: string,
): Named => {
  const places = placesOf(raw);
  const told = valuesOf(places, names);
  const me = fields(raw.me);
  const withChat = valuesOf(places, ['chat_id', 'chatId']).map(([, value]) => eitherIn(value));
  const ours = [...valuesOf(places, own).map(([, value]) => value), me.id, me.lid]
    .map(eitherIn)
    .filter((one) => !withChat.includes(one));
  const line = linePhone && bare(linePhone.slice(1));
  const theirs = (all: readonly (string | undefined)[]): readonly string[] =>
    all.filter((one) => one !== undefined && !ours.includes(one) && bare(one) !== line) as string[];
  const isPrivate = privacyIdsOf(raw);
  const isNumber = (one: string): boolean => !isPrivate.includes(one) && !isTooLong(one);
  const documented = [raw.contactPhoneNumber, raw.contact_phone_number];
  const beside = theirs(documented.map(numberIn));
  const named = theirs(told.map(([name, value]) => (NAMES_NUMBER.test(name) ? numberIn(value) : numberOfId(value))));
  const numbers = [...beside, ...named];
  const phone = numbers.find(isNumber);
  const [privacyId] = theirs([
    ...[...told.map(([, value]) => value), ...documented].map(privacyIdIn),
    ...told.map(([name, value]) => (NAMES_PRIVACY_ID.test(name) ? digitsOf(value) : undefined)),
    ...numbers.filter(isTooLong),
  ]);
  if (phone === undefined) return privacyId === undefined ? {} : { privacyId };
  if (privacyId === undefined) return { phone: `+${phone}` };
  const isUnsure = !named.some((one) => bare(one) === bare(phone));
  return { phone: `+${phone}`, privacyId, ...(isUnsure && { isUnsure }) };
};

/** One and the same for a person's chat, whatever device and server it is written with. */
export const chatOf = (chat: string | undefined, isPrivate: string | undefined): string | undefined => {
  const digits = PERSON_ID.exec(chat ?? '')?.[1];
  if (digits !== undefined && digits !== isPrivate) return `${digits}@s.whatsapp.net`;
  const hidden = digits ?? PRIVACY_ID.exec(chat ?? '')?.[1];
  return hidden === undefined ? chat : `${hidden}@lid`;
};

/** Groups and communities, channels, broadcasts and statuses, WhatsApp's own assistants. */
const NO_PERSON = /@(g\.us|newsletter|broadcast|bot|call)$/i;
const PERSON = /@(s\.whatsapp\.net|c\.us|(hosted\.)?lid|hosted)$/i;
/** Whether a text is an id of a chat and nothing else: digits at a server of WhatsApp. */
export const isId = (value: string): boolean =>
  /^[\d:._-]+@/.test(value.trim()) && (PERSON.test(value.trim()) || NO_PERSON.test(value.trim()));
const NO_PERSONS = /^(group|communit(y|ies)|broadcast(_list)?|newsletter|channel|status|story|bot)$/i;
const ONE_PERSON = /^(individual|contact|private|user|direct)$/i;

/** What names the chat, and whom our message or theirs went to where that is none of a person: of both ends one is the line. */
export const chatIdsOf = (raw: Fields): readonly string[] => {
  const chats = chatsOf(raw).flatMap((one) => id(one) ?? []);
  const to = id(raw.to) ?? '';
  return [...chats.filter((one) => PERSON.test(one) || NO_PERSON.test(one)), ...(NO_PERSON.test(to) ? [to] : [])];
};

/** The kind of a chat, as a body calls it beside its id: whatsmeow and the browser's library say of a group only that it is one. */
export const kindOf = (raw: Fields): unknown => {
  const isGroup = [raw.isGroup, raw.isGroupMsg, fields(fields(raw._data).Info).IsGroup];
  return isGroup.some((one) => String(one) === 'true')
    ? 'group'
    : (raw.chat_type ?? raw.chatType ?? fields(raw.chat).type);
};

/**
 * Whether a chat is with one person. `undefined` where nobody can tell: of a kind, or at a server, that is new.
 * @param isNamed whether a field of its own names the person's number
 */
export const isIndividual = (
  type: unknown,
  ids: readonly (string | undefined)[],
  isNamed: boolean,
): boolean | undefined => {
  const named = ids.filter((one) => one !== undefined);
  const kind = typeof type === 'string' ? type.trim() : '';
  if (NO_PERSONS.test(kind) || named.some((one) => NO_PERSON.test(one))) return false;
  if (named.some((one) => PERSON.test(one)) || ONE_PERSON.test(kind)) return true;
  if (kind !== '') return undefined;
  return isNamed || !named.some((one) => one.includes('@')) ? true : undefined;
};

/** Our own messages are from our own number, and theirs are for it. */
export const whoOf = (raw: Fields, fromMe: boolean, linePhone?: string): Named => {
  if (!fromMe) return otherPerson(raw, [...OF_CHAT, ...OF_WRITER, ...OF_CONTACT], OF_RECIPIENT, linePhone);
  const named = otherPerson(raw, [...OF_CHAT, ...OF_RECIPIENT], OF_WRITER, linePhone);
  const { phone, privacyId } = named;
  // EZWhatsApp calls `from` the chat's id, others the writer's.
  const { phone: perhaps } = phone === undefined && privacyId !== undefined ? otherPerson(raw, [], [], linePhone) : {};
  const isBoth = perhaps !== undefined && perhaps === `+${numberIn(raw.from)}`;
  return { ...named, ...(isBoth && { perhapsPhone: perhaps }) };
};

/** A group's are from whoever of it wrote. */
export const ofGroup = (raw: Fields, linePhone?: string): Named => {
  const { phone } = otherPerson(raw, [], [], linePhone);
  return phone === undefined ? {} : { phone };
};

/** The digits of whom a status is about stand without a server in some. */
export const withDigits = (raw: Fields): Fields => ({
  ...raw,
  phone: first(raw, 'recipient_id', 'recipientId') ?? raw.phone,
});
