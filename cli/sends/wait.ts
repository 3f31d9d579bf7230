import { setTimeout as sleep } from 'node:timers/promises';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { Target } from '../target/target.ts';
import { ledgerOf } from './ledger.ts';

/** Asks until the answer is there or the time is over; then gives the last answer. */
export const until = async <T>(ask: () => Promise<T>, good: (answer: T) => boolean, ms: number): Promise<T> => {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (good(answer) || Date.now() > end) return answer;
    await sleep(300);
  }
};

const isOver = (record: SendRecord | undefined): boolean =>
  record !== undefined &&
  (record.parked === true || ['ACCEPTED', 'REJECTED', 'EXPIRED', 'SUPPRESSED'].includes(record.state));

/** The send of a key once it is out, refused or left to a person; after `ms` as it then is, if there is one. */
export const settled = (target: Target, key: string, ms = 25_000): Promise<SendRecord | undefined> =>
  until(() => ledgerOf(target).read(key), isOver, ms);

type Told = SendRecord & { readonly delivery?: { readonly status: string } };

/** The same record once the sandbox has told how far it got, which it does within moments; a live line may never tell. */
export const told = async (target: Target, record: SendRecord): Promise<SendRecord> => {
  if (target.sandboxUrl === undefined || record.state !== 'ACCEPTED') return record;
  const read = () => ledgerOf(target).read(record.key) as Promise<Told | undefined>;
  return (await until(read, (one) => one?.delivery?.status === 'delivered', 8_000)) ?? record;
};
