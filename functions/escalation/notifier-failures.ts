import { OutsideFailures, type OutsideFailuresTools } from '../shared/ledger/outside-failures.ts';
import type { NotifierName } from './config.ts';

/** Which notifiers fail, and which refuse for good, in the table `deliveries`: for whoever asks what is to be mended. */
export type NotifierFailures = OutsideFailures<NotifierName>;

export const notifierFailures = (tools: OutsideFailuresTools): NotifierFailures =>
  new OutsideFailures<NotifierName>('notifier', tools);
