import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { healthOf } from '../../functions/shared/ezwhatsapp/line-api.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { explain } from '../run.ts';
import { storedLineToken } from '../target/line.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { assertStillMayProbe } from './allowed.ts';
import { type Calls, callsOf } from './calls.ts';
import {
  type Evidence,
  isLost,
  isTaken,
  type SendFact,
  type SendName,
  sendNamed,
  type Unlinked,
  type Webhooks,
} from './evidence.ts';
import { healthWords } from './health-words.ts';
import { askInbound, type Inbound } from './inbound.ts';
import { echoesOf, type Item, itemsOf, messagesOf } from './items.ts';
import { Listening } from './listening.ts';
import { answered } from './of-sends.ts';
import { forgetProbe, isNoted, openProbe, putBack } from './open-probe.ts';
import { type Person, Stopped } from './person.ts';
import { BAD_TO, BAD_TOKEN, keyOf, longTextOf, markerOf, plannedSends, textOf } from './plan.ts';
import type { Redactor } from './redact.ts';
import { until } from './until.ts';

/** Where EZWhatsApp reaches this machine, and the port at which that ends. */
export interface Tunnel {
  readonly url: string;
  readonly port: number;
}

export interface ProbeOptions {
  /** E.164 */
  readonly to: string;
  /** Letters. */
  readonly run: string;
  readonly by: string;
  readonly media?: string | undefined;
  readonly webhook?: Tunnel | undefined;
  readonly unlinked: boolean;
  readonly rotated: boolean;
  readonly asksInbound: boolean;
  readonly retries: boolean;
  /** For so long what may come is waited for. */
  readonly waitMs: number;
  /** The same of what is sent again after an error. */
  readonly retryWaitMs: number;
  readonly pauseMs: number;
  readonly person: Person | undefined;
  /** Ends it before its end. */
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
}

/** All that was found out, as it is and not to be told. */
export interface Found {
  readonly evidence: Evidence;
  readonly health: HttpResult | undefined;
  readonly registered: HttpResult | undefined;
  readonly inbound: readonly Inbound[];
  /** Steps that came to nothing, and why. */
  readonly problems: readonly { readonly step: string; readonly why: string }[];
  /** How the line was left. */
  readonly left: string;
  readonly isRestored: boolean;
  readonly isStopped: boolean;
}

/** Nothing more comes after so long without anything. */
const QUIET_MS = 1_000;
/** Above whatever a step may wait for by itself. */
const LIMIT_MS = 60_000;
const MOST_HANG_MS = 30_000;
export const SAYS: Readonly<Record<SendName, string>> = {
  text: 'a text under a new key',
  'same-key': 'the same key and body again',
  'other-body': 'the same key with another body',
  'no-key': 'a text without a key',
  'bad-token': 'a token that is not known',
  'bad-to': 'a `to` that is no number',
  'long-text': 'a text of 5,000 characters',
  media: 'a picture',
  conversation: 'a text into the conversation',
  retried: 'a text whose webhook is refused at first',
  twice: 'a text after the same address was registered again',
  unlinked: 'a text while the phone is not linked',
  again: 'the first key and body a day later',
};

const TAKEN =
  'Somebody ended this probe by --restore while it ran: it asked no more, and undid once more whatever it had registered.';

/** Of a registration whose answer tells nothing. */
const unsureWords = (answer: string, { came }: Webhooks): string =>
  came.length > 0
    ? `The registration of its webhook was ${answer}, and the webhook stood all the same: what came was handed on.`
    : `The registration of its webhook was ${answer}: it is not known whether it stood, and in the place of the client's own.`;

const isStop = (error: unknown, stop: AbortSignal): boolean =>
  stop.aborted || (error instanceof Error && error.name === 'Stopped');

