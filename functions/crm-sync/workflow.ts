import { conversationKey, isConversation, type MessageItem } from '../shared/ezwhatsapp/events.ts';
import type { CrmNote } from '../shared/people/crm-note.ts';
import { identityOf, numberForms } from '../shared/people/identity.ts';
import { type OptOut, type OptOutWords, optOutOf } from '../shared/people/opt-out.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import type { CrmContact, CrmEntry } from './crm.ts';
import { phoneForms } from './phone-forms.ts';

const MAX_ID = 100;

/** A provider's message as the CRM knows it; ids are the provider's and mean nothing outside their line. */
export const entryKey = (lineId: string, messageId: string): string => `${lineId}:${keyPart(messageId, MAX_ID)}`;

const conversationLink = (base: string, conversationId: string | undefined): string | undefined =>
  conversationId && `${base.replace(/\/+$/, '')}/${encodeURIComponent(conversationId)}`;

export interface CrmPlan {
  readonly contact: CrmContact;
  readonly entry: CrmEntry;
  /** What the person said about being written to, if they did. */
  readonly optOut: OptOut | undefined;
}

/** How the CRM knows the other person: by the phone, however it was written, else by the conversation. */
const keyOf = (lineId: string, { phone, conversation }: MessageItem): string =>
  phone === undefined ? conversationKey(lineId, conversation) : identityOf(phone);

/** `2026-11-22`, as Sweden writes days. */
const dayOf = (at: string, zone: string): string =>
  new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' }).format(new Date(at));

interface PlanSettings {
  readonly lineId: string;
  readonly zone: string;
  readonly callingCode?: string | undefined;
}

/** What the CRM learns of a message; `undefined` for what is no message of a conversation with one person. */
export const plan = (
  item: MessageItem,
  settings: PlanSettings & { conversationUrl: string; optOut: OptOutWords; text: boolean },
): CrmPlan | undefined => {
  if (!isConversation(item)) return undefined;
  const { phone, conversationId, fromMe } = item;
  return {
    contact: {
      key: keyOf(settings.lineId, item),
      phone,
      forms: phone === undefined ? [] : phoneForms(phone, settings.callingCode),
      // Where nothing else tells conversations apart, the phone does.
      ...(item.conversation !== phone && { conversation: conversationKey(settings.lineId, item.conversation) }),
      ...(!fromMe && { name: item.name }),
    },
    entry: {
      key: entryKey(settings.lineId, item.id),
      conversationId,
      phone,
      direction: fromMe ? 'outbound' : 'inbound',
      type: item.type,
      at: item.at,
      day: dayOf(item.at, settings.zone),
      delivery: item.delivery,
      ...(settings.text && { text: item.text }),
      link: conversationLink(settings.conversationUrl, conversationId),
    },
    optOut: fromMe ? undefined : optOutOf(item.text, settings.optOut),
  };
};

/** What the CRM learns of a form, in words of its own: they are the client's form, not a customer's message. */
export const planNote = (note: CrmNote, { lineId, zone, callingCode }: PlanSettings): Omit<CrmPlan, 'optOut'> => ({
  contact: {
    key: identityOf(note.phone),
    phone: note.phone,
    forms: phoneForms(note.phone, callingCode),
    name: note.name,
  },
  entry: {
    key: entryKey(lineId, `form:${note.key}`),
    phone: note.phone,
    direction: 'inbound',
    type: note.template,
    at: note.at,
    day: dayOf(note.at, zone),
    from: note.from,
    answers: note.answers.map(({ question, value }) => ({ question, value })),
  },
});

/** The contact's own key, and those under which an earlier release may know them: by the number as it was written. */
export const contactKeys = ({ key, phone }: CrmContact): readonly string[] =>
  phone === undefined ? [key] : [...new Set([key, ...numberForms(phone)])];

/** Seconds until a status that belongs to no known send yet is looked at again; `undefined`: it stays noted as it is. */
export const joinAgainSeconds = (attempt: number, at: string, now: number): number | undefined => {
  // A send settles within its lease of a minute, and its echo comes when it comes: that one joins them by itself.
  const waits = [2, 10, 30, 60];
  return now - Date.parse(at) < 3600_000 ? waits[attempt - 1] : undefined;
};
