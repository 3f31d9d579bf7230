import { Command } from 'commander';
import { explain } from '../run.ts';
import { ledgerOf } from '../sends/ledger.ts';
import { rowsOfNumbers } from '../sends/person.ts';
import { clientNames } from '../target/project.ts';
import { openTarget } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { assertOneOrAll, examples, type TargetOptions, wholeNumber, withTarget } from '../terminal/options.ts';
import { columns, show, style, time } from '../terminal/output.ts';
import { csv } from '../usage/csv.ts';
import { ownNumbers } from '../usage/own-numbers.ts';
import { lastDays, type Period } from '../usage/period.ts';
import { cells, countsIn, SUMS, shownCount, shownReasons } from '../usage/rows.ts';
import { type Day, type Figures, figuresOf, type OfTemplate } from './figures.ts';
import type { Spread } from './times.ts';

interface StatsOptions extends TargetOptions {
  readonly days: number;
  readonly all?: true;
  readonly csv?: true;
}

/** The figures of one client, or why there are none. */
interface Stats extends Figures {
  readonly client: string;
  readonly now: number;
  readonly period: Period;
}
interface Failure {
  readonly client: string;
  readonly error: string;
}

const KEPT_DAYS = 60;

const statsOf = async (name: string, options: StatsOptions): Promise<Stats> => {
  const target = await openTarget(name, options);
  const { client } = target;
  const now = Date.now();
  const period = lastDays(options.days, client.zone, now);
  const own = await rowsOfNumbers(target, ownNumbers(target, []));
  const figures = await figuresOf(ledgerOf(target).all(), client, period, own, now);
  return { client: client.name, now, period, ...figures };
};

/** Of several: one that cannot be counted hides no other. */
const oneOfMany = async (name: string, options: StatsOptions): Promise<Stats | Failure> => {
  try {
    return await statsOf(name, options);
  } catch (error) {
    return { client: name, error: explain(error) };
  }
};

const isFailure = (one: Stats | Failure): one is Failure => 'error' in one;

const took = (ms: number | null): string => {
  if (ms === null) return '·';
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 3_600_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
};

const spread = ({ p50, p95 }: Spread): readonly string[] => [p50, p95].map((ms) => took(ms).padStart(8));

const WAITED = { none: 'nothing', hours: 'the hours', later: 'its moment' } as const;

const textOf = ({ client, now, period, days, total, templates, paces, refused, waiting }: Stats): string => {
  const row = (day: Day, known: string): string[] => [...cells(day), ...spread(day.left), known];
  const isUnknown = (day: Day): string[] => [day.name, ...[...SUMS, '', ''].map(() => '    ?'), 'gone'];
  return [
    style('bold', `${client}, ${period.name}, days of ${period.zone}, as of ${time(now)}`),
    '',
    columns([
      ['DAY', ...SUMS, 'LEFT P50', 'LEFT P95', ''],
      ...days.map((day) => (day.known === 'gone' ? isUnknown(day) : row(day, day.known === 'whole' ? '' : day.known))),
      row(total, ''),
    ]),
    ...(templates.length > 0 ? ['', columns([['TEMPLATE', ...SUMS], ...templates.map(cells)])] : []),
    ...(paces.length > 0
      ? [
          '',
          columns([
            ['TOOK', 'WAITED FOR', 'COUNT', 'LEFT P50', 'LEFT P95', 'KNOWN', 'THERE P50', 'THERE P95'],
            ...paces.map(({ template, wait, left, arrived }) => [
              template,
              WAITED[wait],
              shownCount(left.count),
              ...spread(left),
              shownCount(arrived.count),
              ...spread(arrived),
            ]),
          ]),
        ]
      : []),
    ...shownReasons('REFUSED', refused),
    '',
    ...(waiting.length > 0
      ? [
          columns([
            ['WAITS NOW', 'COUNT', 'REASON', 'OLDEST', 'WHAT IT MEANS'],
            ...waiting.map(({ state, parked, count, reason, since, says }) => [
              parked ? `${state} (parked)` : state,
              String(count),
              reason,
              time(since),
              says,
            ]),
          ]),
        ]
      : ['Nothing waits now.']),
  ].join('\n');
};

