import { type OutsideFailure, OutsideFailures, type OutsideFailuresTools } from '../shared/ledger/outside-failures.ts';
import type { NotifierName } from './config.ts';

/** Which notifiers fail, and which refuse for good, in the table `deliveries`: for whoever asks what is to be mended. */
export class NotifierRefusals extends OutsideFailures<NotifierName> {
  constructor(tools: OutsideFailuresTools) {
    super('notifier', tools);
  }

  /** The last refusal of one that has taken nothing since; undefined where it refuses nothing. A consistent read. */
  async last(sink: NotifierName): Promise<OutsideFailure | undefined> {
    const failure = await this.failure(sink);
    return failure?.refusedAt === undefined ? undefined : failure;
  }
}