/** One probe of a line, from its first message to the line as it was. */
class Probe {
  readonly #target: Target;
  readonly #options: ProbeOptions;
  readonly #calls: Calls;
  readonly #redactor: Redactor;
  readonly #planned: readonly SendName[];
  readonly #sends: SendFact[] = [];
  readonly #counted = new Map<string, number>();
  readonly #problems: { step: string; why: string }[] = [];
  #listening: Listening | undefined;
  /** Why no more messages leave. */
  #halted: string | undefined;
  #health: HttpResult | undefined;
  #registered: HttpResult | undefined;
  #inbound: readonly Inbound[] = [];
  #unlinked: Unlinked | undefined;
  #oldToken: number | string | undefined;

  constructor(target: Target, options: ProbeOptions, redactor: Redactor) {
    this.#target = target;
    this.#options = options;
    this.#redactor = redactor;
    const { media, webhook, retries, unlinked, pauseMs, stop } = options;
    this.#planned = plannedSends({ media, unlinked, retries, hasWebhooks: webhook !== undefined });
    this.#calls = callsOf(target, { pauseMs, signal: stop });
  }

  async run(): Promise<Found> {
    const { stop, tell, to } = this.#options;
    let isStopped = false;
    try {
      await this.#all();
    } catch (error) {
      if (!isStop(error, stop)) this.#problems.push({ step: 'probe', why: this.#why(error) });
      isStopped = isStop(error, stop);
    }
    const end = await this.#leave();
    tell(end.left);
    const evidence = {
      to,
      sends: this.#sends,
      counted: this.#counted,
      unlinked: this.#unlinked,
      oldToken: this.#oldToken,
      halted: this.#halted,
      webhooks: this.#listening?.webhooks,
    };
    return {
      evidence,
      health: this.#health,
      registered: this.#registered,
      inbound: this.#inbound,
      problems: this.#problems,
      ...end,
      isStopped,
    };
  }

