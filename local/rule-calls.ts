import type { Guard } from './iam/guard.ts';
import type { LambdaPool } from './lambda/pool.ts';

/** A rule that calls a function again and again. */
export interface Rate {
  readonly arn: string;
  readonly everyMs: number;
  readonly functionArn: string;
  readonly pool: LambdaPool;
}

/** One run of a function that a rule called; CloudWatch counts them as invocations, and as errors. */
export interface Run {
  /** Epoch milliseconds of the time that it was called for. */
  readonly at: number;
  readonly ended: 'well' | 'with an error';
}

/** Five days of every five minutes. */
const KEPT = 1_440;

/** Calls functions for rules, and counts what came of it. */
export class RuleCalls {
  readonly #guard: Guard;
  readonly #runs: Run[] = [];

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  /**
   * Calls a rule's function once, for a time in epoch milliseconds. Returns its result (JSON). Throws a FunctionError, or an Error for a rule that
   * may not call it. @param more what else the event says
   */
  async call({ arn, functionArn, pool }: Rate, at: number, more: object = {}): Promise<string> {
    if (!this.#guard.mayCall(functionArn, arn)) throw new Error('The rule may not call its function.');
    try {
      const result = await pool.invoke(JSON.stringify({ ...more, time: new Date(at).toISOString() }));
      this.#note({ at, ended: 'well' });
      return result;
    } catch (error) {
      this.#note({ at, ended: 'with an error' });
      throw error;
    }
  }

  #note(run: Run): void {
    this.#runs.push(run);
    this.#runs.splice(0, this.#runs.length - KEPT);
  }
}
