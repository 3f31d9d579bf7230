import { dropOf } from '../../functions/shared/ledger/line-control.ts';
import { judge, type SendRecord, type Verdict } from '../../functions/shared/ledger/rules.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { controlOf } from '../line/control.ts';
import { isDroppable, ledgerOf } from '../sends/ledger.ts';
import type { Target } from '../target/target.ts';
import type { Hand } from './drop.ts';
import { type Letter, SENDS, sendCommandOf } from './letter.ts';

/** What stands in the ledger of the message that a letter is. */
export interface Standing {
  readonly record: SendRecord;
  /** What the sender makes of the letter's own bytes, if they come again now. */
  readonly verdict: Verdict;
  /** It waits, with these very bytes, and surely did not leave. */
  readonly waits: boolean;
}

/** Of a letter's body; nothing where it is no message for the line, or nothing is known of it any more. @param now epoch milliseconds */
const standingOf = async (target: Target, body: string, now: number): Promise<Standing | undefined> => {
  const command = sendCommandOf(body);
  if (!command) return undefined;
  const record = await ledgerOf(target).read(command.key);
  if (!record || record.expiresAt * 1000 <= now) return undefined;
  const bodyHash = sha256(JSON.stringify(command.outcome));
  const waits = isDroppable(record) && record.bodyHash === bodyHash;
  return { record, verdict: judge(record, { bodyHash, asOf: command.asOf }, now), waits };
};

/** What is known of a message for the line, beside its letter. */
export interface Known {
  readonly standing?: Standing | undefined;
  /** By "sends drop --template": it is taken back as it comes up. */
  readonly isTakenBack?: boolean;
}

/** @param now epoch milliseconds */
export const knownOf = async (target: Target, letter: Letter, body: string, now: number): Promise<Known> => {
  const { queue, sentAt = now, fields } = letter;
  if (queue !== SENDS) return {};
  const [standing, control] = await Promise.all([standingOf(target, body, now), controlOf(target).read()]);
  return { standing, isTakenBack: dropOf(control, String(fields.template), sentAt) !== undefined };
};

/** What became of what waited in the ledger for a letter that is dropped. */
export type InLedger = 'nothing waited' | 'taken back' | 'left';

/**
 * Takes back what waits in the ledger for this letter, as "sends drop" does: without its letter nothing would let it out, or end it.
 * @param isLast whether nothing else may let it out: no other letter of it, and nothing of it in its queue
 */
export const takeBack = async (
  target: Target,
  body: string,
  isLast: boolean,
  { by, because }: Hand,
  now: number,
): Promise<InLedger> => {
  const standing = await standingOf(target, body, now);
  if (!standing?.waits) return 'nothing waited';
  if (!isLast) return 'left';
  const became = await ledgerOf(target).drop(standing.record, { by, reason: because });
  return became === 'dropped' ? 'taken back' : 'left';
};
