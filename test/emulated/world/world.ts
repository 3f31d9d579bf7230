import type { APIGatewayProxyEventV2, Context, SQSBatchResponse } from 'aws-lambda';
import { vi } from 'vitest';
import { webhookOrder } from '../../../functions/shared/ezwhatsapp/webhook-order.ts';
import { sendPk } from '../../../functions/shared/ledger/rules.ts';
import type { Answer } from '../../../functions/shared/runtime/errors.ts';
import type { HttpRequest, HttpResult } from '../../../functions/shared/runtime/http.ts';
import { chaosPlan } from '../../../local/chaos/plan.ts';
import { toEvent } from '../../../local/gateway/event.ts';
import type { Contract } from '../../../local/sandbox/contract/assumptions.ts';
import { randomOf } from '../../../local/sandbox/contract/random.ts';
import { createSandbox, type Sandbox } from '../../../local/sandbox/sandbox.ts';
import { Chaos, drawIds, type Invocation } from './chaos.ts';
import { mockOutermost } from './outermost.ts';
import type { MemoryQueue } from './queues.ts';
import { type Command, services } from './services.ts';
import { memoryTables } from './tables.ts';
import { DOORS, OUTSIDE, SECRETS, wire } from './wiring.ts';

/**
 * One line with all its functions in one process, and everything outside it.
 *
 * Real: the handlers of all functions with all that they import, but for the clients of the SDK and of HTTP (outermost.ts); the template of the
 * demo – environment, tables and indexes, queues, receives until the dead letters, who is fed by which, routes – read by the code that
 * makes the local stack of it (wiring.ts), with a client file of its own (client.ts); dynalite; the sandbox that stands in for EZWhatsApp,
 * the CRM and the notifier.
 *
 * Not real: SQS (queues.ts), the Scheduler and Secrets Manager (services.ts), the SDK's client (tables.ts), the network (a call goes to the
 * sandbox's app), API Gateway but for the shape of its events, IAM, Lambda. Without chaos a handler is loaded once and stays warm, nothing is
 * killed or frozen, and one invocation runs at a time – but for the door, which is asked while EZWhatsApp waits for it before it answers a POST.
 * With chaos (chaos.ts) invocations run beside each other, have the function's own time, die and stand still, and each has a process of its own:
 * modules that no other one has, which are gone when it dies.
 *
 * The clock is the world's, and nobody waits for it: it steps to what is due next. Of all that is due at once the seed draws which comes
 * first, and what gets lost: webhooks and their answers, calls of the CRM and of notifiers, and what a queue gives once more. Of POSTs of
 * messages only what a story says is lost. Ids are random, and nothing is ordered by them: a seed tells one story.
 */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const START = Date.parse('2026-11-22T10:00:00Z');

interface Row {
  readonly pk: string;
  readonly rev: number;
}

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** What of a POST gets lost or goes wrong: once, of the first one of the key. */
export interface Loss {
  readonly key: string;
  readonly how:
    | 'never-left'
    | 'unknown-before'
    | 'unknown-after'
    | { readonly status: number; readonly after?: boolean };
}

/** Something that happens at a time. */
interface Due {
  readonly at: number;
  readonly what: 'alarm' | 'delivery' | 'timer' | 'story';
  readonly run: () => Promise<void> | void;
}

/** A webhook as it was sent to the door. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LogLine {
  readonly level: string;
  readonly event?: string;
  readonly reason?: string;
  readonly [field: string]: unknown;
}

/** More steps than any run has: it never comes to an end. */
const MOST_STEPS = 20_000;
/** How often a call or a webhook is lost on its way or on its way back, and how often a queue gives a message once more. */
const ROUGH = 0.03;
/** Turns of the event loop in which a call is answered, unless it waits for something that the world has to do. */
const TURNS = 6;
/** A request that is not answered by then is given up. */
const REQUEST_MS = 10 * SECOND;
/** Its time is over, or it was killed: the queue brings back what it had in hand, and a door's caller is told nothing good. */
const OVER = Symbol('over');

