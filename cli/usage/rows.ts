import { columns } from '../terminal/output.ts';
import { type Line, type Sums, sumsOf, type What } from './count.ts';
import { meaning } from './invoice.ts';

export interface Reason {
  readonly state: Line['state'];
  readonly reason: string;
  readonly count: number;
  readonly says: string;
}

/** Counts of lines by their reason, the most first. */
export const reasonsOf = (lines: readonly Line[]): readonly Reason[] => {
  const counts = new Map<string, { state: Line['state']; reason: string; count: number }>();
  for (const { state, reason, count } of lines) {
    const name = `${state} ${reason}`;
    counts.set(name, { state, reason, count: (counts.get(name)?.count ?? 0) + count });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).map((one) => ({ ...one, says: meaning(one) }));
};

/** A table of them below an empty line; nothing where there are none. */
export const shownReasons = (title: string, found: readonly Reason[]): readonly string[] =>
  found.length === 0
    ? []
    : [
        '',
        columns([
          [title, 'COUNT', 'REASON', 'WHAT IT MEANS'],
          ...found.map((one) => [one.state, String(one.count), one.reason, one.says]),
        ]),
      ];

export interface Row extends Sums {
  readonly name: string;
  readonly resends: number;
  readonly shadow: number;
  readonly tests: number;
}

export const of = (lines: readonly Line[], what: What): readonly Line[] => lines.filter((line) => line.what === what);
const total = (lines: readonly Line[]): number => lines.reduce((sum, { count }) => sum + count, 0);

/** What is told apart stands in columns of its own: of resends and tests what was accepted, for those left. */
export const rowOf = (name: string, lines: readonly Line[]): Row => ({
  name,
  ...sumsOf(of(lines, 'message')),
  resends: sumsOf(of(lines, 'resend')).accepted,
  shadow: total(of(lines, 'shadow')),
  tests: sumsOf(of(lines, 'test')).accepted,
});

export const shownCount = (n: number): string => String(n || '·').padStart(5);

/** The counts of a row, in the order in which all tables have them. */
export const countsIn = ({
  accepted,
  delivered,
  read,
  failed,
  uncertain,
  waiting,
  refused,
  resends,
  shadow,
  tests,
}: Row): readonly number[] => [accepted, delivered, read, failed, uncertain, waiting, refused, resends, shadow, tests];

export const cells = (row: Row) => [row.name, ...countsIn(row).map(shownCount)];
export const SUMS = [
  'ACCEPTED',
  'DELIVERED',
  'READ',
  'FAILED',
  'UNCERTAIN',
  'WAITING',
  'REFUSED',
  'RESENT',
  'SHADOW',
  'TEST',
];
