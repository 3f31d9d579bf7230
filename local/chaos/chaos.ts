import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { LogLine } from '../lambda/definition.ts';
import type { Standstill } from '../lambda/standstill.ts';
import { aboutOfAws, type BodyOf, shortHash } from './about.ts';
import { callerAt } from './calling.ts';
import { type Asked, Front, type Heard } from './front.ts';
import { LateIndex } from './late-index.ts';
import { type Blow, chaosPlan, counted, type Fault, type Plan, type Port } from './plan.ts';

export interface ChaosTools {
  readonly plan: Plan;
  readonly log: (line: LogLine) => void;
  /** Of the processes of a function; none of nobody. */
  readonly pidsOf: (name: string | undefined) => readonly number[];
  readonly standstill: Standstill;
  /** Short name of the function that signed a request. @param authorization its header */
  readonly callerOf: (authorization: string | undefined) => string | undefined;
  readonly bodyOf: BodyOf;
}

/** The Scheduler rings within the minute. */
const LATEST_ALARM_MS = 60_000;

/** Of the rates of the plan: what is tried again here is tried in real time, and someone is watching. */
const STRENGTH = 0.3;

export const planHere = (seed: number): Plan => chaosPlan(seed, STRENGTH);

/** What the client of the SDK answers with another try of the same call. */
const TRIED_AGAIN: readonly Fault[] = ['refused-before', 'refused-after', 'lost-before', 'lost-after'];
/** Nothing without a process that they strike. */
const OF_PROCESSES: readonly Fault[] = ['killed-before', 'killed-after', 'frozen'];

/** Everything that goes wrong in a stack on this machine, by its seed. Each fault is a log line; what it is about is told as a hash. */
export class Chaos {
  readonly #tools: ChaosTools;
  readonly #strike: ReturnType<typeof counted>;
  readonly #fronts: Front[] = [];
  /** What strikes the next tries of a call too, by the call's id. */
  readonly #open = new Map<string, { readonly blow: Blow; readonly left: number }>();
  #hasBegun = false;

  constructor(tools: ChaosTools) {
    this.#tools = tools;
    this.#strike = counted(tools.plan);
  }

  /** From now on; what starts the stack is left alone. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** @returns the origin that stands before a server of AWS's */
  before(port: Port, target: string): Promise<string> {
    const asked = (request: IncomingMessage, body: Buffer) => this.#ofAws(port, request, body);
    return this.#front(target, asked, port === 'dynamodb' ? this.#lateIndex() : undefined);
  }

  #lateIndex(): Heard {
    const isBehind = (query: string): boolean =>
      this.#struck({ port: 'index', operation: 'Query', about: shortHash(query), by: undefined }) !== undefined;
    const index = new LateIndex({ now: Date.now, isBehind });
    return ({ operation }, body, answer) => index.answered(operation, body, answer);
  }

  /** The same before EZWhatsApp and everybody else. */
  beforeOutside(target: string): Promise<string> {
    return this.#front(target, (request, body) => this.#ofOutside(request, body));
  }

  /** What happens to a message on its way to its function. */
  onDelivery(queue: string, body: string): 'twice' | 'late' | undefined {
    const blow = this.#struck({ port: 'queue', operation: queue, about: shortHash(body), by: undefined });
    return blow?.fault === 'twice' || blow?.fault === 'late' ? blow.fault : undefined;
  }

  /** What happens to an alarm that is due. @returns by how many milliseconds it is late, or that it rings twice */
  onAlarm(name: string): number | 'twice' | undefined {
    const blow = this.#struck({ port: 'alarm', operation: 'ring', about: shortHash(name), by: undefined });
    return blow?.fault === 'late' ? 1 + Math.floor(blow.strength * LATEST_ALARM_MS) : blow && 'twice';
  }

  async stop(): Promise<void> {
    await Promise.all(this.#fronts.map((front) => front.stop()));
  }

  async #front(
    target: string,
    asked: (request: IncomingMessage, body: Buffer) => Asked | undefined,
    heard?: Heard,
  ): Promise<string> {
    const { pidsOf, standstill } = this.#tools;
    const strike = (one: Asked) => this.#struck(one);
    const front = await new Front({ target, asked, pidsOf, standstill, heard, strike }).start();
    this.#fronts.push(front);
    return front.url;
  }

  #ofAws(port: Port, { method, url, headers }: IncomingMessage, body: Buffer): Asked | undefined {
    const by = this.#tools.callerOf(headers.authorization);
    // The operator's command, and the stack itself.
    if (by === undefined) return undefined;
    const target = headers['x-amz-target'];
    const operation = typeof target === 'string' ? (target.split('.').at(-1) ?? '') : `${method}`;
    const about = shortHash(aboutOfAws(`${url}`, String(body), this.#tools.bodyOf));
    return { port, operation, about, by, tried: triedOf(headers) };
  }

  #ofOutside({ method, url = '/', headers }: IncomingMessage, body: Buffer): Asked {
    const [path = '/'] = url.split('?');
    const key = headers['idempotency-key'];
    const by = this.#tools.callerOf(headers.authorization) ?? callerAt(path);
    const port = path.startsWith('/api/') ? 'api' : 'outside';
    // A path may hold a number of somebody's.
    const operation = port === 'api' ? `${method} ${path}` : `${method} /${path.split('/')[1]}`;
    return { port, operation, about: shortHash(`${url} ${key ?? body}`), by };
  }

  /** The tries of a call are one call to the plan, as they are to whoever makes it. */
  #blow({ port, operation, about, tried }: Asked): Blow | undefined {
    if (tried && !tried.isFirst) {
      const { blow, left = 0 } = this.#open.get(tried.id) ?? {};
      if (blow && left > 1) this.#open.set(tried.id, { blow, left: left - 1 });
      else this.#open.delete(tried.id);
      return blow;
    }
    const blow = this.#strike(port, operation, about);
    if (tried && blow && blow.tries > 1 && TRIED_AGAIN.includes(blow.fault))
      this.#open.set(tried.id, { blow, left: blow.tries - 1 });
    return blow;
  }

  #struck(asked: Asked): Blow | undefined {
    const { port, operation, about, by } = asked;
    const blow = this.#hasBegun ? this.#blow(asked) : undefined;
    if (blow === undefined || blow.fault === 'cut') return undefined;
    if (OF_PROCESSES.includes(blow.fault) && this.#tools.pidsOf(by).length === 0) return undefined;
    const line = { level: 'info', event: 'chaos', port, operation, fault: blow.fault, about };
    this.#tools.log({ function: by ?? port, line: JSON.stringify(line) });
    return blow;
  }
}

const triedOf = (headers: IncomingHttpHeaders): Asked['tried'] => {
  const id = headers['amz-sdk-invocation-id'];
  const nth = /\battempt=(\d+)/.exec(String(headers['amz-sdk-request']))?.[1];
  return typeof id === 'string' && nth !== undefined ? { id, isFirst: nth === '1' } : undefined;
};
