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
import { type Item, messagesOf } from './items.ts';
import { type Came, type HandOn, type Listener, listen } from './listener.ts';
import { answered } from './of-sends.ts';
import { forgetProbe, hasOwnWebhook, hasWorked, noteProbe, noteStands } from './open-probe.ts';
import { until } from './until.ts';

export interface ListeningOptions {
  /** Where EZWhatsApp reaches the port. */
  readonly url: string;
  readonly port: number;
  readonly secret: string;
  /** With what the text of the first message begins. */
  readonly marker: string;
  readonly by: string;
  readonly stop: AbortSignal;
}

/** The client's own functions take a moment. */
const LEAST_WAIT_MS = 15_000;

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
  #againAt: number | undefined;
  /** Until then the first message itself is kept back: that the client's door knows it proves who told it. */
  #hasLearned = false;
  /** Whether something is to be undone. */
  isNoted = false;
  /** Whether another probe is open. */
  isOther = false;
  /** Whether nobody knows if the address was registered. */
  isUnsure = false;

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

  /** Listens, sees that it is reached, and registers its address. @throws Failed where one of these does not work */
  async open(): Promise<HttpResult> {
    const { port, secret, by } = this.#options;
    this.#listener = await listen(port, secret);
    await this.#assertReached();
    this.#hasOwn = await hasOwnWebhook(this.#target);
    await this.#handOn();
    const targetUrl = this.#address();
    // Before it is so: whatever ends this process, somebody knows what to switch off.
    const openedAt = new Date().toISOString();
    const note = { openedAt, by, targetUrl, stands: 'unknown', hasOwn: this.#hasOwn } as const;
    this.isOther = !(await noteProbe(this.#target, note));
    // Two at once would undo each other's webhooks.
    if (this.isOther) throw new Failed('Another probe of this line is open. Nothing was sent.');
    this.isNoted = true;
    const result = await this.#calls.webhook(webhookAt(targetUrl, true));
    if (isRefusal(result)) {
      await forgetProbe(this.#target);
      this.isNoted = false;
      throw new Failed(`EZWhatsApp refused the listener's address with ${result.status}`);
    }
    if (hasWorked(result)) return result;
    this.isUnsure = true;
    throw new Failed(
      `registering the listener's address was ${answered(result)}: it may stand all the same, and in the place of the client's own`,
    );
  }

  registerAgain(): Promise<HttpResult> {
    this.#againAt = Date.now();
    return this.#calls.webhook(webhookAt(this.#address(), true));
  }

  refuseNext(words: string, hangMs: number): void {
    this.#listener?.refuseNext(words, hangMs);
  }

  /**
   * Whether the client's own was told of the first message, as the listener was. Nothing else proves it: what others send, and what is
   * older, may have been told before the listener's address took its place.
   * @returns what was learned, in words
   */
  async learn(items: readonly Item[], waitMs: number): Promise<string> {
    const learned = await this.#learned(items, waitMs);
    this.#hasLearned = true;
    if (this.#stands !== 'beside') await this.handOnRest();
    return learned;
  }

  /** Whatever came and was not handed on, for what comes to the listener may come to nobody else. @returns how many were not taken */
  handOnRest(): Promise<number> {
    this.#hasLearned = true;
    return this.#listener?.handOnRest() ?? Promise.resolve(0);
  }

  async #learned(items: readonly Item[], waitMs: number): Promise<string> {
    const ours = messagesOf(items, this.#options.marker);
    if (ours.length === 0) return 'nothing was told of it';
    const isTold = async (): Promise<boolean> => {
      for (const item of ours) if (await this.#isKnown(item)) return true;
      return false;
    };
    const ms = this.#hasOwn ? Math.max(LEAST_WAIT_MS, waitMs) : Math.min(2_000, waitMs);
    const isBeside = await until(isTold, ms, this.#options.stop);
    if (!isBeside && !this.#hasOwn) return "told; the client's own is not registered";
    this.#stands = isBeside ? 'beside' : 'instead';
    await noteStands(this.#target, this.#stands);
    if (isBeside) return "told, and so was the client's own";
    return "told in the place of the client's own, which hears by the probe";
  }

  close(): Promise<void> {
    return this.#listener?.close() ?? Promise.resolve();
  }

  #address(): string {
    return `${this.#options.url}/${this.#options.secret}`;
  }

  /** An address that leads nowhere is not registered. */
  async #assertReached(): Promise<void> {
    const { status } = await call(this.#address()).catch(() => ({ status: 0 }));
    if (status !== 200)
      throw new Failed(`--webhook does not lead to port ${this.#options.port} of this machine: is the tunnel open?`);
  }

  /** By the claim that each consumer writes before anything else. */
  async #isKnown({ read }: Item): Promise<boolean> {
    const claims = new Table(tableOf(this.#target, 'deliveries'), this.#target.dynamodb);
    const name = `crm-sync#${storedLineOf(this.#target.client)}`;
    return read?.kind === 'message' && (await claims.read(`${name}#message#${read.id}`)) !== undefined;
  }

  /** Told twice is harmless, told never is not. Whoever has no token has no door. */
  async #handOn(): Promise<void> {
    const token = await webhookToken(this.#target).catch(() => undefined);
    if (token === undefined) return;
    const { marker } = this.#options;
    this.#listener?.handOn(
      this.#onward(token),
      ({ raw }) => this.#stands === 'beside' || (!this.#hasLearned && raw.includes(marker)),
    );
  }

  #onward(token: string): HandOn {
    const url = `${this.#target.url}/ezw/webhook/${token}`;
    return async ({ headers, raw }) => {
      const names = Object.keys(headers).filter((name) => /^(x-ezw-|content-type$|content-encoding$)/.test(name));
      const kept = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
      const { status } = await call(url, { method: 'POST', headers: kept, body: new Uint8Array(raw) });
      return status;
    };
  }
}
