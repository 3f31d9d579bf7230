import { nextOpening, type OpeningHours } from '../../../functions/shared/hours/opening-hours.ts';
import { KeysNote } from '../../../functions/shared/ledger/keys-note.ts';
import { hasFailed, isMark, type SendRecord, SHADOW } from '../../../functions/shared/ledger/rules.ts';
import type { WaitingSend } from '../../../functions/shared/ledger/waiting-sends.ts';
import { storedLineOf, windowOf } from '../../../lib/client.ts';
import { failedPosts } from '../../line/control.ts';
import { refusalOf } from '../../sends/advice.ts';
import { commandOn } from '../../target/command.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import type { Check, Sight } from '../check.ts';
import { type Finding, steps } from '../finding.ts';

/** Whether what was told is looked for where it is stored. */
const keysFinding = async (target: Target): Promise<Finding> => {
  const about = 'keys of sends';
  const stored = storedLineOf(target.client);
  const noted = await new KeysNote(tableOf(target, 'sends'), target.dynamodb).read();
  if (noted === undefined) return { level: 'good', about, found: 'none yet' };
  if (noted === stored) return { level: 'good', about, found: `stored under ${noted}` };
  const found = `stored under ${noted}, looked for under ${stored}: nothing is sent, or everybody would be told again`;
  const todo = `write keysOf: '${noted}' beside lineId in clients/${target.client.name}.ts, and deploy`;
  return { level: 'bad', about, found, todo };
};

/** Why a send waits that goes by itself at its time, or when somebody lets it. */
const EXPECTED: ReadonlySet<string | undefined> = new Set(['outside_send_window', 'paused']);

const isExpected = ({ reason, parked }: WaitingSend): boolean => !parked && EXPECTED.has(reason);

/** What only a person can settle, and what else waits. */
const sendsFinding = async ({ target, waiting }: Sight): Promise<Finding> => {
  const about = 'sends';
  const all = await waiting();
  const parked = all.filter((one) => one.parked).length;
  const found = `${all.length} waiting, ${parked} of them for a person`;
  if (all.every(isExpected)) return { level: 'good', about, found };
  const todo = commandOn(target, 'sends list', '--waiting');
  if (parked === 0) return { level: 'warning', about, found, todo };
  const each = '"sends show" says of each what settles it: "sends resolve", "dlq redrive" or "sends drop"';
  return { level: 'bad', about, found, size: parked, todo: steps(todo, each) };
};

/** A message that nothing holds leaves within seconds; some tries of a shaky line take longer. */
const TOO_LONG_MS = 30 * 60_000;

/** Since when it could have left (epoch milliseconds): hours in which the client is shut do not count. */
const couldLeaveAt = ({ queuedAt, createdAt }: WaitingSend, window: OpeningHours | undefined): number => {
  const since = queuedAt ?? createdAt;
  return window ? (nextOpening(window, since) ?? since) : since;
};

/** Whether messages wait longer than they should. What is known to hold them is told by itself, and this says nothing then. */
const oldestFinding = async ({ target, now, waiting, health, control }: Sight): Promise<Finding> => {
  const about = 'oldest send';
  const window = windowOf(target.client);
  const late = (await waiting())
    .filter((one) => !one.parked && !isExpected(one))
    .map((one) => couldLeaveAt(one, window))
    .filter((since) => now - since > TOO_LONG_MS);
  if (late.length === 0) return { level: 'good', about, found: 'none waits longer than it should' };
  const found = `${late.length} could have left long ago, the oldest since ${time(Math.min(...late))}`;
  const todo = `why, of each: ${commandOn(target, 'sends list', '--waiting')}`;
  const held = await control();
  const isKnown = !(await health()).sendable || held.paused || held.trouble || failedPosts(held, now);
  const common = { about, found, size: late.length, todo };
  // What holds it is told by itself; what was told before is not over.
  return isKnown ? { ...common, level: 'warning', isUnsure: true } : { ...common, level: 'bad' };
};

const DAY_MS = 24 * 3600_000;

/** What was accepted and did not arrive, by when that was said. */
const failuresFinding = (all: readonly SendRecord[], target: Target, now: number): Finding => {
  const about = 'sends that did not arrive';
  const failed = all.filter((record) => hasFailed(record) && now - Date.parse(record.delivery?.at ?? '') < 7 * DAY_MS);
  if (failed.length === 0) return { level: 'good', about, found: 'none in 7 days' };
  const times = failed.map(({ delivery }) => Date.parse(delivery?.at ?? ''));
  const today = times.filter((at) => now - at < DAY_MS).length;
  const found = `${today} in 24 hours, ${failed.length} in 7 days, the oldest at ${time(Math.min(...times))}: accepted, and then WhatsApp said that they failed`;
  return { level: 'warning', about, found, todo: commandOn(target, 'sends list', '--failed') };
};

const REFUSED_FOR_MS = 7 * DAY_MS;

/** What was refused within a week, reason by reason: what it means, and what the client can do. */
const refusalFindings = (all: readonly SendRecord[], now: number): readonly Finding[] => {
  const told = all.filter((record) => now - record.createdAt < REFUSED_FOR_MS && !isMark(record));
  const named = told.map((record) => [`${record.state} ${record.reason}`, refusalOf(record)] as const);
  return [...new Map(named)].flatMap(([about, refusal]): Finding[] => {
    if (!refusal) return [];
    const found = `${named.filter(([name]) => name === about).length} in 7 days`;
    return [{ level: refusal.isTheirs ? 'good' : 'warning', about, found, todo: refusal.say }];
  });
};

/** Of a client that is tried. */
const shadowFindings = (all: readonly SendRecord[], target: Target): readonly Finding[] => {
  const { delivery } = target.client;
  if (delivery === 'live') return [];
  const shadows = all.filter(({ reason }) => reason === SHADOW).length;
  const found = `${delivery.only.length} phones of the client file alone are written to; ${shadows} messages would have gone to others`;
  const todo = steps(
    commandOn(target, 'sends list', '--shadow'),
    "when they are as the client wants them, write delivery: 'live' and deploy",
  );
  return [{ level: 'warning', about: 'delivery', found, todo }];
};

const tables = (): readonly string[] => ['sends'];

export const keys: Check = {
  id: 'keys',
  about: 'keys of sends',
  tables,
  look: ({ target }) => keysFinding(target),
  watched: { every: 15 },
};

export const parked: Check = { id: 'sends', about: 'sends', tables, look: sendsFinding, watched: { each: true } };

export const oldest: Check = { id: 'oldest-send', about: 'oldest send', tables, look: oldestFinding, watched: {} };

export const failures: Check = {
  id: 'not-arrived',
  about: 'sends that did not arrive',
  tables,
  look: async ({ target, sends, now }) => failuresFinding(await sends(), target, now),
};

export const refusals: Check = {
  id: 'refusals',
  about: 'refusals',
  tables,
  look: async ({ sends, now }) => refusalFindings(await sends(), now),
};

export const shadows: Check = {
  id: 'delivery',
  about: 'delivery',
  tables,
  look: async ({ target, sends }) => (target.client.delivery === 'live' ? [] : shadowFindings(await sends(), target)),
};
