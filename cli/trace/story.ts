import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import type { Letter } from '../dead-letters/letter.ts';
import { stateOf } from '../sends/ledger.ts';
import type { AppointmentRow } from './appointments.ts';
import type { Heard } from './found.ts';
import type { Line } from './lines.ts';
import { deliveryOfItem, isDelivery, itemOf } from './marks.ts';

/** One sentence of a story. */
export interface Told {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: 'log' | 'ledger' | 'table' | 'dead letter';
  readonly says: string;
}

type Fields = Line['fields'];
type Sentence = (fields: Fields) => string | undefined;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? plainWords(String(value)) : undefined;
const in_ = (name: string, value: unknown): string => (text(value) === undefined ? '' : `${name}${text(value)}`);
const why = ({ reason }: Fields): string => in_(': ', reason);
const held = ({ holdSeconds }: Fields): string =>
  text(holdSeconds) === undefined ? '' : `, held for ${text(holdSeconds)} s`;
const attempt = ({ attempt: n }: Fields): string => (Number(n) > 1 ? ` (attempt ${text(n)})` : '');
const place = ({ template, source }: Fields): string => [text(template), text(source)].filter(Boolean).join('/');
const count = (value: unknown, one: string): string => (value === 1 ? `1 ${one}` : `${text(value) ?? 0} ${one}s`);

const door: Sentence = (fields) => {
  const { status, queued, skipped } = fields;
  if (status !== 200) return `the door ${place(fields)} answered ${text(status)}${why(fields)}`;
  const not = skipped === undefined ? '' : ` and left out ${text(skipped)}${why(fields)}`;
  if (queued === 0 && skipped === undefined) return `the door ${place(fields)} took it: of this kind nothing is told`;
  return `the door ${place(fields)} took ${count(queued, 'event')}${not}`;
};

const work: Sentence = (fields) => {
  const { template, outcome, key, queued, sink } = fields;
  const who = sink === undefined ? text(template) : `${text(template)} for ${text(sink)}`;
  if (outcome === 'handed_on')
    return `${who} composed ${text(key)}${Number(queued) > 1 ? ` and ${Number(queued) - 1} more` : ''}`;
  if (outcome === 'nothing_to_send') return `${who} took note of it: nothing was to be sent just then`;
  if (outcome === 'dead_letter') return `${who} gave up${why(fields)}; it is a dead letter`;
  return `${who} failed${why(fields)}${attempt(fields)}${held(fields)}`;
};

const STATES: Readonly<Record<string, string>> = {
  HELD: 'waits',
  UNKNOWN: 'is uncertain',
  REJECTED: 'was refused',
  EXPIRED: 'came too late',
  SUPPRESSED: 'was not sent',
};
const OUTCOMES: Readonly<Record<string, string>> = {
  duplicate: 'a copy of it came and changed nothing',
  gave_way: 'an older body of it gave way to the newer one',
  made_way: 'it stepped beside the line, so that others go on',
  refused: 'another body came under its key and was refused',
};

const LONG_MS = 10_000;

/** Of what waited its turn; what was tried before says that itself. */
const waited = ({ attempt: n, waitedMs }: Fields): string =>
  Number(n) <= 1 && Number(waitedMs) >= LONG_MS
    ? `, ${Math.round(Number(waitedMs) / 1000)} s after it came to the line: the line was held, or others were before it`
    : '';

const send: Sentence = (fields) => {
  const { key, state, status, outcome } = fields;
  if (state === 'ACCEPTED')
    return `EZWhatsApp accepted ${text(key)}${in_(', status ', status)}${attempt(fields)}${waited(fields)}`;
  if (typeof state === 'string') {
    const answer = status === undefined ? '' : `EZWhatsApp answered ${text(status)}: `;
    return `${answer}${text(key)} ${STATES[state] ?? `is ${text(state)}`}${in_(' (', fields.reason)}${text(fields.reason) === undefined ? '' : ')'}${attempt(fields)}${held(fields)}`;
  }
  const said = Object.hasOwn(OUTCOMES, String(outcome)) ? OUTCOMES[String(outcome)] : in_('the sender: ', outcome);
  return `${text(key) ?? 'a message'}: ${said || 'the sender failed'}${why(fields)}${held(fields)}`;
};

const webhook: Sentence = (fields) => {
  const { status, delivery, outcome, queued } = fields;
  if (status !== 200) return `the door of EZWhatsApp answered ${text(status)}${why(fields)}`;
  if (outcome === 'duplicate') return `EZWhatsApp brought the delivery ${text(delivery)} once more`;
  return `EZWhatsApp brought the delivery ${text(delivery)}: ${count(queued, 'item')}${why(fields)}`;
};

const crm: Sentence = (fields) => {
  const { outcome, sink, key, level } = fields;
  const where = in_('CRM ', sink) || 'CRM';
  if (level === 'warn') return `the ${where}: ${text(outcome)}${why(fields)}`;
  // How far it got stands in the ledger.
  if (outcome === 'chat' || outcome === 'duplicate') return undefined;
  if (outcome === 'status') return fields.failedBefore ? `${where} was told how far ${text(key)} got` : undefined;
  if (outcome === 'note') return sink === undefined ? undefined : `a note of ${text(key)} was told to ${where}`;
  const what = key === undefined ? 'the message' : `our message ${text(key)}, seen on the line,`;
  return sink === undefined ? undefined : `${what} was told to ${where}`;
};

