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
import type { Person } from './person.ts';
import { textOf } from './plan.ts';
import type { Redactor } from './redact.ts';
import { DAY_MS, type Report, readReport } from './report.ts';
import { withFinding } from './verdicts.ts';

export interface AgainOptions {
  /** E.164 */
  readonly to: string;
  readonly pauseMs: number;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
  readonly person: Person | undefined;
  readonly redactor: Redactor;
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
): Finding => {
  const ids = isFirstId === undefined ? '' : isFirstId ? ' with the first id' : ' with another id';
  const came = counted === undefined ? '' : `; ${counted} are on the phone`;
  const found = `a day later ${answered(send.result)}${ids}${came}`;
  const status = statusOf(send);
  if (!isTaken(send)) {
    if (status === 409 || status === 422) return variant(String(status), found);
    return status === undefined || isAboutTheLine(status) ? unasked(found) : other(found);
  }
  const isAgain = counted === undefined ? isFirstId === false : counted > 1;
  if (isAgain) return variant('again-after-24h', found);
  if (counted === undefined && isFirstId === undefined)
    return unasked(`${found}; whether a second message came was not counted`);
  return variant(status === 200 && first !== 200 ? '200' : '202', found);
};

/**
 * Sends the first bytes of a probe again under their key, a day later or more.
 * @throws Failed before a day has passed; WrongInput for another number than that one's
 */
export const askAgain = async (target: Target, file: string, options: AgainOptions): Promise<Report> => {
  const { to, ask, tell, person, pauseMs, stop, redactor } = options;
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
  const calls = callsOf(target, { pauseMs, signal: stop, onAnswer: () => undefined });
  const send = await calls.send({
    name: 'again',
    marker: again.marker,
    key: again.key,
    body: { to, body: textOf(again.marker) },
  });
  tell(`the first key and body a day later: ${answered(send.result)}`);
  const id = idIn(send)?.id;
  redactor.hear(id ?? '');
  const isFirstId = id === undefined || again.id === undefined ? undefined : mark(id) === again.id;
  const counted = isTaken(send)
    ? await person?.counts(`How many messages that begin with "${again.marker}" are on the phone?`)
    : undefined;
  const first = before.sends.find(({ name }) => name === 'text')?.status;
  const finding = findingOf(send, first, isFirstId, counted);
  return {
    ...before,
    at: new Date().toISOString(),
    left: 'Nothing was changed at EZWhatsApp.',
    // What was seen at once stands where a day showed nothing.
    verdicts: finding.is === 'unasked' ? before.verdicts : withFinding(before.verdicts, 'same-key', finding),
  };
};