const HEADINGS =
  'client,day,known,template,accepted,delivered,read,failed,uncertain,waiting,refused,resent,shadow,test,left,left_p50_s,left_p95_s,arrived,arrived_p50_s,arrived_p95_s,waited_hours,hours_p50_s,hours_p95_s,later,later_p50_s,later_p95_s'.split(
    ',',
  );

const seconds = (ms: number | null): number | '' => (ms === null ? '' : Math.round(ms / 100) / 10);
const spreadCells = (one: Spread | undefined): readonly (number | '')[] =>
  one ? [one.count, seconds(one.p50), seconds(one.p95)] : [0, '', ''];

/** A line for each day and template; a day without any has one without a template. */
const rowsOf = ({ client, days, ofDays }: Stats): readonly (readonly (string | number)[])[] => {
  const line = (day: string, known: string, one: OfTemplate): readonly (string | number)[] => {
    const pace = (wait: string) => one.paces.find((pace) => pace.wait === wait);
    return [
      client,
      day,
      known,
      one.template,
      ...countsIn(one),
      ...[pace('none')?.left, pace('none')?.arrived, pace('hours')?.left, pace('later')?.left].flatMap(spreadCells),
    ];
  };
  return days.flatMap(({ name, known, ...none }) => {
    if (known === 'gone') return [[client, name, known, ...HEADINGS.slice(3).map(() => '')]];
    const own = ofDays.filter(({ day }) => day === name);
    const empty: OfTemplate = { ...none, name, day: name, template: '', paces: [] };
    return (own.length > 0 ? own : [empty]).map((one) => line(name, known, one));
  });
};

const shownAs = ({ now, period, ...figures }: Stats) => ({
  ...figures,
  zone: period.zone,
  from: new Date(period.from).toISOString(),
  asOf: new Date(now).toISOString(),
});

const assertPossible = (client: string | undefined, options: StatsOptions): void => {
  const { json, csv, days } = options;
  if (json && csv) throw new WrongInput('Write --json or --csv, not both.');
  assertOneOrAll(client, options);
  if (days > KEPT_DAYS) throw new WrongInput(`Sends are kept for ${KEPT_DAYS} days: no more are known.`);
};

const stats = async (client: string | undefined, options: StatsOptions): Promise<void> => {
  assertPossible(client, options);
  const { json } = options;
  const found: (Stats | Failure)[] = [];
  // One after the other: each reads a whole table.
  for (const name of client === undefined ? clientNames() : [client])
    found.push(client === undefined ? await oneOfMany(name, options) : await statsOf(name, options));
  const failures = found.filter(isFailure);
  if (failures.length > 0) process.exitCode = 1;
  if (options.csv) {
    for (const { client: name, error } of failures) console.error(style('yellow', `! ${name}: ${error}`));
    process.stdout.write(csv([HEADINGS, ...found.flatMap((one) => (isFailure(one) ? [] : rowsOf(one)))]));
    return;
  }
  const values = found.map((one) => (isFailure(one) ? one : shownAs(one)));
  const texts = found.map((one) => (isFailure(one) ? style('yellow', `! ${one.client}: ${one.error}`) : textOf(one)));
  show(json, client === undefined ? { clients: values } : values[0], texts.join('\n\n\n'));
};

export const statsCommand = (): Command =>
  withTarget(new Command('stats').argument('[client]'))
    .description(
      'the last days: messages by day, template and state, refused and why, how long they took from their event to the phone, and what waits now. It reads the whole table of sends',
    )
    .option('--all', 'every client file, one after the other; exit code 1 if one cannot be counted')
    .option('--days <n>', "so many days of the client's calendar, with this one; 60 at most", wholeNumber(1), 7)
    .option('--csv', 'print CSV, one line for each day and template')
    .addHelpText('after', examples('stats bakery', 'stats demo --local --days 1', 'stats --all --days 30 --csv'))
    .action(stats);
