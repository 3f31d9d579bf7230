import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { hasFailed, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import { advice } from '../sends/advice.ts';
import { ledgerOf, stateOf } from '../sends/ledger.ts';
import { commandOn } from '../target/command.ts';
import { openTarget, type Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { columns, progress, show, style } from '../terminal/output.ts';
import { type Found, find, isAbout, type Marks } from './found.ts';
import { type Line, linesOf, type Read, type Ways } from './lines.ts';
import { storyOf, type Told } from './story.ts';

const HOUR_MS = 3600_000;

const WAYS: Ways = { sleep, now: Date.now, say: progress };

const valuesOf = (lines: readonly Line[], field: string): readonly string[] => [
  ...new Set(lines.flatMap(({ fields }) => (typeof fields[field] === 'string' ? [fields[field]] : []))),
];

const and = (known: readonly string[], more: readonly string[]): readonly string[] => [...new Set([...known, ...more])];

const size = ({ traces, keys, deliveries }: Marks): number => traces.length + keys.length + deliveries.length;

/** An event leads to its key, that to what they answered, and that to the delivery which brought it: so it is looked twice. */
const readAll = async (target: Target, first: Marks, since: number): Promise<Read & { readonly marks: Marks }> => {
  if (size(first) === 0) return { lines: [], marks: first };
  const read = await linesOf(target, { ...first, since }, WAYS);
  // Other messages of a delivery are another story, and so is what else went to somebody before.
  const marks = {
    traces: and(first.traces, valuesOf(read.lines, 'trace')),
    keys: and(first.keys, valuesOf(read.lines, 'key')),
    deliveries: and(first.deliveries, valuesOf(read.lines, 'delivery')),
  };
  if (size(marks) === size(first) || read.lacks !== undefined) return { ...read, marks };
  const again = await linesOf(target, { ...marks, since }, WAYS);
  return { ...again, marks };
};

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
      return [...head, `${clock.slice(0, 8)}  ${says}${by === 'ledger' ? style('dim', '  (ledger)') : ''}`];
    })
    .join('\n');
};

/** What arrived asks for nothing. */
const farOf = (record: SendRecord): string =>
  record.delivery !== undefined && !hasFailed(record) ? `, ${record.delivery.status}.` : `. ${advice(record)}`;

const nowOf = (target: Target, { sends, letters }: Pick<Found, 'sends' | 'letters'>): string =>
  [
    ...sends.map((one) => `${style('bold', one.key)} is ${stateOf(one)}${farOf(one)}`),
    ...letters.map(
      ({ queue, messageId }) => `A dead letter: ${commandOn(target, 'dlq show', `${queue} ${messageId}`)}`,
    ),
  ].join('\n');

/** Without the words that somebody agreed to. */
const shownOf = ({ key, template, state, reason, parked, trace, because, delivery }: SendRecord) => {
  const { source, told, id, at } = because ?? {};
  return { key, template, state, reason, parked, trace, because: because && { source, told, id, at }, delivery };
};

const trace = async (clientName: string, asked: string, options: TargetOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const found = await find(asked, target);
  const { shown } = found;
  const own: Marks = {
    traces: and(
      found.trace === undefined ? [] : [found.trace],
      found.sends.flatMap(({ trace: one }) => one ?? []),
    ),
    keys: found.sends.map(({ key }) => key),
    deliveries: found.delivery === undefined ? [] : [found.delivery],
  };
  const dead = found.letters.filter(isAbout(shown, own)).flatMap(({ trace: one }) => one ?? []);
  const first = { ...own, traces: and(own.traces, dead) };
  const { lines, lacks, marks } = await readAll(target, first, sinceOf(found, Date.now()));
  const letters = found.letters.filter(isAbout(shown, marks));
  const others = marks.keys.filter((key) => !first.keys.includes(key));
  const more = (await Promise.all(others.map((key) => ledgerOf(target).read(key)))).flatMap((one) => one ?? []);
  const sends = [...found.sends, ...more];
  const story = storyOf(sends, letters, lines);
  if (story.length === 0) {
    const missing = lacks === undefined ? '' : ` The logs could not be asked: ${lacks}.`;
    throw new Failed(
      `Nothing is known of ${plainWords(shown)}: no send, no dead letter and no line of the logs. The ledger remembers 60 days, logs a month. "${commandOn(target, 'sends list')}" shows what there is.${missing}`,
    );
  }
  const ids = first.traces.length === 0 ? 'no trace id: of an earlier release, or of no door' : marks.traces.join(', ');
  const head = columns([
    ['asked for', plainWords(shown)],
    ['trace', ids],
    ['logs', lacks === undefined ? `${lines.length} lines` : `not all: ${lacks}`],
  ]);
  const text = [head, '', rowsOf(story), '', nowOf(target, { sends, letters })].join('\n').trimEnd();
  const told = story.map(({ at, ...one }) => ({ at: new Date(at).toISOString(), ...one }));
  const logs = { lines: lines.length, ...(lacks !== undefined && { lacks }) };
  show(
    options.json,
    { asked: shown, traces: marks.traces, logs, story: told, sends: sends.map(shownOf), letters },
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