  /** The line as it was. The note goes last: until then `--restore` knows what is left to do. */
  async #leave(): Promise<Pick<Found, 'left' | 'isRestored'>> {
    const listening = this.#listening;
    const done: string[] = [];
    const isRestored = listening?.unsure === undefined;
    if (listening?.unsure) done.push(unsureWords(listening.unsure, listening.webhooks));
    try {
      done.push(
        listening
          ? await putBack(this.#target, this.#calls, listening.registered)
          : 'Nothing was changed at EZWhatsApp.',
      );
      await listening?.close();
      if (await forgetProbe(this.#target, this.#options.run)) return { left: done.join(' '), isRestored };
      done.unshift(TAKEN);
    } catch (error) {
      done.push(this.#why(error));
      await listening?.close();
    }
    return { left: done.join(' '), isRestored: false };
  }

  /** Our own words as they are; of an error of anybody else's what may be told. */
  #why(error: unknown): string {
    const isOurs = error instanceof Error && ['Failed', 'WrongInput'].includes(error.name);
    return isOurs ? explain(error) : this.#redactor.words(explain(error));
  }

  async #all(): Promise<void> {
    const { webhook, asksInbound, unlinked, rotated, person } = this.#options;
    await this.#step('health', async () => {
      this.#health = await this.#calls.health();
      return `${answered(this.#health)}, ${healthWords(this.#health)}`;
    });
    if (webhook) await this.#step('listen', () => this.#listen(webhook));
    await this.#step('text', () => this.#text());
    const first = this.#named('text');
    if (!first || !(isTaken(first) || isLost(first))) return;
    for (const name of ['same-key', 'other-body', 'no-key', 'bad-token', 'bad-to', 'long-text', 'media'] as const) {
      if (this.#planned.includes(name) && this.#halted === undefined) await this.#step(name, () => this.#plain(name));
      // Of a first message whose answer was lost the repeat tells whether the line takes any.
      if (name === 'same-key' && ![first, this.#named(name)].some(isTaken)) return;
    }
    if (this.#listening) {
      if (this.#halted === undefined) await this.#step('conversation', () => this.#conversation());
      await this.#step('settle', () => this.#settle());
      if (this.#planned.includes('retried') && this.#halted === undefined)
        await this.#step('retried', () => this.#retried(), this.#options.retryWaitMs);
      if (this.#halted === undefined) await this.#step('twice', () => this.#twice());
    }
    await this.#step('count', () => this.#count(), Number.POSITIVE_INFINITY);
    if (this.#listening && asksInbound && person)
      await this.#step('inbound', () => this.#askInbound(person), Number.POSITIVE_INFINITY);
    if (unlinked && person && this.#halted === undefined)
      await this.#step('unlinked', () => this.#unlink(person), Number.POSITIVE_INFINITY);
    if (rotated && person) await this.#step('rotated', () => this.#rotate(person), Number.POSITIVE_INFINITY);
  }

  /** One that fails, or does not end, names itself, and the others go on. */
  async #step(step: string, does: () => Promise<string | undefined>, more = 0): Promise<void> {
    const { tell, stop, waitMs, pauseMs, run } = this.#options;
    stop.throwIfAborted();
    // After it was restored by somebody else, nobody undoes what it registers.
    if (!(await isNoted(this.#target, run))) throw new Stopped('Stopped.');
    const limit = LIMIT_MS + 3 * waitMs + pauseMs + more;
    const ended = new AbortController();
    const late = async (): Promise<never> => {
      await sleep(Math.min(limit, 2 ** 31 - 1), undefined, { signal: AbortSignal.any([ended.signal, stop]) });
      throw new Error(`it took longer than ${limit / 1000} s`);
    };
    try {
      const found = await Promise.race([does(), late()]);
      if (found !== undefined) tell(`${step}: ${found}`);
    } catch (error) {
      if (isStop(error, stop)) throw error;
      const why = this.#why(error);
      this.#problems.push({ step, why });
      tell(`${step}: failed, ${why}`);
    } finally {
      ended.abort();
    }
  }

  #named(name: SendName): SendFact | undefined {
    return sendNamed({ sends: this.#sends }, name);
  }

  #items(): readonly Item[] {
    return (this.#listening?.came ?? []).flatMap(itemsOf);
  }

  /** The messages of this probe, as the line told of them. */
  #ours(): readonly Item[] {
    const items = this.#items();
    return [...new Set(this.#sends.map(({ marker }) => marker))].flatMap((marker) => messagesOf(items, marker));
  }

  #marker(name: SendName): string {
    const n = this.#planned.indexOf(name) + 1;
    return markerOf(this.#options.run, n, this.#planned.length);
  }

  async #send(name: SendName, over: Partial<Parameters<Calls['send']>[0]> = {}): Promise<string> {
    const { to, run } = this.#options;
    const marker = this.#marker(name);
    const body = { to, body: textOf(marker) };
    await this.#assertMaySend();
    const fact = await this.#calls.send({ name, marker, key: keyOf(run, name), body, ...over });
    this.#sends.push({ ...fact, ...((await this.#isMoot(fact)) && { isMoot: true }) });
    return `${SAYS[name]}: ${answered(fact.result)}`;
  }

  /** A pause, a stop, or a line that cannot send ends the messages, and not the probe. */
  async #assertMaySend(): Promise<void> {
    if (this.#halted === undefined) {
      await assertStillMayProbe(this.#target, this.#options.to).catch((error: unknown) => {
        // Who paused it stands behind that.
        this.#halted = explain(error).split(/ by |[:.]( |$)/)[0];
      });
    }
    if (this.#halted !== undefined) throw new Failed(`not sent: ${this.#halted}`);
  }

  /** Whether its refusal is about a line that cannot send now, or not so fast. */
  async #isMoot({ name, result }: SendFact): Promise<boolean> {
    if (result.kind !== 'answer' || result.status < 400 || name === 'unlinked' || name === 'text') return false;
    if (result.status === 429) this.#halted = 'EZWhatsApp takes no more messages now (429)';
    else if (!healthOf(await this.#calls.health()).sendable) this.#halted = 'the line became one that cannot send';
    return this.#halted !== undefined;
  }

  #until(good: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
    return until(good, ms, this.#options.stop);
  }

  async #listen(webhook: Tunnel): Promise<string> {
    const { run, stop } = this.#options;
    const secret = randomBytes(24).toString('base64url');
    this.#redactor.know(secret, webhook.url, new URL(webhook.url).host);
    const listening = new Listening(this.#target, this.#calls, {
      ...webhook,
      secret,
      run,
      marker: this.#marker('text'),
      stop,
    });
    try {
      this.#registered = await listening.open();
    } catch (error) {
      // It may be registered all the same.
      if (listening.isNoted) this.#listening = listening;
      else await listening.close();
      throw error;
    }
    this.#listening = listening;
    return `the listener's address is registered: ${answered(this.#registered)}`;
  }

  async #text(): Promise<string> {
    const { waitMs } = this.#options;
    const said = await this.#send('text');
    const sent = this.#named('text');
    if (!this.#listening || !sent || !isTaken(sent)) return said;
    await this.#until(() => echoesOf(this.#items(), sent.marker).length > 0, waitMs);
    const told = await this.#listening.learn();
    await this.#until(() => this.#items().some(({ kind }) => kind === 'statuses'), waitMs);
    await this.#quiet();
    return `${said}; ${told}`;
  }

  #plain(name: SendName): Promise<string> {
    const { to, run, media = '' } = this.#options;
    const [key, marker] = [keyOf(run, 'text'), this.#marker(name)];
    switch (name) {
      case 'same-key': {
        const first = this.#marker('text');
        return this.#send(name, { key, marker: first, body: { to, body: textOf(first) } });
      }
      case 'other-body':
        return this.#send(name, { key });
      case 'no-key':
        return this.#send(name, { key: undefined });
      case 'bad-token':
        return this.#send(name, { token: BAD_TOKEN });
      case 'bad-to':
        return this.#send(name, { body: { to: BAD_TO, body: textOf(marker) } });
      case 'long-text':
        return this.#send(name, { body: { to, body: longTextOf(marker) } });
      case 'media':
        return this.#send(name, { path: '/messages/media', body: { to, media, caption: textOf(marker) } });
      default:
        return this.#send(name);
    }
  }

  async #conversation(): Promise<string> {
    const conversationId = this.#ours()
      .flatMap(({ raw }) => [raw.conversationId, raw.conversation_id])
      .find((one) => typeof one === 'string' && one !== '');
    if (conversationId === undefined) return 'no webhook named one';
    const body = { conversationId, body: textOf(this.#marker('conversation')) };
    return this.#send('conversation', { body });
  }

  /** What was accepted is told of, where anything is. */
  async #settle(): Promise<undefined> {
    const isTold = (send: SendFact): boolean => echoesOf(this.#items(), send.marker).length > 0;
    const taken = this.#sends.filter((send) => isTaken(send) && send.name !== 'bad-to');
    if (taken.some(isTold)) await this.#until(() => taken.every(isTold), this.#options.waitMs);
    await this.#quiet();
  }

  /** Until nothing has come for a while. */
  async #quiet(): Promise<void> {
    const { waitMs } = this.#options;
    const [quiet, came] = [Math.min(QUIET_MS, waitMs / 4), this.#listening?.came ?? []];
    const from = Date.now();
    const lastAt = (): number => Math.max(from, came.at(-1)?.at ?? 0);
    await this.#until(() => Date.now() - lastAt() >= quiet, waitMs);
  }

  async #retried(): Promise<string> {
    const { waitMs, retryWaitMs } = this.#options;
    const { attempts } = this.#listening?.webhooks ?? { attempts: [] };
    this.#listening?.refuseNext(this.#marker('retried'), Math.min(MOST_HANG_MS, waitMs));
    const said = await this.#send('retried');
    await this.#until(() => attempts.length > 0, waitMs);
    if (attempts.length > 0) await this.#until(() => attempts.length > 2, retryWaitMs);
    return `${said}; it came ${attempts.length} times`;
  }

  async #twice(): Promise<string> {
    const { waitMs } = this.#options;
    const result = await this.#listening?.registerAgain();
    const said = await this.#send('twice');
    const { marker } = this.#named('twice') ?? { marker: '' };
    await this.#until(() => echoesOf(this.#items(), marker).length > 0, waitMs);
    await this.#quiet();
    return `the same address again: ${result ? answered(result) : 'not registered'}; ${said}`;
  }

  /** What the line does not tell, somebody may count. */
  async #count(): Promise<string | undefined> {
    const { person } = this.#options;
    const items = this.#items();
    if (!person || this.#sends.some(({ marker }) => echoesOf(items, marker).length > 0)) return undefined;
    const doubtful = this.#sends.filter(
      (send) => (isTaken(send) || isLost(send)) && ['text', 'other-body'].includes(send.name),
    );
    for (const { marker } of doubtful) {
      const n = await person.counts(`How many messages that begin with "${marker}" are on the phone?`);
      if (n !== undefined) this.#counted.set(marker, n);
    }
    return `${this.#counted.size} of ${doubtful.length} were counted`;
  }

  async #askInbound(person: Person): Promise<undefined> {
    const { to: phone, waitMs, stop: signal, tell } = this.#options;
    const came = this.#listening?.came ?? [];
    this.#inbound = await askInbound({ person, came, phone, ours: this.#ours(), waitMs, signal, tell });
  }

  async #unlink(person: Person): Promise<string> {
    const { retryWaitMs, waitMs } = this.#options;
    const unlink = 'Unlink the phone now: in WhatsApp, Linked devices, log the workspace out';
    if (!(await person.does(unlink))) return 'skipped';
    let health: HttpResult | undefined;
    const isSendable = async (): Promise<boolean> => {
      health = await this.#calls.health();
      return healthOf(health).sendable;
    };
    const isOff = await this.#until(async () => !(await isSendable()), retryWaitMs);
    if (health) {
      const status = health.kind === 'answer' ? health.status : health.code;
      this.#unlinked = { health: status, says: this.#redactor.heard(healthWords(health)), isSendable: !isOff };
    }
    const said = isOff ? await this.#send('unlinked') : 'health says all the time that it can send';
    await person.does('Link the phone again, by its QR code in the workspace');
    if (!(await this.#until(isSendable, retryWaitMs))) return `${said}; the line cannot send yet`;
    await this.#left(person, waitMs);
    return said;
  }

  async #left(person: Person, waitMs: number): Promise<void> {
    const send = this.#named('unlinked');
    if (!send || !isTaken(send) || !this.#unlinked) return;
    const isTold = () => echoesOf(this.#items(), send.marker).length > 0;
    const tells = this.#sends.some(({ marker }) => echoesOf(this.#items(), marker).length > 0);
    const isLeft = tells && (await this.#until(isTold, waitMs));
    const counted = tells ? undefined : await person.counts(`How many messages that begin with "${send.marker}" came?`);
    const left = tells ? isLeft : counted === undefined ? undefined : counted > 0;
    this.#unlinked = { ...this.#unlinked, ...(left !== undefined && { left }) };
  }

  async #rotate(person: Person): Promise<string> {
    const { retryWaitMs } = this.#options;
    const before = await storedLineToken(this.#target);
    const rotate = `Rotate the token now, in another terminal: npx ezw token rotate ${this.#target.client.name}`;
    if (!(await person.does(rotate))) return 'skipped';
    const isOther = async (): Promise<boolean> => (await storedLineToken(this.#target)) !== before;
    if (!(await this.#until(isOther, retryWaitMs))) return 'no other token was stored';
    this.#redactor.know(await storedLineToken(this.#target));
    const result = await this.#calls.health(before);
    this.#oldToken = result.kind === 'answer' ? result.status : result.code;
    return `the token before: ${answered(result)}`;
  }
}

/**
 * Asks the line, and leaves it as it was: also where it is stopped, or something fails.
 * @throws Failed, before anything is sent, where another probe of the line is open
 */
export const probeLine = async (target: Target, options: ProbeOptions, redactor: Redactor): Promise<Found> => {
  await openProbe(target, options.run, options.by);
  return new Probe(target, options, redactor).run();
};
