import { webhookAt } from '../../functions/shared/ezwhatsapp/webhook-order.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { storedLineOf } from '../../lib/client.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { Failed } from '../terminal/errors.ts';
import { webhookToken } from '../webhook/registration.ts';
import type { Calls } from './calls.ts';
import type { Stands, Webhooks } from './evidence.ts';
import { echoesOf, type Item, itemsOf } from './items.ts';
import { type Came, type Listener, listen } from './listener.ts';
import { answered } from './of-sends.ts';
import { hasOwnWebhook, hasWorked, noteNothing, noteRegistered, type Registered } from './open-probe.ts';
import { Stopped } from './person.ts';
import { until } from './until.ts';

export interface ListeningOptions {
  /** Where EZWhatsApp reaches the port. */
  readonly url: string;
  readonly port: number;
  readonly secret: string;
  readonly run: string;
  /** With what the text of the first message begins. */
  readonly marker: string;
  readonly stop: AbortSignal;
}

/** Whoever tells us waits for ten seconds at least, says every gateway that names a time: so long both together may take. */
const PROOF_MS = 4_000;
const DOOR_MS = 5_000;

/** A clear no. Any other answer but a yes may come from a gateway behind which the order had its effect. */
const isRefusal = (result: HttpResult): result is Extract<HttpResult, { kind: 'answer' }> =>
  result.kind === 'answer' && result.status >= 400 && result.status < 500 && ![408, 425, 429].includes(result.status);

/** A webhook of the probe's own, beside the client's or in its place. */
export class Listening {
  readonly #target: Target;
  readonly #calls: Calls;
  readonly #options: ListeningOptions;
  #listener: Listener | undefined;
  #stands: Stands = 'unknown';
  #hasOwn = false;
  /** The client's own address; none where it has no token. */
  #door: string | undefined;
  #againAt: number | undefined;
  /** Gives whether it was looked for before anything was handed on. */
  #proof: Promise<boolean> | undefined;
  /** Whether something is to be undone. */
  isNoted = false;
  /** The answer to the registration, where by that nobody knows if the address stands. */
  unsure: string | undefined;

  constructor(target: Target, calls: Calls, options: ListeningOptions) {
    this.#target = target;
    this.#calls = calls;
    this.#options = options;
  }

  get came(): readonly Came[] {
    return this.#listener?.came ?? [];
  }

  get webhooks(): Webhooks {
    const attempts = this.#listener?.attempts ?? [];
    return { came: this.came, attempts, stands: this.#stands, hasOwn: this.#hasOwn, againAt: this.#againAt };
  }

  get registered(): Registered {
    return { targetUrl: this.#address(), stands: this.#stands, hasOwn: this.#hasOwn };
  }

  /** Listens, sees that it is reached, and registers its address. @throws Failed where one of these does not work; Stopped */
  async open(): Promise<HttpResult> {
    const { port, secret, run } = this.#options;
    this.#hasOwn = await hasOwnWebhook(this.#target);
    const token = await webhookToken(this.#target).catch(() => undefined);
    this.#door = token && `${this.#target.url}/ezw/webhook/${token}`;
    this.#listener = await listen(port, secret, (one) => this.#take(one));
    await this.#assertReached();
    if (!(await noteRegistered(this.#target, run, this.registered))) throw new Stopped('Stopped.');
    this.isNoted = true;
    const result = await this.#register();
    if (isRefusal(result)) {
      await noteNothing(this.#target, run);
      this.isNoted = false;
      throw new Failed(`EZWhatsApp refused the listener's address with ${result.status}`);
    }
    if (hasWorked(result)) return result;
    this.unsure = answered(result);
    throw new Failed(
      `registering the listener's address was ${this.unsure}: it may stand all the same, and in the place of the client's own`,
    );
  }

  registerAgain(): Promise<HttpResult> {
    this.#againAt = Date.now();
    return this.#register();
  }

  refuseNext(marker: string, hangMs: number): void {
    this.#listener?.refuseNext(marker, hangMs);
  }

  /**
   * Whether the client's own heard of the first message without the probe, or by the probe alone. Nothing else proves it: what others send,
   * and what is older, may have been told before the listener's address took its place.
   * @returns what was learned, in words
   */
  async learn(): Promise<string> {
    const ours = this.#firstIn(this.came);
    if (ours.length === 0) return 'nothing was told of it';
    const isLookedFor = await this.#proof;
    if (this.#stands === 'beside') return "told, and so was the client's own";
    if (!this.#hasOwn) return "told; the client's own is not registered";
    const isHeard = isLookedFor === true && (await until(() => this.#isKnown(ours), PROOF_MS, this.#options.stop));
    // A door that was down, or functions that are slow, would have heard as little of it before.
    if (!isHeard || this.came.some(({ isRefused }) => isRefused))
      return "told; whether the client's own was too could not be seen";
    await this.#learned('instead');
    return "told in the place of the client's own, which hears by the probe";
  }

  close(): Promise<void> {
    return this.#listener?.close() ?? Promise.resolve();
  }

  #address(): string {
    return `${this.#options.url}/${this.#options.secret}`;
  }

  #register(): Promise<HttpResult> {
    return this.#calls.webhook(webhookAt(this.#address(), true));
  }

  /** An address that leads nowhere is not registered. */
  async #assertReached(): Promise<void> {
    const { status } = await call(this.#address()).catch(() => ({ status: 0 }));
    if (status !== 200)
      throw new Failed(`--webhook does not lead to port ${this.#options.port} of this machine: is the tunnel open?`);
  }

  #firstIn(came: readonly Came[]): readonly Item[] {
    return echoesOf(came.flatMap(itemsOf), this.#options.marker);
  }

  /**
   * Hands on what came, before it is answered: told twice is harmless, told never is not. Only the first message waits for a moment, where
   * nobody else's stands beside it, for that the client's door knows it already proves who told it.
   */
  async #take(one: Came): Promise<number> {
    const ours = this.#firstIn([one]);
    if (ours.length > 0) {
      this.#proof ??= ours.length === itemsOf(one).length ? this.#prove(ours) : Promise.resolve(false);
      await this.#proof;
    }
    if (this.#stands === 'beside' || this.#door === undefined) return 200;
    const names = Object.keys(one.headers).filter((name) => /^(x-ezw-|content-type$|content-encoding$)/.test(name));
    const headers = Object.fromEntries(names.map((name) => [name, String(one.headers[name])]));
    return (await call(this.#door, { method: 'POST', headers, body: new Uint8Array(one.raw) }, DOOR_MS)).status;
  }

  /** Where it could not be looked at, nothing is proven. */
  async #prove(ours: readonly Item[]): Promise<boolean> {
    const isTold = until(() => this.#isKnown(ours), PROOF_MS, this.#options.stop);
    if (await isTold.catch(() => false)) await this.#learned('beside');
    return true;
  }

  async #learned(stands: Stands): Promise<void> {
    this.#stands = stands;
    await noteRegistered(this.#target, this.#options.run, { stands }).catch(() => false);
  }

  /** By the claim that each consumer writes before anything else. */
  async #isKnown(items: readonly Item[]): Promise<boolean> {
    const claims = new Table(tableOf(this.#target, 'deliveries'), this.#target.dynamodb);
    const name = `crm-sync#${storedLineOf(this.#target.client)}`;
    for (const { read } of items) {
      if (read?.kind === 'message' && (await claims.read(`${name}#message#${read.id}`)) !== undefined) return true;
    }
    return false;
  }
}
