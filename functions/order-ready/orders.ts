import type { Ledger } from '../shared/ledger/ledger.ts';
import { type Ending, SHADOW } from '../shared/ledger/rules.ts';
import { isRequest, type SendCommand } from '../shared/ledger/send-command.ts';
import { Unavailable } from '../shared/runtime/errors.ts';
import { keyPart, sha256 } from '../shared/runtime/hashes.ts';
import type { Log } from '../shared/runtime/log.ts';
import { marked, marks } from '../shared/runtime/marks.ts';
import type { Rows } from '../shared/runtime/rows.ts';
import type { OrderReadyConfig } from './config.ts';
import type { OrderEvent, Part } from './schema.ts';
import {
  type Content,
  expiryOf,
  goesWithout,
  hardened,
  type Plan,
  planOf,
  type Step,
  type Story,
  storyKey,
  takenBackBy,
  voidedBy,
  without,
  withVoids,
} from './story.ts';
import { plainNumber } from './tracking-number.ts';
import { isEnd, isReadyAlone, RANKS, type Update, updateBy } from './updates.ts';
import { announce, NOBODY_HEARD, orderKey, partsOf, saidAt, waitsUntil } from './workflow.ts';

/** What rings for a message that waited for its tracking number. Times are ISO 8601. */
export interface Alarm {
  readonly orderId: string;
  /** Of the message within its order. */
  readonly name: string;
  readonly scheduledFor: string;
  readonly command: SendCommand;
}

export interface OrderTools {
  readonly config: OrderReadyConfig;
  readonly stories: Rows<Story>;
  readonly ledger: Pick<Ledger, 'end' | 'read'>;
  /** Setting the same one again is no harm; `at` in epoch milliseconds. */
  readonly setAlarm: (alarm: Alarm, at: number) => Promise<void>;
  readonly send: (command: SendCommand) => Promise<void>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Of an order of which nothing was heard. */
const NEW: Content = { steps: {} };
/** Contended writes are tried again at once so many times; then the queue brings the event back. */
const MAX_TRIES = 8;
/** A send is over within moments. */
const BEING_SENT_SECONDS = 5;

const justBefore = (instant: string): string => new Date(Date.parse(instant) - 1).toISOString();

/** What an end is called in the story, whatever update tells it. */
const ENDS: Readonly<Record<NonNullable<OrderEvent['ends']>, 'cancelled' | 'refunded'>> = {
  order_cancelled: 'cancelled',
  order_refunded: 'refunded',
};

/**
 * Tells the steps of orders in the order in which they are steps.
 *
 *   event ── its message is composed ── written into the order's story ── what it takes the place of ends ── queued
 *
 * Of two events about one order each writes before it looks, so whichever comes second sees the other: it is behind and is not told,
 * or it ends the other in the ledger, wherever that one's message is. All of it may be done again: a crash in between is mended by the
 * queue, which brings the event back.
 */
export class Orders {
  readonly #tools: OrderTools;

  constructor(tools: OrderTools) {
    this.#tools = tools;
  }

