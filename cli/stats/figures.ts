import { isWaiting, NOT_SENT, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { Client } from '../../lib/client.ts';
import { advice } from '../sends/advice.ts';
import { count, type Line } from '../usage/count.ts';
import type { Known, Period } from '../usage/period.ts';
import { of, type Reason, type Row, reasonsOf, rowOf } from '../usage/rows.ts';
import { type Spread, spreadOf, type Took, timesOf, WAITS, type Wait } from './times.ts';

/** How long messages of one kind took, in milliseconds. */
export interface Pace {
  readonly template: string;
  readonly wait: Wait;
  readonly left: Spread;
  readonly arrived: Spread;
}

/** What waits for one reason now, of whichever day. */
export interface Waiting {
  readonly state: SendRecord['state'];
  readonly parked: boolean;
  readonly reason: string;
  readonly count: number;
  /** Epoch milliseconds: since when the oldest of them waits. */
  readonly since: number;
  readonly says: string;
}

/** A day, or all of them: sums, and how long those took that had nothing to wait for. */
export interface Day extends Row {
  readonly left: Spread;
  readonly arrived: Spread;
}

export interface OfTemplate extends Row {
  readonly template: string;
  readonly day: string;
  readonly paces: readonly Pace[];
}

export interface Figures {
  readonly total: Day;
  readonly days: readonly (Day & { readonly known: Known })[];
  readonly templates: readonly Row[];
  readonly paces: readonly Pace[];
  readonly refused: readonly Reason[];
  readonly waiting: readonly Waiting[];
  /** By day and template, as far as there was anything. */
  readonly ofDays: readonly OfTemplate[];
  readonly lines: readonly Line[];
}

/** What one message took, with the day and template of its line: some bytes for each, and not its record. */
type Measured = Took & Pick<Line, 'day' | 'template'>;

const spreadsOf = (measured: readonly Measured[]) => ({
  left: spreadOf(measured.map(({ left }) => left)),
  arrived: spreadOf(measured.flatMap(({ arrived }) => (arrived === undefined ? [] : [arrived]))),
});

const names = (all: readonly { readonly template: string }[]): readonly string[] =>
  [...new Set(all.map(({ template }) => template))].sort();

const pacesOf = (measured: readonly Measured[]): readonly Pace[] =>
  names(measured).flatMap((template) =>
    WAITS.flatMap((wait) => {
      const alike = measured.filter((one) => one.template === template && one.wait === wait);
      return alike.length > 0 ? [{ template, wait, ...spreadsOf(alike) }] : [];
    }),
  );

/** Notes what waits, by its reason. */
const waits = () => {
  const kinds = new Map<string, Omit<Waiting, 'count' | 'since'> & { count: number; since: number }>();
  return {
    note(record: SendRecord): void {
      if (!isWaiting(record)) return;
      const { state, parked = false, reason: whole = '', queuedAt, createdAt } = record;
      const reason = whole.split(':')[0] ?? '';
      const name = JSON.stringify([state, parked, reason]);
      const says = advice({ state, parked, reason, key: '' });
      const kind = kinds.get(name) ?? { state, parked, reason, count: 0, since: Number.POSITIVE_INFINITY, says };
      kinds.set(name, { ...kind, count: kind.count + 1, since: Math.min(kind.since, queuedAt ?? createdAt) });
    },
    all: (): readonly Waiting[] => [...kinds.values()].sort((a, b) => a.since - b.since),
  };
};

async function* seen<Row>(rows: AsyncIterable<Row>, see: (row: Row) => void): AsyncGenerator<Row> {
  for await (const row of rows) {
    see(row);
    yield row;
  }
}

async function* nothing(): AsyncGenerator<never> {}

/**
 * The figures of a period, by the same count as the month's invoice. The sends are gone through once, and none of them is kept.
 * @param sends of the line, in no order
 * @param own rows of the agency's own numbers: what went there is a test
 * @param now epoch milliseconds
 */
export const figuresOf = async (
  sends: AsyncIterable<SendRecord>,
  client: Client,
  period: Period,
  own: ReadonlySet<string>,
  now: number,
): Promise<Figures> => {
  const [waiting, measured, took] = [waits(), [] as Measured[], timesOf(client)];
  const all = seen(sends, (record) => {
    if (record.expiresAt * 1000 > now) waiting.note(record);
  });
  const stored = { sends: all, answers: nothing(), deliveries: nothing() };
  const { lines } = await count(stored, period, own, now, (record, { day, template, what }) => {
    const times = what === 'message' ? took(record) : undefined;
    if (times) measured.push({ day, template, ...times });
  });
  const dayOf = (name: string, own: readonly Line[], times: readonly Measured[]): Day => ({
    ...rowOf(name, own),
    ...spreadsOf(times.filter(({ wait }) => wait === 'none')),
  });
  const linesOn = (day: string): readonly Line[] => lines.filter((line) => line.day === day);
  const timesOn = (day: string): readonly Measured[] => measured.filter((one) => one.day === day);
  const ofTemplate = (own: readonly Line[], template: string): Row =>
    rowOf(
      template,
      own.filter((line) => line.template === template),
    );
  return {
    total: dayOf('total', lines, measured),
    days: period.days.map(({ day, known }) => ({ known, ...dayOf(day, linesOn(day), timesOn(day)) })),
    templates: names(lines).map((template) => ofTemplate(lines, template)),
    paces: pacesOf(measured),
    refused: reasonsOf(of(lines, 'message').filter(({ state }) => NOT_SENT.includes(state))),
    waiting: waiting.all(),
    ofDays: period.days.flatMap(({ day }) =>
      names(linesOn(day)).map((template) => ({
        day,
        template,
        ...ofTemplate(linesOn(day), template),
        paces: pacesOf(timesOn(day).filter((one) => one.template === template)),
      })),
    ),
    lines,
  };
};
