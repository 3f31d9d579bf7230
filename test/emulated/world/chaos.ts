import { AsyncLocalStorage } from 'node:async_hooks';
import crypto, { type UUID } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { sha256 } from '../../../functions/shared/runtime/hashes.ts';
import type { HttpRequest, HttpResult } from '../../../functions/shared/runtime/http.ts';
import { RecentRows } from '../../../local/chaos/late-index.ts';
import { type Blow, counted, type Fault, type Plan, type Port } from '../../../local/chaos/plan.ts';
import type { Command } from './services.ts';

const SECOND = 1000;
/** What the SDK's client makes of a call, and how long each try and all of them may take (functions/shared/runtime/aws.ts). */
const TRIES = 3;
const TRY_MS = 1_500;
const CALL_MS = 4_500;
const ANSWER_MS = 250;
/** Of a request, and what is kept behind it (functions/shared/runtime/http.ts). */
const REQUEST_MS = 10_000;
const OUTCOME_MS = 10_000;
const LEAST_MS = 1_000;
/** Longer than a lease and shorter than a sender's time; longer than any function's time and its queue's. */
const FROZEN_MS = [65 * SECOND, 75 * SECOND, 7 * 60 * SECOND, 18 * 60 * SECOND] as const;

/** One event in one process. */
export interface Invocation {
  readonly name: string;
  /** When Lambda ends it, epoch milliseconds. */
  readonly endsAt: number;
  /** Nothing of it goes on any more. */
  isDead: boolean;
  /** It stood still once: nothing ends it but itself. */
  isZombie: boolean;
  /** Stands still until then. */
  thawsAt: number;
  /** Until when what it claimed is its own, by the row: epoch milliseconds. */
  readonly leases: Map<string, number>;
  /** Ends it at once. */
  kill: () => void;
}

/** Something that went wrong, as it is told to people. */
export interface Happened {
  readonly at: number;
  readonly fault: Fault;
  readonly tries: number;
  readonly port: Port;
  readonly operation: string;
  readonly about: string;
  readonly by: string;
}

export interface ChaosTools {
  readonly plan: Plan;
  /** Resolves so many milliseconds later by the world's clock. */
  readonly pause: (ms: number) => Promise<void>;
}

const hash = (text: string): string => sha256(text).slice(0, 16);
const failed = (name: string): Error => Object.assign(new Error(name), { name });
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

interface Input {
  readonly Key?: { readonly pk?: { readonly S: string } };
  readonly Item?: { readonly pk?: { readonly S: string }; readonly leaseUntil?: { readonly N: string } };
  readonly ExpressionAttributeValues?: { readonly ':leaseUntil'?: { readonly N: string } };
  readonly Name?: string;
  readonly SecretId?: string;
}

const aboutOf = (input: Input): string =>
  input.Key?.pk?.S ?? input.Item?.pk?.S ?? input.Name ?? input.SecretId ?? hash(JSON.stringify(input));

const leaseOf = ({ Item, ExpressionAttributeValues }: Input): number | undefined => {
  const lease = Item?.leaseUntil ?? ExpressionAttributeValues?.[':leaseUntil'];
  return lease && Number(lease.N);
};

const PORTS: readonly (readonly [RegExp, Port])[] = [
  [/^(SendMessage|ChangeMessageVisibility)/, 'sqs'],
  [/Schedule$/, 'scheduler'],
  [/^GetSecretValue$/, 'secrets-manager'],
  [/^GetParameter$/, 'ssm'],
];

/** Everything that goes wrong at the outermost modules, as the SDK's client and the one of HTTP would show it to whoever calls. */
export class Chaos {
  readonly happened: Happened[] = [];
  readonly #strike: ReturnType<typeof counted>;
  readonly #pause: ChaosTools['pause'];
  readonly #current = new AsyncLocalStorage<Invocation>();
  /** Rows that were written by whoever had lost them, or claimed while they were another's. */
  readonly overtaken: string[] = [];
  /** Who claimed each row last, and until when it is theirs: epoch milliseconds. */
  readonly #owners = new Map<string, { readonly owner: Invocation; readonly until: number }>();
  readonly #recent = new RecentRows(() => Date.now());

  constructor({ plan, pause }: ChaosTools) {
    this.#strike = counted(plan);
    this.#pause = pause;
  }

