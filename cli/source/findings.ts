import { ConnectProblem } from '../../functions/shared/door/connection.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import type { Finding } from '../doctor/finding.ts';
import { oneLine } from '../run.ts';
import type { Target } from '../target/target.ts';
import { time } from '../terminal/output.ts';
import { isHealthy } from './compare.ts';
import { addressOf, isStale, loginAnew, look, type Opened, openPlace, toolsOf } from './look.ts';
import { commandFor, connectablePlaces } from './place.ts';
import { nameOf } from './words.ts';

/** Whatever a vendor does, the doctor's other findings are not to wait longer. */
const LOOK_MS = 20_000;

const within = async <T>(work: Promise<T>, limitMs: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConnectProblem(`It did not answer within ${limitMs / 1000} s.`, {})), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Without the vendor's words, in which there may be names and tokens: those stay on the screen of who asks. */
const refusal = ({ vendor }: Opened['connection'], { status, isInput }: ConnectProblem): string => {
  if (status !== undefined) return `${vendor} refused what was asked (${status})`;
  return isInput
    ? `what ${vendor} needs does not stand in the client file, or is wrong there`
    : `${vendor} gave no clear answer`;
};

/** How one source stands at its vendor. */
export const findingOf = async (opened: Opened, limitMs: number): Promise<Finding> => {
  const { target, place, connection, note } = opened;
  const about = `${place.source} at ${connection.vendor}`;
  const todo = commandFor(target, place);
  try {
    const tools = toolsOf(opened, {});
    const seen = await within(look(opened, tools), limitMs);
    const { each, surplus, similar } = seen;
    const faults = each.flatMap((one) => one.faults.map((fault) => `${nameOf(one.wanted)}: ${plainWords(fault)}`));
    if (isHealthy(seen)) {
      if (surplus.length > 0)
        return { level: 'warning', about, found: `${surplus.length} more at this address than needed`, todo };
      const warns = each.flatMap(({ found }) => found?.warns ?? []);
      if (warns.length > 0) return { level: 'warning', about, found: warns.join('; ') };
      const hints = [...new Set(each.flatMap((one) => one.hints))];
      if (hints.length > 0) return { level: 'warning', about, found: hints.join('; '), todo };
      const old = similar.length > 0 ? `, ${similar.length} of another stack beside it` : '';
      return { level: 'good', about, found: `connected${old}` };
    }
    const isNone = each.every(({ found }) => found === undefined);
    const isHere = target.where === 'local' && note?.address !== tools.address;
    if (isNone && (isHere || (connection.unlisted && !note?.address))) {
      const why = connection.unlisted ?? 'on this machine events are made by "trigger"';
      return { level: 'warning', about, found: `not connected by this command: ${why}`, todo };
    }
    if (isNone)
      return { level: 'bad', about, found: `it has no subscription to ${tools.address}: no event comes`, todo };
    const amiss = each.filter((one) => one.faults.length > 0).map(({ wanted }) => nameOf(wanted));
    const told = `not as it must be, so that events do not come: ${amiss.join('; ')}`;
    return { level: 'bad', about, found: faults.join('; '), told, todo };
  } catch (error) {
    // What one source brings about hides no other finding.
    if (!(error instanceof ConnectProblem)) {
      return { level: 'bad', about, found: oneLine(String(error)), told: 'it could not be looked at' };
    }
    const { message: found, isPassing } = error;
    // What it said before stands.
    if (isPassing) return { level: 'warning', about, found, isUnsure: true };
    const told = refusal(connection, error);
    return { level: 'bad', about, found, told, todo: isStale(opened, error) ? loginAnew(opened) : todo };
  }
};

/** Of one that was connected, and whose login is not kept. */
const unseen = ({ target, place, connection, note }: Opened): Finding | undefined => {
  if (note?.address !== addressOf(target, place)) return undefined;
  const found = `connected by this command at ${time(Date.parse(note.connectedAt))}; what became of it is not looked at, for no login is stored`;
  return { level: 'good', about: `${place.source} at ${connection.vendor}`, found };
};

/** What vendors say of the sources whose login is stored, all of them asked at once; and when the others were connected. */
export const connectionFindings = async (target: Target, limitMs = LOOK_MS): Promise<readonly Finding[]> => {
  const opened = await Promise.all(connectablePlaces(target.client).map((place) => openPlace(target, place)));
  const known = opened.filter(({ secret }) => secret.current !== '');
  const findings = known.map(async (one) => (one.asks.length === 0 ? findingOf(one, limitMs) : unseen(one)));
  return (await Promise.all(findings)).filter((finding) => finding !== undefined);
};
