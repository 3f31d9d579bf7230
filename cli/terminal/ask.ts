import { confirm, isCancel, password, text } from '@clack/prompts';
import { decodeText } from '../../functions/shared/runtime/charset.ts';
import { Failed, WrongInput } from './errors.ts';

/** Prompts go to stderr: stdout holds the result alone. */
const output = process.stderr;

const answered = <T>(answer: T | symbol): Exclude<T, symbol> => {
  if (isCancel(answer)) throw new Failed('Cancelled. Nothing was changed.');
  return answer as Exclude<T, symbol>;
};

export const standardInput = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return decodeText(Buffer.concat(chunks));
};

/** A secret, typed without showing it, or from standard input; never an argument, which every process of the machine can read. */
export const askSecret = async (message: string): Promise<string> => {
  const given = process.stdin.isTTY ? answered(await password({ message, output })) : await standardInput();
  const value = given.trim();
  if (value === '') throw new WrongInput('No value was given. Type it at the prompt, or pipe it into this command.');
  return value;
};

/** Lines of standard input, or answers typed one after the other; the last one hidden. */
export const askLogin = async (): Promise<{ email: string; password: string }> => {
  if (process.stdin.isTTY) {
    const email = answered(await text({ message: 'E-mail of the workspace owner or admin', output }));
    return { email, password: answered(await password({ message: 'Password (used once, never stored)', output })) };
  }
  const [email = '', secret = ''] = (await standardInput()).split(/\r?\n/);
  if (!email.includes('@') || secret === '') {
    throw new WrongInput('Pipe two lines into this command: the e-mail and the password of the workspace owner.');
  }
  return { email: email.trim(), password: secret };
};

/**
 * Answers to several questions, in their order: typed one after the other, the secret ones hidden, or as lines of standard input.
 * None is asked where there is no question, and standard input is left alone.
 */
export const askAll = async (
  questions: readonly { readonly what: string; readonly isSecret: boolean }[],
): Promise<readonly string[]> => {
  if (questions.length === 0) return [];
  const given: string[] = [];
  if (process.stdin.isTTY) {
    for (const { what, isSecret } of questions) {
      given.push(answered(await (isSecret ? password({ message: what, output }) : text({ message: what, output }))));
    }
  } else given.push(...(await standardInput()).split(/\r?\n/));
  return questions.map(({ what }, i) => {
    const value = (given[i] ?? '').trim();
    // Whatever else it is, it goes into headers and addresses as it stands.
    if (/^[\x21-\x7e]+$/.test(value)) return value;
    const fault = value === '' ? 'is missing' : 'holds a space or a sign that none of these has';
    throw new WrongInput(
      `${what}: line ${i + 1} ${fault}. Type it at the prompt, or pipe it into this command, one line each.`,
    );
  });
};

/** A question that `--yes` answers beforehand. */
export const askConsent = async (message: string, yes: boolean | undefined): Promise<void> => {
  if (yes) return;
  if (!process.stdin.isTTY) throw new WrongInput(`${message} Nobody is here to answer: say yes with --yes.`);
  if (!answered(await confirm({ message, initialValue: false, output }))) {
    throw new Failed('Not confirmed. Nothing was done.');
  }
};

/** A line of text; without a terminal the option must have been given. */
export const askText = async (message: string, option: string, initialValue: string): Promise<string> => {
  if (!process.stdin.isTTY) throw new WrongInput(`${option} is missing.`);
  return answered(await text({ message, initialValue, output }));
};