  inside<T>(invocation: Invocation, does: () => T): T {
    return this.#current.run(invocation, does);
  }

  /** Milliseconds for which what the caller claimed is still its own; `undefined` where it claimed nothing. */
  leaseLeftMs(row: string): number | undefined {
    const until = this.#current.getStore()?.leases.get(row);
    return until === undefined ? undefined : until - Date.now();
  }

  /** What strikes this call, if anything. */
  strike(port: Port, operation: string, about: string, by = this.#current.getStore()?.name ?? ''): Blow | undefined {
    const blow = this.#strike(port, operation, about);
    if (blow) this.happened.push({ at: Date.now(), fault: blow.fault, tries: blow.tries, port, operation, about, by });
    return blow;
  }

  /** A call by a client of the SDK. @param effect makes it; it may be made twice, as the client repeats it */
  async aws(command: Command, effect: () => Promise<object>): Promise<object> {
    const invocation = this.#current.getStore();
    if (!invocation) return effect();
    const operation = command.constructor.name.replace(/Command$/, '');
    const about = aboutOf(command.input as Input);
    const port = PORTS.find(([pattern]) => pattern.test(operation))?.[1] ?? 'dynamodb';
    await this.#alive(invocation);
    const lease = leaseOf(command.input as Input);
    if (lease) invocation.leases.set(about, lease);
    const blow = this.strike(port, operation, about);
    const answer = await this.#tried(invocation, blow, async () => {
      const found = await effect();
      if (lease !== undefined) this.#written(about, lease, invocation);
      if (['PutItem', 'UpdateItem'].includes(operation)) this.#recent.note(about);
      return operation === 'Query' ? this.#asIndexed(about, found) : found;
    });
    await this.#alive(invocation);
    return answer;
  }

  #written(row: string, until: number, owner: Invocation): void {
    // Of a person at a CRM: whoever meets their contact there may say so at any time.
    if (row.startsWith('crm#')) return;
    const stands = this.#owners.get(row);
    const isAnothers = stands !== undefined && stands.owner !== owner;
    if (isAnothers && (until > 0 ? stands.until > Date.now() : owner.leases.has(row))) this.overtaken.push(row);
    this.#owners.set(row, until > 0 ? { owner, until } : { owner: stands?.owner ?? owner, until });
  }

  async #tried(invocation: Invocation, blow: Blow | undefined, effect: () => Promise<object>): Promise<object> {
    const until = Math.min(Date.now() + CALL_MS, invocation.endsAt - ANSWER_MS);
    let error = failed('TimeoutError');
    for (let tries = 0; tries < TRIES; tries += 1) {
      await this.#alive(invocation);
      // What stands still is not told by its timers that its time is over before its call has left.
      if (Date.now() >= until && tries === 0 && !invocation.isZombie) throw failed('TimeoutError');
      if (Date.now() >= until && (tries > 0 || Date.now() >= invocation.endsAt)) throw error;
      switch (blow && tries < blow.tries ? blow.fault : undefined) {
        case 'refused-before':
          error = failed('ThrottlingException');
          await this.#pause(100);
          break;
        case 'refused-after':
          await this.#unheard(effect);
          error = failed('InternalServerError');
          await this.#pause(100);
          break;
        case 'lost-before':
          error = failed('TimeoutError');
          await this.#pause(TRY_MS);
          break;
        case 'lost-after':
          await this.#unheard(effect);
          error = failed('TimeoutError');
          await this.#pause(TRY_MS);
          break;
        case 'late': {
          const { strength = 0 } = blow ?? {};
          if (strength < 0.5) await this.#pause(strength * 2 * TRY_MS * 0.9);
          const answer = await this.#heard(effect);
          if (strength >= 0.5) await this.#pause((strength * 2 - 1) * TRY_MS * 0.9);
          return answer();
        }
        case 'killed-before':
          return this.#killed(invocation);
        case 'killed-after':
          await this.#unheard(effect);
          return this.#killed(invocation);
        case 'frozen':
          return this.#frozen(invocation, blow?.strength ?? 0, effect);
        default:
          return effect();
      }
    }
    throw error;
  }

  /** A call over the network. @param effect makes it, and never rejects */
  async http({ method, url, headers = {}, body = '' }: HttpRequest, effect: () => Promise<HttpResult>) {
    const invocation = this.#current.getStore();
    if (!invocation) return effect();
    await this.#alive(invocation);
    if (Math.min(REQUEST_MS, invocation.endsAt - Date.now() - OUTCOME_MS) < LEAST_MS)
      return { kind: 'never-left', code: 'no_time_left' } as const;
    const { pathname } = new URL(url);
    const port = pathname.startsWith('/api/') ? 'api' : 'outside';
    const blow = this.strike(port, `${method} ${pathname}`, headers['idempotency-key'] ?? hash(body));
    const result = await this.#requested(invocation, blow, effect);
    await this.#alive(invocation);
    return result;
  }

  async #requested(
    invocation: Invocation,
    blow: Blow | undefined,
    effect: () => Promise<HttpResult>,
  ): Promise<HttpResult> {
    const { fault, strength = 0 } = blow ?? {};
    switch (fault) {
      case 'refused-before':
        if (strength < 0.4) return { kind: 'never-left', code: 'ECONNREFUSED' };
        return { kind: 'answer', status: strength < 0.7 ? 503 : 429, headers: {}, body: '' };
      case 'refused-after':
        await effect();
        return { kind: 'answer', status: strength < 0.5 ? 500 : 502, headers: {}, body: '' };
      case 'lost-before':
        await this.#pause(REQUEST_MS);
        return { kind: 'unknown', code: 'timeout' };
      case 'lost-after':
        await effect();
        await this.#pause(REQUEST_MS);
        return { kind: 'unknown', code: 'timeout' };
      case 'late': {
        if (strength < 0.5) await this.#pause(strength * 2 * REQUEST_MS * 0.9);
        const answer = await effect();
        if (strength >= 0.5) await this.#pause((strength * 2 - 1) * REQUEST_MS * 0.9);
        return answer;
      }
      case 'killed-before':
        return this.#killed(invocation);
      case 'killed-after':
        await effect();
        return this.#killed(invocation);
      case 'frozen':
        return this.#frozen(invocation, strength, effect);
      default:
        return effect();
    }
  }

  /** Stands still before its call has left, or before it reads the answer. */
  async #frozen<T>(invocation: Invocation, strength: number, effect: () => Promise<T>): Promise<T> {
    const isBefore = (strength * 8) % 1 < 0.5;
    const ms = FROZEN_MS[Math.floor(strength * FROZEN_MS.length)] ?? FROZEN_MS[0];
    invocation.isZombie = true;
    invocation.thawsAt = Date.now() + ms;
    const answer = isBefore ? undefined : await this.#heard(effect);
    await this.#alive(invocation);
    return answer ? answer() : effect();
  }

  #killed<T>(invocation: Invocation): Promise<T> {
    invocation.kill();
    return never();
  }

  /** Nothing of a process that is dead goes on, and nothing of one that stands still until it thaws. */
  async #alive(invocation: Invocation): Promise<void> {
    while (!invocation.isDead && Date.now() < invocation.thawsAt) await this.#pause(invocation.thawsAt - Date.now());
    if (invocation.isDead) await never();
  }

  async #unheard(effect: () => Promise<unknown>): Promise<void> {
    await effect().catch(() => undefined);
  }

  async #heard<T>(effect: () => Promise<T>): Promise<() => T> {
    try {
      const answer = await effect();
      return () => answer;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  #asIndexed(about: string, found: { readonly Items?: readonly { readonly pk?: { readonly S: string } }[] }): object {
    const isNew = ({ pk }: { readonly pk?: { readonly S: string } }): boolean => this.#recent.has(pk?.S ?? '');
    if (!found.Items?.some(isNew) || !this.strike('index', 'Query', about)) return found;
    return { ...found, Items: found.Items.filter((item) => !isNew(item)) };
  }
}

const real = crypto.randomUUID;

/** Ids from now on are drawn by this, or made as ever. */
export const drawIds = (random?: () => number): void => {
  const hex = (n: number): string =>
    Array.from({ length: n }, () => Math.floor((random?.() ?? 0) * 16).toString(16)).join('');
  const drawn = (): UUID => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  crypto.randomUUID = random ? drawn : real;
  syncBuiltinESMExports();
};
