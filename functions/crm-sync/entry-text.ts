import type { CrmEntry } from './crm.ts';

/** Characters of the line that notes without a unique field are recognised by. */
export const marker = (entry: CrmEntry): string => `EZWhatsApp ${entry.key}`;

const html = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`).replaceAll('\n', '<br>');

/** In place of a number that WhatsApp keeps to itself. */
export const HIDDEN = 'number hidden by WhatsApp';

const whoIn = ({ phone, hidden }: CrmEntry): string => (phone || hidden ? `, ${phone ?? HIDDEN}` : '');

/** What a person reads in the timeline: plain lines. */
export const entryLines = (entry: CrmEntry): readonly string[] => [
  entry.same === undefined
    ? `${entry.answers ? 'Form' : 'WhatsApp'}, ${entry.direction}, ${entry.type}${entry.changed ? ', changed' : ''}${whoIn(entry)}`
    : `WhatsApp: the same person as contact ${entry.same}. Their number was hidden at first; new lines stand on the contact with the number.`,
  ...(entry.from === undefined ? [] : [`From ${entry.from}`]),
  ...(entry.answers ?? []).map(({ question, value }) => `${question}: ${value}`),
  ...(entry.text === undefined ? [] : [entry.text]),
  ...(entry.conversationId === undefined ? [] : [`Conversation ${entry.conversationId}`]),
  ...(entry.link === undefined ? [] : [entry.link]),
  entry.delivery === undefined ? entry.at : `${entry.at}, webhook ${entry.delivery}`,
  marker(entry),
];

/** For CRMs whose notes are HTML: what a customer wrote must stay text. */
export const entryHtml = (entry: CrmEntry): string => entryLines(entry).map(html).join('<br>');
