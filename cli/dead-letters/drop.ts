import { scanned } from '../../functions/shared/ledger/by-hand.ts';
import { encode } from '../../functions/shared/runtime/attributes.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { storedLineOf } from '../../lib/client.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { type Became, deleteHeld, hold, type Limits, type Seen } from './hold.ts';
import { takeBack } from './in-ledger.ts';
import { type Letter, letterOf, SENDS } from './letter.ts';

/** As long as a delivery and a send are known, and a month more. */
const KEEP_SECONDS = 90 * 24 * 3600;

/** Who dropped letters, and why. */
export interface Hand {
  readonly by: string;
  readonly because: string;
}

/** What is kept of a letter that was dropped: never its body. */
export interface DroppedRow extends Omit<Letter, 'arrivedAt'>, Hand {
  readonly pk: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `NOTED` before it is deleted: where that stays so, the letter may be there still. */
  readonly state: 'NOTED' | 'DROPPED';
  /** Epoch seconds. */
  readonly expiresAt: number;
}

const prefixOf = ({ client }: Target): string => `dropped#${storedLineOf(client)}#`;

const tableIn = (target: Target): Table<DroppedRow> => new Table(tableOf(target, 'deliveries'), target.dynamodb);

const note = async (target: Target, { arrivedAt: _, ...letter }: Letter, hand: Hand, now: number): Promise<string> => {
  const pk = `${prefixOf(target)}${letter.queue}#${letter.messageId}`;
  const expiresAt = Math.floor(now / 1000) + KEEP_SECONDS;
  const row: DroppedRow = { pk, ...letter, ...hand, at: now, state: 'NOTED', expiresAt };
  // Whoever noted it first and got no further meant it: their word stays.
  await tableIn(target).put(row, { if: 'attribute_not_exists(#pk)' });
  return pk;
};

export interface Dropped extends Seen {
  readonly dropped: number;
  /** Noted, and back in their queue before they could be deleted. */
  readonly left: readonly Letter[];
  /** How many messages for the line waited in the ledger for a letter of these, and are taken back. */
  readonly takenBack: number;
  /** Keys of those that were left to wait. */
  readonly waiting: readonly string[];
}

/**
 * Deletes letters for good. Who, why and what is kept in the table `deliveries` before each is deleted: a crash between the two leaves the
 * letter where it was, and the same again ends it. So does what waits for it in the ledger: it is taken back before, too.
 * @param isLast whether with this letter goes the last that could let its message out; otherwise it is left to wait
 */
export const drop = async (
  target: Target,
  queue: string,
  isWanted: (letter: Letter) => boolean,
  hand: Hand,
  limits: Limits & { readonly now?: () => number; readonly isLast?: (letter: Letter) => boolean } = {},
): Promise<Dropped> => {
  const { isLast = () => true } = limits;
  const waiting = new Set<string>();
  const now = limits.now ?? Date.now;
  const left = new Map<string, Letter>();
  let [dropped, takenBack] = [0, 0];
  const seen = await hold(target, queue, limits, async (message): Promise<Became> => {
    const letter = letterOf(queue, message);
    if (!isWanted(letter)) return 'passed';
    const pk = await note(target, letter, hand, now());
    const inLedger =
      queue === SENDS ? await takeBack(target, message.Body ?? '', isLast(letter), hand, now()) : 'nothing waited';
    if (inLedger === 'taken back') takenBack += 1;
    if (inLedger === 'left') waiting.add(String(letter.fields.key));
    if (!(await deleteHeld(target, queue, message))) {
      left.set(letter.messageId, letter);
      return 'stays';
    }
    left.delete(letter.messageId);
    await tableIn(target).update(pk, { set: { state: 'DROPPED' } });
    dropped += 1;
    return 'gone';
  });
  return { ...seen, dropped, left: [...left.values()], takenBack, waiting: [...waiting] };
};

/** What was dropped in the last ninety days, newest first. */
export const droppedLetters = async (target: Target): Promise<readonly DroppedRow[]> => {
  const rows: DroppedRow[] = [];
  const found = scanned<DroppedRow>(target.dynamodb, tableOf(target, 'deliveries'), {
    FilterExpression: 'begins_with(pk, :dropped)',
    ExpressionAttributeValues: encode({ dropped: prefixOf(target) }, ':'),
  });
  for await (const row of found) rows.push(row);
  return rows.sort((a, b) => b.at - a.at);
};
