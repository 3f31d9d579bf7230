import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import type { Deliveries } from '../shared/ledger/deliveries.ts';
import type { People } from '../shared/people/people.ts';
import type { UnwrittenStops } from '../shared/people/unwritten-stops.ts';
import { reasonOf } from '../shared/runtime/errors.ts';
import type { Log } from '../shared/runtime/log.ts';
import { type Alert, alertOfStop } from './alert.ts';
import type { EscalationConfig, NotifierName } from './config.ts';
import type { Engine } from './workflow.ts';

export interface StopTools {
  readonly config: EscalationConfig;
  readonly engine: Engine;
  readonly deliveries: Pick<Deliveries, 'once'>;
  readonly people: Pick<People, 'meet' | 'hear' | 'named'>;
  readonly unwritten: Pick<UnwrittenStops, 'keep' | 'forget'>;
  readonly tell: (sink: NotifierName, alert: Alert) => Promise<void>;
  readonly log: Log;
}

/** A table that is away for seconds wakes nobody. */
const TELLS_FROM = 3;
const SOON_SECONDS = 5;

/**
 * What becomes of a stop whose message cannot be handled: it is written past all that stands before it, else kept where the sender looks
 * too, and people are told by notifiers alone, whatever table is away.
 */
export class UnappliedStops {
  readonly #tools: StopTools;
  /** Where no table tells what was told. */
  readonly #told = new Set<string>();

  constructor(tools: StopTools) {
    this.#tools = tools;
  }

  /**
   * @param attempt how often the message was received, from 1 on
   * @returns the seconds after which it is tried again, of a stop that nothing has stored yet; else the usual ones count
   */
  async failed(item: MessageItem, attempt: number): Promise<number | undefined> {
    if (!this.#isStop(item)) return undefined;
    const { people, config, log } = this.#tools;
    try {
      const who = await people.meet(config.keysOf, item).catch(() => people.named(config.keysOf, item));
      await people.hear(who, 'stop', item.at);
    } catch (error) {
      const isHeld = await this.#keep(item);
      const outcome = isHeld ? 'not_applied' : 'not_held';
      log('error', { event: 'opt-out', outcome, reason: reasonOf(error), attempt });
      if (!isHeld || attempt >= TELLS_FROM) await this.#tellAll(alertOfStop(item, isHeld, config));
      return attempt < TELLS_FROM ? SOON_SECONDS : undefined;
    }
    await this.applied(item, attempt);
    return undefined;
  }

  /** Takes away what was kept of a stop that is written now. */
  async applied(item: MessageItem, attempt: number): Promise<void> {
    if (attempt === 1 || !this.#isStop(item)) return;
    const { people, unwritten, config, log } = this.#tools;
    try {
      await unwritten.forget(await people.named(config.keysOf, item));
    } catch (error) {
      // What stays there says the same as the table of people.
      log('warn', { event: 'opt-out', outcome: 'not_forgotten', reason: reasonOf(error) });
    }
  }

  #isStop(item: MessageItem): boolean {
    return this.#tools.engine.decide(item).optOut === 'stop';
  }

  /** Whether nothing is sent to its writer all the same. */
  async #keep(item: MessageItem): Promise<boolean> {
    const { people, unwritten, config } = this.#tools;
    try {
      // Whose conversation it is may be known, even where nothing can be written.
      const who = await people.meet(config.keysOf, item).catch(() => people.named(config.keysOf, item));
      await unwritten.keep(who, item.at);
      return who.person !== undefined;
    } catch {
      return false;
    }
  }

  async #tellAll(alert: Alert): Promise<void> {
    const { config, log } = this.#tools;
    const sinks = Object.keys(config.notifiers) as NotifierName[];
    const told = await Promise.allSettled(sinks.map((sink) => this.#tellOnce(sink, alert)));
    for (const one of told) {
      if (one.status === 'rejected')
        log('error', { event: 'escalation', rule: alert.rule, reason: reasonOf(one.reason), outcome: 'not_told' });
    }
  }

  async #tellOnce(sink: NotifierName, alert: Alert): Promise<void> {
    const { config, deliveries, tell, log } = this.#tools;
    const name = `escalation#${config.keysOf}#${alert.rule}#${alert.id}#${sink}`;
    if (this.#told.has(name)) return;
    let isTried = false;
    const effect = async (): Promise<void> => {
      isTried = true;
      await tell(sink, alert);
      log('info', { event: 'escalation', rule: alert.rule, sink, outcome: 'notified' });
    };
    try {
      await deliveries.once(name, effect);
    } catch (error) {
      if (isTried || reasonOf(error) === 'in_progress') throw error;
      await effect();
    }
    this.#told.add(name);
  }
}
