import * as z from 'zod/mini';
import { optionalText } from '../../../shared/door/body-shape.ts';
import type { LookUpTools } from '../../../shared/door/source.ts';
import { Permanent, Unavailable } from '../../../shared/runtime/errors.ts';
import type { HttpRequest } from '../../../shared/runtime/http.ts';
import { parseJson } from '../../../shared/runtime/json.ts';
import { log } from '../../../shared/runtime/log.ts';
import { retryAfter } from '../../../shared/runtime/retry-after.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import type { ShopifySettings } from './settings.ts';

/** One thing that the shop is asked for by its id. */
export interface Question<Schema extends z.ZodMiniType> {
  /** The field of the query's root. */
  readonly root: string;
  readonly query: string;
  readonly schema: Schema;
  /** Whether that is all that is needed, though the shop kept something back. */
  readonly isEnough: (found: z.output<Schema>) => boolean;
}

const answer = z.object({ data: z.record(z.string(), z.unknown()) });
/** GraphQL's own errors, as far as they are read. They may stand beside `data`, whole or in part. */
const failures = z.object({
  errors: z.optional(
    z.catch(
      z.array(
        z.object({
          extensions: z.optional(z.nullable(z.object({ code: optionalText, requiredAccess: optionalText }))),
        }),
      ),
      [{}],
    ),
  ),
});
const grant = z.object({ access_token: z.string(), expires_in: z._default(z.number(), 86_399) });

/** Renewed this long before Shopify lets it expire. */
const TOKEN_MARGIN_MS = 5 * 60_000;

/** By shop and app. */
const tokens = new Map<string, { readonly value: string; readonly goodUntil: number }>();

const tokenName = ({ adminApi, clientId }: ShopifySettings): string => `${adminApi} ${clientId}`;

export type Tools = LookUpTools<ShopifySettings>;

/** What was logged in this container: once is enough. */
const said = new Set<string>();

const sayOnce = (reason: string, outcome: string): void => {
  if (said.has(reason)) return;
  said.add(reason);
  log('warn', { event: 'look-up', template: 'order-ready', reason, outcome });
};

/** Names of fields and versions alone: what else a vendor writes there is not logged. */
const plain = (text: string): string => text.replace(/[^\w.,() -]/g, '').trim();

/** Shopify goes over to another version by itself when the one that was asked for has ended, and says what will go. */
const noteVersion = (asked: string, headers: Readonly<Record<string, unknown>>): void => {
  const [answered, deprecated] = [headers['x-shopify-api-version'], headers['x-shopify-api-deprecated-reason']];
  if (typeof answered === 'string' && answered !== asked) {
    sayOnce('other_api_version', `asked ${asked}, answered ${plain(answered)}`);
  }
  if (typeof deprecated === 'string') sayOnce('api_deprecated', plain(deprecated));
};

/** Parsed JSON of a 200. Anything else is taken as a passing fault of the shop, except that a 401 forgets the token. */
const call = async (request: HttpRequest, { http, now, settings }: Tools): Promise<unknown> => {
  const result = await http(request);
  if (result.kind !== 'answer') throw new Unavailable('shop_unreachable', 'The shop did not answer.');
  if (request.url.endsWith('/graphql.json')) noteVersion(settings.apiVersion, result.headers);
  if (result.status === 200) return parseJson(result.body);
  if (result.status === 401 || result.status === 403) tokens.delete(tokenName(settings));
  const seconds = retryAfter(result.headers, now());
  throw new Unavailable(`shop_answered_${result.status}`, 'The shop refused the look-up.', seconds);
};

/**
 * The token of an app of the shop's own admin, which is stored and lives on, or the client-credentials token, good for a day and kept
 * for the life of the container.
 */
const accessToken = async (tools: Tools): Promise<string> => {
  const { settings, secret, now } = tools;
  if (secret.accessToken) return secret.accessToken;
  if (!settings.clientId) {
    throw new Unavailable(
      'look_up_login_not_set',
      'Neither an accessToken is stored nor a clientId is in the client file.',
    );
  }
  const known = tokens.get(tokenName(settings));
  if (known && now() < known.goodUntil) return known.value;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: settings.clientId,
    client_secret: secret.clientSecret ?? secret.current,
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = `${withoutSlash(settings.adminApi)}/admin/oauth/access_token`;
  const granted = grant.safeParse(await call({ method: 'POST', url, headers, body }, tools));
  if (!granted.success) throw new Unavailable('shop_gave_no_token', 'The shop gave no access token.');
  const { access_token: value, expires_in: seconds } = granted.data;
  tokens.set(tokenName(settings), { value, goodUntil: now() + seconds * 1000 - TOKEN_MARGIN_MS });
  return value;
};

/** The scopes that Shopify names, in words of ours. */
const scopesIn = (texts: readonly (string | undefined)[]): string =>
  [...new Set(texts.flatMap((text) => text?.match(/\b(?:read|write)_[a-z_]+/g) ?? []))].join(', ');

/** People are told once what the app lacks; until it has it, its look-ups wait. */
const tellDenied = async (scopes: string, { tell, now }: Tools): Promise<void> => {
  log('error', {
    event: 'look-up',
    template: 'order-ready',
    reason: 'shop_denied_access',
    outcome: scopes || 'no_scope_named',
  });
  const lack = scopes ? `the access scope ${scopes}` : 'access that the shop did not name (protected customer data?)';
  await tell?.({
    id: `shop_denied_access#${scopes}`,
    code: 'shop_denied_access',
    says: `The app lacks ${lack}: give it to the app and let the shop approve it. Orders wait until then, or expire.`,
    severity: 'critical',
    at: new Date(now()).toISOString(),
  });
};

/**
 * One Admin GraphQL call.
 * @throws Permanent with the reason `not_found_in_shop`; Unavailable for what may pass, or the operator can mend
 */
export const ask = async <Schema extends z.ZodMiniType>(
  { root, query, schema, isEnough }: Question<Schema>,
  gid: string,
  tools: Tools,
): Promise<z.output<Schema>> => {
  const { adminApi, apiVersion } = tools.settings;
  const headers = { 'content-type': 'application/json', 'x-shopify-access-token': await accessToken(tools) };
  const body = JSON.stringify({ query, variables: { id: gid } });
  const url = `${withoutSlash(adminApi)}/admin/api/${apiVersion}/graphql.json`;
  const json = await call({ method: 'POST', url, headers, body }, tools);
  const errors = failures.safeParse(json).data?.errors ?? [];
  const denied = errors.filter(({ extensions }) => extensions?.code === 'ACCESS_DENIED');
  const isDenied = denied.length > 0;
  if (isDenied) await tellDenied(scopesIn(denied.map(({ extensions }) => extensions?.requiredAccess)), tools);
  const given = answer.safeParse(json).data?.data[root];
  const found = schema.safeParse(given);
  // Throttling and missing scopes come as 200 with `errors` beside what there is of the data: it may pass, or the operator can mend it.
  if (isDenied && !(found.success && isEnough(found.data))) {
    throw new Unavailable('shop_denied_access', 'The app lacks a scope.');
  }
  if (given === null && errors.length === 0) {
    throw new Permanent('not_found_in_shop', 'The shop does not know what the event names.');
  }
  if (!found.success) throw new Unavailable('shop_gave_no_order', 'The shop answered without an order.');
  return found.data;
};