  /** @returns what was told, or why nothing was, of each part */
  async onEvent(event: OrderEvent): Promise<readonly SendCommand[]> {
    const { config, log } = this.#tools;
    const update = event.update === undefined ? undefined : updateBy(config, event.update);
    await this.#void(event);
    if (event.ends) return this.#end(event, event.ends, update);
    if (!update) {
      log('info', { event: 'order', template: 'order-ready', outcome: 'not_told', reason: 'update_is_off' });
      return [];
    }
    const told: SendCommand[] = [];
    for (const part of partsOf(event, update)) told.push(await this.#tell(event, update, part));
    return told;
  }

  /** Its number did not come: what waited goes without, unless something came that says otherwise. */
  onAlarm(alarm: Alarm): Promise<void> {
    return marked({ trace: alarm.command.trace, id: keyPart(alarm.orderId) }, () => this.#rung(alarm));
  }

  async #rung({ orderId, name, scheduledFor, command }: Alarm): Promise<void> {
    const { send, log } = this.#tools;
    const story = await this.#read(orderId);
    const goes = story !== undefined && goesWithout(story, name);
    log('info', { event: 'alarm', template: 'order-ready', key: command.key, outcome: goes ? 'due' : 'void' });
    // An alarm of an earlier release does not say when its text was composed: not before what it tells of.
    if (goes) await send({ queuedAt: command.asOf, ...command, decidedFor: scheduledFor });
  }

  async #tell(event: OrderEvent, update: Update, part: Part | undefined): Promise<SendCommand> {
    const { config, send, now } = this.#tools;
    const composed = announce(event, update, part, config, now());
    if (!isRequest(composed.outcome) || !this.#hasStory(part)) {
      await send(composed);
      return composed;
    }
    const waits = waitsUntil(event, update, part);
    const step: Step = {
      update: update.name,
      rank: update.rank,
      asOf: composed.asOf,
      part,
      ids: event.parts?.filter(({ isVoid }) => !isVoid).map(({ id }) => id),
      isState: event.isState,
      track: trackOf(part?.number),
      ...(waits !== undefined && { waits: new Date(waits).toISOString() }),
    };
    await this.#takeBack(event.id, step);
    const { plan, before } = await this.#write(event.id, step);
    const own = { ...composed, key: orderKey(event.id, plan.name) };
    if (plan.behind) return this.#untold(own, plan.behind);
    await this.#endAll(event.id, before, plan.ends, { reason: 'superseded', asOf: composed.asOf });
    const known = before[plan.name];
    // The number is news whichever of the two events is older.
    const bringsNumber = known?.waits !== undefined && waits === undefined;
    const lacksIt = known !== undefined && known.waits === undefined && waits !== undefined;
    if (known && !bringsNumber && (lacksIt || Date.parse(known.asOf) > Date.parse(own.asOf))) return own;
    const until = Date.parse(plan.story.steps[plan.name]?.waits ?? '');
    if (Number.isNaN(until)) {
      // What went without its number may wait for the line, before this one.
      if (known && bringsNumber) {
        await this.#endAll(event.id, {}, [plan.name], { reason: 'superseded', asOf: justBefore(known.asOf) });
      }
      const told = { ...own, asOf: plan.story.steps[plan.name]?.asOf ?? own.asOf };
      await send(told);
      return told;
    }
    // Of one with its number and one without, the one with it counts, even if the shop says both of one instant.
    const queuedAt = new Date(now()).toISOString();
    const command = { ...own, asOf: justBefore(own.asOf), queuedAt, trace: marks().trace };
    const scheduledFor = new Date(until).toISOString();
    if (until > now()) await this.#tools.setAlarm({ orderId: event.id, name: plan.name, scheduledFor, command }, until);
    else await send(command);
    return own;
  }

  /** Nothing of the order is told any more but its end, and that to whoever heard of the order. */
  async #end(
    event: OrderEvent,
    reason: NonNullable<OrderEvent['ends']>,
    update: Update | undefined,
  ): Promise<readonly SendCommand[]> {
    const { config, send, now } = this.#tools;
    const name = ENDS[reason];
    const rank = RANKS[name] ?? 0;
    const asOf = saidAt(event);
    const end = event.isFinal ? 'final' : 'usual';
    const step: Step = { update: update?.name ?? name, rank, asOf, end, isState: event.isState };
    const { plan, before } = await this.#write(event.id, step);
    const command = update && {
      ...announce(event, update, undefined, config, now()),
      key: orderKey(event.id, plan.name),
    };
    if (plan.behind) return command ? [await this.#untold(command, plan.behind)] : [];
    // An earlier release told of what is ready, and wrote no story.
    const names = [...new Set(['ready', ...plan.ends])];
    const isForGood = !plan.story.steps[plan.name]?.isSoft;
    const left = await this.#endAll(event.id, before, names, { reason, asOf, isForGood });
    const isTold = command !== undefined && isRequest(command.outcome) && (left || update?.always === true);
    // Whoever hears that it ended hears nothing of it any more.
    if (left || isTold) await this.#change(event.id, (story) => hardened(story, plan.name));
    if (!command) return [];
    const told = isRequest(command.outcome) && !isTold ? { ...command, outcome: NOBODY_HEARD } : command;
    await send(told);
    return [told];
  }

  async #untold(command: SendCommand, reason: string): Promise<SendCommand> {
    const behind = { ...command, outcome: { state: 'EXPIRED', reason } as const };
    await this.#tools.send(behind);
    return behind;
  }

