import { hidesNumber, type MessageItem, NO_CONVERSATION } from '../shared/ezwhatsapp/events.ts';
import { leftAt, type SendRecord } from '../shared/ledger/rules.ts';
import type { Notice } from '../shared/people/notice.ts';
import type { Sent } from '../shared/people/people.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import { masked } from '../shared/runtime/masked.ts';
import { withoutSlash } from '../shared/runtime/without-slash.ts';
import type { EscalationConfig, Rule } from './config.ts';
import type { Letter } from './letter.ts';
import { type Burst, delayOf, type ReplayedConversation } from './replayed.ts';

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
  /** In place of a phone, where WhatsApp keeps that to itself: says so, in the client's language. */
  readonly hidden?: string | undefined;
  readonly name?: string | undefined;
  readonly conversationId?: string | undefined;
  /** In place of a person: the template and source that it is about. */
  readonly source?: string | undefined;
  readonly type: string;
  /** Only if the client file says so. */
  readonly text?: string | undefined;
  /** One line: what we sent them last, as the order or the appointment that they are likely to write about. */
  readonly about?: string | undefined;
  /** One line: how late it came, where that was minutes or more. */
  readonly late?: string | undefined;
  /** Further conversations that it is about, the most important first. */
  readonly links?: readonly { readonly says: string; readonly url: string }[] | undefined;
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
export type AlertWords = Readonly<Record<Reason | 'unknown' | 'hidden' | 'open', string>> & {
  /** A locale, for dates. */
  readonly language: string;
  /** `{what}` is the template and id of a message, `{at}` when it was sent. */
  readonly sent: string;
  /** By the code of a notice; of others the notice's own words stand. `{n}` is how many, `{at}` since when, `{command}` what to type. */
  readonly notices: Readonly<Record<NoticeCode, { readonly title: string; readonly todo: string }>>;
  /** What to do about a message that did not arrive, to whom no conversation leads. `{id}` is of what it told, at its `{source}`. */
  readonly nowhere: string;
  /** Why a message did not arrive. `{words}` are the provider's own. */
  readonly failures: Readonly<Record<FailureKind, string>>;
  /** `{delay}` is how long a message was on its way. */
  readonly late: string;
  /** `{messages}` and `{conversations}` are numbers. */
  readonly digest: string;
  /** `{matching}` is the number of those for which a rule holds. */
  readonly written: string;
  /** `{count}` conversations that are not named. */
  readonly more: string;
};

/** Notices that have words in each language; of `more_…` one stands for many. */
export const NOTICE_CODES = [
  'send_failed',
  'more_sends_failed',
  'stop_not_applied',
  'more_stops_not_applied',
  'stop_not_held',
  'more_stops_not_held',
  'stop_not_shown',
  'more_stops_not_shown',
  'stop_list_unreadable',
] as const;
export type NoticeCode = (typeof NOTICE_CODES)[number];

/** What comes in bursts, by the code of the one that is told at once: the code of the number of the others. */
export const MORE = {
  send_failed: 'more_sends_failed',
  stop_not_applied: 'more_stops_not_applied',
  stop_not_held: 'more_stops_not_held',
  stop_not_shown: 'more_stops_not_shown',
} as const satisfies Readonly<Partial<Record<NoticeCode, NoticeCode>>>;

