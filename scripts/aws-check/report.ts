import { oneLine } from '../../cli/run.ts';
import type { Place } from './aws.ts';
import type { Answer, Row } from './row.ts';

export interface Seen extends Answer {
  readonly row: Row;
}

/** An account's id, so that whoever knows it knows it again. */
export const masked = (account: string): string => `${account.slice(0, 3)}…${account.slice(-3)}`;

/** Any text of AWS for a report that others read: one line, without the account's id and without the secret of this run. */
export const hidden = (text: string, { account }: Place, secret: string): string =>
  oneLine(text.replaceAll(account, masked(account)).replaceAll(secret, '(hidden)'));

const cell = (text: string): string => text.replaceAll('|', '\\|');

const line = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** The rows as docs/aws-check.md has them. */
export const tableOf = (rows: readonly Row[]): string =>
  [
    '| row | what is so if it passes | what is asked |',
    '|---|---|---|',
    ...rows.map(({ name, proves, asked }) => line(name, proves, asked)),
  ].join('\n');

export interface About {
  readonly place: Place;
  readonly secret: string;
  readonly at: Date;
  readonly seen: readonly Seen[];
  /** What stands all the same; undefined where nothing was removed on purpose. */
  readonly left: readonly string[] | undefined;
}

const leftOver = (left: About['left']): readonly string[] => {
  if (left === undefined) return ['Kept on purpose. `npm run aws-check -- --clean` removes it.'];
  if (left.length === 0) return ['Nothing.'];
  return left.map((one) => `- ${one}`);
};

export const reportOf = ({ place, secret, at, seen, left }: About): string => {
  const rows = seen.map(({ row, result, answered }) => line(row.name, row.asked, answered, result));
  const lines = [
    '# What AWS answered',
    '',
    `${at.toISOString()}, account ${masked(place.account)}, ${place.region}.`,
    '',
    '| row | asked | answered | result |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Left in the account',
    '',
    ...leftOver(left),
  ];
  return `${lines.map((one) => hidden(one, place, secret)).join('\n')}\n`;
};
