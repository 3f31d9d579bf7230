import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

/** Options that every command about a stack has. */
export interface TargetOptions {
  /** True: the usual address of `npm start`; a text: that address. Absent: the deployed stack. */
  readonly local?: string | true;
  readonly json?: boolean;
}

const origin = (text: string): string => {
  const url = /^\d+$/.test(text) ? `http://127.0.0.1:${text}` : text;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new InvalidArgumentError('Write a port or an address such as http://127.0.0.1:8787.');
};

export const withTarget = (command: Command): Command =>
  withJson(command.option('--local [url]', 'the stack of "npm start" on this machine, not the deployed one', origin));

export const withJson = (command: Command): Command => command.option('--json', 'print JSON for machines');

/** A whole number of at least `least`, as an argument parser. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`Write a whole number of ${least} or more.`);
  };

/** Examples below the help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((one) => `  $ npx ezw ${one}`).join('\n')}`;