/** `unreachable`: such as a number without WhatsApp. `held_back`: WhatsApp limits what people get. `no_talk`: more than a day since they wrote. */
export type FailureKind = 'unreachable' | 'held_back' | 'no_talk' | 'other' | 'unsaid';

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
  hidden: 'number hidden by WhatsApp',
  open: 'Open conversation',
  sent: 'We sent: {what}, {at}',
  notices: {
    send_failed: {
      title: 'a message that was accepted did not arrive',
      todo: 'It is not sent again by itself: that could reach them twice. Look into the conversation, then: {command}',
    },
    more_sends_failed: { title: 'more messages that did not arrive since {at}: {n}', todo: 'All of them: {command}' },
    stop_not_applied: {
      title: 'somebody said stop, and it cannot be stored',
      todo: 'Nothing is sent to them meanwhile, and it is tried again for three days. What is wrong: {command}',
    },
    more_stops_not_applied: {
      title: 'more stops that cannot be stored, since {at}: {n}',
      todo: 'Nothing is sent to them meanwhile, and it is tried again for three days. What is wrong: {command}',
    },
    stop_not_held: {
      title: 'somebody said stop, and they may still be written to: it cannot be stored',
      todo: 'Hold the line until that is mended: {command}',
    },
    more_stops_not_held: {
      title: 'more people who said stop and may still be written to, since {at}: {n}',
      todo: 'Hold the line until that is mended: {command}',
    },
    stop_not_shown: {
      title: 'somebody said stop, and the CRM does not show it',
      todo: 'Nothing is sent to them. Mark the contact by hand; once the CRM takes it again: {command}',
    },
    more_stops_not_shown: {
      title: 'more stops that the CRM does not show, since {at}: {n}',
      todo: 'All of them: {command}',
    },
    stop_list_unreadable: {
      title: 'who said stop cannot be read: nothing is sent until it can',
      todo: 'What waits leaves by itself afterwards, where it still helps. What is wrong: {command}',
    },
  },
  nowhere:
    'It is not sent again by itself: that could reach them twice. No conversation with them is known: find them by {id} ({source}), then: {command}',
  failures: {
    unreachable: 'WhatsApp cannot reach this number: it may have no WhatsApp, or an old one. Reach them another way.',
    held_back: 'WhatsApp held it back, for it limits what people get. Sending it again now does not help.',
    no_talk: 'They have not written for more than a day, and WhatsApp let nothing of this kind through.',
    other: 'WhatsApp says: {words}',
    unsaid: 'WhatsApp gave no reason.',
  },
  late: 'it came late, by {delay}',
  digest: 'messages that came late: {messages}, in conversations: {conversations}',
  written: 'written: {from} – {to}; a rule holds for: {matching}',
  more: 'and {count} more',
};

/** Code is replaced a moment before its settings, and those of the release before have none. */
const wordsOf = ({ alertWords }: EscalationConfig): AlertWords => ({ ...ENGLISH, ...alertWords });

const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));

const whyOf = ({ name, when }: Rule): Reason =>
  OWN_RULES.find((one) => one === name) ?? CONDITIONS.find((one) => when[one] !== undefined) ?? 'rule';

const forPeople = (at: string, config: EscalationConfig): string => {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const style = { dateStyle: 'medium', timeStyle: 'short', timeZone: config.zone } as const;
  return new Intl.DateTimeFormat(wordsOf(config).language, style).format(date);
};

/** What takes a few minutes is no delay: lines and queues are as they are. */
const LATE_MS = 5 * 60_000;
/** From so many hours on nobody asks for the minutes. */
const WHOLE_HOURS = 10;

const lateOf = (item: Told, config: EscalationConfig): string | undefined => {
  const ms = delayOf(item);
  if (ms < LATE_MS) return undefined;
  const { language, late } = wordsOf(config);
  const minutes = Math.round(ms / 60_000);
  const isLong = minutes >= WHOLE_HOURS * 60;
  const parts = [
    ['hour', isLong ? Math.round(minutes / 60) : Math.floor(minutes / 60)],
    ['minute', isLong ? 0 : minutes % 60],
  ] as const;
  const delay = parts
    .filter(([, n]) => n > 0)
    .map(([unit, n]) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(n));
  return fill(late, { delay: new Intl.ListFormat(language, { type: 'unit' }).format(delay) });
};

/** What was sent so long before is hardly what they write about. */
const ABOUT_MS = 14 * 24 * 3600_000;

