import { createHash } from 'node:crypto';
import type { Said } from './contract/payloads.ts';

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
  /** Keeps for the page what did not come by the API. */
  note(who: Spoken['who'], said: Said): void;
  clear(): void;
}

/** Conversations by phone, and what is said in them beside the API. */
export function createConversations(): Conversations {
  const phones = new Map<string, string>();
  let spoken: Spoken[] = [];

  return {
    idOf: (phone) => {
      const id = `conv_${createHash('sha256').update(phone).digest('hex').slice(0, 16)}`;
      phones.set(id, phone);
      return id;
    },
    phoneOf: (conversationId) => phones.get(conversationId),
    spoken: () => spoken,
    note: (who, { at, phone, conversationId, type, body }) => {
      const when = new Date(at).toISOString();
      spoken.push({ at: when, who, phone, conversationId, type, ...(body !== undefined && { body }) });
    },
    clear: () => {
      spoken = [];
    },
  };
}
