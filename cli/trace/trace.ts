import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { nextOpening } from '../../functions/shared/hours/opening-hours.ts';
import { hasFailed, isWaiting, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { windowOf } from '../../lib/client.ts';
import type { Letter } from '../dead-letters/letter.ts';
import { controlOf, heldBack, waitingInQueue } from '../line/control.ts';
import { advice } from '../sends/advice.ts';
import { ledgerOf, stateOf } from '../sends/ledger.ts';
import { commandOn } from '../target/command.ts';
import { openTarget, type Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { columns, progress, show, style, time } from '../terminal/output.ts';
import { type AppointmentRow, alarmsAhead } from './appointments.ts';
import { idIn, isStem, stemOf } from './asked.ts';
import { type Found, find, severalThings } from './found.ts';
import { isNone, type Line, linesOf, NOTHING, type Read, type Wanted, type Ways, without } from './lines.ts';
import { and, deliveryOfItem, idOfThing, isAbout, isOurs, learned, type Marks } from './marks.ts';
import { storyOf, type Told } from './story.ts';

const HOUR_MS = 3600_000;

const WAYS: Ways = { sleep, now: Date.now, say: progress };

/** An event leads to its key, that to what they answered, and that to the delivery which brought it. */
const ROUNDS = 3;

const wantedBy = ({ traces, whole, keys, ids, things, isById, numbers, items, words }: Marks): Wanted => ({
  trace: and(traces, ...whole),
  key: keys,
  id: isById ? and(ids, ...things.map(idOfThing)) : [],
  number: numbers,
  delivery: and(whole, ...items.map(deliveryOfItem)),
  request: words,
  messageId: words,
});

/** What is asked for by its own id is not what has that for its number, or behind the prefix of a source. Undefined: all of it is meant. */
export const itsOwn = (words: string, marks: Marks, lines: readonly Line[]): Marks | undefined => {
  if (!isStem(words)) return undefined;
  const ids = and([], idIn(words), keyPart(idIn(words)));
  const isOther = ({ fields: { id, number } }: Line): boolean =>
    typeof id === 'string' && !ids.includes(id) && (marks.ids.includes(id) || marks.numbers.includes(String(number)));
  const isItself = ({ fields: { id } }: Line): boolean => typeof id === 'string' && ids.includes(id);
  return lines.some(isItself) && lines.some(isOther) ? { ...marks, ids, numbers: [] } : undefined;
};

const keyOf = ({ at, fields }: Line): string => `${at} ${JSON.stringify(fields)}`;

interface Known extends Read {
  readonly marks: Marks;
}

/** What is asked for next is what the lines so far lead to and was not asked for. */
const readAll = async (target: Target, first: Marks, since: number, ways: Ways): Promise<Known> => {
  const lines = new Map<string, Line>();
  let [marks, asked] = [first, NOTHING];
  for (let round = 0; round < ROUNDS; round += 1) {
    const wanted = without(wantedBy(marks), asked);
    if (isNone(wanted)) break;
    const read = await linesOf(target, { wanted, since }, ways);
    for (const one of read.lines) lines.set(keyOf(one), one);
    asked = wantedBy(marks);
    const all = [...lines.values()].sort((a, b) => a.at - b.at);
    for (let known: Marks | undefined; known !== marks; ) {
      known = marks;
      const next = learned(marks, all);
      marks = size(next) === size(marks) ? marks : next;
    }
    if (read.lacks !== undefined) return { lines: all.filter(isOurs(marks, all)), lacks: read.lacks, marks };
  }
  const all = [...lines.values()].sort((a, b) => a.at - b.at);
  return { lines: all.filter(isOurs(marks, all)), marks };
};

const size = ({ traces, keys, things, items }: Marks): number =>
  [traces, keys, things, items].reduce((sum, { length }) => sum + length, 0);

/** No log group keeps a line for longer. */
const LOGS_KEPT_MS = 30 * 24 * HOUR_MS;

/** A source may tell of something a while after it happened. */
const beganAt = ({ createdAt, because }: SendRecord): number =>
  Math.min(createdAt, Date.parse(because?.at ?? '') || createdAt) - HOUR_MS;

const sinceOf = ({ sends }: Found, now: number): number => {
  const least = now - LOGS_KEPT_MS;
  return sends.length === 0 ? least : Math.max(least, Math.min(...sends.map(beganAt)));
};

const rowsOf = (told: readonly Told[]): string => {
  let day = '';
  return told
    .flatMap(({ at, by, says }) => {
      const [date = '', clock = ''] = new Date(at).toISOString().split('T');
      const head = date === day ? [] : [style('bold', date)];
      day = date;
      return [
        ...head,
        `${clock.slice(0, 8)}  ${says}${by === 'ledger' || by === 'table' ? style('dim', `  (${by})`) : ''}`,
      ];
    })
    .join('\n');
};

/** What arrived asks for nothing. */
const farOf = (record: SendRecord): string =>
  record.delivery !== undefined && !hasFailed(record) ? `, ${record.delivery.status}.` : `. ${advice(record)}`;

/** When what waits for the client's hours goes out. */
export const openingOf = (
  { client }: Pick<Target, 'client'>,
  { state, parked, reason }: Pick<SendRecord, 'state' | 'parked' | 'reason'>,
  now: number,
): string => {
  const hours = windowOf(client);
  const opening =
    hours && state === 'HELD' && !parked && reason === 'outside_send_window' ? nextOpening(hours, now) : undefined;
  return opening === undefined ? '' : ` The client's hours begin at ${time(opening)}.`;
};

/** Composed, and not of the ledger yet: it stands in the queue of the line, which takes one after the other. */
const behind = async (
  target: Target,
  keys: readonly string[],
  all: readonly SendRecord[],
): Promise<readonly string[]> => {
  if (keys.length === 0) return [];
  const first = all.find((one) => isWaiting(one) && !one.parked && one.reason !== 'outside_send_window');
  const before = first
    ? ` One before them ${first.reason === undefined ? 'waits' : `waits (${plainWords(first.reason)})`} since ${time(first.createdAt)}.`
    : '';
  const { paused, trouble } = await controlOf(target).read();
  // Why somebody paused it is theirs to show.
  const held = [
    ...(paused ? [` The line is paused since ${time(paused.at)}.`] : []),
    ...heldBack({ trouble }).map(({ says }) => ` The line: ${says}.`),
  ];
  const queue = await waitingInQueue(target);
  const word =
    queue > 0 ? `is queued behind others: ${queue} wait in the queue of the line` : 'is on its way to the line';
  return keys.map(
    (key) => `${style('bold', key)} ${word}.${before}${held.join('')} "${commandOn(target, 'line show')}" says more.`,
  );
};

const aheadOf = (target: Target, rows: readonly AppointmentRow[]): readonly string[] =>
  rows.map((row) => {
    const ahead = alarmsAhead(target, row, Date.now()).map(({ stage, at }) => `${stage} at ${time(at)}`);
    const id = style('bold', plainWords(row.appointmentId));
    return `${id} is ${plainWords(row.status)}: ${ahead.length > 0 ? `alarms are set for ${ahead.join(', ')}` : 'no alarm of it lies ahead'}.`;
  });

const nowOf = (target: Target, { sends, letters }: Pick<Found, 'sends' | 'letters'>): readonly string[] => [
  ...sends.map(
    (one) => `${style('bold', one.key)} is ${stateOf(one)}${farOf(one)}${openingOf(target, one, Date.now())}`,
  ),
  ...letters.map(({ queue, messageId }) => `A dead letter: ${commandOn(target, 'dlq show', `${queue} ${messageId}`)}`),
];

/** Without the words that somebody agreed to. */
const shownOf = ({ key, template, state, reason, parked, trace, because, delivery }: SendRecord) => {
  const { source, told, id, at } = because ?? {};
  return { key, template, state, reason, parked, trace, because: because && { source, told, id, at }, delivery };
};

/** A lead and an order of the same id are two things, and so are two orders of one number, also where only logs know them. */
export const assertOne = (
  { asked, sends, isById }: Pick<Found, 'asked' | 'sends' | 'isById'>,
  { lines, marks }: Pick<Known, 'lines' | 'marks'>,
): void => {
  const { words, ids, numbers, shown } = asked;
  if (!isById || sends.length > 0 || (words.includes(':') && !isStem(words))) return;
  const things = new Map<string, readonly [string, string]>();
  for (const { fields } of lines) {
    const { id, template, key, trace, number } = fields;
    if (typeof id !== 'string' || typeof template !== 'string' || marks.keys.length === 0) continue;
    const isAsked = ids.includes(id) || (typeof number === 'string' && numbers.includes(number));
    const thing = `${template}#${id}`;
    if (!isAsked || things.has(thing)) continue;
    const isIt = ({ fields: one }: Line): boolean =>
      one.template === template && one.id === id && typeof one.key === 'string';
    const named = lines.find(isIt);
    things.set(thing, [named ? stemOf(String(named.fields.key)) : String(key ?? trace), template]);
  }
  if (things.size > 1) throw severalThings(shown, [...things.values()]);
};

/** Nothing is kept of whom a message is for that waits behind others. */
const unseen = async (target: Target, { asked }: Found): Promise<string> => {
  const waiting = asked.phone === undefined ? 0 : await waitingInQueue(target);
  return waiting > 0
    ? ` ${waiting} messages stand in the queue of the line, and whom those are for is not known before their turn: ask by the number of the order.`
    : '';
};

/** A note of it for the CRM has its key too, and holds it back nowhere. */
export const isStuck =
  (key: string) =>
  ({ fields }: Pick<Letter, 'fields'>): boolean =>
    fields.key === key && fields.kind !== 'note';

const trace = async (clientName: string, words: string, options: TargetOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const found = await find(words, target);
  const { asked, stop, wrote, appointments, more } = found;
  const { shown } = asked;
  // It may be a number after all.
  const say = (text: string): void => progress(asked.hidden.reduce((said, one) => said.replaceAll(one, '…'), text));
  const dead = found.letters.filter(isAbout(found.marks)).flatMap(({ trace: one }) => one ?? []);
  const first = { ...found.marks, traces: and(found.marks.traces, ...dead) };
  const read = (marks: Marks) => readAll(target, marks, sinceOf(found, Date.now()), { ...WAYS, say });
  const all = await read(first);
  const own = itsOwn(asked.words, first, all.lines);
  const known = own ? await read(own) : all;
  assertOne(found, known);
  const { lines, lacks, marks } = known;
  const letters = found.letters.filter(isAbout(marks, lines));
  const others = marks.keys.filter((key) => !found.sends.some((one) => one.key === key));
  const inLedger = await Promise.all(others.map((key) => ledgerOf(target).read(key)));
  const sends = [...found.sends, ...inLedger.flatMap((one) => one ?? [])];
  const handedOn = new Set(
    lines.flatMap(({ fields: { event, key } }) => (event === 'work' || event === 'alarm' ? [key] : [])),
  );
  const waiting = others.filter(
    (key, i) => inLedger[i] === undefined && handedOn.has(key) && !letters.some(isStuck(key)),
  );
  const story = storyOf(sends, { letters, appointments, stop, wrote }, lines);
  if (story.length === 0) {
    const missing = lacks === undefined ? '' : ` The logs could not be asked: ${lacks}.`;
    throw new Failed(
      `Nothing is known of ${shown}: no send, no dead letter and no line of the logs. The ledger remembers 60 days, logs a month. "${commandOn(target, 'sends list')}" shows what there is.${await unseen(target, found)}${missing}`,
    );
  }
  const traces = and(marks.traces, ...marks.whole.filter((one) => one === asked.trace));
  const ids = traces.length === 0 ? 'no trace id: of an earlier release, or of no door' : traces.join(', ');
  const head = columns([
    ['asked for', shown],
    ['trace', ids],
    ['logs', lacks === undefined ? `${lines.length} lines` : `not all: ${lacks}`],
    ...(more > 0 ? [['sends', `the newest ${found.sends.length} of ${found.sends.length + more}`]] : []),
  ]);
  const now = [
    ...nowOf(target, { sends, letters }),
    ...(await behind(target, waiting, found.all)),
    ...aheadOf(target, appointments),
  ];
  const text = [head, '', rowsOf(story), '', ...now].join('\n').trimEnd();
  const told = story.map(({ at, ...one }) => ({ at: new Date(at).toISOString(), ...one }));
  const logs = { lines: lines.length, ...(lacks !== undefined && { lacks }) };
  const ahead = appointments.map((row) => ({
    id: row.appointmentId,
    status: row.status,
    alarms: alarmsAhead(target, row, Date.now()).map(({ stage, at }) => ({ stage, at: new Date(at).toISOString() })),
  }));
  show(
    options.json,
    {
      asked: shown,
      traces,
      logs,
      story: told,
      sends: sends.map(shownOf),
      ...(more > 0 && { more }),
      waiting,
      appointments: ahead,
      letters,
    },
    text,
  );
};

export const traceCommand = (): Command =>
  withTarget(new Command('trace').argument('<client>').argument('<what>'))
    .description(
      'the whole story of one event, in sentences and in order of time: by an order number, a phone, a key, a trace id or the id of a delivery',
    )
    .addHelpText('after', examples('trace bakery 1044', 'trace bakery order:1044:ready', 'trace bakery +972501234567'))
    .action(trace);
