import type { APIGatewayProxyEventV2, Context, SQSBatchResponse } from 'aws-lambda';
import { vi } from 'vitest';
import { webhookOrder } from '../../../functions/shared/ezwhatsapp/webhook-order.ts';
import type { Answer } from '../../../functions/shared/runtime/errors.ts';
import type { HttpRequest, HttpResult } from '../../../functions/shared/runtime/http.ts';
import { toEvent } from '../../../local/gateway/event.ts';
import type { Contract } from '../../../local/sandbox/contract/assumptions.ts';
import { createSandbox, type Sandbox } from '../../../local/sandbox/sandbox.ts';
import { mockOutermost } from './outermost.ts';
import type { MemoryQueue } from './queues.ts';
import { memoryTables } from './tables.ts';
import { DOORS, OUTSIDE, SECRETS, wire } from './wiring.ts';

/**
 * One line with all its functions in one process, and everything outside it.
 *
 * Real: the handlers of all functions with all that they import, but for the five outermost modules (outermost.ts); the template of the
 * demo – environment, tables and indexes, queues, receives until the dead letters, who is fed by which, routes – read by the code that
 * makes the local stack of it (wiring.ts), with a client file of its own (client.ts); dynalite; the sandbox that stands in for EZWhatsApp,
 * the CRM and the notifier.
 *
 * Not real: SQS (queues.ts), the Scheduler (a time and what rings), the SDK's client (tables.ts), Secrets Manager (what is stored, read for
 * five minutes), the network (a call goes to the sandbox's app), API Gateway but for the shape of its events, IAM, Lambda: a handler is
 * loaded once and stays warm, nothing is killed or frozen, and one invocation runs at a time – but for the door, which is asked while
 * EZWhatsApp waits for it before it answers a POST.
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
  }[] = [];
  readonly #handlers = new Map<string, Handler>();
  readonly #alarms = new Map<string, Due>();
  readonly #read = new Map<string, { readonly value: string; readonly at: number }>();
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
    mockOutermost({
      client: world.#tables.client,
      http: (request) => world.#http(request),
      commanded: (body, again) => world.commands.set((JSON.parse(body) as { key: string }).key, again),
      queue: (name) => known(world.#wiring.find(name), name),
      secret: (arn) => known(world.#wiring.secrets.get(arn), arn),
      read: world.#read,
      alarm: (name, at, ring = () => undefined) => {
        if (at === undefined) world.#alarms.delete(name);
        else world.#alarms.set(name, { at, what: 'alarm', run: ring });
      },
    });
    // What was loaded before was loaded without.
    vi.resetModules();
    const common = { ...process.env };
    for (const { name, environment } of world.#wiring.functions) {
      // Loaded under its own environment; what is asked for later is the same for all.
      Object.assign(common, environment);
      Object.assign(process.env, environment);
      world.#handlers.set(name, (await HANDLERS[name]?.())?.handler as Handler);
    }
    Object.assign(process.env, common);
    return world;
  }

  stop(): void {
    this.#wiring.stop();
    vi.useRealTimers();
    vi.restoreAllMocks();
  }

  /** Another run: nothing of the line is left of the one before, and days have passed. */
  async begin(random: () => number, contract: Contract): Promise<void> {
    // At one hour of the day, for a seed is to tell one story whatever came before it.
    vi.setSystemTime(Math.ceil(Date.now() / DAY) * DAY + 4 * DAY + 10 * HOUR);
    this.random = random;
    for (const { queue } of this.#wiring.queues) queue.clear();
    for (const kept of [this.logs, this.rows, this.losses, this.posts]) kept.length = 0;
    this.#tables.written();
    this.#due = [];
    this.#alarms.clear();
    this.commands.clear();
    this.#read.clear();
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
    const { statusCode } = (await this.#invoke(name, event)) as Answer;
    return statusCode;
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
    await due.run();
    // Whoever waited for it goes on.
    await turn();
  }

  async #feed(queue: MemoryQueue): Promise<void> {
    const feed = this.#wiring.feeds.find((one) => one.queue === queue);
    if (!feed) return;
    const records = queue.receive(feed.batchSize, this.random);
    if (records.length === 0) return;
    const result = (await this.#invoke(feed.name, { Records: records })) as SQSBatchResponse;
    const failed = new Set(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    // A queue without an order may give what is done once more.
    if (records.length === 1 && queue.attributes.FifoQueue !== 'true' && this.random() < ROUGH) return;
    queue.remove(records.filter(({ messageId }) => !failed.has(messageId)).map(({ receiptHandle }) => receiptHandle));
  }

  #invoke(name: string, event: unknown): Promise<unknown> {
    const handler = this.#handlers.get(name);
    if (!handler) throw new Error(`There is no function ${name}.`);
    const until = Date.now() + 15 * MINUTE;
    return handler(event, { getRemainingTimeInMillis: () => until - Date.now() } as Context);
  }

  /** What the functions call. */
  async #http(request: HttpRequest): Promise<HttpResult> {
    const key = request.headers?.['idempotency-key'];
    const result = await this.#called(request, key);
    const became = result.kind === 'answer' ? result.status : result.kind;
    if (key !== undefined) this.posts.push({ key, body: request.body ?? '', became });
    return result;
  }

  /** A lost answer is what their own module makes of it. */
  async #called({ method, url, headers = {}, body }: HttpRequest, key?: string): Promise<HttpResult> {
    const loss = this.losses.find((one) => one.key === key);
    if (loss) this.losses.splice(this.losses.indexOf(loss), 1);
    const isOfTheLine = new URL(url).pathname.startsWith('/api/');
    const how = loss?.how ?? (isOfTheLine ? undefined : this.#mishap());
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
        const status = isLost ? 503 : await this.ask('POST', new URL(delivery.url).pathname, delivery);
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
