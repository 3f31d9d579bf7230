import { LedgerByHand } from '../../functions/shared/ledger/by-hand.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { storedLineOf } from '../../lib/client.ts';
import { waitingInQueue } from '../line/control.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';

/** What stands in place of a source behind what a person sent again. */
export const RESEND = 'resend';

export const ledgerOf = (target: Target): LedgerByHand =>
  new LedgerByHand(target.dynamodb, tableOf(target, 'sends'), storedLineOf(target.client), Date.now);

/** Newest first. */
export const allSends = async (target: Target): Promise<SendRecord[]> => {
  const records: SendRecord[] = [];
  for await (const record of ledgerOf(target).all()) records.push(record);
  return records.sort((a, b) => b.createdAt - a.createdAt);
};

/** @throws Failed when there is none */
export const sendOf = async (target: Target, key: string): Promise<SendRecord> => {
  const record = await ledgerOf(target).read(key);
  if (record) return record;
  const waiting = await waitingInQueue(target);
  const behind =
    waiting > 0
      ? ` ${waiting} messages stand in the queue of the line; of those behind the first nothing is recorded before their turn. "sends drop --template" takes back what stands there, too.`
      : '';
  throw new Failed(`There is no send with the key ${key}. "sends list" shows what there is.${behind}`);
};

/** Surely did not leave, and would by itself or by a person's word. */
export const isDroppable = ({ state, firstAttemptAt }: SendRecord): boolean =>
  state === 'HELD' && firstAttemptAt === undefined;

export const stateOf = ({ state, parked }: SendRecord): string => (parked ? `${state} (parked)` : state);
