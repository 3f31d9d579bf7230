import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import type { Notice } from '../shared/people/notice.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import type { EscalationConfig, Rule } from './config.ts';
import type { Letter } from './letter.ts';

/** One notification, ready for any notifier. */
export interface Alert {
  /** The same however often it is sent: for sinks that keep each once. */
  readonly id: string;
  readonly client: string;
  readonly rule: string;
  readonly severity: Rule['severity'];
  /** One line. */
  readonly title: string;
  readonly phone?: string | undefined;
  readonly name?: string | undefined;
  readonly conversationId?: string | undefined;
  /** In place of a person: the template and source that it is about. */
  readonly source?: string | undefined;
  readonly type: string;
  /** Only if the client file says so. */
  readonly text?: string | undefined;
  /** Further lines: what the team is asked to hand on. */
  readonly handOn?: readonly string[] | undefined;
  /** ISO 8601, when the message was written. */
  readonly at: string;
  /** Of the conversation in EZWhatsApp. */
  readonly link: string;
}

const TITLES: Readonly<Record<keyof Rule['when'], string>> = {
  unanswered: 'nobody has answered yet',
  keywords: 'a word to look out for',
  numbers: 'an important customer wrote',
  types: 'a message of this kind came',
  outsideHours: 'a message outside the opening hours',
};

/** The rules that no client file names. */
export const STOP_WITHOUT_NUMBER = 'stop-without-number';
export const PERHAPS_STOP = 'perhaps-stop';
export const UNREADABLE_CHANGE = 'unreadable-change';

const OWN_TITLES: Readonly<Record<string, string>> = {
  [STOP_WITHOUT_NUMBER]: 'somebody said stop, and their number is not known',
  [UNREADABLE_CHANGE]: 'a message was changed, and what it says now is to be read on the phone alone',
  [PERHAPS_STOP]: 'somebody may want no more messages: read it and decide',
};

/** The first condition of the list that the rule has says most about why. */
const whyOf = ({ name: rule, when }: Rule): string => {
  const own = OWN_TITLES[rule];
  if (own !== undefined) return own;
  const name = (Object.keys(TITLES) as (keyof Rule['when'])[]).find((one) => when[one] !== undefined);
  return name ? TITLES[name] : 'a rule of the client file';
};

export const alertOf = (rule: Rule, item: MessageItem, config: EscalationConfig): Alert => {
  const base = config.conversationUrl.replace(/\/+$/, '');
  return {
    id: `escalation_${sha256([config.keysOf, item.conversation, rule.name, item.id].join('\n')).slice(0, 40)}`,
    client: config.client,
    rule: rule.name,
    severity: rule.severity,
    title: `${config.client}: ${whyOf(rule)}`,
    phone: item.phone,
    name: item.name,
    conversationId: item.conversationId,
    type: item.type,
    at: item.at,
    ...(config.text && { text: item.text }),
    link: item.conversationId === undefined ? base : `${base}/${encodeURIComponent(item.conversationId)}`,
  };
};

/** What a template has for people to see to. */
export const alertOfNotice = (notice: Notice, { keysOf, client, conversationUrl }: EscalationConfig): Alert => ({
  id: `escalation_${sha256([keysOf, 'notice', notice.id].join('\n')).slice(0, 40)}`,
  client,
  rule: notice.code,
  severity: notice.severity,
  title: `${client}: ${notice.says}`,
  source: notice.source,
  type: notice.kind,
  at: notice.at,
  link: conversationUrl.replace(/\/+$/, ''),
});

/** The rule of an alert about a letter that was refused. */
const LETTER_REFUSED = 'letter_refused';

/** The same of a letter that nobody else will bring to whom it is for. */
export const withLetter = (alert: Alert, { to, subject, text }: Letter): Alert => ({
  ...alert,
  handOn: [
    `Hand this on to ${to ? `${to.name}, ${to.email}` : 'whoever holds the phone of the line'}:`,
    subject,
    ...text.split('\n').filter(Boolean),
  ],
});

/** That a letter could not be sent, with its text. */
export const alertOfRefused = (notice: Notice, letter: Letter, config: EscalationConfig): Alert => {
  const says = `the mail to ${letter.to?.name} about "${notice.code}" could not be sent: hand its text on`;
  const id = `${notice.id}#${LETTER_REFUSED}`;
  return withLetter(alertOfNotice({ ...notice, id, code: LETTER_REFUSED, says }, config), letter);
};

/** Who or where, for one line. */
const subjectOf = ({ source, name, phone }: Alert): string =>
  source ?? ([name, phone].filter(Boolean).join(', ') || 'Unknown sender');

/** Who and what, for people; without what is not known. */
export const alertLines = (alert: Alert): readonly string[] => [
  subjectOf(alert),
  `${alert.type}, ${alert.at}`,
  ...(alert.text === undefined ? [] : [alert.text]),
  ...(alert.handOn ?? []),
];
