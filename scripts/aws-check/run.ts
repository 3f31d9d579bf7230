import { explain } from '../../cli/run.ts';
import { askConsent } from '../../cli/terminal/ask.ts';
import { Failed } from '../../cli/terminal/errors.ts';
import { cut } from '../../functions/shared/runtime/characters.ts';
import type { Arguments } from './arguments.ts';
import { stackOf, stacksIn } from './aws.ts';
import { stackNames, standing } from './look.ts';
import { type Remover, removeAll } from './remove.ts';
import { hidden, masked, reportOf, type Seen } from './report.ts';
import type { Check, Row } from './row.ts';

export interface Run {
  readonly check: Check;
  /** Goes on after Ctrl-C, for what was made must go. */
  readonly remover: Remover;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly writeReport: (text: string) => void;
}

const CLEAN = 'npm run aws-check -- --clean';

/** @throws Failed where something is in the way, or of others */
const assertFree = async ({ aws, place }: Check, { yesThisAccount }: Arguments): Promise<void> => {
  const own = await standing(aws);
  if (own.length > 0) throw new Failed(`An earlier run left this: ${own.join(', ')}. First: ${CLEAN}`);
  const others = (await stacksIn(aws)).filter((name) => name.startsWith('Ezw-') && !stackNames.includes(name));
  if (others.length > 0 && !yesThisAccount)
    throw new Failed(`Clients run here: ${others.join(', ')}. Take an empty account, or say --yes-this-account.`);
  if (!(await stackOf(aws, 'CDKToolkit')))
    throw new Failed(`The CDK was never here: npx cdk bootstrap aws://${place.account}/${place.region}`);
};

const plan = ({ place }: Check, { waitMinutes, keep }: Arguments): readonly string[] => [
  `In the account ${masked(place.account)}, ${place.region}: ${stackNames.join(' and ')}, each a client with everything on, of nobody:`,
  'tables, queues, functions and doors, no message leaves. About half an hour, most of it waiting for CloudFormation, and a few cents at most.',
  ...(waitMinutes > 0 ? [`Then ${waitMinutes} minutes more, in which nothing happens.`] : []),
  keep
    ? `It stays, and bills a few dollars a month until: ${CLEAN}`
    : 'All of it is removed in the end, also after Ctrl-C.',
];

const answerTo = async (row: Row, seen: readonly Seen[], { check, signal }: Run): Promise<Omit<Seen, 'row'>> => {
  const interrupted = { result: 'skipped', answered: 'it was ended before' } as const;
  if (signal.aborted) return interrupted;
  const missed = row.needs?.find((name) => seen.find((one) => one.row.name === name)?.result !== 'pass');
  if (missed !== undefined) return { result: 'skipped', answered: `"${missed}" did not pass` };
  try {
    const answer = await row.run(check);
    // What was cut short says nothing of AWS.
    return signal.aborted && answer.result === 'fail' ? interrupted : answer;
  } catch (error) {
    return signal.aborted ? interrupted : { result: 'fail', answered: explain(error) };
  }
};

/** Characters of an answer. */
const MOST = 600;

/** One after the other: each finds what those before it left. */
const runRows = async (rows: readonly Row[], run: Run): Promise<readonly Seen[]> => {
  const { check, signal, say } = run;
  const seen: Seen[] = [];
  for (const row of rows) {
    if (!signal.aborted) say(`… ${row.name}`);
    const answer = await answerTo(row, seen, run);
    const one = { row, ...answer, answered: cut(hidden(answer.answered, check.place, check.secret), MOST) };
    seen.push(one);
    say(`${one.result === 'pass' ? '✓' : one.result === 'fail' ? '✗' : '–'} ${row.name}: ${one.answered}`);
  }
  return seen;
};

const removed = async ({ remover, say }: Run): Promise<readonly string[]> => {
  say('… removing all of it');
  const left = await removeAll(remover).catch((error: unknown) => [`unknown: ${explain(error)}`]);
  say(left.length === 0 ? '✓ nothing is left' : `✗ left: ${left.join(', ')}. Try: ${CLEAN}`);
  return left;
};

/** @returns the exit code. @throws Failed before anything was made */
export const runCheck = async (rows: readonly Row[], run: Run, options: Arguments): Promise<number> => {
  const { check, signal, say, writeReport } = run;
  if (options.clean) {
    const own = await standing(check.aws);
    await askConsent(
      `To be removed from the account ${masked(check.place.account)}: ${own.join(', ') || 'nothing'}.`,
      options.yes,
    );
    return (await removed(run)).length === 0 ? 0 : 1;
  }
  await assertFree(check, options);
  for (const line of plan(check, options)) say(line);
  await askConsent('Begin?', options.yes);
  const seen = await runRows(rows, run);
  const left = options.keep ? undefined : await removed(run);
  writeReport(reportOf({ place: check.place, secret: check.secret, at: check.now(), seen, left }));
  if (signal.aborted) return 130;
  return seen.some(({ result }) => result === 'fail') || (left?.length ?? 0) > 0 ? 1 : 0;
};
