import { createHash, randomUUID } from 'node:crypto';
import type { WebhookEvent } from './webhook-schema.ts';

/** A message as the page shows it: what the customer wrote, or what a person answered in the workspace. */
export interface Spoken {
  at: string;
  who: 'customer' | 'team';
  phone: string;
  conversationId: string;
  type: string;
  body?: string;
}

export interface Conversations {
  /** The conversation with a phone; made when first asked for. */
  idOf(phone: string): string;
  phoneOf(conversationId: string): string | undefined;
  spoken(): readonly Spoken[];
  /** Payloads of `messages.post` and `chats.post` for one message of a conversation. */
  say(message: SaidMessage): { providerId: string; events: [WebhookEvent, object][] };
  clear(): void;
}

export interface SaidMessage {
  phone: string;
  fromMe: boolean;
  type: string;
  /** Beside the fields that every message has; the content under the key of its type, say. */
  fields: Record<string, unknown>;
  body?: string;
  /** Epoch ms. */
  at: number;
  /** Told apart on the page from what the API sent. */
  who?: Spoken['who'];
}

/** Conversations by phone, and the vendor's payloads made of what is said in them. */
export function createConversations(): Conversations {
  const phones = new Map<string, string>();
  let spoken: Spoken[] = [];

  const idOf = (phone: string) => {
    const id = `conv_${createHash('sha256').update(phone).digest('hex').slice(0, 16)}`;
    phones.set(id, phone);
    return id;
  };

  return {
    idOf,
    phoneOf: (conversationId) => phones.get(conversationId),
    spoken: () => spoken,
    clear: () => {
      spoken = [];
    },
    say: ({ phone, fromMe, type, fields, body, at, who }) => {
      const conversationId = idOf(phone);
      const providerId = `wamid_${randomUUID()}`;
      const chatId = `${phone.slice(1)}@s.whatsapp.net`;
      const timestamp = Math.floor(at / 1000);
      const message = {
        id: providerId,
        message_id: providerId,
        chat_id: chatId,
        from: chatId,
        conversationId,
        conversation_id: conversationId,
        contactPhoneNumber: phone,
        contact_phone_number: phone,
        from_me: fromMe,
        timestamp,
        type,
        ...fields,
      };
      const chat = {
        id: chatId,
        chat_id: chatId,
        conversationId,
        type: 'individual',
        timestamp,
        last_message: { id: providerId, type, from_me: fromMe, ...(body !== undefined && { body }) },
      };
      if (who) {
        spoken.push({
          at: new Date(at).toISOString(),
          who,
          phone,
          conversationId,
          type,
          ...(body !== undefined && { body }),
        });
      }
      return {
        providerId,
        events: [
          ['messages.post', { event: 'messages.post', messages: [message] }],
          ['chats.post', { event: 'chats.post', chats: [chat] }],
        ],
      };
    },
  };
}
