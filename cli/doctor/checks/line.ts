import type { Health } from '../../../functions/shared/ezwhatsapp/line-api.ts';
import { lineTroubleOf } from '../../../functions/shared/ezwhatsapp/line-trouble.ts';
import type { Control } from '../../../functions/shared/ledger/line-control.ts';
import { failedPosts, failingNow, type Held, heldBack, resumeOf, waitingInQueue } from '../../line/control.ts';
import { commandOn } from '../../target/command.ts';
import { describeHealth, lineTodo, statusTodo } from '../../target/line.ts';
import type { Target } from '../../target/target.ts';
import type { Check, Sight } from '../check.ts';
import { type Finding, steps } from '../finding.ts';

/** EZWhatsApp itself, at the address of a client: what fails there fails for all of them. */
const vendorOf = ({ ezwUrl }: Target): string => `EZWhatsApp at ${new URL(ezwUrl).host}`;

/** It gave no answer, or said that the fault is its own. */
const isOutage = ({ problem = '' }: Health): boolean =>
  problem !== '' && problem !== 'line_token_not_set' && !/^health_[1-4]/.test(problem);

/** What the sender noted; of a number that is shut out it may not have learned yet, as while the line is paused. */
const troubleIn = ({ trouble }: Control, answer: Health, now: number): Control['trouble'] =>
  trouble ?? (lineTroubleOf(answer) === 'banned' ? { kind: 'banned', at: now } : undefined);

const lineFinding = async ({ target, health, control, now }: Sight): Promise<Finding> => {
  const answer = await health();
  const found = describeHealth(answer);
  const about = 'line';
  // That the number is shut out is told by itself, until somebody resumes it; that EZWhatsApp is away is another matter.
  const isShutOut = troubleIn(await control(), answer, now)?.kind === 'banned';
  const unsure = isShutOut && !isOutage(answer) && ({ isUnsure: true } as const);
  if (answer.sendable) return { level: 'good', about, found, ...unsure };
  const todo = lineTodo(answer, target);
  return { level: 'bad', about, found, todo, ...(isOutage(answer) && { outage: vendorOf(target) }), ...unsure };
};

const ABOUT = 'what may leave';
const NOT_KNOWN = 'whether WhatsApp shuts the number out is not known while the line cannot send';

const heldFindings = async (target: Target, all: readonly Held[]): Promise<readonly Finding[]> => {
  if (all.length === 0) return [];
  const waiting = await waitingInQueue(target);
  return all.map((one): Finding => {
    const todo = one.resume && resumeOf(target, one);
    const found = `${one.says}; ${waiting} messages wait in the queue`;
    return { level: one.isOver ? 'good' : 'bad', about: ABOUT, found, ...(todo && { todo }) };
  });
};

/** By the word of people. */
const pauseFindings = async ({ target, control }: Sight): Promise<readonly Finding[]> => {
  const { trouble: _, ...pauses }: Control = await control();
  return heldFindings(target, heldBack(pauses));
};

/** By the word of the workspace. */
const troubleFindings = async ({ target, control, health, now }: Sight): Promise<readonly Finding[]> => {
  const answer = await health();
  const trouble = troubleIn(await control(), answer, now);
  const { sendable } = answer;
  // Only a line that sends is surely not shut out: of others what was told stands.
  const notKnown = { level: 'warning', about: ABOUT, found: NOT_KNOWN, isUnsure: true } as const;
  if (!trouble) return sendable ? [] : [notKnown];
  const found = await heldFindings(target, heldBack({ trouble }, sendable));
  // That the phone is not linked is told as what the line says of itself.
  return trouble.kind === 'banned' || sendable ? found : found.map((one) => ({ ...one, isUnsure: true }));
};

const failingFindings = async ({ target, control, health, now }: Sight): Promise<readonly Finding[]> => {
  const held = await control();
  const posts = failedPosts(held, now);
  if (!posts) return [];
  const waiting = await waitingInQueue(target);
  const failing = failingNow(held, waiting, target.client, now);
  if (failing === undefined) return [];
  const { status = 500 } = posts;
  const todo = steps(
    statusTodo(status, target) ?? 'does EZWhatsApp answer its API? It goes on by itself',
    `where it is the messages themselves, which "sends drop" takes back: ${commandOn(target, 'sends list', '--waiting')}`,
  );
  const found = `${failing}; ${waiting} messages wait in the queue`;
  // Where the line is not well either, or is held, that is told; nothing is tried then, and what was told of before is not over at once.
  const isUnsure = held.paused !== undefined || held.trouble !== undefined || !(await health()).sendable;
  const outage = status >= 500 && ({ outage: vendorOf(target), isSign: true } as const);
  const common = { about: ABOUT, found, todo, ...outage };
  return [isUnsure ? { ...common, level: 'warning', isUnsure } : { ...common, level: 'bad' }];
};

const tables = (): readonly string[] => ['sends'];

export const line: Check = {
  id: 'line',
  about: 'line',
  look: lineFinding,
  // A phone that changes its network is away for a minute.
  watched: { every: 10, after: 10, wavers: true },
};

export const pauses: Check = {
  id: 'paused',
  about: ABOUT,
  tables,
  look: pauseFindings,
  // Whoever paused it knows; after a day they may have forgotten.
  watched: { after: 24 * 60 },
};

export const trouble: Check = { id: 'line-trouble', about: ABOUT, tables, look: troubleFindings, watched: {} };

export const failing: Check = {
  id: 'api-fails',
  about: ABOUT,
  tables,
  look: failingFindings,
  watched: { after: 10, wavers: true },
};
