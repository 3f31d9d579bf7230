import type { CrmEntry } from './crm.ts';

/** Characters of the line that notes without a unique field are recognised by. */
export const marker = (entry: CrmEntry): string => `EZWhatsApp ${entry.key}`;

const html = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`).replaceAll('\n', '<br>');

/** What a person reads in the timeline: plain lines. */
export const entryLines = (entry: CrmEntry): readonly string[] => [
  `${entry.answers ? 'Form' : 'WhatsApp'}, ${entry.direction}, ${entry.type}${entry.changed ? ', changed' : ''}${entry.phone ? `, ${entry.phone}` : ''}`,
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