const ALERTS: Readonly<Record<string, string>> = {
  notified: 'was told',
  within_window: 'was not told again within its window',
  resolved: 'is closed, for somebody answered',
  refused: 'was refused',
  answered: 'was not needed, for somebody answered',
  changed: 'was not needed, for the words were changed',
  duplicate: 'had been told before',
  counted: 'is counted with others',
};

const escalation: Sentence = (fields) => {
  const { outcome, rule, sink, after } = fields;
  if (outcome === 'message')
    return after === undefined ? 'a message was looked at' : `they wrote, after ${text(after)}`;
  if (rule === undefined) return outcome === 'duplicate' ? undefined : `alerts: ${text(outcome)}`;
  return `the alert ${text(rule)}${in_(' by ', sink)} ${ALERTS[String(outcome)] ?? text(outcome) ?? 'failed'}${why(fields)}`;
};

const health: Sentence = ({ level, reason, lifecycleState, effectiveSendState, healthText }) => {
  const states = [healthText, lifecycleState, effectiveSendState].map(text).filter(Boolean).join(', ');
  return level === 'info' ? undefined : `the line could not send: ${text(reason) ?? (states || 'it did not say why')}`;
};

const line: Sentence = ({ reason, outcome }) =>
  `of the line: ${[reason, outcome].map(text).filter(Boolean).join(', ')}`;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  door,
  work,
  send,
  webhook,
  'crm-sync': crm,
  escalation,
  health,
  line,
  alarm: ({ key, outcome, reason }) => `the alarm rang${in_(' for ', key)}: ${text(outcome)}${in_(', ', reason)}`,
  order: (fields) => `the order was not told of${why(fields)}`,
  'look-up': (fields) => `looked up at ${place(fields)}: ${text(fields.outcome)}${why(fields)}`,
  'auto-reply': ({ key, outcome }) => `an automatic answer${in_(' ', key)}: ${text(outcome)}`,
  'opt-out': ({ outcome, reason }) => `a word about being written to: ${text(outcome)}${in_(', ', reason)}`,
  delivery: ({ key, reason }) =>
    `WhatsApp said that ${text(key)} did not arrive${in_(' (', reason)}${reason === undefined ? '' : ')'}`,
  notice: ({ reason, outcome }) => `people: ${text(reason)} (${text(outcome)})`,
};

/** What other things follow from. */
const BEGINNINGS = { door, webhook, work, escalation };

/** Its line is written last: what came of it may have been written by then. */
const beganAt = ({ at, fields: { event, ms } }: Line): number =>
  typeof ms === 'number' && Object.hasOwn(BEGINNINGS, String(event)) ? at - ms : at;

const ofLine = ({ at, fields }: Line): readonly Told[] => {
  const { event } = fields;
  const sentence = Object.hasOwn(SENTENCES, String(event)) ? SENTENCES[String(event)] : undefined;
  const says = sentence
    ? sentence(fields)
    : `${[event, fields.outcome, fields.reason].map(text).filter(Boolean).join(': ')}`;
  return says === undefined ? [] : [{ at: beganAt({ at, fields }), by: 'log', says }];
};

/** Of one send what no line tells: all, where no logs are kept of it. */
const ofSend = (record: SendRecord, lines: readonly Line[]): readonly Told[] => {
  const { key, because, trace, template, state, reason, response, delivery, firstAttemptAt } = record;
  const has = (is: (fields: Fields) => boolean): boolean => lines.some(({ fields }) => is(fields));
  const tell = (at: number, says: string): Told => ({ at, by: 'ledger', says });
  const wasAtDoor = has((fields) => fields.event === 'door' && fields.trace !== undefined && fields.trace === trace);
  const wasSent = has((fields) => fields.event === 'send' && fields.key === key && fields.state === state);
  const happened = Date.parse(because?.at ?? '');
  const answer = in_(', status ', response?.status);
  const why = reason === undefined ? '' : ` (${plainWords(reason)})`;
  // Whole seconds, which may seem to lie before what they follow.
  const taken = lines.filter(({ fields }) => fields.event === 'send' && fields.key === key).map((line) => line.at);
  const { resent, dropped, resolved } = record;
  return [
    ...(because && !wasAtDoor && !Number.isNaN(happened)
      ? [
          tell(
            happened,
            `${plainWords(because.source ?? 'a source')} told "${plainWords(because.told)}" of ${plainWords(because.id)}`,
          ),
        ]
      : []),
    ...(wasSent ? [] : [tell(record.createdAt, `${key} of ${template} came to the line`)]),
    ...(wasSent || firstAttemptAt === undefined
      ? []
      : [tell(firstAttemptAt, `${key} left for EZWhatsApp for the first time`)]),
    ...(wasSent
      ? []
      : [tell(record.updatedAt, `${key} is ${stateOf(record)}${why}${answer}, as the ledger has it last`)]),
    ...(delivery
      ? [
          tell(
            Math.max(Date.parse(delivery.at), firstAttemptAt ?? 0, ...taken),
            `WhatsApp said of ${key}: ${delivery.status}`,
          ),
        ]
      : []),
    ...[
      { hand: resent, did: 'sent it again' },
      { hand: dropped, did: 'took it back' },
      { hand: resolved, did: 'settled it' },
    ].flatMap(({ hand, did }) => (hand ? [tell(hand.at, `${plainWords(hand.by)} ${did}`)] : [])),
  ];
};

