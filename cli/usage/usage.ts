import { Command } from 'commander';
import { scanned } from '../../functions/shared/ledger/by-hand.ts';
import { NOT_SENT } from '../../functions/shared/ledger/rules.ts';
import { encode } from '../../functions/shared/runtime/attributes.ts';
import { storedLineOf } from '../../lib/client.ts';
import { ledgerOf } from '../sends/ledger.ts';
import { rowsOfNumbers } from '../sends/person.ts';
import { tableOf } from '../target/named.ts';
import { openTarget, type Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { columns, show, style, time } from '../terminal/output.ts';
import { count, type Noted, type Stored, sumsOf, type Usage } from './count.ts';
import { BOM } from './csv.ts';
import { invoice } from './invoice.ts';
import { ownNumbers } from './own-numbers.ts';
import { monthOf, type Period } from './period.ts';
import { cells, of, reasonsOf, rowOf, SUMS, shownCount, shownReasons } from './rows.ts';

interface UsageOptions extends TargetOptions {
  readonly month?: string;
  readonly csv?: true;
  readonly excel?: true;
  readonly own: readonly string[];
}

const storedOf = (target: Target): Stored => {
  const ledger = ledgerOf(target);
  const deliveries = scanned<Noted>(target.dynamodb, tableOf(target, 'deliveries'), {
    FilterExpression: 'begins_with(pk, :line)',
    ExpressionAttributeValues: encode({ ':line': `delivery#${storedLineOf(target.client)}#` }),
  });
  return { sends: ledger.all(), answers: ledger.answers(), deliveries };
};

/** What must be known before any number of it is used. */
const warnings = (month: Period, { lines, withoutEvent, uncounted }: Usage): string[] => {
  const messages = sumsOf(lines.filter(({ what }) => what === 'message'));
  const undecided = messages.waiting + messages.uncertain;
  const silent = messages.accepted - messages.delivered - messages.failed;
  return [
    ...(month.isPartlyGone
      ? [
          `${month.name} IS NOT WHOLE: sends are kept for 60 days, and only from ${time(month.knownFrom)} on all is known, and only that is counted. No number here is the month's.`,
        ]
      : []),
    ...(month.isOpen ? [`${month.name} is not over: this is what it was until now.`] : []),
    ...(undecided > 0
      ? [`${undecided} messages wait or are uncertain; what leaves later counts on the day on which it left.`]
      : []),
    ...(silent > 0
      ? [`Of ${silent} accepted messages nobody has said yet how far they got: statuses come for days.`]
      : []),
    ...(withoutEvent > 0
      ? [`${withoutEvent} sends are of an earlier release, which noted no event: the events are fewer than they were.`]
      : []),
    ...(uncounted.deliveries + uncounted.answers > 0
      ? [
          `What customers and people wrote is not whole: an earlier release noted ${uncounted.deliveries} deliveries and ${uncounted.answers} answers without counting them.`,
        ]
      : []),
  ];
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0);

const usage = async (clientName: string, options: UsageOptions): Promise<void> => {
  const { json } = options;
  const isCsv = options.csv || options.excel;
  if (json && isCsv) throw new WrongInput('Write --json or --csv, not both.');
  const target = await openTarget(clientName, options);
  const { client } = target;
  const now = Date.now();
  const month = monthOf(options.month, client.zone, now);
  const own = await rowsOfNumbers(target, ownNumbers(target, options.own));
  const counted = await count(storedOf(target), month, own, now);
  const { lines, events, inbound, answers } = counted;
  const said = warnings(month, counted);
  if (isCsv) {
    for (const one of said) console.error(style('yellow', `! ${one}`));
    process.stdout.write(`${options.excel ? BOM : ''}${invoice(client.name, month, counted)}`);
    return;
  }
  const days = month.days.map(({ day, known }) => ({
    known,
    inbound: inbound[day] ?? 0,
    answers: answers[day] ?? 0,
    ...rowOf(
      day,
      lines.filter((line) => line.day === day),
    ),
  }));
  const templates = [...new Set(lines.map(({ template }) => template))].map((name) =>
    rowOf(
      name,
      lines.filter(({ template }) => template === name),
    ),
  );
  const messages = of(lines, 'message');
  const refused = reasonsOf(messages.filter(({ state }) => NOT_SENT.includes(state)));
  const waiting = reasonsOf(messages.filter(({ state }) => state === 'HELD' || state === 'UNKNOWN'));
  const all = rowOf('total', lines);
  const shownDays = days.map((day) => [
    ...(day.known === 'gone' ? [day.name, ...SUMS.map(() => '    ?')] : cells(day)),
    ...(day.known === 'gone' ? ['    ?', '    ?'] : [shownCount(day.inbound), shownCount(day.answers)]),
    day.known === 'whole' ? '' : day.known,
  ]);
  const totals = [...cells(all), shownCount(sum(inbound)), shownCount(sum(answers)), ''];
  const text = [
    style('bold', `${client.name}, ${month.name}, days of ${month.zone}, as of ${time(now)}`),
    ...said.map((one) => style('yellow', `! ${one}`)),
    '',
    columns([['DAY', ...SUMS, 'IN', 'ANSWERS', ''], ...shownDays, totals]),
    '',
    columns([['TEMPLATE', ...SUMS], ...templates.map(cells)]),
    ...shownReasons('REFUSED', refused),
    ...shownReasons('WAITING', waiting),
    '',
    `Events behind them: ${
      Object.entries(events)
        .map(([source, many]) => `${many} of ${source || 'an unknown source'}`)
        .join(', ') || 'none'
    }.`,
  ].join('\n');
  const { name, zone, isOpen, isPartlyGone } = month;
  const asOf = new Date(now).toISOString();
  const knownFrom = new Date(month.knownFrom).toISOString();
  const value = { client: client.name, month: name, zone, asOf, isOpen, isPartlyGone, knownFrom, warnings: said };
  show(
    json,
    {
      ...value,
      total: all,
      days,
      templates,
      refused,
      waiting,
      events,
      inbound: sum(inbound),
      answers: sum(answers),
      lines,
    },
    text,
  );
};

export const usageCommand = (): Command =>
  withTarget(new Command('usage').argument('<client>'))
    .description(
      'what a month was: messages by day, template and state, delivered, read, refused and why; also as CSV for the invoice',
    )
    .option('--month <month>', "of the client's calendar, such as 2026-11; this one unless given")
    .option('--csv', 'print CSV, one line for each day, template, state and reason')
    .option('--excel', 'the same with the mark by which Excel knows UTF-8')
    .option(
      '--own <number>',
      'a number of your own, beside the operator: what went there is counted as a test',
      (one: string, all: string[]) => [...all, one],
      [],
    )
    .addHelpText('after', examples('usage bakery', 'usage bakery --month 2026-11 --csv > bakery-2026-11.csv'))
    .action(usage);
