import { type Command, CommanderError } from 'commander';
import { Failed, isForbidden, isUnknownToAws, WrongInput } from './terminal/errors.ts';

/** Runs the command line and gives the exit code: 0, 1 for a failure, 2 for wrong input. Errors are one line on stderr. */
export const run = async (program: Command, argv: readonly string[]): Promise<number> => {
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`ezw: ${explain(error)}`);
    return error instanceof WrongInput ? 2 : 1;
  }
};

/** In one line. */
export const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return 'It failed for a reason unknown.';
  if (error instanceof WrongInput || error instanceof Failed) return oneLine(error.message);
  if (isUnknownToAws(error)) {
    return 'AWS does not know you: set AWS_PROFILE, or log in (aws sso login), or use --local for the stack on this machine.';
  }
  if (isForbidden(error)) {
    // The whole of it names people and accounts.
    const [, action] = /not authorized to perform: ([\w:]+)/.exec(error.message) ?? [];
    return `AWS does not let you do this: your role lacks ${action ?? 'a permission that AWS does not name'}. Ask whoever runs the account, or set another AWS_PROFILE. What needed it was not done.`;
  }
  if (error.name === 'TimeoutError') {
    return 'AWS, or the stack on this machine, did not answer in time. If something was to be changed, it may be: look before you try again.';
  }
  if (/Region is missing/.test(error.message)) return 'No AWS region: set AWS_REGION, or use --local.';
  return oneLine(`${error.name}: ${error.message}`);
};

/** Whatever an outside system put into its message: no line breaks, and nothing that looks like a token. */
export const oneLine = (text: string): string =>
  text
    .replace(/ezw_line_[\w-]+|whsec_[\w+/=-]+|eyJ[\w-]{5,}\.[\w-]{8,}\.[\w-]{8,}/g, '(hidden)')
    .replace(/\s*\n\s*/g, ' · ')
    .trim();
