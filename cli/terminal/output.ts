import { styleText } from 'node:util';

type Style = 'green' | 'red' | 'yellow' | 'bold' | 'dim';

/** Colour on a terminal that wants it; plain text in pipes and files. */
export const style = (format: Style, text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? styleText(format, text) : text;

/** Rows in columns as wide as their widest cell. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** The result on stdout: for machines the value as JSON, for people the text. */
export const show = (json: boolean | undefined, value: unknown, text: string): void => {
  console.log(json ? JSON.stringify(value, null, 2) : text);
};

/** What goes on meanwhile, on stderr, so that stdout holds the result alone. */
export const progress = (text: string): void => console.error(style('dim', text));

/** Epoch milliseconds as people read them, in UTC. */
export const time = (ms: number | undefined): string =>
  ms === undefined
    ? ''
    : new Date(ms)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
