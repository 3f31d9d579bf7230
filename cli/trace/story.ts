import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import type { Letter } from '../dead-letters/letter.ts';
import { stateOf } from '../sends/ledger.ts';
import type { Line } from './lines.ts';

/** One sentence of a story. */
export interface Told {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: 'log' | 'ledger' | 'dead letter';
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
  return `the door ${place(fields)} took ${count(queued, 'event')}${not}`;
};

const work: Sentence = (fields) => {
  const { template, outcome, key, queued, sink } = fields;
  const who = sink === undefined ? text(template) : `${text(template)} for ${text(sink)}`;
  if (outcome === 'handed_on')
    return `${who} composed ${text(key)}${Number(queued) > 1 ? ` and ${Number(queued) - 1} more` : ''}`;
  if (outcome === 'nothing_to_send') return `${who} had nothing to send`;
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

const send: Sentence = (fields) => {
  const { key, state, status, outcome } = fields;
  if (state === 'ACCEPTED') return `EZWhatsApp accepted ${text(key)}${in_(', status ', status)}${attempt(fields)}`;
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
  if (outcome === 'chat' || outcome === 'duplicate' || outcome === 'status') return undefined;
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

const health: Sentence = ({ level, reason }) =>
  level === 'info' ? undefined : `the line could not send${in_(': ', reason)}`;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  door,
  work,
  send,
  webhook,
  'crm-sync': crm,
  escalation,
  health,
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
const BEGINNINGS: readonly Sentence[] = [door, webhook, work, escalation];

const ofLine = ({ at, fields }: Line): readonly Told[] => {
  const { event } = fields;
  const sentence = Object.hasOwn(SENTENCES, String(event)) ? SENTENCES[String(event)] : undefined;
  const says = sentence ? sentence(fields) : `${text(event)}: ${text(fields.outcome) ?? ''}${why(fields)}`;
  // Its line is written last: what came of it may have been written by then.
  const isBeginning = sentence !== undefined && BEGINNINGS.includes(sentence);
  const began = isBeginning && typeof fields.ms === 'number' ? at - fields.ms : at;
  return says === undefined ? [] : [{ at: began, by: 'log', says }];
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
    ].flatMap(({ hand, did }) =>
      hand ? [tell(hand.at, `${plainWords(hand.by)} ${did}: ${plainWords(hand.reason)}`)] : [],
    ),
  ];
};

const ofLetter = ({ queue, sentAt, arrivedAt, what, code }: Letter): readonly Told[] => {
  const at = arrivedAt ?? sentAt;
  return at === undefined
    ? []
    : [{ at, by: 'dead letter', says: `${plainWords(what)} is a dead letter in ${queue} (${plainWords(code)})` }];
};

/** The whole story in sentences, in order of time. */
export const storyOf = (
  sends: readonly SendRecord[],
  letters: readonly Letter[],
  lines: readonly Line[],
): readonly Told[] =>
  [...lines.flatMap(ofLine), ...sends.flatMap((one) => ofSend(one, lines)), ...letters.flatMap(ofLetter)].sort(
    (a, b) => a.at - b.at,
  );
