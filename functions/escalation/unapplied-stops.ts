import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { durationMs } from '../shared/hours/duration.ts';
import type { Deliveries } from '../shared/ledger/deliveries.ts';
import type { People, Who } from '../shared/people/people.ts';
import type { UnwrittenStops } from '../shared/people/unwritten-stops.ts';
import { reasonOf, Unavailable } from '../shared/runtime/errors.ts';
import type { Log } from '../shared/runtime/log.ts';
import { type Alert, alertOfMore, alertOfStop, MORE } from './alert.ts';
import type { EscalationConfig, NotifierName } from './config.ts';
import type { Engine } from './workflow.ts';

export interface StopTools {
  readonly config: EscalationConfig;
  readonly engine: Engine;
  readonly deliveries: Pick<Deliveries, 'once'>;
  readonly people: Pick<People, 'meet' | 'hear' | 'named'>;
  readonly unwritten: Pick<UnwrittenStops, 'keep' | 'forget'>;
  /** Tells of the first at once, and counts the others of its window. */
  readonly grouped: (code: StopCode, id: string, at: string, tell: () => Promise<void>) => Promise<void>;
  /** There is nothing to tell of it any more. */
  readonly over: (code: StopCode, id: string, at: string) => Promise<void>;
  readonly tell: (sink: NotifierName, alert: Alert) => Promise<void>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

type StopCode = 'stop_not_applied' | 'stop_not_held';

/** What this container told of one code while no table could count. */
interface Alone {
  /** Epoch milliseconds. */
  since: number;
  readonly told: Set<string>;
  /** Not told of yet. */
  readonly others: Set<string>;
  alert: Alert | undefined;
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
  readonly #alone: Readonly<Record<StopCode, Alone>> = { stop_not_applied: alone(), stop_not_held: alone() };

  constructor(tools: StopTools) {
    this.#tools = tools;
  }

  /**
   * @param attempt how often the message was received, from 1 on
   * @returns the seconds after which it is tried again: of a stop that is new, and for as long as nothing holds it; else the usual ones count
   */
  async failed(item: MessageItem, attempt: number): Promise<number | undefined> {
    if (!this.#isStop(item)) return undefined;
    const { people, config, log } = this.#tools;
    try {
      const who = await this.#whoOf(item);
      await people.hear(who, 'stop', item.at);
    } catch (error) {
      const isHeld = await this.#keep(item);
      const outcome = isHeld ? 'not_applied' : 'not_held';
      log('error', { event: 'opt-out', outcome, reason: reasonOf(error), attempt });
      if (!isHeld || attempt >= TELLS_FROM) await this.#tellOf(alertOfStop(item, isHeld, config), isHeld);
      return !isHeld || attempt < TELLS_FROM ? SOON_SECONDS : undefined;
    }
    await this.applied(item, attempt);
    return undefined;
  }

  /** Takes away what was kept of a stop that is written now. */
  async applied(item: MessageItem, attempt: number): Promise<void> {
    if (attempt === 1 || !this.#isStop(item)) return;
    const { people, unwritten, over, config, log } = this.#tools;
    const ids = [true, false].map((isHeld) => [codeOf(isHeld), alertOfStop(item, isHeld, config).id] as const);
    for (const [code, id] of ids) this.#alone[code].others.delete(id);
    const done = await Promise.allSettled([
      people.named(config.keysOf, item).then((who) => unwritten.forget(who)),
      ...ids.map(([code, id]) => over(code, id, item.at)),
    ]);
    // What stays there says the same as the table of people.
    for (const one of done) {
      if (one.status === 'rejected')
        log('warn', { event: 'opt-out', outcome: 'not_forgotten', reason: reasonOf(one.reason) });
    }
  }

  #isStop(item: MessageItem): boolean {
    return this.#tools.engine.decide(item).optOut === 'stop';
  }

  /** Whose conversation it is may be known, even where nothing can be written. */
  #whoOf(item: MessageItem): Promise<Who> {
    const { people, config } = this.#tools;
    return people.meet(config.keysOf, item).catch(() => people.named(config.keysOf, item));
  }

  /** Whether nothing is sent to its writer all the same. */
  async #keep(item: MessageItem): Promise<boolean> {
    const { unwritten } = this.#tools;
    try {
      const who = await this.#whoOf(item);
      await unwritten.keep(who, item.at);
      return who.person !== undefined;
    } catch {
      return false;
    }
  }

  /** One outage has many stops: the first is told at once, the others as a number. */
  async #tellOf(alert: Alert, isHeld: boolean): Promise<void> {
    const { config, deliveries, grouped } = this.#tools;
    const code = codeOf(isHeld);
    let isTried = false;
    const tell = async (): Promise<void> => {
      isTried = true;
      if (!(await this.#tellAll(alert))) throw new Unavailable('not_told', 'A notifier did not take it.');
    };
    try {
      await deliveries.once(`escalation#${config.keysOf}#${code}#${alert.id}`, () =>
        grouped(code, alert.id, alert.at, tell),
      );
    } catch (error) {
      if (!isTried && reasonOf(error) !== 'in_progress') await this.#tellAlone(alert, code);
    }
  }

  /** The same where no table counts: by what this container knows. */
  async #tellAlone(alert: Alert, code: StopCode): Promise<void> {
    const { config, now } = this.#tools;
    const group = this.#alone[code];
    if (!group.told.has(alert.id)) group.others.add(alert.id);
    if (group.others.size > 0 && now() - group.since >= durationMs(config.window)) {
      const n = group.others.size;
      const since = new Date(group.since).toISOString();
      const more = { code: MORE[code], id: `${MORE[code]}#${alert.id}`, n, since };
      group.alert = group.alert === undefined || n === 1 ? alert : alertOfMore(more, config);
      group.since = now();
      for (const id of group.others) group.told.add(id);
      group.others.clear();
    }
    // Once by each notifier: who was down is told by the next try.
    if (group.alert) await this.#tellAll(group.alert);
  }

  /** @returns whether every notifier was told */
  async #tellAll(alert: Alert): Promise<boolean> {
    const { config, log } = this.#tools;
    const sinks = Object.keys(config.notifiers) as NotifierName[];
    const told = await Promise.allSettled(sinks.map((sink) => this.#tellOnce(sink, alert)));
    for (const one of told) {
      if (one.status === 'rejected')
        log('error', { event: 'escalation', rule: alert.rule, reason: reasonOf(one.reason), outcome: 'not_told' });
    }
    return told.every(({ status }) => status === 'fulfilled');
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

const codeOf = (isHeld: boolean): StopCode => (isHeld ? 'stop_not_applied' : 'stop_not_held');

const alone = (): Alone => ({ since: 0, told: new Set(), others: new Set(), alert: undefined });