  /** What was told of parcels that are none any more is taken back if it waits. */
  async #void(event: OrderEvent): Promise<void> {
    const asOf = saidAt(event);
    if (event.parts?.some(({ isVoid }) => isVoid)) {
      await this.#change(event.id, (story) => withVoids(story, event, asOf));
    } else if (!event.isAllParts) return;
    const end = { reason: 'parcel_voided', asOf };
    await this.#drop(event.id, (story) => voidedBy(story, event), end);
    // A client of ready alone has no story of the one that goes by the order's own key.
    const isAlone = isReadyAlone(this.#tools.config) && event.parts?.some(({ isVoid, isFirst }) => isVoid && isFirst);
    if (isAlone) await this.#endAll(event.id, {}, ['ready'], end);
  }

  async #takeBack(orderId: string, step: Step): Promise<void> {
    if (!step.isState) return;
    await this.#drop(orderId, (story) => takenBackBy(story, step), { reason: 'no_longer_true', asOf: step.asOf });
  }

  /** Ends what waits of these messages; what surely did not leave is no part of the story any more. */
  async #drop(orderId: string, which: (story: Content) => readonly string[], end: Ending): Promise<void> {
    const story = await this.#read(orderId);
    for (const name of story ? which(story) : []) {
      const left = await this.#endAll(orderId, story?.steps ?? {}, [name], end);
      const known = story?.steps[name];
      if (!left && known && !isEnd(known)) await this.#change(orderId, (found) => without(found, name));
    }
  }

  /** @returns whether anything of them left, or may have */
  async #endAll(orderId: string, steps: Content['steps'], names: readonly string[], end: Ending): Promise<boolean> {
    const { config, ledger } = this.#tools;
    const ended = await Promise.all(
      names.map((name) => {
        const [one = '', other = ''] = [end.asOf, steps[name]?.asOf];
        return ledger.end({
          ...end,
          lineId: config.keysOf,
          template: 'order-ready',
          key: orderKey(orderId, name),
          asOf: Date.parse(other) > Date.parse(one) ? other : one,
        });
      }),
    );
    if (ended.includes('in-progress')) {
      throw new Unavailable('being_sent', 'A message of the order is being sent.', BEING_SENT_SECONDS);
    }
    return ended.includes('left');
  }

  /** A client that is told of orders that are ready, and of nothing else, keeps no stories: each order has its one message. */
  #hasStory(part: Part | undefined): boolean {
    return !isReadyAlone(this.#tools.config) || (part !== undefined && !part.isFirst);
  }

  async #write(orderId: string, step: Step): Promise<{ readonly plan: Plan; readonly before: Content['steps'] }> {
    let made = { plan: planOf(NEW, step), before: NEW.steps };
    await this.#change(orderId, (found) => {
      made = { plan: planOf(found, step), before: found.steps };
      return made.plan.story;
    });
    return made;
  }

  async #change(orderId: string, change: (story: Content) => Content): Promise<void> {
    const { config, stories, now } = this.#tools;
    const pk = storyKey(config.keysOf, orderId);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const row = await stories.read(pk);
      const found = row ?? (await this.#begun(orderId));
      const story = change(found);
      if (story === found) return;
      const next = { ...story, pk, rev: (row?.rev ?? 0) + 1, expiresAt: expiryOf(now()) };
      if (await stories.write(next, row)) return;
    }
    throw new Unavailable('contended', 'Too much is said of this order at once.');
  }

  /** What was told of an order that has no story yet, by a client that told of nothing but ready then. */
  async #begun(orderId: string): Promise<Content> {
    const { config, ledger } = this.#tools;
    const record = await ledger.read(config.keysOf, orderKey(orderId));
    const isTold =
      record && (record.reason === SHADOW || ['ACCEPTED', 'UNKNOWN', 'HELD', 'CLAIMED'].includes(record.state));
    // Of which place nobody knows: another one that is named is another one.
    const ready = {
      update: 'ready',
      rank: RANKS.ready ?? 0,
      isAny: true,
      isState: true,
      asOf: record?.asOf ?? '',
    } as const;
    return isTold ? { steps: { ready } } : NEW;
  }

  #read(orderId: string): Promise<Story | undefined> {
    return this.#tools.stories.read(storyKey(this.#tools.config.keysOf, orderId));
  }
}

/** What has few digits is none that is only one parcel's: `N/A`, `05-courier`. */
const trackOf = (number = ''): string | undefined => {
  const plain = plainNumber(number);
  return (plain.match(/\p{N}/gu) ?? []).length >= 6 ? sha256(plain).slice(0, 12) : undefined;
};
