import { OutsideFailures, type OutsideFailuresTools } from '../shared/ledger/outside-failures.ts';
import { reasonOf } from '../shared/runtime/errors.ts';

/** Of whom a CRM refuses one after another it is not about them. */
const MOST_PEOPLE = 3;

/** Somebody else writes to the record just now; vendors say that, and what may be about one record, in several ways. */
const OF_A_RECORD = /^sink_(2\d\d|400|409|423)$/;
/** The CRM was not asked. */
const NOT_ASKED = 'sink_paused';

/**
 * Whom an error is about: the CRM itself, such as a token that it refuses or no answer; perhaps one record, such as a contact whose number
 * it does not take; or neither, such as a row of our own that another holds.
 */
const aboutOf = (error: unknown): 'crm' | 'record' | 'neither' => {
  const { name } = error instanceof Error ? error : { name: '' };
  const reason = reasonOf(error);
  if (name === 'Permanent') return reason === 'no_crm' ? 'crm' : 'record';
  if (name !== 'Unavailable' || reason === NOT_ASKED || !/^(sink|crm)_/.test(reason)) return 'neither';
  return OF_A_RECORD.test(reason) ? 'record' : 'crm';
};

/** Which CRMs of a client fail, by their names. What one refuses of one person is not that; what it refuses of one person after another is. */
export class CrmFailures {
  readonly #failures: OutsideFailures;
  /** Whom it refused since it took something. */
  readonly #refused = new Map<string, Set<string>>();

  constructor(tools: OutsideFailuresTools) {
    this.#failures = new OutsideFailures('crm', tools);
  }

  /** @param whom tells people apart; it is kept in memory alone */
  async failed(crm: string, error: unknown, whom: string): Promise<void> {
    const about = aboutOf(error);
    if (about === 'neither') return;
    if (about === 'record' && this.#count(crm, whom) < MOST_PEOPLE) return;
    await this.#failures.failed(crm, error);
  }

  /** It took what it was told. */
  async taken(crm: string): Promise<void> {
    this.#refused.delete(crm);
    await this.#failures.taken(crm);
  }

  /** Undefined where it does not fail. A consistent read. */
  failure(crm: string): ReturnType<OutsideFailures['failure']> {
    return this.#failures.failure(crm);
  }

  #count(crm: string, whom: string): number {
    const people = this.#refused.get(crm) ?? new Set();
    this.#refused.set(crm, people);
    if (people.size < MOST_PEOPLE) people.add(whom);
    return people.size;
  }
}
