import type { WebhookEvent } from '../webhook-schema.ts';
import type { Contract } from './assumptions.ts';
import { type Named, named } from './naming.ts';

type Fields = Contract['fields'];
type Item = Readonly<Record<string, unknown>>;

/** A message as the sandbox knows it, before it is told in anybody's format. */
export interface Said {
  readonly id: string;
  readonly phone: string;
  readonly conversationId: string;
  readonly fromMe: boolean;
  /** Of our own: through the API, or by a person of the team. */
  readonly by: 'api' | 'person';
  readonly type: string;
  /** What its type brings along: the content under the key of the type, say. */
  readonly content: Item;
  /** Fields in the place of whatever else stands there. */
  readonly over: Item;
  readonly body?: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface Reported {
  readonly id: string;
  /** Whose message it is, where that is known. */
  readonly phone?: string;
  readonly status: string;
  readonly errors?: object;
  /** Epoch ms. */
  readonly at: number;
}

const CHANNEL = 'SANDBOX-LINE1';
/** The line's own number, and what others call themselves; only the format that EZWhatsApp's follows tells them. */
const LINE_PHONE = '+972501239999';
const CUSTOMER = 'A customer';
/** The numbers beside the words; all but those of `delivered` and `read` are guessed. */
const CODES: Readonly<Record<string, number>> = { failed: 0, pending: 1, sent: 2, delivered: 3, read: 4, played: 5 };

const seconds = (at: number): number => Math.floor(at / 1000);

/** A field that has two names. What is not there at all has neither. */
const twins = (fields: Fields, camel: string, snake: string, value: string | null | undefined): Item => {
  if (value === undefined || fields === 'whapi') return {};
  if (fields === 'camel') return { [camel]: value };
  if (fields === 'snake') return { [snake]: value };
  return fields === 'nulls' ? { [camel]: null, [snake]: value } : { [camel]: value, [snake]: value };
};

const ezwMessage = (fields: Fields, said: Said, { chatId, phoneField }: Named): Item => ({
  id: said.id,
  message_id: fields === 'nulls' ? null : said.id,
  chat_id: chatId,
  from: chatId,
  ...twins(fields, 'conversationId', 'conversation_id', said.conversationId),
  ...twins(fields, 'contactPhoneNumber', 'contact_phone_number', phoneField),
  from_me: said.fromMe,
  timestamp: seconds(said.at),
  type: said.type,
  ...said.content,
  ...said.over,
});

/** Of a person as the sender of a message. */
const sender = (phone: string, { isHidden, chatId }: Named): string => (isHidden ? chatId : phone.slice(1));

const whapiMessage = (people: Contract['people'], said: Said, other: Named): Item => {
  const { body: _, ...content } = said.content;
  return {
    id: said.id,
    from_me: said.fromMe,
    type: said.type,
    chat_id: other.chatId,
    timestamp: seconds(said.at),
    source: said.fromMe && said.by === 'api' ? 'api' : 'mobile',
    ...content,
    // Whoever is hidden hides the line beside them, or a number would stand there all the same.
    from: said.fromMe ? sender(LINE_PHONE, named(people, LINE_PHONE, other.isHidden)) : sender(said.phone, other),
    ...(said.fromMe ? { status: said.by === 'api' ? 'pending' : 'sent' } : { from_name: CUSTOMER }),
    ...said.over,
  };
};

const chatOf = (fields: Fields, { id, type, fromMe, body, at, conversationId }: Said, { chatId }: Named): Item => {
  const last_message = { id, type, from_me: fromMe, ...(body !== undefined && { body }) };
  const timestamp = seconds(at);
  if (fields === 'whapi') return { id: chatId, type: 'contact', timestamp, last_message };
  // The vendor's own sample of a chat has one of the two names alone.
  const conversation =
    fields === 'twins' ? { conversationId } : twins(fields, 'conversationId', 'conversation_id', conversationId);
  return { id: chatId, chat_id: chatId, ...conversation, type: 'individual', timestamp, last_message };
};

const statusOf = (fields: Fields, { id, status, errors, at }: Reported, who: Named | undefined): Item => {
  const why = errors && { errors };
  if (fields !== 'whapi') {
    return { id, message_id: fields === 'nulls' ? null : id, status, timestamp: seconds(at), ...why };
  }
  const [code, recipient] = [CODES[status], who?.chatId];
  const recipientId = recipient && { recipient_id: recipient };
  return { id, ...(code !== undefined && { code }), status, ...recipientId, timestamp: String(seconds(at)), ...why };
};

/** What a webhook holds, in the words of the contract of now. */
export function createPayloads(contract: () => Contract) {
  /** Phones that wrote: later they may be named in another way. */
  const written = new Set<string>();
  const nameOf = (phone: string): Named => named(contract().people, phone, written.has(phone));

  return {
    /** Of one message. */
    said: (said: Said): [WebhookEvent, Item][] => {
      const { fields, people } = contract();
      const other = nameOf(said.phone);
      if (!said.fromMe) written.add(said.phone);
      const message = fields === 'whapi' ? whapiMessage(people, said, other) : ezwMessage(fields, said, other);
      return [
        ['messages.post', message],
        ['chats.post', chatOf(fields, said, other)],
      ];
    },
    reported: (report: Reported): [WebhookEvent, Item] => {
      const who = report.phone === undefined ? undefined : nameOf(report.phone);
      return ['statuses.post', statusOf(contract().fields, report, who)];
    },
    /** One body with all of them. */
    body: (event: WebhookEvent, items: readonly object[]): object => {
      const [kind = '', verb = ''] = event.split('.');
      if (contract().fields !== 'whapi') return { event, [kind]: items };
      return { [kind]: items, event: { type: kind, event: verb }, channel_id: CHANNEL };
    },
    /** Nobody wrote before. */
    forget: (): void => written.clear(),
  };
}

export type Payloads = ReturnType<typeof createPayloads>;
