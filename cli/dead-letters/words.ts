import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { advice } from '../sends/advice.ts';
import { stateOf } from '../sends/ledger.ts';
import { commandOn } from '../target/command.ts';
import type { Target } from '../target/target.ts';
import { time } from '../terminal/output.ts';
import { sourceOf } from './dead-letters.ts';
import type { Known } from './in-ledger.ts';
import { FAILED_TOO_OFTEN, type Letter, NOT_NOTED, SENDS } from './letter.ts';
import { ENOUGH } from './redrive.ts';
import { UNREAD } from './unread.ts';

/** How often a queue's messages may fail before SQS sets them aside; by the stack's own template. */
const triesOf = ({ template, queues }: Target, deadLetterQueue: string): number | undefined => {
  const source = sourceOf(deadLetterQueue, queues);
  const found = Object.values(template.Resources).find(
    ({ Metadata, Type }) => Type === 'AWS::SQS::Queue' && Metadata?.['ezw:name'] === source,
  );
  const policy = found?.Properties?.RedrivePolicy as { readonly maxReceiveCount?: number } | undefined;
  return policy?.maxReceiveCount;
};

/** Why it is here, in a sentence. */
export const whyOf = (target: Target, letter: Letter, record?: SendRecord): string => {
  const { queue, code, reason, byScheduler } = letter;
  const tries = triesOf(target, queue);
  const often = `it failed ${tries ?? 'too many'} times, and SQS set it aside; why each time stands in the log of its function, under "work" or "send"`;
  if (byScheduler) return `the Scheduler could not put it into its queue (${code})`;
  if (queue === UNREAD)
    return `what EZWhatsApp delivered could not be read (${code}); the rest of its delivery went its way`;
  if (letter.what === 'no send command') return 'it is no message that this release can send';
  if (queue === SENDS && reason !== undefined) return `the sender set it aside: ${reason}`;
  if (reason !== undefined) return `it was set aside at once, for it would fail each time: ${reason}`;
  if (code === FAILED_TOO_OFTEN) return often;
  if (code !== NOT_NOTED) return code;
  if (queue !== SENDS) return 'nobody noted it: it was set aside at once, with an empty reason';
  return record?.parked
    ? `the sender set it aside: ${record.reason ?? 'without a reason'}`
    : `nobody noted it: the sender set it aside, or ${often}`;
};

const inLedger = (record: SendRecord): string =>
  `${stateOf(record)}${record.reason === undefined ? '' : ` (${record.reason})`}`;

/** What a redrive of it does. */
export const ifRedriven = (target: Target, letter: Letter, { standing, isTakenBack }: Known, now: number): string => {
  const { queue, what, fields, byScheduler, withoutBytes, redriven = 0 } = letter;
  const again =
    redriven >= ENOUGH
      ? `It was put back ${redriven} times and died each time: only "redrive --only" puts it back once more. `
      : '';
  const [source, until] = [sourceOf(queue, target.queues), fields['useful until']];
  if (withoutBytes)
    return 'Nothing: it stays. None of its bytes are kept, as of one that is very large, so no release can read it: look into the workspace for what was said, and drop it.';
  if (queue === UNREAD)
    return `${again}It is handed to the door again under its own id; what was done of it stays done. It stays here while this release cannot read it.`;
  if (what === 'no send command') return 'Nothing: it stays. Upgrade first if a later release wrote it; else drop it.';
  if (what === 'unreadable' || /unknown kind/.test(what))
    return `${again}It goes back to ${source} and dies again unless the release that is deployed can read it: upgrade first, or drop it.`;
  if (standing?.verdict === 'done' || standing?.verdict === 'conflict')
    return `It goes back to ${source} and ends there: nothing leaves. In the ledger its message is ${inLedger(standing.record)}.`;
  if (isTakenBack)
    return `It goes back to ${source} and ends there: what was queued so early of its template was taken back with "sends drop".`;
  if (queue === SENDS) {
    const late =
      typeof until === 'string' && Date.parse(until) <= now
        ? 'It goes back to sends and ends there as EXPIRED: it is too late to be of use.'
        : `It goes back to sends and leaves in its turn, under the same limits${typeof until === 'string' ? `, until ${time(Date.parse(until))}` : ''}.`;
    return `${again}${late} What left already under its key is not sent a second time.`;
  }
  if (byScheduler)
    return `${again}What it was to say goes back to ${source}: it is held against what is so by then, and late news are not told.`;
  return `${again}It goes back to ${source} and is tried as often again; what was done stays done. Mend the reason first, or it is back.`;
};

/** What to type. */
export const commandsFor = (target: Target, { queue, messageId, withoutBytes }: Letter): readonly string[] => [
  ...(withoutBytes ? [] : [commandOn(target, 'dlq redrive', `${queue} --only ${messageId}`)]),
  commandOn(target, 'dlq drop', `${queue} --only ${messageId} --because "…"`),
  ...(queue === UNREAD && !withoutBytes ? [commandOn(target, 'dlq show', `${queue} ${messageId} --bytes FILE`)] : []),
];

/** Rows of a table about one letter. */
export const rowsOf = (
  target: Target,
  letter: Letter,
  known: Known,
  now: number,
): readonly (readonly [string, string])[] => {
  const { queue, messageId, what, about, sentAt, arrivedAt, reason, code, redriven } = letter;
  // A standard queue keeps the time of what it moves, an ordered one gives it another.
  const record = known.standing?.record;
  const isAside = reason !== undefined || code === NOT_NOTED || queue === UNREAD || queue === SENDS;
  return [
    ['letter', messageId],
    ['in', `${queue}, from ${sourceOf(queue, target.queues)}`],
    ['what', about.startsWith(what) ? about : `${what}: ${about}`],
    ...Object.entries(letter.fields).map(([name, value]): [string, string] => [name, String(value)]),
    ['queued', time(sentAt)],
    ['set aside', isAside ? time(arrivedAt) : 'SQS notes no time of it'],
    ['reason', code],
    ['why', whyOf(target, letter, record)],
    ['posts', record ? String(record.attempts) : ''],
    ['put back before', redriven === undefined ? '' : `${redriven} times`],
    ['ledger', record ? `${inLedger(record)}: ${advice(record)}` : ''],
    ['if redriven', ifRedriven(target, letter, known, now)],
  ].filter((row): row is [string, string] => row[1] !== '');
};