const ofLetter = ({ queue, sentAt, arrivedAt, what, code }: Letter): readonly Told[] => {
  const at = arrivedAt ?? sentAt;
  return at === undefined
    ? []
    : [{ at, by: 'dead letter', says: `${plainWords(what)} is a dead letter in ${queue} (${plainWords(code)})` }];
};

const ofAppointment = ({ status, updatedAt, appointmentId, startsAt }: AppointmentRow): readonly Told[] => {
  const at = Date.parse(updatedAt);
  const when = startsAt === undefined ? '' : ` for ${startsAt}`;
  const did =
    status === 'booked' || status === 'moved' ? `${status}${when}` : `${status}: no reminder of it goes out any more`;
  return Number.isNaN(at) ? [] : [{ at, by: 'table', says: `${plainWords(appointmentId)} was ${plainWords(did)}` }];
};

const inDelivery = (item: string | undefined): string =>
  item === undefined ? '' : `, in the delivery ${plainWords(deliveryOfItem(item))}`;

/** What the tables know beside sends. */
export interface Beside {
  readonly letters: readonly Letter[];
  readonly appointments: readonly AppointmentRow[];
  readonly stop?: Heard | undefined;
  readonly wrote?: Heard | undefined;
}

const ofPerson = ({ stop, wrote }: Beside): readonly Told[] => [
  ...(stop ? [{ at: Date.parse(stop.at), by: 'table' as const, says: `they said stop${inDelivery(stop.in)}` }] : []),
  ...(wrote
    ? [{ at: Date.parse(wrote.at), by: 'table' as const, says: `what they wrote last${inDelivery(wrote.in)}` }]
    : []),
];

/** What an alert that failed kept from being said: that somebody wrote. */
const wroteThough = (lines: readonly Line[]): readonly Told[] => {
  const heard = new Set(
    lines.flatMap(({ fields: { event, outcome }, fields }) =>
      event === 'escalation' && outcome === 'message' ? [itemOf(fields)] : [],
    ),
  );
  const after = new Map(
    lines.flatMap(({ fields }) => (fields.after === undefined ? [] : [[itemOf(fields), fields.after]])),
  );
  return [...after].flatMap(([item, key]) => {
    if (item === undefined || heard.has(item)) return [];
    const at = Math.min(...lines.flatMap((one) => (itemOf(one.fields) === item ? [beganAt(one)] : [])));
    return [{ at, by: 'log', says: `they wrote, after ${text(key)}` }];
  });
};

/** A line with what only others tell of it: whether it failed before, whether it is of a message of ours, and what it stands before. */
const together = (lines: readonly Line[]): readonly Line[] => {
  const failed = new Set(
    lines.flatMap(({ fields }) => (fields.event === 'work' && fields.reason !== undefined ? [itemOf(fields)] : [])),
  );
  const ours = new Set(lines.flatMap(({ fields }) => (fields.key === undefined ? [] : [itemOf(fields)])));
  // Clocks of functions differ, and nothing came before what it follows from.
  const before = (door: Line, field: 'trace' | 'delivery'): Line => {
    const { event, [field]: of } = door.fields;
    const after = lines.flatMap((one) =>
      of !== undefined && one.fields[field] === of && one.fields.event !== event ? [beganAt(one) - 1] : [],
    );
    return { at: Math.min(beganAt(door), ...after), fields: { ...door.fields, ms: undefined } };
  };
  return lines.flatMap(({ at, fields }) => {
    const item = itemOf(fields);
    const { event, outcome, after } = fields;
    const isEcho =
      event === 'escalation' && outcome === 'message' && after === undefined && item !== undefined && ours.has(item);
    if (isEcho) return [];
    if (event === 'door') return [before({ at, fields }, 'trace')];
    if (isDelivery(fields) && outcome !== 'duplicate') return [before({ at, fields }, 'delivery')];
    return [{ at, fields: { ...fields, failedBefore: item !== undefined && failed.has(item) } }];
  });
};

/** The whole story in sentences, in order of time. */
export const storyOf = (sends: readonly SendRecord[], beside: Beside, lines: readonly Line[]): readonly Told[] =>
  [
    ...wroteThough(lines),
    ...together(lines).flatMap(ofLine),
    ...sends.flatMap((one) => ofSend(one, lines)),
    ...beside.appointments.flatMap(ofAppointment),
    ...ofPerson(beside),
    ...beside.letters.flatMap(ofLetter),
  ].sort((a, b) => a.at - b.at);
