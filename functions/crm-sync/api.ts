import * as z from 'zod/mini';
import { plainWords } from '../shared/runtime/characters.ts';
import { isPermanent, Permanent, reasonOf, Unavailable } from '../shared/runtime/errors.ts';
import type { HttpRequest, HttpResult } from '../shared/runtime/http.ts';
import { jsonIn } from '../shared/runtime/json.ts';
import { retryAfter } from '../shared/runtime/retry-after.ts';
import { shownWords } from '../shared/runtime/shown-words.ts';
import { withoutSlash } from '../shared/runtime/without-slash.ts';
import type { CrmContact, CrmTools } from './crm.ts';

/** A vendor's no, of whatever status: some say it under 200, 202 or 207. */
export interface Refusal {
  /** The vendor's own. */
  readonly code: string;
  /** The vendor's, for people. */
  readonly words?: string | undefined;
  /** `gone`: the contact is not there any more. `later`: it passes, or an operator can mend it. Else it will be refused every time. */
  readonly means?: 'gone' | 'later' | undefined;
  /** Of the record that is there already. */
  readonly id?: string | undefined;
}

/** What an answer says of a refusal; undefined for a yes, and for what is in no form that the vendor's pages show. */
export type ReadRefusal = (json: unknown) => Refusal | undefined;

export interface ApiRequest<T> {
  readonly method: HttpRequest['method'];
  /** Behind the base. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses, and the vendor's codes, that mean something to the caller instead of a failure. */
  readonly expect?: readonly (number | string)[];
  /** What the caller takes from a yes. Whatever else comes is no answer: the call is made again later. */
  readonly answer?: z.ZodMiniType<T>;
}

export interface ApiAnswer<T> {
  readonly status: number;
  /** Parsed JSON, checked where `answer` says how; then undefined beside a refusal that was expected. */
  readonly json: T;
  readonly refusal?: Refusal | undefined;
}

export type Api = <T = unknown>(request: ApiRequest<T>) => Promise<ApiAnswer<T>>;

const GONE = 'sink_contact_gone';

/**
 * To be thrown where a CRM says in other words than a 404 that the contact is not there any more: it is found or made anew.
 * @public for CRMs of one's own
 */
export const contactGone = (): Permanent => new Permanent(GONE, 'The contact is not there any more.');

export const isContactGone = (error: unknown): boolean => reasonOf(error) === GONE;

/** An operator can mend a bill, a token or a scope, and nothing is lost until then. */
const MENDED_OR_PASSES = [401, 402, 403, 408, 409, 423, 425, 429];

/** A vendor's words as people may see them: nothing of what was sent, which vendors like to repeat. */
const saidBy = ({ code, words = '' }: Refusal, sent: unknown): string => {
  const own = shownWords(words, sent);
  return plainWords(`${code}${own && `: ${own}`}`);
};

export interface Settling<T> extends Pick<ApiRequest<T>, 'expect' | 'answer'> {
  readonly refusal?: ReadRefusal;
  /** The body of the request. */
  readonly sent?: unknown;
}

/** What an answer means where the caller has no use for its status: throws for everything but a yes. */
export const settled = <T = unknown>(
  result: HttpResult,
  now: number,
  { expect = [], answer, refusal: refusalIn = () => undefined, sent }: Settling<T> = {},
): ApiAnswer<T> => {
  if (result.kind !== 'answer') throw new Unavailable(`sink_${result.code}`, 'The other system did not answer.');
  const { status } = result;
  const json = jsonIn(result.body);
  const refusal = refusalIn(json);
  if (expect.includes(status) || (refusal && expect.includes(refusal.code)))
    return { status, json: (answer ? undefined : json) as T, refusal };
  if (MENDED_OR_PASSES.includes(status) || status >= 500 || refusal?.means === 'later') {
    const says = refusal ? saidBy(refusal, sent) : 'The other system refused for now.';
    throw new Unavailable(`sink_${status}`, says, retryAfter(result.headers, now));
  }
  if ([404, 410].includes(status) || refusal?.means === 'gone') throw contactGone();
  if (refusal) throw new Permanent(`sink_${status}`, saidBy(refusal, sent));
  if (status < 200 || status >= 300) throw new Permanent(`sink_${status}`, 'The other system can never take this.');
  if (!answer) return { status, json: json as T };
  const read = z.safeParse(answer, json);
  if (!read.success) throw new Unavailable('sink_answer_unknown', 'The other system answered in an unknown form.');
  return { status, json: read.data };
};

