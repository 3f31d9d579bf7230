import { type Command, CommanderError } from 'commander';
import { Failed, isForbidden, isUnknownToAws, lackedBy, WrongInput } from './terminal/errors.ts';

/** Runs the command line and gives the exit code: 0, 1 for a failure, 2 for wrong input. Errors are one line on stderr. */
export const run = async (program: Command, argv: readonly string[]): Promise<number> => {
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`ezw: ${explain(error)}`);
    // Whoever interrupted it reads that, whatever it led to.
    return error instanceof WrongInput ? 2 : Number(process.exitCode || 1);
  }
};

interface Unreachable extends Error {
  readonly code: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

const NO_WAY = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** Whether nobody was met at all. */
export const isUnreachable = (error: Error): error is Unreachable =>
  'code' in error && typeof error.code === 'string' && NO_WAY.has(error.code);

/** In one line. */
export const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return 'It failed for a reason unknown.';
  if (error instanceof WrongInput || error instanceof Failed) return oneLine(error.message);
  if (isUnknownToAws(error)) {
    const profile = process.env.AWS_PROFILE;
    const asked = profile === undefined ? 'set AWS_PROFILE' : `is AWS_PROFILE right (${profile})`;
    return `AWS does not know you: ${asked}, or log in (aws sso login), or use --local for the stack on this machine.`;
  }
  if (isForbidden(error)) {
    return `AWS does not let you do this: your role lacks ${lackedBy(error)}. Ask whoever runs the account, or set another AWS_PROFILE. What needed it was not done.`;
  }
  if (/Throttl|TooManyRequests|RequestLimitExceeded/.test(error.name)) {
    return `AWS has had too many calls of this account (${error.name}): wait a minute, and run it again. What needed it was not done.`;
  }
  if (error.name === 'TimeoutError') {
    return 'AWS, or the stack on this machine, did not answer in time. If something was to be changed, it may be: look before you try again.';
  }
  if (isUnreachable(error)) {
    const { code, hostname, address, port } = error;
    const host = hostname ?? (address === undefined ? 'What it asks' : `${address}:${port}`);
    const { AWS_REGION: region = 'of your profile', AWS_PROFILE: profile = 'default' } = process.env;
    return `${host} cannot be reached (${code}): is this machine online, and is the region right (AWS_REGION: ${region}, profile: ${profile})?`;
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
