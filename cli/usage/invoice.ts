import { advice } from '../sends/advice.ts';
import type { Line, Usage } from './count.ts';
import { csv } from './csv.ts';
import type { Known, Period } from './period.ts';

/** The columns of the CSV: they stay as they are, and new ones come behind them. */
const HEADINGS = 'client,month,day,known,what,template,source,state,delivery,reason,reason_says,count'.split(',');

type Row = Readonly<Partial<Pick<Line, 'template' | 'source' | 'state' | 'delivery' | 'reason'>>> & {
  readonly day: string;
  readonly known: Known;
  /** What is counted: rows of one `what` can be added up, rows of several cannot. */
  readonly what: Line['what'] | 'inbound' | 'answer' | 'event';
  /** Empty where nobody knows. */
  readonly count: number | '';
};

/** What a state with its reason means, in words. */
export const meaning = ({ state, reason }: Pick<Line, 'state' | 'reason'>): string =>
  advice({ state, reason, key: '' });

const nothingOf = (day: string, known: Known, count: 0 | ''): Row => ({ day, known, what: 'message', count });

/**
 * A month as CSV: one line for so many sends as are alike in all that stands in it, of each day that has begun. A day without
 * messages has a line that says 0, one that is forgotten a line without a number. Events are of the month as a whole.
 */
export const invoice = (client: string, month: Period, { lines, events, inbound, answers }: Usage): string => {
  const ofDays = month.days.flatMap(({ day, known }): readonly Row[] => {
    if (known === 'gone') return [nothingOf(day, known, '')];
    const sends = lines.filter((line) => line.day === day).map((line) => ({ ...line, known }));
    return [
      ...(sends.some(({ what }) => what === 'message') ? [] : [nothingOf(day, known, 0)]),
      ...sends,
      { day, known, what: 'inbound', count: inbound[day] ?? 0 },
      { day, known, what: 'answer', count: answers[day] ?? 0 },
    ];
  });
  const known = month.isPartlyGone ? 'partly gone' : month.isOpen ? 'not over' : 'whole';
  const ofMonth = Object.entries(events).map(
    ([source, count]): Row => ({ day: '', known, what: 'event', source, count }),
  );
  const cells = (row: Row): readonly (string | number)[] => {
    const { day, known: how, what, template = '', source = '', state, delivery = '', reason = '', count } = row;
    const says = state && reason !== '' ? meaning({ state, reason }) : '';
    return [client, month.name, day, how, what, template, source, state ?? '', delivery, reason, says, count];
  };
  return csv([HEADINGS, ...[...ofDays, ...ofMonth].map(cells)]);
};
