import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { localUrl } from '../../local/address.ts';
import { StartError } from '../../local/start-error.ts';
import { WrongInput } from './errors.ts';

/** Options that every command about a stack has. */
export interface TargetOptions {
  /** True: where `npm start` listens, by `PORT` or the usual port; a text: that address. Absent: the deployed stack. */
  readonly local?: string | true;
  readonly json?: boolean;
}

const origin = (text: string): string => {
  const url = /^\d+$/.test(text) ? `http://127.0.0.1:${text}` : text;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new InvalidArgumentError('Write a port or an address such as http://127.0.0.1:8787.');
};

/** Where `npm start` listens unless an address was given. @throws WrongInput for a `PORT` that is none */
export const usualUrl = (): string => {
  try {
    return localUrl(process.env);
  } catch (error) {
    throw error instanceof StartError ? new WrongInput(error.message) : error;
  }
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

/** Of a command that is about one client, or about all. @throws WrongInput */
export const assertOneOrAll = (
  client: string | undefined,
  { all, local }: Pick<TargetOptions, 'local'> & { readonly all?: true },
): void => {
  if (all && local !== undefined) throw new WrongInput('--local is one stack, of one client: leave out --all.');
  if (all && client !== undefined) throw new WrongInput('Name a client, or write --all: not both.');
  if (!all && client === undefined) throw new WrongInput('Which client? Write its name, or --all.');
};
