import { numberForms } from '../shared/people/identity.ts';
import { Permanent, reasonOf, Unavailable } from '../shared/runtime/errors.ts';
import type { HttpRequest, HttpResult } from '../shared/runtime/http.ts';
import { jsonIn } from '../shared/runtime/json.ts';
import { retryAfter } from '../shared/runtime/retry-after.ts';
import type { CrmTools } from './crm.ts';

export interface ApiRequest {
  readonly method: HttpRequest['method'];
  /** Behind the base. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses that mean something to the caller instead of a failure. */
  readonly expect?: readonly number[];
}

export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Extract<HttpResult, { kind: 'answer' }>['headers'];
  /** Parsed JSON, or undefined for an empty or other body. */
  // biome-ignore lint/suspicious/noExplicitAny: the shapes are the vendors'; each file checks what it takes from them
  readonly json: any;
}

export type Api = (request: ApiRequest) => Promise<ApiAnswer>;

/**
 * What a search by phone finds, for whichever way of writing it first: people who were made by others stand under the shop's, and WhatsApp
 * names the same phone otherwise in some countries.
 */
export const byAnyForm = async (
  phone: string | undefined,
  search: (form: string) => Promise<string | undefined>,
): Promise<string | undefined> => {
  for (const form of phone === undefined ? [] : numberForms(phone)) {
    const found = await search(form);
    if (found !== undefined) return found;
  }
  return undefined;
};

const GONE = 'sink_404';

/**
 * To be thrown where a CRM says in other words than a 404 that the contact is not there any more: it is found or made anew.
 * @public for CRMs of one's own
 */
export const contactGone = (): Permanent => new Permanent(GONE, 'The contact is not there any more.');

export const isContactGone = (error: unknown): boolean => reasonOf(error) === GONE;

/** What an answer means where the caller has no use for its status: throws for everything but 2xx. */
export const settled = (result: HttpResult, now: number, expect: readonly number[] = []): ApiAnswer => {
  if (result.kind !== 'answer') throw new Unavailable(`sink_${result.code}`, 'The other system did not answer.');
  const { status } = result;
  if ((status >= 200 && status < 300) || expect.includes(status))
    return { status, headers: result.headers, json: jsonIn(result.body) };
  // 401 and 403 too: an operator can mend a token or a scope, and nothing is lost until then.
  if ([401, 403, 408, 409, 423, 425, 429].includes(status) || status >= 500) {
    throw new Unavailable(`sink_${status}`, 'The other system refused for now.', retryAfter(result.headers, now));
  }
  if (status === 404) throw contactGone();
  throw new Permanent(`sink_${status}`, 'The other system can never take this.');
};

/**
 * Calls of one CRM. `authorize` gives the headers; it is asked again, with `fresh`, after a 401, and the call is made once more.
 */
export const crmApi =
  (
    base: string,
    { http, now }: CrmTools,
    authorize: (fresh: boolean) => Promise<Readonly<Record<string, string>>>,
  ): Api =>
  async ({ method, path, body, expect }) => {
    const call = async (fresh: boolean): Promise<HttpResult> =>
      http({
        method,
        url: `${base.replace(/\/+$/, '')}${path}`,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(await authorize(fresh)) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const first = await call(false);
    const result = first.kind === 'answer' && first.status === 401 ? await call(true) : first;
    return settled(result, now(), expect);
  };

/** An access token kept until it is about to expire, or was refused. */
export const cachedToken = (
  fetchToken: () => Promise<{ value: string; seconds: number }>,
  now: () => number,
): ((fresh: boolean) => Promise<string>) => {
  let token: { value: string; goodUntil: number } | undefined;
  return async (fresh) => {
    if (!fresh && token && now() < token.goodUntil) return token.value;
    const { value, seconds } = await fetchToken();
    token = { value, goodUntil: now() + Math.max(0, seconds - 60) * 1000 };
    return value;
  };
};

/** An id out of a CRM's answer. Throws `Unavailable` when it is not there: without it nothing can go on. */
export const idIn = (value: unknown): string => {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw new Unavailable('sink_gave_no_id', 'The other system answered without an id.');
};
