import type { Health } from '../functions/shared/ezwhatsapp/line-api.ts';

/** From so many one after the other on, an address hangs, and not a line of it. */
const HANGS_FROM = 3;
/** So long an address that hangs is waited for. Of 200 clients, ten at once, that is 40 s. */
const SHORT_MS = 2_000;
const TIMEOUT: Health = { sendable: false, problem: 'timeout' };

/** How long lines are waited for in one run over all clients: each is asked, and one address that hangs takes no time from all else. */
export class Patience {
  readonly #late: (ms: number) => Promise<void>;
  readonly #silent = new Map<string, number>();

  /** @param late resolves after so many milliseconds */
  constructor(late: (ms: number) => Promise<void>) {
    this.#late = late;
  }

  /** What an address answers; a time-out where it does not in time. */
  async ask(host: string, ask: () => Promise<Health>): Promise<Health> {
    const before = this.#silent.get(host) ?? 0;
    const asked = ask();
    const answer =
      before < HANGS_FROM ? await asked : await Promise.race([asked, this.#late(SHORT_MS).then(() => TIMEOUT)]);
    this.#silent.set(host, answer.problem === TIMEOUT.problem ? (this.#silent.get(host) ?? 0) + 1 : 0);
    return answer;
  }
}
