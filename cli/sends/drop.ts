import { Temporal } from 'temporal-polyfill';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import { depthOf } from '../dead-letters/dead-letters.ts';
import { assertHeeded, assertSendsOf, controlOf, waitingInQueue } from '../line/control.ts';
import { operatorName } from '../target/operator.ts';
import { openTarget, type Target } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import type { TargetOptions } from '../terminal/options.ts';
import { columns, progress, show, time } from '../terminal/output.ts';
import { allSends, isDroppable, ledgerOf, sendOf, stateOf } from './ledger.ts';

interface DropOptions extends TargetOptions {
  readonly template?: string;
  readonly before?: string;
  readonly reason: string;
  readonly by?: string;
  readonly yes?: true;
}

/** More than people look through. */
const SHOWN = 50;

/** An instant, or a date or a time on the client's clocks: epoch milliseconds. @throws WrongInput */
const instantOf = (text: string, zone: string, now: number): number => {
  const at = readInstant(text, zone);
  if (at === undefined) {
    throw new WrongInput(
      `--before takes a time such as 2026-11-29T08:30 (on the clocks of ${zone}) or 2026-11-29T08:30Z, not "${text}".`,
    );
  }
  if (at > now)
    throw new WrongInput('--before lies ahead: what is not queued yet cannot be taken back. "line pause" holds it.');
  return at;
};

const readInstant = (text: string, zone: string): number | undefined => {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    // Without an offset it is the client's time.
  }
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' }).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return undefined;
  }
};

const tableOf = (records: readonly SendRecord[]): string =>
  columns([
    ['QUEUED', 'STATE', 'REASON', 'KEY'],
    ...records
      .slice(0, SHOWN)
      .map((one) => [time(one.queuedAt ?? one.createdAt), stateOf(one), one.reason ?? '', one.key]),
    ...(records.length > SHOWN ? [[`… and ${records.length - SHOWN} more`]] : []),
  ]);

const dropOne = async (target: Target, key: string, options: DropOptions): Promise<void> => {
  const record = await sendOf(target, key);
  if (!isDroppable(record)) {
    const why =
      record.state === 'HELD' || record.state === 'UNKNOWN' || record.state === 'CLAIMED'
        ? 'it may have left'
        : 'nothing of it waits';
    throw new Failed(`${key} is ${stateOf(record)}: ${why}, so there is nothing to take back.`);
  }
  await askConsent(`${tableOf([record])}\nTake it back?`, options.yes);
  const hand = { by: operatorName(options.by), reason: plainWords(options.reason) };
  const became = await ledgerOf(target).drop(record, hand);
  if (became !== 'dropped') throw new Failed(`${key} has moved meanwhile. Look again with "sends show".`);
  const after = await sendOf(target, key);
  show(
    options.json,
    after,
    `${key} is taken back and will not leave. What its source says later of the same is told; "sends resend" tells this person.`,
  );
};

const dropAll = async (target: Target, template: string, options: DropOptions): Promise<void> => {
  const now = Date.now();
  const before = options.before === undefined ? now : instantOf(options.before, target.client.zone, now);
  assertHeeded(target);
  const isMeant = (one: SendRecord): boolean =>
    one.template === template && isDroppable(one) && (one.queuedAt ?? one.createdAt) < before;
  const found = (await allSends(target)).filter(isMeant);
  const [queue, dead] = [await waitingInQueue(target), await depthOf(target, 'sends-dlq')];
  const at = new Date(before).toISOString();
  if (found.length === 0 && queue + dead === 0) {
    return show(
      options.json,
      { dropped: 0 },
      `Nothing of ${template} waits that was queued before ${at}: nothing was changed.`,
    );
  }
  const others = `${queue} messages of all templates stand in the line’s queue, and ${dead} among its dead letters: those of ${template} that were queued before ${at} end as they come up, also where they are not in this list yet.`;
  await askConsent(
    `${tableOf(found)}\n${others}\nTake back ${found.length} messages of ${template}, and these?`,
    options.yes,
  );
  const hand = { by: operatorName(options.by), reason: plainWords(options.reason) };
  // The rule first: what moves meanwhile meets it on its way.
  await controlOf(target).change((control) => {
    const known = control.drops?.[template];
    return known && known.before >= before
      ? control
      : { ...control, drops: { ...control.drops, [template]: { ...hand, at: now, before } } };
  });
  const counts = { dropped: 0, left: 0, moved: 0 };
  for (const record of found) {
    counts[await ledgerOf(target).drop(record, hand)] += 1;
    if (counts.dropped % 100 === 0 && counts.dropped > 0) progress(`${counts.dropped} of ${found.length} …`);
  }
  const rest =
    counts.moved + counts.left === 0
      ? ''
      : ` ${counts.moved + counts.left} moved meanwhile: "sends list --waiting" shows what became of them.`;
  const ofQueue =
    queue + dead === 0
      ? ''
      : ` Of the ${queue + dead} that stand in the queue or among its dead letters those of ${template} are taken back as they come up.`;
  show(
    options.json,
    { template, before: at, ...counts, queued: queue, dead },
    `${counts.dropped} messages are taken back and will not leave.${rest}${ofQueue} What is composed from now on leaves as usual: deploy the mended text before you go on.`,
  );
};

/** Takes back what waits and surely did not leave: one by its key, or all of a template that were queued before an instant. */
export const drop = async (clientName: string, key: string | undefined, options: DropOptions): Promise<void> => {
  const { template, before } = options;
  if ((key === undefined) === (template === undefined)) {
    throw new WrongInput('Write the key of one send, or --template for all that wait of it.');
  }
  if (key !== undefined && before !== undefined) throw new WrongInput('--before goes with --template, not with a key.');
  if (plainWords(options.reason) === '') throw new WrongInput('--reason says why: it is recorded.');
  if (template !== undefined) assertSendsOf(template);
  const target = await openTarget(clientName, options);
  if (key !== undefined) return dropOne(target, key, options);
  return dropAll(target, template ?? '', options);
};
