import type { IncomingMessage } from 'node:http';
import { parsedJson } from '../json.ts';
import type { LogLine } from '../lambda/definition.ts';
import type { Standstill } from '../lambda/standstill.ts';
import { type Asked, Front, shortHash } from './front.ts';
import { type Blow, chaosPlan, counted, type Port } from './plan.ts';

export interface ChaosTools {
  readonly seed: number;
  readonly log: (line: LogLine) => void;
  readonly pidsOf: (name: string) => readonly number[];
  readonly standstill: Standstill;
  /** Short name of the function that signed a request. @param authorization its header */
  readonly callerOf: (authorization: string | undefined) => string | undefined;
}

/** What a body is about; never shown as it is. */
interface AwsBody {
  readonly Key?: { readonly pk?: { readonly S?: string } };
  readonly Item?: { readonly pk?: { readonly S?: string } };
  readonly SecretId?: string;
}

/** Of the rates of the plan: what is tried again here is tried in real time, and someone is watching. */
const STRENGTH = 0.3;

const CALLERS: readonly (readonly [RegExp, string])[] = [
  [/^\/api\//, 'sender'],
  [/^\/crms?\b/, 'crm-sync'],
  [/^\/notifiers?\b/, 'escalation'],
];

/** Everything that goes wrong in a stack on this machine, by its seed. Each fault is a log line; what it is about is told as a hash. */
export class Chaos {
  readonly #tools: ChaosTools;
  readonly #strike: ReturnType<typeof counted>;
  readonly #fronts: Front[] = [];
  #hasBegun = false;

  constructor(tools: ChaosTools) {
    this.#tools = tools;
    this.#strike = counted(chaosPlan(tools.seed, STRENGTH));
  }

  /** From now on; what starts the stack is left alone. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** @returns the origin that stands before a server of AWS's */
  before(port: Port, target: string): Promise<string> {
    return this.#front(target, (request, body) => this.#ofAws(port, request, body));
  }

  /** The same before EZWhatsApp and everybody else. */
  beforeOutside(target: string): Promise<string> {
    return this.#front(target, (request, body) => ofOutside(request, body));
  }

  /** What happens to a message on its way to its function. */
  onDelivery(queue: string, body: string): 'twice' | 'late' | undefined {
    const blow = this.#struck({ port: 'queue', operation: queue, about: shortHash(body), by: undefined });
    return blow?.fault === 'twice' || blow?.fault === 'late' ? blow.fault : undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#fronts.map((front) => front.stop()));
  }

  async #front(target: string, asked: (request: IncomingMessage, body: Buffer) => Asked | undefined): Promise<string> {
    const { pidsOf, standstill } = this.#tools;
    const front = await new Front({ target, asked, pidsOf, standstill, strike: (one) => this.#struck(one) }).start();
    this.#fronts.push(front);
    return front.url;
  }

  #ofAws(port: Port, { method, url, headers }: IncomingMessage, body: Buffer): Asked | undefined {
    const by = this.#tools.callerOf(headers.authorization);
    // The operator's command, and the stack itself.
    if (by === undefined) return undefined;
    const target = headers['x-amz-target'];
    const operation = typeof target === 'string' ? (target.split('.').at(-1) ?? '') : `${method}`;
    const said = (parsedJson(String(body)) ?? {}) as AwsBody;
    const about = said.Key?.pk?.S ?? said.Item?.pk?.S ?? said.SecretId ?? `${url} ${body}`;
    return { port, operation, about: shortHash(about), by };
  }

  #struck({ port, operation, about, by }: Asked): Blow | undefined {
    const blow = this.#hasBegun ? this.#strike(port, operation, about) : undefined;
    if (blow === undefined || blow.fault === 'cut') return undefined;
    const line = { level: 'info', event: 'chaos', port, operation, fault: blow.fault, about };
    this.#tools.log({ function: by ?? port, line: JSON.stringify(line) });
    return blow;
  }
}

const ofOutside = ({ method, url = '/', headers }: IncomingMessage, body: Buffer): Asked => {
  const [path = '/'] = url.split('?');
  const key = headers['idempotency-key'];
  const by = CALLERS.find(([pattern]) => pattern.test(path))?.[1];
  const port = path.startsWith('/api/') ? 'api' : 'outside';
  // A path may hold a number of somebody's.
  const operation = port === 'api' ? `${method} ${path}` : `${method} /${path.split('/')[1]}`;
  return { port, operation, about: shortHash(`${url} ${key ?? body}`), by };
};
