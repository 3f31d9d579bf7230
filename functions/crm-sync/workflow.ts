import {
  conversationKey,
  hidesNumber,
  isConversation,
  type MessageItem,
  NO_CONVERSATION,
} from '../shared/ezwhatsapp/events.ts';
import type { CrmNote } from '../shared/people/crm-note.ts';
import { identityOf, numberForms } from '../shared/people/identity.ts';
import { type OptOut, type OptOutWords, optOutOf } from '../shared/people/opt-out.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import { withoutSlash } from '../shared/runtime/without-slash.ts';
import type { CrmContact, CrmEntry } from './crm.ts';
import { phoneForms } from './phone-forms.ts';

const MAX_ID = 100;

/** A provider's message as the CRM knows it; ids are the provider's and mean nothing outside their line. */
export const entryKey = (lineId: string, messageId: string): string => `${lineId}:${keyPart(messageId, MAX_ID)}`;

const conversationLink = (base: string, conversationId: string | undefined): string | undefined =>
  conversationId && `${withoutSlash(base)}/${encodeURIComponent(conversationId)}`;

export interface CrmPlan {
  readonly contact: CrmContact;
  readonly entry: CrmEntry;
  /** What the person said about being written to, if they did. */
  readonly optOut: OptOut | undefined;
}

/** What tells the other person apart, beside a number. Where no conversation is named, the phone does. */
const namesOf = ({ phone, conversation, privacyId }: MessageItem): readonly string[] => {
  const hidden = privacyId === undefined ? [] : [`${privacyId}@lid`];
  const isNone = conversation === phone || (conversation === NO_CONVERSATION && hidden.length > 0);
  return [...new Set(isNone ? hidden : [conversation, ...hidden])];
};

/** The same for others' eyes: no id of WhatsApp's is shown. */
const shown = (name: string, { privacyId }: MessageItem): string =>
  privacyId !== undefined && name.includes(privacyId) ? keyPart(name, 0) : name;

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
  const { phone, conversationId, privacyId, fromMe } = item;
  const isShown = privacyId === undefined || !conversationId?.includes(privacyId);
  const names = namesOf(item);
  const also = names.map((name) => conversationKey(settings.lineId, shown(name, item)));
  return {
    contact: {
      // By the phone, however it was written, else by the conversation.
      key: phone === undefined ? (also[0] ?? '') : identityOf(phone),
      phone,
      forms: phone === undefined ? [] : phoneForms(phone, settings.callingCode),
      names: names.map((name) => conversationKey(settings.lineId, name)),
      also,
      ...(!fromMe && { name: item.name }),
    },
    entry: {
      key: entryKey(settings.lineId, item.id),
      ...(isShown && { conversationId }),
      phone,
      ...(hidesNumber(item) && { hidden: true }),
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

/** The line that tells on one of two contacts of a person which the other is; the same whatever message told that. */
export const samePerson = (
  { at, day, conversationId, link, delivery }: CrmEntry,
  lineId: string,
  id: string,
  other: string,
): CrmEntry => ({
  key: entryKey(lineId, `same-person:${id}:${other}`),
  conversationId,
  direction: 'inbound',
  type: 'note',
  at,
  day,
  delivery,
  link,
  same: other,
});

/** The contact's own key, and those under which an earlier release may know them: by the number as it was written. */
export const contactKeys = ({ key, phone }: CrmContact): readonly string[] =>
  phone === undefined ? [key] : [...new Set([key, ...numberForms(phone)])];

/** A send settles within its lease of a minute, or a repeat of it within 15: then its answer names the id. */
const MAY_BE_JOINED_MS = 20 * 60_000;
const MOST_SECONDS = 300;

/**
 * Seconds until a status that belongs to no known send yet is looked at again, ever later; `undefined`: it stays noted as it is, and an echo
 * that comes joins them by itself. By its time (ISO 8601) and not by tries, which copies of it would use up.
 */
export const joinAgainSeconds = (at: string, now: number): number | undefined => {
  const elapsedMs = now - Date.parse(at);
  return elapsedMs < MAY_BE_JOINED_MS ? Math.min(MOST_SECONDS, Math.max(2, Math.ceil(elapsedMs / 1000))) : undefined;
};
