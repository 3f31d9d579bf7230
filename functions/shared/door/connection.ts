import { randomBytes } from 'node:crypto';
import type * as z from 'zod/mini';
import { plainWords } from '../runtime/characters.ts';
import type { Http, HttpRequest } from '../runtime/http.ts';
import { jsonIn } from '../runtime/json.ts';
import { retryAfter } from '../runtime/retry-after.ts';
import type { SourceSecret } from './signatures.ts';

/** What there must be one subscription of: with a key where the vendor keeps several for one address, by topic or by form. */
export interface Wanted {
  /** `''` where one holds everything. */
  readonly key: string;
  readonly events: readonly string[];
}

/** One subscription as the vendor tells of it. */
export interface Subscribed extends Wanted {
  readonly id: string;
  readonly address: string;
  readonly state: 'on' | 'off';
  /** What it signs with, by vendors that show it: `''` for nothing. Never shown to people. */
  readonly secret?: string | undefined;
  /** For people: its last delivery, its failures, why it is off. */
  readonly says?: string | undefined;
  /** What else of it must be otherwise, such as a filter; each in a few words. */
  readonly wrong?: readonly string[] | undefined;
  /** What people have to see to before it breaks, and `subscribe` cannot: a login that ends soon. */
  readonly warns?: readonly string[] | undefined;
}

export interface ConnectTools<Settings> {
  /** As `Connection.vendor`. */
  readonly vendor: string;
  readonly settings: Settings;
  /** The source's entry of the sources secret; `current` is empty where none is stored and nothing is to be changed. */
  readonly secret: SourceSecret;
  /** What `asks` names, stored or given just now. */
  readonly login: Readonly<Record<string, string>>;
  /** Of our door, as the vendor must call it. */
  readonly address: string;
  /** What is wanted, for vendors whose list is of one thing at a time. */
  readonly wanted: readonly Wanted[];
  readonly http: Http;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Something that the operator knows and that the vendor's API wants to be told. */
export interface Ask {
  /** The field of the source's secret in which it may be kept: it is not asked for then. */
  readonly field: string;
  /** What it is, where it is got, and which rights it needs. */
  readonly what: string;
  /** It is typed at a hidden prompt. */
  readonly isSecret: boolean;
}

/**
 * How a source is subscribed at its vendor: `connection.ts` in the source's folder exports it as `connection`. It is found by its
 * folder, read by the operator's command and the watcher, and stands in no bundle of a function.
 */
export interface Connection<Settings, TemplateSettings = unknown> {
  /** The vendor's name for people. */
  readonly vendor: string;
  /** In the order in which they are asked for. */
  asks(settings: Settings): readonly Ask[];
  /** Makes the secret that signs, where it is ours to choose and the vendor is told it; else it is the vendor's. */
  newSecret?(): string;
  /** The vendor takes no second subscription of an address: what is too many is removed before another is made. */
  readonly refusesTwo?: true;
  /** Why the vendor's list may lack subscriptions that there are: that none is found is then no proof. */
  readonly unlisted?: string;
  /**
   * What must be subscribed by the client file: of its source, and of the template that this is of.
   * @throws ConnectProblem with `isInput` where the file does not say enough
   */
  wants(settings: Settings, template: TemplateSettings): readonly Wanted[];
  /** Those of our address and of others. */
  list(tools: ConnectTools<Settings>): Promise<readonly Subscribed[]>;
  /**
   * Makes it, or changes the one at our address: on, with all events, our secret, and nothing wrong.
   * @returns its id, where the vendor says it and shows no secret of it
   */
  subscribe(tools: ConnectTools<Settings>, wanted: Wanted, found: Subscribed | undefined): Promise<string | undefined>;
  /** That it is gone already is no fault. */
  unsubscribe(tools: ConnectTools<Settings>, found: Subscribed): Promise<void>;
  /** What only the owner of the shop, page or account can do, step by step, to be sent to them. */
  readonly checklist: { readonly en: readonly string[]; readonly he: readonly string[] };
}

const isSuccess = (status: number): boolean => status >= 200 && status <= 299;

/** Why it cannot be looked at or changed: one line for people, which says what to do and holds no secret. */
export class ConnectProblem extends Error {
  override readonly name = 'ConnectProblem';
  /** Of the vendor's answer; undefined where none came. */
  readonly status: number | undefined;
  /** The client file, or what was typed, does not say what is needed. */
  readonly isInput: boolean;

  constructor(message: string, { status, isInput = false }: { readonly status?: number; readonly isInput?: boolean }) {
    super(message);
    this.status = status;
    this.isInput = isInput;
  }