const HANDLERS: Readonly<Record<string, () => Promise<{ handler: unknown }>>> = {
  'order-ready': () => import('../../../functions/order-ready/handler.ts'),
  'appointment-reminder': () => import('../../../functions/appointment-reminder/handler.ts'),
  'lead-first-touch': () => import('../../../functions/lead-first-touch/handler.ts'),
  sender: () => import('../../../functions/sender/handler.ts'),
  'webhook-receiver': () => import('../../../functions/webhook-receiver/handler.ts'),
  'crm-sync': () => import('../../../functions/crm-sync/handler.ts'),
  escalation: () => import('../../../functions/escalation/handler.ts'),
};

const known = <T>(found: T | undefined, name: string): T => {
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

export class World {
  /** Of this run. */
  sandbox!: Sandbox;
  random: () => number = Math.random;
  readonly logs: LogLine[] = [];
  /** What was written to any table, as JSON. */
  readonly rows: string[] = [];
  readonly losses: Loss[] = [];
  /** Takes what is for the door in the place of it. */
  catcher: ((delivery: Delivery) => boolean) | undefined;
  /** What was handed to the sender, by the key in it. */
  readonly commands = new Map<string, () => void>();
  /** POSTs of messages as they left, and what the sender learnt of them: the status of an answer, or that there was none. */
  readonly posts: {
    readonly key: string;
    readonly body: string;
    readonly became: number | 'never-left' | 'unknown';
    /** For how long nobody else could claim the message when the sender made up its mind; milliseconds. */
    readonly leaseLeftMs: number | undefined;
  }[] = [];
  /** Processes of each function that do nothing just now. */
  readonly #idle = new Map<string, Handler[]>();
  #chaos: Chaos | undefined;
  /** How much was begun and ended so far, and what threw where nobody waits for it. */
  #activity = 0;
  #busy = 0;
  readonly #thrown: unknown[] = [];
  readonly #alarms = new Map<string, Due>();
  readonly #tables = memoryTables();
  #contract!: Contract;
  #wiring!: Awaited<ReturnType<typeof wire>>;
  #due: Due[] = [];
  #steps = 0;

  static async start(): Promise<World> {
    const world = new World();
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      const line = String(text);
      if (line.startsWith('{"level"')) world.logs.push(JSON.parse(line));
      return true;
    });
    world.#wiring = await wire(world.#tables, Date.now);
    const client = services({
      tables: world.#tables.client,
      commanded: (body, again) => world.commands.set((JSON.parse(body) as { key: string }).key, again),
      queue: (name) => known(world.#wiring.find(name), name),
      secret: (arn) => known(world.#wiring.secrets.get(arn), arn),
      parameter: (name) => known(world.#wiring.parameters.lookUp(name)?.value, name),
      alarms: {
        has: (name) => world.#alarms.has(name),
        set: (name, at, ring = () => undefined) => {
          if (at === undefined) world.#alarms.delete(name);
          else world.#alarms.set(name, world.#alarm(name, at, ring));
        },
      },
    });
    const send = (command: Command): Promise<object> => {
      const effect = () => world.#watched(client.send(command));
      return world.#chaos ? world.#chaos.aws(command, effect) : effect();
    };
    mockOutermost({ client: { send }, http: (request) => world.#http(request) });
    // What was loaded before was loaded without.
    vi.resetModules();
    for (const { name } of world.#wiring.functions) world.#idle.set(name, [await world.#load(name)]);
    return world;
  }

  stop(): void {
    drawIds();
    this.#wiring.stop();
    vi.useRealTimers();
    vi.restoreAllMocks();
  }

  /** Another run: nothing of the line is left of the one before, and days have passed. */
  async begin(random: () => number, contract: Contract, chaos?: number): Promise<void> {
    if (chaos !== undefined) await this.#beginChaos(chaos);
    // At one hour of the day, for a seed is to tell one story whatever came before it.
    vi.setSystemTime(this.#chaos ? START : Math.ceil(Date.now() / DAY) * DAY + 4 * DAY + 10 * HOUR);
    this.random = random;
    for (const { queue } of this.#wiring.queues) queue.clear();
    for (const kept of [this.logs, this.rows, this.losses, this.posts]) kept.length = 0;
    this.#tables.written();
    this.#due = [];
    this.#alarms.clear();
    this.commands.clear();
    this.#steps = 0;
    this.catcher = undefined;
    this.#contract = contract;
    const { lineToken, webhookToken } = SECRETS;
    this.lineToken = lineToken;
    await this.#forgetTrouble();
    this.sandbox = createSandbox({
      lineToken,
      lineId: this.#wiring.lineId,
      ownOrigins: () => [DOORS],
      now: Date.now,
      contract,
      random,
      deliver: (url, headers, body) => this.deliver({ url, headers, body }),
      later: (does, ms) => {
        const due: Due = { at: Date.now() + ms, what: 'timer', run: does };
        this.#due.push(due);
        return () => {
          this.#due = this.#due.filter((one) => one !== due);
        };
      },
    });
    await this.control('POST', 'webhook-settings', { statuses: ['sent', 'delivered'] });
    // Twice, as somebody does who did not see the first answer.
    for (let times = 0; times < 2; times += 1) {
      await this.#fetch('POST', '/api/v1/webhooks', webhookOrder(DOORS, String(webhookToken)), {
        authorization: `Bearer ${lineToken}`,
      });
    }
  }

  get now(): number {
    return Date.now();
  }

  /** What went wrong so far, where things go wrong by a plan. */
  get happened(): Chaos['happened'] | undefined {
    return this.#chaos?.happened;
  }

  /** Rows that were written by whoever had lost them to another, or claimed while they were another's. */
  get overtaken(): readonly string[] {
    return this.#chaos?.overtaken ?? [];
  }

  /** The same for whoever reads what a run broke, with all that was logged where CHAOS_LOG is set. */
  get story(): readonly string[] {
    const told = (this.happened ?? []).map(({ at, fault, tries, port, operation, about, by }) => {
      const what = `${by}: ${port} ${operation} ${fault} x${tries}`;
      return `${new Date(at).toISOString()} ${what} ${about.slice(0, 100)}`;
    });
    return process.env.CHAOS_LOG ? [...told, ...this.logs.map((line) => JSON.stringify(line))] : told;
  }

  get lineId(): string {
    return this.#wiring.lineId;
  }

  /** What is stored as the token of the line. */
  set lineToken(value: string) {
    const [arn = ''] = [...this.#wiring.secrets.keys()].filter((one) => one.endsWith('/line-token'));
    this.#wiring.secrets.set(arn, value);
  }

  tableOf(name: string): string {
    return this.#wiring.tables.get(name) ?? '';
  }

  /** What waits in the dead letters, by the queue's short name. */
  get deadLetters(): readonly { readonly queue: string; readonly body: string; readonly reason: string | undefined }[] {
    const fed = new Set(this.#wiring.feeds.map(({ queue }) => queue));
    return this.#wiring.queues
      .filter(({ queue }) => !fed.has(queue))
      .flatMap(({ name, queue }) => queue.waiting.map(({ body, reason }) => ({ queue: name, body, reason })));
  }

  /** Something of a person's doing, later. */
  after(ms: number, run: () => Promise<void> | void, what: Due['what'] = 'story'): void {
    this.#due.push({ at: Date.now() + ms, what, run });
  }

  /** A request at one of the doors. */
  async ask(
    method: string,
    path: string,
    { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ): Promise<number> {
    const { match, name } = this.#wiring.route(method, path);
    const socket = { remoteAddress: '192.0.2.1', localPort: 443 };
    const rawHeaders = Object.entries({ host: 'doors.example', ...headers }).flat();
    const request = { url: path, method, rawHeaders, httpVersion: '1.1', socket } as never;
    const event = toEvent(request, Buffer.from(body), match) as APIGatewayProxyEventV2;
    const answer = (await this.#invoke(name, event)) as Answer | typeof OVER;
    return answer === OVER ? 502 : answer.statusCode;
  }

  /** The sandbox's own routes. */
  async control(method: string, path: string, body?: unknown): Promise<never> {
    return this.#fetch(method, `/_sandbox/${path}`, body);
  }

  /** A route of EZWhatsApp's, as a person or their tools ask it. */
  async outside(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<never> {
    return this.#fetch(method, path, body, headers);
  }

  /** Until nothing is left to be done. */
  async settle(): Promise<void> {
    while (await this.#step()) {
      if (this.#thrown.length > 0) throw this.#thrown[0];
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) throw new Error('It never comes to an end.');
    }
    this.rows.push(...this.#tables.written());
  }

  /** What is due first, in the seed's order; false where nothing is left. */
  async #step(): Promise<boolean> {
    const { feeds } = this.#wiring;
    const dueAt = (one: { readonly dueAt: number } | Due): number => ('dueAt' in one ? one.dueAt : one.at);
    const all = [...this.#due, ...this.#alarms.values(), ...feeds.map(({ queue }) => queue)];
    const next = Math.min(...all.map(dueAt));
    if (next === Number.POSITIVE_INFINITY) return false;
    if (next > Date.now()) vi.setSystemTime(next);
    const ready = all.filter((one) => dueAt(one) <= Date.now());
    const chosen = ready[Math.floor(this.random() * ready.length)];
    if (chosen === undefined) return true;
    if ('dueAt' in chosen) await this.#feed(chosen);
    else await this.#happen(chosen);
    // Whatever is done takes its time.
    vi.setSystemTime(Date.now() + Math.floor(this.random() * 40));
    return true;
  }

  async #happen(due: Due): Promise<void> {
    this.#due = this.#due.filter((one) => one !== due);
    for (const [name, alarm] of this.#alarms) if (alarm === due) this.#alarms.delete(name);
    if (this.#chaos) return this.#beside(due.run());
    await due.run();
    // Whoever waited for it goes on.
    await turn();
  }

  /** What may stand still goes on beside all the rest; whatever can be done at this moment is done. */
  async #beside(doing: Promise<void> | void): Promise<void> {
    void Promise.resolve(doing).catch((error: unknown) => this.#thrown.push(error));
    for (let idle = 0; idle < TURNS; idle += 1) {
      const before = this.#activity;
      await turn();
      if (this.#activity !== before || this.#busy > 0) idle = 0;
    }
  }

  async #watched<T>(doing: Promise<T>): Promise<T> {
    this.#activity += 1;
    this.#busy += 1;
    try {
      return await doing;
    } finally {
      this.#activity += 1;
      this.#busy -= 1;
    }
  }

  /** Resolves so much later by the world's clock. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(Math.ceil(ms), resolve, 'timer'));
  }

  async #feed(queue: MemoryQueue): Promise<void> {
    const feed = this.#wiring.feeds.find((one) => one.queue === queue);
    if (!feed) return;
    if (this.#chaos) return this.#feedRoughly(queue, feed, this.#chaos);
    const records = queue.receive(feed.batchSize, this.random);
    if (records.length === 0) return;
    const result = (await this.#invoke(feed.name, { Records: records })) as SQSBatchResponse;
    const failed = new Set(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    // A queue without an order may give what is done once more.
    if (records.length === 1 && queue.attributes.FifoQueue !== 'true' && this.random() < ROUGH) return;
    queue.remove(records.filter(({ messageId }) => !failed.has(messageId)).map(({ receiptHandle }) => receiptHandle));
  }

  /** The same, where what is in hand may come twice, late, or not all of it. */
  async #feedRoughly(queue: MemoryQueue, { name, batchSize }: { name: string; batchSize: number }, chaos: Chaos) {
    const isOrdered = queue.attributes.FifoQueue === 'true';
    const records = queue.receive(batchSize, this.random, true).filter(({ body, receiptHandle }, i) => {
      const blow = chaos.strike('queue', queue.name, body, name);
      if (blow?.fault === 'twice' && !isOrdered) queue.again(receiptHandle, Math.ceil(blow.strength * 20));
      const isLate = blow?.fault === 'late' && !isOrdered;
      if (isLate) queue.hide([receiptHandle], Math.ceil(blow.strength * 60));
      return !isLate && (i === 0 || blow?.fault !== 'cut' || isOrdered);
    });
    if (records.length === 0) return;
    const ended = async (): Promise<void> => {
      const result = (await this.#invoke(name, { Records: records })) as SQSBatchResponse | typeof OVER;
      if (result === OVER) return;
      const failed = new Set(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      queue.remove(records.filter(({ messageId }) => !failed.has(messageId)).map(({ receiptHandle }) => receiptHandle));
    };
    await this.#beside(ended());
  }

  /** Loaded under its own environment; what is asked for later is the same for all. */
  async #load(name: string): Promise<Handler> {
    const own = this.#wiring.functions.find((one) => one.name === name)?.environment;
    Object.assign(process.env, ...this.#wiring.functions.map(({ environment }) => environment), own);
    return (await HANDLERS[name]?.())?.handler as Handler;
  }

  /** A process for one event: one that is there, or another one that knows nothing. */
  async #process(name: string): Promise<Handler> {
    const idle = this.#idle.get(name)?.pop();
    if (idle) return idle;
    vi.resetModules();
    return this.#load(name);
  }

  /** @returns what the function returned, or `OVER` where it never did in its time */
  async #invoke(name: string, event: unknown): Promise<unknown> {
    const handler = await this.#process(name);
    const giveBack = (): unknown => this.#idle.set(name, [...(this.#idle.get(name) ?? []), handler]);
    const seconds = this.#chaos ? this.#wiring.timeoutOf(name) : 900;
    const endsAt = Date.now() + seconds * SECOND;
    const context = { getRemainingTimeInMillis: () => endsAt - Date.now() } as Context;
    if (!this.#chaos) return handler(event, context).finally(giveBack);
    const chaos = this.#chaos;
    return new Promise((resolve, reject) => {
      const invocation: Invocation = {
        name,
        endsAt,
        isDead: false,
        isZombie: false,
        thawsAt: 0,
        leases: new Map(),
        kill: () => {
          invocation.isDead = true;
          settle(() => resolve(OVER));
        },
      };
      const over: Due = {
        at: endsAt,
        what: 'timer',
        run: () => (invocation.isZombie ? settle(() => resolve(OVER)) : invocation.kill()),
      };
      const settle = (does: () => void): void => {
        this.#due = this.#due.filter((one) => one !== over);
        does();
      };
      this.#due.push(over);
      chaos
        .inside(invocation, () => handler(event, context))
        .then(
          (result) => {
            if (Date.now() <= endsAt) giveBack();
            settle(() => resolve(result));
          },
          (error: unknown) => settle(() => reject(error)),
        );
    });
  }

  #alarm(name: string, at: number, ring: () => void): Due {
    const blow = this.#chaos?.strike('alarm', 'ring', name);
    const run = (): void => {
      ring();
      if (blow?.fault === 'twice') this.after(Math.ceil(blow.strength * MINUTE), ring, 'alarm');
    };
    return { at: at + (blow?.fault === 'late' ? Math.ceil(blow.strength * MINUTE) : 0), what: 'alarm', run };
  }

  /** Another run from nothing, of which all that is random is drawn by the seed: it tells the same story whatever came before it. */
  async #beginChaos(seed: number): Promise<void> {
    this.#chaos = undefined;
    this.#idle.clear();
    await this.#tables.clear();
    drawIds(randomOf(seed + 1_000_000));
    this.#thrown.length = 0;
    this.#chaos = new Chaos({ plan: chaosPlan(seed), pause: (ms) => this.pause(ms) });
  }

  /** What the functions call. */
  async #http(request: HttpRequest): Promise<HttpResult> {
    const key = request.headers?.['idempotency-key'];
    const { length } = this.posts;
    const leaseLeftMs = key === undefined ? undefined : this.#chaos?.leaseLeftMs(sendPk(this.lineId, key));
    const note = (became: number | 'never-left' | 'unknown'): void => {
      if (key !== undefined) this.posts[length] = { key, body: request.body ?? '', became, leaseLeftMs };
    };
    const result = await (this.#chaos
      ? this.#chaos.http(request, () => {
          // Of one that is killed meanwhile nobody learns what became of it.
          note('unknown');
          return this.#called(request, key);
        })
      : this.#called(request, key));
    const became = result.kind === 'answer' ? result.status : result.kind;
    note(became);
    return result;
  }

  /** A lost answer is what their own module makes of it. */
  async #called({ method, url, headers = {}, body }: HttpRequest, key?: string): Promise<HttpResult> {
    const loss = this.losses.find((one) => one.key === key);
    if (loss) this.losses.splice(this.losses.indexOf(loss), 1);
    const isOfTheLine = new URL(url).pathname.startsWith('/api/');
    const how = loss?.how ?? (isOfTheLine || this.#chaos ? undefined : this.#mishap());
    if (how === 'never-left') return { kind: 'never-left', code: 'ECONNREFUSED' };
    const isAfter = how === undefined || how === 'unknown-after' || (typeof how === 'object' && how.after === true);
    const answer = isAfter ? await this.#answer(method, url, headers, body) : undefined;
    if (how === 'unknown-before' || how === 'unknown-after') return { kind: 'unknown', code: 'timeout' };
    if (typeof how === 'object') return { kind: 'answer', status: how.status, headers: {}, body: '' };
    return answer ?? { kind: 'never-left', code: 'ECONNREFUSED' };
  }

  #mishap(): Loss['how'] | undefined {
    const dice = this.random();
    if (dice < ROUGH) return 'unknown-after';
    return dice > 1 - ROUGH ? 'never-left' : undefined;
  }

  /** While EZWhatsApp waits for the door before it answers, the door is asked. */
  async #answer(method: string, url: string, headers: Readonly<Record<string, string>>, body?: string) {
    let answered: HttpResult | undefined;
    const init = { method, headers, ...(body !== undefined && { body }) };
    const asked = Promise.resolve(this.sandbox.app.fetch(new Request(url, init))).then(async (response) => {
      answered = {
        kind: 'answer',
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    });
    if (this.#chaos) return this.#inTime(asked.then(() => answered));
    for (let turns = 0; answered === undefined; turns += 1) {
      await turn();
      if (turns < TURNS) continue;
      const due = this.#due.filter(({ what }) => what === 'delivery');
      const next = due[Math.floor(this.random() * due.length)];
      if (next) await this.#happen(next);
      else if (turns > 1000) throw new Error(`${method} ${new URL(url).pathname} is never answered.`);
    }
    await asked;
    return answered;
  }

  async #inTime(asked: Promise<HttpResult | undefined>): Promise<HttpResult | undefined> {
    return new Promise((resolve, reject) => {
      const over: Due = {
        at: Date.now() + REQUEST_MS,
        what: 'timer',
        run: () => resolve({ kind: 'unknown', code: 'timeout' }),
      };
      this.#due.push(over);
      const settled = (): void => {
        this.#due = this.#due.filter((one) => one !== over);
      };
      asked.finally(settled).then(resolve, reject);
    });
  }

  async #fetch(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<never> {
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const request = new Request(`${OUTSIDE}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...given,
    });
    const response = await this.sandbox.app.fetch(request);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as never;
  }

  /** A webhook on its way to the door. @param isSure of one that nobody sends again @returns the status of the door's answer */
  deliver(delivery: Delivery, isSure = false): Promise<number> {
    if (this.catcher?.(delivery)) return Promise.resolve(200);
    return new Promise((resolve, reject) => {
      const dice = this.random();
      // What never comes again must not get lost on its way: there is nobody who could mend that.
      const isLost = dice < ROUGH && !isSure && this.#contract.retries !== 'never';
      const run = async (): Promise<void> => {
        let status = isLost ? 503 : await this.ask('POST', new URL(delivery.url).pathname, delivery);
        while (isSure && status >= 500 && this.#chaos) {
          await this.pause(MINUTE);
          status = await this.ask('POST', new URL(delivery.url).pathname, delivery);
        }
        if (status === 200 && dice > 1 - ROUGH && !isSure) reject(new Error('The answer was lost.'));
        else resolve(status);
      };
      this.after(Math.floor(this.random() * 3 * SECOND), run, 'delivery');
    });
  }

  /** What a person noted, or the sender of a health that was bad, is of the run before. */
  async #forgetTrouble(): Promise<void> {
    const { Table } = await import('../../../functions/shared/runtime/table.ts');
    await new Table<Row>(this.tableOf('sends')).put({ pk: `${this.lineId}#control`, rev: Date.now() });
  }
}
