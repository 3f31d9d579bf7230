import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import type { Notice } from '../shared/people/notice.ts';
import type { Sent } from '../shared/people/people.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import type { EscalationConfig, Rule } from './config.ts';
import type { Letter } from './letter.ts';

/** One notification, ready for any notifier. */
export interface Alert {
  /** The same however often it is sent: for sinks that keep each once. */
  readonly id: string;
  /** The same for all alerts of a rule about a conversation; without one an alert stands alone. */
  readonly incident?: string | undefined;
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
  /** One line: what we sent them last, as the order or the appointment that they are likely to write about. */
  readonly about?: string | undefined;
  /** Further lines: what the team is asked to hand on. */
  readonly handOn?: readonly string[] | undefined;
  /** The delivery that brought it, as all logs name it. */
  readonly delivery?: string | undefined;
  /** ISO 8601, when the message was written. */
  readonly at: string;
  /** The same for people: in their language and by their clock. */
  readonly when: string;
  /** Of the conversation in EZWhatsApp. */
  readonly link: string;
  /** What stands on the button with the link, in the client's language. */
  readonly open: string;
  /** For a person whose name and number are not known. */
  readonly unknown: string;
}

/** The rules that no client file names. */
export const STOP_WITHOUT_NUMBER = 'stop-without-number';
export const PERHAPS_STOP = 'perhaps-stop';
export const UNREADABLE_CHANGE = 'unreadable-change';
export const ANSWER_TO_REMINDER = 'answer-to-reminder';

export const OWN_RULES = [STOP_WITHOUT_NUMBER, PERHAPS_STOP, UNREADABLE_CHANGE, ANSWER_TO_REMINDER] as const;
/** The first of these that a rule has says most about why. */
const CONDITIONS = ['unanswered', 'keywords', 'numbers', 'types', 'outsideHours'] as const;

type Reason = (typeof OWN_RULES)[number] | (typeof CONDITIONS)[number] | 'rule';

/** What alerts say beside what customers and notices do, in one language. */
export type AlertWords = Readonly<Record<Reason | 'unknown' | 'open', string>> & {
  /** A locale, for dates. */
  readonly language: string;
  /** `{what}` is the template and id of a message, `{at}` when it was sent. */
  readonly sent: string;
};

export const ENGLISH: AlertWords = {
  language: 'en',
  unanswered: 'nobody has answered yet',
  keywords: 'a word to look out for',
  numbers: 'an important customer wrote',
  types: 'a message of this kind came',
  outsideHours: 'a message outside the opening hours',
  rule: 'a rule of the client file',
  'stop-without-number': 'somebody said stop, and their number is not known',
  'perhaps-stop': 'somebody may want no more messages: read it and decide',
  'unreadable-change': 'a message was changed: what it says now can be read on the phone alone',
  'answer-to-reminder': 'an answer to a reminder: cancel or move',
  unknown: 'Unknown sender',
  open: 'Open conversation',
  sent: 'We sent: {what}, {at}',
};

/** Code is replaced a moment before its settings, and those of the release before have none. */
const wordsOf = ({ alertWords }: EscalationConfig): AlertWords => alertWords ?? ENGLISH;

const whyOf = ({ name, when }: Rule): Reason =>
  OWN_RULES.find((one) => one === name) ?? CONDITIONS.find((one) => when[one] !== undefined) ?? 'rule';

const forPeople = (at: string, config: EscalationConfig): string => {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const style = { dateStyle: 'medium', timeStyle: 'short', timeZone: config.zone } as const;
  return new Intl.DateTimeFormat(wordsOf(config).language, style).format(date);
};

/** What was sent so long before is hardly what they write about. */
const ABOUT_MS = 14 * 24 * 3600_000;

const aboutOf = (item: MessageItem, sent: Sent | undefined, config: EscalationConfig): string | undefined => {
  if (!sent || Date.parse(item.at) - Date.parse(sent.at) > ABOUT_MS) return undefined;
  const what = `${sent.template} ${sent.id ?? sent.key}`;
  return wordsOf(config)
    .sent.replace('{what}', () => what)
    .replace('{at}', () => forPeople(sent.at, config));
};

/** Where no conversation is named, unrelated messages must not become one incident and be closed together. */
export const incidentOf = (
  rule: string,
  { conversation }: Pick<MessageItem, 'conversation'>,
  { keysOf }: EscalationConfig,
): string | undefined =>
  conversation === 'unknown'
    ? undefined
    : `escalation_${sha256([keysOf, 'incident', conversation, rule].join('\n')).slice(0, 40)}`;

/** @param sent what was sent to them last */
export const alertOf = (rule: Rule, item: MessageItem, config: EscalationConfig, sent?: Sent): Alert => {
  const base = config.conversationUrl.replace(/\/+$/, '');
  return {
    id: `escalation_${sha256([config.keysOf, item.conversation, rule.name, item.id].join('\n')).slice(0, 40)}`,
    incident: incidentOf(rule.name, item, config),
    client: config.client,
    rule: rule.name,
    severity: rule.severity,
    title: `${config.client}: ${wordsOf(config)[whyOf(rule)]}`,
    phone: item.phone,
    name: item.name,
    conversationId: item.conversationId,
    type: item.type,
    about: aboutOf(item, sent, config),
    delivery: item.delivery,
    at: item.at,
    when: forPeople(item.at, config),
    open: wordsOf(config).open,
    unknown: wordsOf(config).unknown,
    ...(config.text && { text: item.text }),
    link: item.conversationId === undefined ? base : `${base}/${encodeURIComponent(item.conversationId)}`,
  };
};

/** What a template has for people to see to. */
export const alertOfNotice = (notice: Notice, config: EscalationConfig): Alert => ({
  id: `escalation_${sha256([config.keysOf, 'notice', notice.id].join('\n')).slice(0, 40)}`,
  client: config.client,
  rule: notice.code,
  severity: notice.severity,
  title: `${config.client}: ${notice.says}`,
  source: notice.source,
  type: notice.kind,
  at: notice.at,
  when: forPeople(notice.at, config),
  open: wordsOf(config).open,
  unknown: wordsOf(config).unknown,
  link: config.conversationUrl.replace(/\/+$/, ''),
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
const subjectOf = ({ source, name, phone, unknown }: Alert): string =>
  source ?? ([name, phone].filter(Boolean).join(', ') || unknown);

/** Who and what, for people; without what is not known. */
export const alertLines = (alert: Alert): readonly string[] => [
  subjectOf(alert),
  `${alert.type}, ${alert.when}${alert.delivery === undefined ? '' : `, webhook ${alert.delivery}`}`,
  ...(alert.about === undefined ? [] : [alert.about]),
  ...(alert.text === undefined ? [] : [alert.text]),
  ...(alert.handOn ?? []),
];