const aboutOf = (item: MessageItem, sent: Sent | undefined, config: EscalationConfig): string | undefined => {
  const ago = sent ? Date.parse(item.at) - Date.parse(sent.at) : Number.NaN;
  // What went out after they wrote is not what they write about; times of messages are whole seconds.
  if (!sent || ago > ABOUT_MS || ago <= -1000) return undefined;
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
  conversation === NO_CONVERSATION
    ? undefined
    : `escalation_${sha256([keysOf, 'incident', conversation, rule].join('\n')).slice(0, 40)}`;

/** A message, and when it was told (ISO 8601). */
export type Told = MessageItem & { readonly receivedAt?: string | undefined };

const baseOf = ({ conversationUrl }: EscalationConfig): string => withoutSlash(conversationUrl);

const linkOf = (conversationId: string | undefined, config: EscalationConfig): string =>
  conversationId === undefined ? baseOf(config) : `${baseOf(config)}/${encodeURIComponent(conversationId)}`;

/** @param sent what was sent to them last */
export const alertOf = (rule: Rule, item: Told, config: EscalationConfig, sent?: Sent): Alert => {
  return {
    id: `escalation_${sha256([config.keysOf, item.conversation, rule.name, item.id].join('\n')).slice(0, 40)}`,
    incident: incidentOf(rule.name, item, config),
    client: config.client,
    rule: rule.name,
    severity: rule.severity,
    title: `${config.client}: ${wordsOf(config)[whyOf(rule)]}`,
    phone: item.phone,
    ...(hidesNumber(item) && { hidden: wordsOf(config).hidden }),
    name: item.name,
    conversationId: item.conversationId,
    type: item.type,
    about: aboutOf(item, sent, config),
    delivery: item.delivery,
    late: lateOf(item, config),
    at: item.at,
    when: forPeople(item.at, config),
    open: wordsOf(config).open,
    unknown: wordsOf(config).unknown,
    ...(config.text && { text: item.text }),
    link: linkOf(item.conversationId, config),
  };
};

/** The rule of a digest. */
const REPLAYED = 'messages-came-late';
const MOST_LINKS = 10;
/** What somebody has to act on, or a person who wants no more is written to: each such conversation is named, up to so many. */
const MUST: readonly string[] = [STOP_WITHOUT_NUMBER, PERHAPS_STOP];
const MOST_MUST = 30;
const FIRST = [...MUST, ANSWER_TO_REMINDER];

const placeOf = ({ rules }: ReplayedConversation): number => {
  const place = FIRST.findIndex((rule) => rules.includes(rule));
  return place < 0 ? FIRST.length : place;
};

const isMust = ({ rules }: ReplayedConversation): boolean => MUST.some((rule) => rules.includes(rule));

/** A rule of ours in words, and one of the client file by its name there. */
const saidOf = (rule: string, config: EscalationConfig): string => {
  const own = OWN_RULES.find((one) => one === rule);
  return own ? wordsOf(config)[own] : rule;
};

const linksOf = ({ conversations }: Burst, config: EscalationConfig): NonNullable<Alert['links']> => {
  const { open, more } = wordsOf(config);
  const sorted = [...conversations].sort((a, b) => placeOf(a) - placeOf(b) || b.rules.length - a.rules.length);
  const must = sorted.filter(isMust).length;
  const shown = Math.max(MOST_LINKS, Math.min(must, MOST_MUST));
  const [named, rest] = [sorted.slice(0, shown), sorted.slice(shown)];
  // Where even these are too many their number stands beside their words.
  const unnamed = MUST.flatMap((rule, place) => {
    const count = rest.filter((one) => placeOf(one) === place).length;
    return count > 0 ? [`${saidOf(rule, config)}: ${fill(more, { count })}`] : [];
  });
  const others = rest.filter((one) => !isMust(one)).length;
  if (others > 0) unnamed.push(fill(more, { count: others }));
  return [
    ...named.map(({ rules, conversationId }) => {
      const sayings = [...rules].sort((a, b) => Number(FIRST.includes(b)) - Number(FIRST.includes(a)));
      const says = sayings.map((rule) => saidOf(rule, config)).join(', ');
      return { says: says === '' ? open : `${open}: ${says}`, url: linkOf(conversationId, config) };
    }),
    ...unnamed.map((says) => ({ says, url: baseOf(config) })),
  ];
};

/** One alert for all messages of a burst that came more than a day late. @param now epoch milliseconds */
export const alertOfBurst = (burst: string, found: Burst, config: EscalationConfig, now: number): Alert => {
  const { open, unknown, digest, written } = wordsOf(config);
  const { messages, conversations, matching } = found;
  const rules = conversations.flatMap((one) => one.rules);
  const at = new Date(now).toISOString();
  const [from, to] = [forPeople(found.from, config), forPeople(found.to, config)];
  return {
    id: `escalation_${sha256([config.keysOf, 'replayed', burst].join('\n')).slice(0, 40)}`,
    client: config.client,
    rule: REPLAYED,
    severity: rules.includes(STOP_WITHOUT_NUMBER) ? 'error' : matching > 0 ? 'warning' : 'info',
    title: `${config.client}: ${fill(digest, { messages, conversations: conversations.length })}`,
    source: 'ezw/webhook',
    type: 'digest',
    about: fill(written, { from, to, matching }),
    links: linksOf(found, config),
    at,
    when: forPeople(at, config),
    open,
    unknown,
    link: baseOf(config),
  };
};

/** What a template has for people to see to. */
export const alertOfNotice = (notice: Notice, config: EscalationConfig): Alert => {
  const { notices, open, unknown, hidden } = wordsOf(config);
  const own = Object.hasOwn(notices, notice.code) ? notices[notice.code as NoticeCode] : undefined;
  const isHidden = notice.conversationId !== undefined && STOPS.includes(notice.code);
  const who = notice.who ?? (isHidden ? hidden : undefined);
  return {
    id: `escalation_${sha256([config.keysOf, 'notice', notice.id].join('\n')).slice(0, 40)}`,
    client: config.client,
    rule: notice.code,
    severity: notice.severity,
    title: `${config.client}: ${own?.title ?? notice.says}`,
    source: [notice.source, who].filter(Boolean).join(', '),
    conversationId: notice.conversationId,
    type: notice.kind,
    at: notice.at,
    when: forPeople(notice.at, config),
    open,
    unknown,
    ...(own && { handOn: [fill(own.todo, { command: commandOf(notice.code, config) })] }),
    link: linkOf(notice.conversationId, config),
  };
};

/** Notices of what one person wrote: without whose number that is, WhatsApp has told none. */
const STOPS: readonly string[] = ['stop_not_applied', 'stop_not_held', 'stop_not_shown'];

/** What to type, by the code of a notice. */
const COMMANDS: Readonly<Record<string, string>> = {
  more_sends_failed: 'sends list {client} --failed',
  stop_not_held: 'line pause {client}',
  more_stops_not_held: 'line pause {client}',
  stop_not_shown: 'dlq redrive {client} crm-sync-dlq',
  more_stops_not_shown: 'dlq list {client}',
};

const commandOf = (code: string, { client }: EscalationConfig): string =>
  `npx ezw ${fill(COMMANDS[code] ?? 'doctor {client}', { client })}`;

/** What Meta's numbers say (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes). */
const FAILURES: Readonly<Record<string, FailureKind>> = {
  131026: 'unreachable',
  131048: 'held_back',
  131049: 'held_back',
  131050: 'held_back',
  131056: 'held_back',
  130472: 'held_back',
  131047: 'no_talk',
};

const whyFailed = ({ delivery }: Pick<SendRecord, 'delivery'>, config: EscalationConfig): string => {
  const { failures } = wordsOf(config);
  const { code, says } = delivery?.why ?? {};
  const kind = code !== undefined && Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined;
  // A provider's "1" says nothing.
  const behind = code === undefined || code.length < 3 ? '' : ` (${code})`;
  if (kind) return `${failures[kind]}${behind}`;
  if (says === undefined) return `${failures.unsaid}${behind}`;
  return `${fill(failures.other, { words: says })}${behind}`;
};

/** A send that left and did not arrive. @param who whom it was for, `masked` */
export const alertOfFailed = (send: SendRecord, config: EscalationConfig, who?: string): Alert => {
  const { key, template, because, delivery, conversationId } = send;
  const at = delivery?.at ?? new Date(leftAt(send)).toISOString();
  const source = because?.source === undefined ? template : `${template}/${because.source}`;
  const notice: Notice = {
    kind: 'notice',
    id: `send_failed#${key}`,
    code: 'send_failed',
    says: '',
    source,
    severity: 'warning',
    at,
    conversationId,
    who,
  };
  const command = `npx ezw sends show ${config.client} ${key}`;
  const sentAt = new Date(leftAt(send)).toISOString();
  const { notices, sent, nowhere } = wordsOf(config);
  const id = because?.id ?? key;
  const todo = conversationId === undefined ? nowhere : notices.send_failed.todo;
  return {
    ...alertOfNotice(notice, config),
    about: fill(sent, { what: `${template} ${id}`, at: forPeople(sentAt, config) }),
    handOn: [whyFailed(send, config), fill(todo, { command, id, source: because?.source ?? template })],
  };
};

/** Many of the same, by the code of one. `since` in ISO 8601. */
export const alertOfMore = (
  {
    code,
    id,
    n,
    since,
  }: { readonly code: NoticeCode; readonly id: string; readonly n: number; readonly since: string },
  config: EscalationConfig,
): Alert => {
  const severity = code === MORE.stop_not_held ? 'critical' : 'warning';
  const notice: Notice = { kind: 'notice', id, code, says: '', source: 'ezw', severity, at: since };
  const alert = alertOfNotice(notice, config);
  return { ...alert, title: fill(alert.title, { n: String(n), at: forPeople(since, config) }) };
};

/** A stop that is not stored; `isHeld` where nothing is sent to its writer all the same. */
export const alertOfStop = (item: MessageItem, isHeld: boolean, config: EscalationConfig): Alert => ({
  ...alertOfNotice(
    {
      kind: 'notice',
      id: `${isHeld ? 'stop_not_applied' : 'stop_not_held'}#${item.conversation}#${item.id}`,
      code: isHeld ? 'stop_not_applied' : 'stop_not_held',
      says: '',
      source: 'escalation',
      severity: isHeld ? 'warning' : 'critical',
      at: item.at,
      conversationId: item.conversationId,
      who: item.phone && masked(item.phone),
    },
    config,
  ),
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
const subjectOf = ({ source, name, phone, hidden, unknown }: Alert): string =>
  source ?? ([name, phone ?? hidden].filter(Boolean).join(', ') || unknown);

/** Types of alerts that are no message, and the usual type of one: no line for people gains by them. */
const UNSAID_TYPES = ['notice', 'digest', 'text'];

const whenOf = ({ type, when, delivery }: Alert): string =>
  [
    ...(UNSAID_TYPES.includes(type) ? [] : [type]),
    when,
    ...(delivery === undefined ? [] : [`webhook ${delivery}`]),
  ].join(', ');

/** Who and what, for people; without what is not known. */
export const alertLines = (alert: Alert): readonly string[] => [
  subjectOf(alert),
  whenOf(alert),
  ...(alert.late === undefined ? [] : [alert.late]),
  ...(alert.about === undefined ? [] : [alert.about]),
  ...(alert.text === undefined ? [] : [alert.text]),
  ...(alert.handOn ?? []),
];

/** The further conversations, for a text. */
export const linkLines = ({ links = [] }: Alert): readonly string[] => links.map(({ says, url }) => `${says}: ${url}`);