  /** It may be otherwise in a while, with nothing changed: no answer, too many calls, a fault of the vendor's, a page of maintenance. */
  get isPassing(): boolean {
    const { status, isInput } = this;
    return !isInput && (status === undefined || isSuccess(status) || status === 429 || status >= 500);
  }
}

/** Says of a failure what it leaves behind. */
export const leaving = async <T>(work: Promise<T>, behind: string): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConnectProblem)) throw error;
    const { message, status, isInput } = error;
    throw new ConnectProblem(`${message} ${behind}`, { isInput, ...(status !== undefined && { status }) });
  }
};

/** A secret of letters and digits alone: what stands in forms and addresses at vendors comes back as it was. */
export const randomSecret = (): string => randomBytes(32).toString('hex');

/** What the vendor says of a refusal, without what was sent to it. */
const wordsOf = (
  body: string,
  { secret, login, address }: Pick<ConnectTools<unknown>, 'secret' | 'login' | 'address'>,
) => {
  const json = jsonIn(body);
  const fields = typeof json === 'object' && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
  const inner = typeof fields.error === 'object' ? (fields.error as { readonly message?: unknown } | null) : null;
  const texts = [fields.title, fields.message, fields.description, fields.error, fields.errors, inner?.message];
  const said = [...new Set(texts.filter((one) => typeof one === 'string'))].join(' · ');
  const hidden = [...Object.values(secret), ...Object.values(login)].filter((one) => one !== undefined && one !== '');
  const clean = [...hidden, address].reduce((text: string, one) => text.replaceAll(one ?? '', '…'), said);
  return plainWords(clean);
};

/** What to do about a status, where the vendor means something of its own by it. */
export type Hints = Readonly<Record<number, string>>;

const USUAL: Hints = {
  401: 'the login is wrong, has expired or was revoked: make a new one there',
  403: 'the login lacks a right for that, or the plan does not hold it',
  404: 'what the client file names is not there, or not for this login',
};

/** @throws ConnectProblem for all that is neither a success nor one of `also` */
const assertTaken = (
  { vendor, now, ...said }: ConnectTools<unknown>,
  result: Awaited<ReturnType<Http>>,
  { hints, changes }: { readonly hints: Hints; readonly changes: boolean },
): void => {
  if (result.kind !== 'answer') {
    const open = result.kind === 'unknown' && changes;
    const what = open ? 'it is not known whether it was done: look with "source show"' : 'try again in a while';
    throw new ConnectProblem(`${vendor} did not answer (${result.code}): ${what}.`, {});
  }
  const { status, headers, body } = result;
  if (isSuccess(status)) return;
  const words = wordsOf(body, said);
  const quoted = words === '' ? '' : ` It says: ${words}`;
  const fail = (what: string): never => {
    throw new ConnectProblem(`${vendor} ${what}.${quoted}`, { status });
  };
  const hint = hints[status] ?? USUAL[status];
  if (hint !== undefined) fail(`answered ${status}: ${hint}`);
  if (status === 429) {
    const seconds = retryAfter(headers, now());
    fail(`answered 429, too many calls: try again in ${seconds === undefined ? 'some minutes' : `${seconds} s`}`);
  }
  if (status >= 500) fail(`answered ${status}, a fault of its own: try again in a while`);
  if (status >= 300 && status <= 399)
    fail(`answered ${status}, which is another address: is the one in the client file right`);
  fail(`refused it with ${status}`);
};

/**
 * One call of a vendor's API. Whatever it answers but a success, or one of the statuses of `also`, is one clear line.
 * @param options.changes that nothing is left changed by it, whatever becomes of the call, where the method does not say it
 * @throws ConnectProblem
 */
export const callVendor = async <Schema extends z.ZodMiniType>(
  tools: ConnectTools<unknown>,
  request: HttpRequest,
  reads: Schema,
  {
    hints = {},
    also = [],
    changes = request.method !== 'GET',
  }: { readonly hints?: Hints; readonly also?: readonly number[]; readonly changes?: boolean } = {},
): Promise<{ readonly status: number; readonly found: z.output<Schema> | undefined }> => {
  const result = await tools.http(request);
  if (result.kind === 'answer' && also.includes(result.status)) return { status: result.status, found: undefined };
  assertTaken(tools, result, { hints, changes });
  if (result.kind !== 'answer') throw new ConnectProblem(`${tools.vendor} did not answer.`, {});
  const { status, body } = result;
  const read = reads.safeParse(jsonIn(body));
  if (read.success) return { status, found: read.data };
  throw new ConnectProblem(
    `${tools.vendor} answered ${status} with something that cannot be read: a page of maintenance, or not the API: is the address in the client file right?`,
    { status },
  );
};