/** Makes a contact with its name or, where a rule of the client's own refuses that, without: the message must not wait for it. */
export const namedIfTaken = async <T>(
  { name }: CrmContact,
  make: (name: string | undefined) => Promise<T>,
): Promise<T> => {
  if (name === undefined) return make(name);
  try {
    return await make(name);
  } catch (error) {
    if (!isPermanent(error) || isContactGone(error)) throw error;
    return make(undefined);
  }
};

/** An id as vendors write it: a text, or a number. */
export const anId = z.pipe(
  z.union([z.string().check(z.minLength(1)), z.number()]),
  z.transform((value) => String(value)),
);

/** An id out of an answer whose form the caller does not ask for. Throws `Unavailable` where it is not there: without it nothing can go on. */
export const idIn = (value: unknown): string => {
  const { data } = z.safeParse(anId, value);
  if (data !== undefined) return data;
  throw new Unavailable('sink_gave_no_id', 'The other system answered without an id.');
};

/**
 * Calls of one CRM. `authorize` gives the headers; it is asked again, with `fresh`, after a 401, and the call is made once more.
 */
export const crmApi =
  (
    base: string,
    { http, now }: CrmTools,
    authorize: (fresh: boolean) => Promise<Readonly<Record<string, string>>>,
    refusal?: ReadRefusal,
  ): Api =>
  async ({ method, path, body, ...taken }) => {
    const call = async (fresh: boolean): Promise<HttpResult> =>
      http({
        method,
        url: `${withoutSlash(base)}${path}`,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(await authorize(fresh)) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const first = await call(false);
    const result = first.kind === 'answer' && first.status === 401 ? await call(true) : first;
    return settled(result, now(), { ...taken, ...(refusal && { refusal }), sent: body });
  };

/** What a token end gives. A refusal waits for an operator, whatever its status. */
const granted = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.optional(z.number()) });

/** An access token by a form, as OAuth 2 has it. Throws `Unavailable` for whatever is none. */
export const fetchToken = async (
  { http, now }: CrmTools,
  url: string,
  form: Readonly<Record<string, string>>,
  usualSeconds: number,
): Promise<Token> => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const result = await http({ method: 'POST', url, headers, body: new URLSearchParams(form).toString() });
  if (result.kind === 'answer' && result.status < 500 && result.status !== 429) {
    const { data } = z.safeParse(granted, jsonIn(result.body));
    if (!data) throw new Unavailable('sink_token_refused', 'The other system gave no access token.');
    return { value: data.access_token, seconds: data.expires_in ?? usualSeconds };
  }
  settled(result, now());
  throw new Unavailable('sink_token_refused', 'The other system gave no access token.');
};

interface Token {
  readonly value: string;
  readonly seconds: number;
}

/** A scope that is missing is a 401 to every message, and no new token mends it: vendors lock who asks for one each time. */
const BETWEEN_FRESH_MS = 60_000;

/** An access token kept until it is about to expire, or was refused. */
export const cachedToken = (fetch: () => Promise<Token>, now: () => number): ((fresh: boolean) => Promise<string>) => {
  let token: { value: Promise<string>; goodUntil: number } | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  const renew = (): Promise<string> => {
    const mine = { value: Promise.resolve(''), goodUntil: Number.POSITIVE_INFINITY };
    mine.value = fetch().then(
      ({ value, seconds }) => {
        mine.goodUntil = now() + Math.max(0, seconds - 60) * 1000;
        return value;
      },
      (error: unknown) => {
        if (token === mine) token = undefined;
        throw error;
      },
    );
    token = mine;
    return mine.value;
  };
  return async (fresh) => {
    const refused = fresh && now() - renewedAt >= BETWEEN_FRESH_MS;
    if (refused) renewedAt = now();
    return token && now() < token.goodUntil && !refused ? token.value : renew();
  };
};
