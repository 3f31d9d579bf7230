import type { Target } from '../target/target.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { masked } from '../terminal/mask.ts';
import { time } from '../terminal/output.ts';
import { assertMayProbe } from './allowed.ts';
import { callsOf } from './calls.ts';
import { isTaken, type SendFact, statusOf } from './evidence.ts';
import { type Finding, other, unasked, variant } from './finding.ts';
import { marker } from './marks.ts';
import { answered, idIn, isAboutTheLine } from './of-sends.ts';
import { forgetProbe, openProbe } from './open-probe.ts';
import type { Person } from './person.ts';
import { textOf } from './plan.ts';
import { DAY_MS, type Report, readReport } from './report.ts';
import { isWrong, type Verdict, withFinding } from './verdicts.ts';

export interface AgainOptions {
  /** E.164 */
  readonly to: string;
  readonly pauseMs: number;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
  readonly person: Person | undefined;
  /** Of this run, not of that before. */
  readonly run: string;
  readonly by: string;
  /** Asks whether to begin. @throws WrongInput, Failed */
  readonly ask: (question: string) => Promise<void>;
}

const leftOf = (ms: number): string => {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
};

/** What the first key did a day later. */
const findingOf = (
  send: SendFact,
  first: number | string | undefined,
  isFirstId: boolean | undefined,
  counted: number | undefined,
  before: Verdict | undefined,
): Finding => {
  const ids = isFirstId === undefined ? '' : isFirstId ? ' with the first id' : ' with another id';
  const came = counted === undefined ? 'how many are on the phone was not counted' : `${counted} are on the phone`;
  const found = `a day later ${answered(send.result)}${ids}; ${came}`;
  const isAgain = counted === undefined ? isTaken(send) && isFirstId === false : counted > 1;
  // The second may have come at once.
  if (isAgain && before?.state === 'assumed') return other(`perhaps a key that is worth nothing: ${found}`);
  if (isAgain) return variant('again-after-24h', found);
  if (counted === undefined) return unasked(found);
  const status = statusOf(send);
  if (status === undefined || (!isTaken(send) && isAboutTheLine(status))) return unasked(found);
  if (isTaken(send)) return variant(status === 200 && first !== 200 ? '200' : '202', found);
  return status === 409 || status === 422 ? variant(String(status), found) : other(found);
};

/**
 * Sends the first bytes of a probe again under their key, a day later or more.
 * @throws Failed before a day has passed; WrongInput for another number than that one's
 */
export const askAgain = async (target: Target, file: string, options: AgainOptions): Promise<Report> => {
  const { to, run, by, ask, tell, person, pauseMs, stop } = options;
  const before = readReport(file, target.client.name);
  const { again } = before;
  const mark = await marker(target);
  if (mark(to) !== again.to) throw new WrongInput('--to is another number than that of this report. Nothing was sent.');
  const dueAt = Date.parse(again.at) + DAY_MS;
  const left = dueAt - Date.now();
  if (left > 0)
    throw new Failed(
      `Its first message left less than a day ago: again in ${leftOf(left)}, from ${time(dueAt)}. Nothing was sent.`,
    );
  await assertMayProbe(target, to);
  await ask(
    `The first message of that probe is sent again under its key to ${masked(to)}: one message at most. Begin?`,
  );
  const calls = callsOf(target, { pauseMs, signal: stop });
  await openProbe(target, run, by);
  const { key, marker: begins } = again;
  const send = await calls
    .send({ name: 'again', marker: begins, key, body: { to, body: textOf(begins) } })
    .finally(() => forgetProbe(target, run));
  tell(`the first key and body a day later: ${answered(send.result)}`);
  const id = idIn(send)?.id;
  const isFirstId = id === undefined || again.id === undefined ? undefined : mark(id) === again.id;
  const counted = await person?.counts(`How many messages that begin with "${begins}" are on the phone?`);
  const first = before.sends.find(({ name }) => name === 'text')?.status;
  const was = before.verdicts.find(({ assumption }) => assumption === 'same-key');
  const finding = findingOf(send, first, isFirstId, counted, was);
  // What was seen at once stands where a day showed nothing, and for good where it was a second message.
  const isKept = finding.is === 'unasked' || (was !== undefined && isWrong(was));
  return {
    ...before,
    at: new Date().toISOString(),
    left: 'Nothing was changed at EZWhatsApp.',
    verdicts: isKept ? before.verdicts : withFinding(before.verdicts, 'same-key', finding),
  };
};
