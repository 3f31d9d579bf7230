import type { OrderReadyConfig } from '../../functions/order-ready/config.ts';
import { type Alarm, Orders } from '../../functions/order-ready/orders.ts';
import type { OrderEvent } from '../../functions/order-ready/schema.ts';
import type { Story } from '../../functions/order-ready/story.ts';
import { endOf, judge, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { isRequest, type SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { decode, encode } from '../../functions/shared/runtime/attributes.ts';

export const MINUTE = 60_000;
export const START = Date.parse('2026-11-22T10:00:00Z');
export const iso = (epochMs: number): string => new Date(epochMs).toISOString();

const says = (update: string) => ({
  texts: { en: { body: `${update} {order} {tracking}`, ifMissing: { tracking: 'none' } } },
});

const CONFIG: OrderReadyConfig = {
  lineId: 'line',
  keysOf: 'line',
  country: 'IL',
  locale: 'en',
  zone: 'Asia/Jerusalem',
  usefulFor: 'P30D',
  maxOrderAge: 'P14D',
  button: true,
  ...says('ready'),
  updates: {
    confirmed: says('confirmed'),
    shipped: { ...says('shipped'), waitForTracking: 'PT30M' },
    delivered: says('delivered'),
    cancelled: says('cancelled'),
  },
  sources: {},
};

/** A message as it left. */
export interface Told {
  readonly key: string;
  readonly text: string;
  readonly at: number;
}

class Broken extends Error {}

/**
 * Workers and the sender of one line on a clock of ours. Each call that one of them makes waits for its turn, which comes in any order,
 * and may break off; whatever breaks off comes again.
 */
export class OrderWorld {
  now = START;
  lineIsOn = true;
  readonly told: Told[] = [];
  readonly records = new Map<string, SendRecord>();
  /** What the function has taken in, in the order in which it was done with each. */
  readonly done: { readonly event: OrderEvent; readonly toldBefore: number }[] = [];
  readonly #random: () => number;
  readonly #stories = new Map<string, string>();
  readonly #queue: SendCommand[] = [];
  readonly #alarms = new Map<string, { readonly alarm: Alarm; readonly at: number }>();
  readonly #work: (() => Promise<void>)[] = [];
  readonly #waiting: { readonly go: () => void; readonly breakOff: () => void }[] = [];
  readonly #orders: Orders;
  #busy = 0;
  #isSending = false;
  #owner = 0;
  breaks = 0.05;

  constructor(random: () => number, settings: OrderReadyConfig = CONFIG) {
    this.#random = random;
    this.#orders = new Orders({
      config: settings,
      log: () => undefined,
      now: () => this.now,
      stories: {
        read: async (pk) => {
          await this.#turn();
          const found = this.#stories.get(pk);
          return found === undefined ? undefined : (decode(JSON.parse(found)) as unknown as Story);
        },
        write: async (row, seen) => {
          await this.#turn();
          const found = this.#stories.get(row.pk);
          const rev = found === undefined ? undefined : (decode(JSON.parse(found)) as unknown as Story).rev;
          if (rev !== seen?.rev) return false;
          this.#stories.set(row.pk, JSON.stringify(encode(row)));
          // Written, and its answer lost.
          await this.#turn();
          return true;
        },
      },
      ledger: {
        read: async (_, key) => this.records.get(key),
        end: async ({ lineId: _, key, template, ...end }) => {
          await this.#turn();
          const [before, now] = [this.records.get(key), this.now];
          await this.#turn();
          const change = endOf(before, end, now);
          if (typeof change === 'string') return change;
          if (this.records.get(key) !== before) return 'in-progress';
          const stands = before ?? this.#fresh(key, template, change.asOf);
          this.records.set(key, { ...stands, ...change, owner: this.#nextOwner(), updatedAt: this.now });
          return 'ended';
        },
      },
      setAlarm: async (alarm, at) => {
        await this.#turn();
        this.#alarms.set(`${alarm.orderId} ${alarm.name}`, { alarm: JSON.parse(JSON.stringify(alarm)), at });
      },
      send: async (command) => {
        await this.#turn();
        const id = JSON.stringify(command);
        // As the queue does, which knows a command for five minutes.
        if (!this.#queue.some((one) => JSON.stringify(one) === id)) this.#queue.push(JSON.parse(id));
      },
    });
  }

  /** Brings an event, once or again; what breaks off comes again. */
  bring(event: OrderEvent): void {
    this.#work.push(async () => {
      await this.#orders.onEvent(event);
      this.done.push({ event, toldBefore: this.told.length });
    });
  }

  get isIdle(): boolean {
    return this.#work.length + this.#waiting.length + this.#queue.length + this.#alarms.size === 0 && this.#busy === 0;
  }

  /** One of all the things that may happen next. */
  async step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.3 && this.#work.length > 0 && this.#busy < 5) this.#start(this.#take(this.#work));
    else if (dice < 0.75 && this.#waiting.length > 0) {
      const call = this.#take(this.#waiting);
      if (this.#random() < this.breaks) call.breakOff();
      else call.go();
    } else if (dice < 0.95) this.#send();
    else if (!this.#isSending) {
      // A sender that is slower than its lease counts as one that crashed, and what it had in hand as gone.
      this.now += this.#random() * 10 * MINUTE;
      this.#ring();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Until nothing is left to be done, with the line on and nothing that breaks off. */
  async settle(): Promise<void> {
    this.lineIsOn = true;
    this.breaks = 0;
    for (let i = 0; i < 20_000 && !this.isIdle; i += 1) {
      await this.step();
      if (this.#work.length + this.#waiting.length + this.#queue.length + this.#busy === 0) {
        this.now += 10 * MINUTE;
        this.#ring();
      }
    }
    if (!this.isIdle) throw new Error('It never comes to an end.');
  }

  #take<T>(from: T[]): T {
    return from.splice(Math.floor(this.#random() * from.length), 1)[0] as T;
  }

  #start(work: () => Promise<void>): void {
    this.#busy += 1;
    work()
      .catch((error: unknown) => {
        if (!(error instanceof Broken) && !(error instanceof Error && error.name === 'Unavailable')) throw error;
        this.#work.push(work);
      })
      .finally(() => {
        this.#busy -= 1;
      });
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ go: resolve, breakOff: () => reject(new Broken()) });
    });
  }

  #ring(): void {
    for (const [name, { alarm, at }] of this.#alarms) {
      if (at > this.now) continue;
      this.#alarms.delete(name);
      this.#work.push(() => this.#orders.onAlarm(alarm));
    }
  }

  #nextOwner(): string {
    this.#owner += 1;
    return String(this.#owner);
  }

  #fresh(key: string, template: string, asOf: string): SendRecord {
    return {
      pk: `line#${key}`,
      key,
      template,
      state: 'CLAIMED',
      owner: '',
      leaseUntil: 0,
      attempts: 0,
      interruptions: 0,
      bodyHash: '',
      asOf,
      usefulUntil: asOf,
      createdAt: this.now,
      updatedAt: this.now,
      expiresAt: 9_999_999_999,
    };
  }

  /** The message at the head of the line, as the sender takes it: others may do things while it is under way. */
  #send(): void {
    const [command] = this.#queue;
    if (!command || this.#isSending) return;
    const { key, template, asOf, outcome } = command;
    const bodyHash = JSON.stringify(outcome);
    const before = this.records.get(key);
    const verdict = before ? judge(before, { bodyHash, asOf }, this.now) : 'claim';
    if (verdict !== 'claim') {
      if (verdict !== 'in-progress') this.#queue.shift();
      return;
    }
    const owner = this.#nextOwner();
    const { ended: _, reason: __, ...known } = before ?? this.#fresh(key, template, asOf);
    const claimed = { ...known, asOf, bodyHash, owner, firstAttemptAt: this.now, leaseUntil: this.now + MINUTE };
    this.records.set(key, { ...claimed, state: 'CLAIMED' });
    this.#isSending = true;
    this.#busy += 1;
    void this.#turn()
      .catch(() => undefined)
      .then(() => {
        const { firstAttemptAt, ...settled } = { ...claimed, leaseUntil: 0, updatedAt: this.now };
        if (!isRequest(outcome)) this.records.set(key, { ...settled, state: outcome.state, reason: outcome.reason });
        else if (this.lineIsOn) {
          this.records.set(key, { ...settled, firstAttemptAt, state: 'ACCEPTED' });
          this.told.push({ key, text: String(JSON.parse(outcome.body).body), at: this.now });
        } else this.records.set(key, { ...settled, state: 'HELD' });
        if (!isRequest(outcome) || this.lineIsOn) this.#queue.shift();
        this.#isSending = false;
        this.#busy -= 1;
      });
  }
}
